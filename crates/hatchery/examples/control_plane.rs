//! A control plane in sixty lines: a store, a catalogue, a launch, and machines of one's own.
//!
//! `cargo run -p hatchery --example control_plane`

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use hatchery::*;

const CATALOGUE: &str = include_str!("control_plane.toml");

/// What really makes machines: here, lines in a table. Every item may come twice.
#[derive(Default)]
struct Racks(BTreeMap<InstanceId, &'static str>);

impl Provisioner for Racks {
    fn perform(&mut self, item: &WorkItem, _progress: &Pulse<'_>) -> WorkOutcome {
        let id = item.id.instance;
        println!("{:<8} {id} at {}", format!("{:?}", item.task), item.profile.instance.address);
        match item.task {
            Task::Create | Task::Stop => drop(self.0.insert(id, "off")),
            Task::Install | Task::Start | Task::Reboot => drop(self.0.insert(id, "on")),
            Task::Release => drop(self.0.remove(&id)),
        }
        WorkOutcome::Done
    }
}

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let store =
        Hatchery::create(&folder.path().join("fleet"), StoreId(*b"16 drawn at rand"), Options::default())?;
    let (me, now) = (AccountId(1), Time::from_secs(1_767_323_045));
    let file = CatalogueFile::parse(CATALOGUE)?;
    store.commit(OpenAccount { id: me, instance_limit: 10, grant: None }, now)?;
    store.commit(file.load(), now)?;
    file.networks(me).try_for_each(|network| store.commit(network, now).map(drop))?;
    file.subnets(me).try_for_each(|subnet| store.commit(subnet, now).map(drop))?;
    file.groups(me).try_for_each(|group| store.commit(group, now).map(drop))?;

    let launch = Launch {
        image: Some("linux".parse()?),
        instance_type: Some("small".parse()?),
        subnet: Some("lan-1".parse()?),
        groups: vec!["all".parse()?],
        ..Launch::new(me, "home".parse()?)
    };
    let Launched::Batch { instances, .. } = store.commit(launch, now)? else { return Ok(()) };

    // A real one has a thread for this, its clock, and `rest` sleeps. Here it ends with the work.
    let (mut racks, stop) = (Racks::default(), AtomicBool::new(false));
    let shift = Shift { worker: "racks".parse()?, lease: Span::from_secs(60), limit: 10 };
    let working = Loop { shift, vault: None, pause: Span::from_secs(1), stop: &stop };
    let tally = working.run(&store, &mut racks, || now, |_rest| stop.store(true, Ordering::Relaxed))?;

    let id = *instances.first().ok_or("nothing was made")?;
    let instance = store.snapshot().instance(id)?.ok_or("it is gone")?;
    println!(
        "{:?} after {} reports, and in the racks it is {:?}",
        instance.state.status(),
        tally.accepted,
        racks.0
    );
    assert_eq!(instance.state.status(), Status::Running);
    assert_eq!(racks.0.get(&instance.id), Some(&"on"));
    Ok(())
}
