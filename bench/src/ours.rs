//! Launches on a store of ours, through the same calls that an embedder makes.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hatchery::{
    AccountId, CatalogueFile, ClientToken, Fingerprint, Hatchery, InstanceId, Label, Launch, Launched,
    OpenAccount, OpenReport, Options, Policy, StoreId, Time, TokenText, Wanted,
};

use crate::contenders::Load;
use crate::journal;
use crate::measure::{Ack, Failure, Groups, Turn, drive};

/// Whose the fleet is.
pub(crate) const ME: AccountId = AccountId(1);
/// How many subnets there are, each with the 65,531 addresses of a /16, so that a turn does not run out.
pub(crate) const SUBNETS: usize = 60;

/// A store with a catalogue, an account, and room for nearly four million instances.
pub(crate) struct Fleet {
    pub(crate) hatchery: Hatchery,
    region: Label,
    image: Label,
    instance_type: Label,
    group: Label,
    subnets: Vec<Label>,
}

pub(crate) fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(since.as_millis() as u64)
}

pub(crate) fn options() -> Options {
    Options { policy: Policy { group_members_max: u32::MAX, ..Policy::default() }, ..Options::default() }
}

impl Fleet {
    /// A new store at `path`.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        Self::furnished(Hatchery::create(path, StoreId([7; 16]), options())?)
    }

    /// A new store that keeps nothing.
    pub(crate) fn in_memory(options: Options) -> Result<Self, Failure> {
        Self::furnished(Hatchery::in_memory(options)?)
    }

    /// The store at `path`, which was furnished before.
    pub(crate) fn open(path: &Path, options: Options) -> Result<Self, Failure> {
        Ok(Self::open_reporting(path, options)?.0)
    }

    /// The same, with what there was to mend.
    pub(crate) fn open_reporting(path: &Path, options: Options) -> Result<(Self, OpenReport), Failure> {
        let (hatchery, report) = Hatchery::open(path, options)?;
        Ok((Self::over(hatchery)?, report))
    }

    fn furnished(hatchery: Hatchery) -> Result<Self, Failure> {
        let file = CatalogueFile::parse(&catalogue())?;
        hatchery.commit(file.load(), now())?;
        hatchery.commit(OpenAccount { id: ME, instance_limit: u32::MAX, grant: None }, now())?;
        file.networks(ME).try_for_each(|network| hatchery.commit(network, now()).map(drop))?;
        file.subnets(ME).try_for_each(|subnet| hatchery.commit(subnet, now()).map(drop))?;
        file.groups(ME).try_for_each(|group| hatchery.commit(group, now()).map(drop))?;
        Self::over(hatchery)
    }

    fn over(hatchery: Hatchery) -> Result<Self, Failure> {
        let subnets = (0..SUBNETS).map(|subnet| subnet_label(subnet).parse()).collect::<Result<_, _>>()?;
        let (region, image) = ("r".parse()?, "i".parse()?);
        let (instance_type, group) = ("t".parse()?, "g".parse()?);
        Ok(Self { hatchery, region, image, instance_type, group, subnets })
    }

    /// The request of launch `number`, which has a token of its own.
    pub(crate) fn request(&self, number: u64, subnet: usize, amount: u8) -> Result<Launch, Failure> {
        let text = TokenText::parse(&token(number)).ok_or("the token is one")?;
        Ok(Launch {
            token: Some(ClientToken { text, fingerprint: Fingerprint([number as u8; 32]) }),
            image: Some(self.image.clone()),
            instance_type: Some(self.instance_type.clone()),
            groups: vec![self.group.clone()],
            subnet: self.subnets.get(subnet % SUBNETS).cloned(),
            wanted: Wanted::new(amount, amount).ok_or("the amount is 1 to 100")?,
            ..Launch::new(ME, self.region.clone())
        })
    }

    /// Commits launch `number`: its instances.
    pub(crate) fn launch(&self, number: u64, subnet: usize, amount: u8) -> Result<Vec<InstanceId>, Failure> {
        let launched = self.hatchery.commit(self.request(number, subnet, amount)?, now())?;
        let Launched::Batch { instances, .. } = launched else {
            return Err(format!("launch {number} came to something else: {launched:?}").into());
        };
        Ok(instances)
    }

    /// Lets callers launch, each in one subnet after the other.
    pub(crate) fn drive(&self, load: (usize, u8), took: Duration) -> Result<(Vec<Ack>, Duration), Failure> {
        let (callers, amount) = load;
        let earlier = self.hatchery.last().0.number();
        drive(callers, took, |caller, count| {
            let number = earlier << 40 | count << 10 | caller as u64;
            let instances = self.launch(number, caller + count as usize, amount)?;
            Ok(instances.first().map_or(0, |first| first.0.number))
        })
    }

    pub(crate) fn region(&self) -> Label {
        self.region.clone()
    }
}

/// One turn on a store in a folder.
pub(crate) fn local(dir: &Path, load: &Load<'_>) -> Result<Turn, Failure> {
    let store = dir.join("store");
    let fleet = Fleet::create(&store)?;
    let furnished = fleet.hatchery.last().0.number();
    let (mut acks, took) = fleet.drive((load.callers, load.schema.amount), load.took)?;
    Ok(Turn { groups: groups(&store, furnished, &mut acks)?, ..Turn::new(&acks, took)? })
}

/// One turn on a store that keeps nothing.
pub(crate) fn memory(_: &Path, load: &Load<'_>) -> Result<Turn, Failure> {
    let (acks, took) = Fleet::in_memory(options())?.drive((load.callers, load.schema.amount), load.took)?;
    Turn::new(&acks, took)
}

/// The groups of a turn, as the journal tells them: commits of one group were written when the same
/// revision was the last durable one. A group ended when the first of its callers had the answer.
fn groups(store: &Path, furnished: u64, acks: &mut [Ack]) -> Result<Option<Groups>, Failure> {
    // Serials are drawn in the order of commits.
    acks.sort_by_key(|ack| ack.mark);
    let mut synced = Vec::new();
    journal::read(store, |frame| {
        if frame.revision > furnished {
            synced.push(frame.synced);
        }
    })?;
    if synced.len() != acks.len() {
        return Err("the journal has another number of launches than were acknowledged".into());
    }
    let mut ends: Vec<Duration> = Vec::new();
    let mut group = None;
    for (synced, ack) in synced.into_iter().zip(acks.iter()) {
        match ends.last_mut() {
            Some(end) if group == Some(synced) => *end = ack.at.min(*end),
            Some(_) | None => ends.push(ack.at),
        }
        group = Some(synced);
    }
    Ok(Groups::of(&ends, acks.len() as u64))
}

fn catalogue() -> String {
    let mut text = String::from(
        "[[region]]\nid = 'r'\n[[zone]]\nid = 'z'\nregion = 'r'\n\
         [[instance_type]]\nid = 't'\nfamily = 'f'\ncpus = 1\nmemory_mib = 1024\nstock = { z = 100000000 }\n\
         [[image]]\nid = 'i'\nos = 'linux'\nsize_gib = 20\n\
         [[network]]\nid = 'n'\nregion = 'r'\nblock = '10.0.0.0/8'\n[[group]]\nid = 'g'\nnetwork = 'n'\n",
    );
    for subnet in 0..SUBNETS {
        let label = subnet_label(subnet);
        text +=
            &format!("[[subnet]]\nid = '{label}'\nnetwork = 'n'\nzone = 'z'\nblock = '10.{subnet}.0.0/16'\n");
    }
    text
}

pub(crate) fn subnet_label(subnet: usize) -> String {
    format!("s{}", subnet % SUBNETS)
}

/// The token of launch `number`: 36 characters, in no order.
pub(crate) fn token(number: u64) -> String {
    format!("{:016x}-{:016x}-{:02x}", scatter(number), scatter(!number), number as u8)
}

/// A number that looks like none of its neighbours' (the end of SplitMix64, which maps one to one).
pub(crate) fn scatter(number: u64) -> u64 {
    let mixed = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}
