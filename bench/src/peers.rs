//! The peers: stores that others use for such work, each with its own documented setting for full
//! durability, all behind the same queue so that each gets group commit.

#[cfg(feature = "fjall")]
mod fjall;
#[cfg(feature = "lmdb")]
mod lmdb;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redb")]
mod redb;
#[cfg(feature = "rocksdb")]
mod rocksdb;
#[cfg(feature = "sled")]
mod sled;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::path::Path;

use crate::contenders::{Contender, LeftOut, Load};
use crate::grouped::Grouped;
use crate::measure::{Failure, Turn, drive};
use crate::schema::Order;

/// A key and its value.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);
/// Looks keys up: the values, in their order.
pub(crate) type Read<'a> = &'a mut dyn FnMut(&[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, Failure>;
/// Says what to put, from what it reads.
pub(crate) type Decide<'a> = &'a mut dyn FnMut(Read<'_>) -> Result<Vec<Pair>, Failure>;

/// A store that is open.
pub(crate) trait Peer: Send {
    /// Lets `decide` read, and puts what it says, in one transaction that is durable when this returns.
    fn commit(&mut self, decide: Decide<'_>) -> Result<(), Failure>;
}

/// Every peer that was built, and why the others are left out.
pub(crate) fn all(dir: &Path, wanted: impl Fn(&str) -> bool) -> (Vec<Contender>, Vec<LeftOut>) {
    let mut found = Found::default();
    #[cfg(feature = "sqlite")]
    found.peer("SQLite", &["rusqlite", "libsqlite3-sys"], sqlite::SETTING, sqlite::open);
    #[cfg(feature = "redb")]
    found.peer("redb", &["redb"], redb::SETTING, redb::open);
    #[cfg(feature = "fjall")]
    found.peer("fjall", &["fjall"], fjall::SETTING, fjall::open);
    #[cfg(feature = "lmdb")]
    found.peer("LMDB", &["lmdb-rkv"], lmdb::SETTING, lmdb::open);
    #[cfg(feature = "rocksdb")]
    found.peer("RocksDB", &["rocksdb"], rocksdb::SETTING, rocksdb::open);
    #[cfg(feature = "sled")]
    found.peer("sled", &["sled"], sled::SETTING, sled::open);
    #[cfg(feature = "postgres")]
    if wanted("PostgreSQL") {
        match postgres::Server::start(dir) {
            Ok(server) => {
                let version = server.version.clone();
                found.push("PostgreSQL", version, postgres::SETTING, move |_| server.connect());
            }
            Err(why) => found.left_out.push(LeftOut { name: "PostgreSQL", why: why.to_string() }),
        }
    }
    let _ = (dir, wanted);
    for (name, built) in BUILT {
        if !built {
            let why = "this program was built without the feature of its name".to_owned();
            found.left_out.push(LeftOut { name, why });
        }
    }
    (found.contenders, found.left_out)
}

const BUILT: [(&str, bool); 7] = [
    ("SQLite", cfg!(feature = "sqlite")),
    ("redb", cfg!(feature = "redb")),
    ("fjall", cfg!(feature = "fjall")),
    ("LMDB", cfg!(feature = "lmdb")),
    ("RocksDB", cfg!(feature = "rocksdb")),
    ("sled", cfg!(feature = "sled")),
    ("PostgreSQL", cfg!(feature = "postgres")),
];

#[derive(Default)]
struct Found {
    contenders: Vec<Contender>,
    left_out: Vec<LeftOut>,
}

impl Found {
    fn peer<P: Peer + 'static>(
        &mut self,
        name: &'static str,
        crates: &[&str],
        setting: &'static str,
        open: impl Fn(&Path) -> Result<P, Failure> + 'static,
    ) {
        let versions: Vec<_> = crates.iter().map(|name| format!("crate {name} {}", locked(name))).collect();
        self.push(name, versions.join(", "), setting, open);
    }

    fn push<P: Peer + 'static>(
        &mut self,
        name: &'static str,
        version: String,
        setting: &'static str,
        open: impl Fn(&Path) -> Result<P, Failure> + 'static,
    ) {
        let turn = move |dir: &Path, load: &Load<'_>| turn(open(dir)?, load);
        let about = format!("{setting} ({version})");
        self.contenders.push(Contender { name, about, turn: Box::new(turn) });
    }
}

fn turn(mut peer: impl Peer, load: &Load<'_>) -> Result<Turn, Failure> {
    let schema = load.schema;
    peer.commit(&mut |_| Ok(schema.furniture()))?;
    let queue = Grouped::new(|group: &[Order]| peer.commit(&mut |read| schema.decide(group, read)));
    let callers = load.callers as u64;
    let (acks, took) = drive(load.callers, load.took, |caller, count| {
        let number = count * callers + caller as u64;
        queue.run(Order { number, subnet: caller + count as usize })?;
        Ok(number)
    })?;
    let turn = Turn { groups: queue.groups(), ..Turn::new(&acks, took)? };
    drop(queue);
    // One that did not do the work has not won.
    peer.commit(&mut |read| schema.verify(acks.iter().map(|ack| ack.mark), read).map(|()| Vec::new()))?;
    Ok(turn)
}

/// The version of a crate that this program was built with.
fn locked(name: &str) -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let entry = format!("name = \"{name}\"\nversion = \"");
    let version = lock.split_once(&entry).and_then(|(_, rest)| rest.split('"').next());
    version.unwrap_or("unknown")
}
