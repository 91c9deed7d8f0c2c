//! The page that shows the life of an instance, `docs/lifecycle.md`: made of what the fleet does, so
//! that it cannot say anything else. `HATCHERY_GOLDEN=write cargo test -p fleet --test tables page`
//! writes it anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use fleet::{
    Account, Bin, Capacity, Cycle, FailureReason, IncidentKind, Instance, InstanceId, Interruption, Meter,
    Money, MoveMany, Rate, Reclaim, Record, Release, SetRelease, Spec, Spot, Standing, State, Status, Step,
    Subscription, Terms, TimerKind, Verb, Wallet, WorkId, WorkOutcome, Write, step,
};
use testkit::{OWNER, Scene};

use crate::stages;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/lifecycle.md");

/// What happens to instances, besides what their owners ask for.
const CAUSES: [&str; 11] = [
    "its work is done",
    "its work failed",
    "its work is given up",
    "creation deadline",
    "five minutes after the failure",
    "release time",
    "subscription over",
    "its account has no money",
    "spare capacity taken, to be stopped",
    "spare capacity taken, to be released",
    "end of the bin",
];

#[test]
fn the_page_of_the_life_of_an_instance_is_what_the_fleet_does() {
    let page = page();
    if std::env::var("HATCHERY_GOLDEN").is_ok_and(|mode| mode == "write") {
        fs::write(PATH, &page).unwrap();
    }
    let written = fs::read_to_string(PATH).unwrap();
    for (written, made) in written.lines().zip(page.lines()) {
        assert_eq!(written, made);
    }
    assert_eq!(written, page);
}

fn page() -> String {
    let mut edges: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let mut note = |from: Status, to: &str, cause: &str| {
        let from = format!("{from:?}");
        if from != to {
            edges.entry((from, to.to_owned())).or_default().push(cause.to_owned());
        }
    };
    let (mut owners, mut others) = (String::new(), String::new());
    for status in Status::ALL {
        write!(owners, "| {status:?} |").unwrap();
        for verb in Verb::ALL {
            let to = asked(status, verb);
            to.iter().for_each(|to| note(status, to, &format!("{verb:?}")));
            write!(owners, " {} |", to.as_deref().unwrap_or("-")).unwrap();
        }
        write!(others, "| {status:?} |").unwrap();
        for cause in CAUSES {
            let to = happened(status, cause);
            to.iter().for_each(|to| note(status, to, cause));
            write!(others, " {} |", to.as_deref().unwrap_or("-")).unwrap();
        }
        owners.push('\n');
        others.push('\n');
    }
    let edges = edges.into_iter().map(|((from, to), causes)| {
        let to = if to == "gone" { "[*]".to_owned() } else { to };
        format!("    {from} --> {to}: {}\n", causes.join(", "))
    });
    let verbs = Verb::ALL.map(|verb| format!("{verb:?}"));
    format!(
        "# The life of an instance\n\n\
         Made of what the fleet does, by `crates/fleet/tests/tables/life.rs`, which fails when this page says\n\
         anything else. To write it anew: `HATCHERY_GOLDEN=write cargo test -p fleet --test tables page`.\n\n\
         ```mermaid\nstateDiagram-v2\n    [*] --> Pending: launch\n{}```\n\n\
         ## What an owner asks for\n\nA dash is a refusal, and nothing happens.\n\n{}{owners}\n\
         ## What happens besides\n\nA dash changes nothing. *Failed* is a creation that failed; *Blank* is a machine without a\n\
         system; *Binned* is in the recycle bin.\n\n{}{others}\n\
         ## Events\n\nAn event never goes back.\n\n{}\n{}",
        edges.collect::<String>(),
        head("status", &verbs),
        head("status", &CAUSES.map(str::to_owned)),
        cycles(),
        kinds(),
    )
}

fn head(first: &str, columns: &[String]) -> String {
    format!("| {first} | {} |\n|{}\n", columns.join(" | "), " --- |".repeat(columns.len() + 1))
}

fn cycles() -> String {
    let row = |cycle: Cycle| {
        let next = Cycle::ALL.into_iter().filter(|next| cycle.leads_to(*next));
        let next: Vec<String> = next.map(|next| format!("{next:?}")).collect();
        format!("| {cycle:?} | {} |\n", if next.is_empty() { "final".to_owned() } else { next.join(", ") })
    };
    head("cycle", &["leads to".to_owned()]) + &Cycle::ALL.map(row).concat()
}

fn kinds() -> String {
    let row = |kind: IncidentKind| format!("| {kind:?} | {:?} |\n", kind.first_cycle());
    head("what is announced", &["begins as".to_owned()]) + &IncidentKind::ALL.map(row).concat()
}

/// What a verb makes of an instance. Where a command for it is at hand, it is asked.
fn asked(status: Status, verb: Verb) -> Option<String> {
    let legal = step(status, verb);
    let (mut scene, id) = at(status);
    let done = match verb {
        Verb::Start => scene.start(id).is_ok(),
        Verb::Stop => scene.stop(id).is_ok(),
        Verb::Reboot => scene.reboot(id).is_ok(),
        Verb::Release | Verb::ForceRelease => {
            let force = if verb == Verb::Release { fleet::Force::No } else { fleet::Force::Yes };
            let subscription = Subscription::End;
            scene.run(&Release { account: OWNER, instance: id, force, subscription }).is_ok()
        }
        Verb::Bin => scene.run(&Bin { account: OWNER, instance: id }).is_ok(),
        Verb::Restart | Verb::Empty => {
            scene.run(&MoveMany { account: OWNER, instances: vec![id], verb }).is_ok()
        }
        // It takes bare metal, which is not in this world.
        Verb::Reinstall => return legal.map(|step| format!("{:?}", Expected(step))),
    };
    assert_eq!(done, legal.is_some(), "{verb:?} of {status:?}");
    if !done {
        return None;
    }
    assert_eq!(scene.audit(), [], "{verb:?} of {status:?}");
    Some(told(&scene, id))
}

/// Where a step leads to.
struct Expected(Step);

impl std::fmt::Debug for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Step::Boot(_) => "Starting",
            Step::Halt => "Stopping",
            Step::Release => "Releasing",
            Step::Bin => "Binned",
            Step::Install => "Installing",
        })
    }
}

fn told(scene: &Scene, id: InstanceId) -> String {
    scene.instance(id).map_or_else(|| "gone".into(), |instance| format!("{:?}", instance.state.status()))
}

/// What a cause makes of an instance; `None` when it leaves it as it is.
fn happened(status: Status, cause: &str) -> Option<String> {
    let (mut scene, id) = at(status);
    match cause {
        "its work is done" => work(&mut scene, id, WorkOutcome::Done),
        "its work failed" => work(&mut scene, id, WorkOutcome::Failed(FailureReason::Machine)),
        "its work is given up" => {
            for _ in 0..=scene.policy().attempts_max {
                scene.claim();
                scene.wait(Scene::LEASE);
            }
        }
        "creation deadline" => {
            let deadline = scene.policy().creation_deadline;
            after(&mut scene, deadline);
        }
        "five minutes after the failure" => {
            let release = scene.policy().failure_release;
            hold_deadlines(&mut scene);
            after(&mut scene, release);
        }
        "release time" => {
            let at = Some(scene.now);
            // Who does not see it any more cannot ask for it.
            let _ = scene.run(&SetRelease { account: OWNER, instance: id, at });
            scene.tick();
        }
        "end of the bin" => {
            let retention = scene.policy().bin_retention;
            hold_deadlines(&mut scene);
            if status == Status::Binned {
                after(&mut scene, retention);
            }
        }
        "subscription over" => subscription_over(&mut scene, id),
        "its account has no money" => money_over(&mut scene, id),
        "spare capacity taken, to be stopped" => reclaimed(&mut scene, id, Interruption::Stop),
        "spare capacity taken, to be released" => reclaimed(&mut scene, id, Interruption::Release),
        other => panic!("no such cause: {other}"),
    }
    assert_eq!(scene.audit(), [], "{cause} of {status:?}");
    Some(told(&scene, id)).filter(|to| *to != format!("{status:?}"))
}

fn work(scene: &mut Scene, id: InstanceId, outcome: WorkOutcome) {
    if let Some(item) = scene.claim().into_iter().find(|item| item.id.instance == id) {
        scene.report(&item, outcome);
    }
}

/// Lets no creation fail by its deadline.
fn hold_deadlines(scene: &mut Scene) {
    let deadlines = scene.world.records().filter_map(|record| match record {
        Record::Timer(at, kind @ TimerKind::CreationDeadline(_)) => Some((*at, *kind)),
        _ => None,
    });
    for (at, kind) in deadlines.collect::<Vec<_>>() {
        scene.world.apply([
            Write::Remove(fleet::Key::Timer(at, kind)),
            Write::Put(Record::Timer(fleet::Time::END, kind)),
        ]);
    }
}

/// Lets time pass, and runs every timer that is due then.
fn after(scene: &mut Scene, span: fleet::Span) {
    scene.wait(span);
    scene.tick();
}

fn subscription_over(scene: &mut Scene, id: InstanceId) {
    let instance = scene.instance(id).unwrap();
    // What failed, or goes, has nothing that could run out.
    if matches!(instance.state, State::Failed(_) | State::Releasing(..)) {
        return;
    }
    let paid_until = Some(scene.now);
    scene.world.apply([
        Write::Put(Record::Instance(Instance { paid_until, ..instance })),
        Write::Put(Record::Timer(scene.now, TimerKind::Expiry(id))),
    ]);
    scene.tick();
}

/// As if the instance were charged for by use, and the time were over that it runs on without money.
fn money_over(scene: &mut Scene, id: InstanceId) {
    let instance = scene.instance(id).unwrap();
    let Some(Record::Spec(batch, spec)) = scene.get(&fleet::Key::Spec(instance.batch)) else {
        panic!("it has one")
    };
    let spec = Spec { hourly: Rate(1), ..(*spec).clone() };
    let (since, until) = (scene.now, scene.now);
    let meter = Meter { standing: Standing::Grace { since, until }, ..Meter::new(id, scene.now) };
    let meter = Meter { hourly: meter.hourly_of(&instance, &spec), ..meter };
    let wallet = Wallet::On { balance: Money(0), held: Money(0), spent: Money(0) };
    let account = Account { wallet, meter: Some(meter), ..scene.account() };
    scene.world.apply([
        Write::Put(Record::Spec(batch, spec.into())),
        Write::Put(Record::Account(account)),
        Write::Put(Record::Timer(scene.now, TimerKind::Settlement(OWNER))),
    ]);
    scene.tick();
}

fn reclaimed(scene: &mut Scene, id: InstanceId, interruption: Interruption) {
    let batch = scene.instance(id).unwrap().batch;
    let Some(Record::Spec(_, spec)) = scene.get(&fleet::Key::Spec(batch)) else { panic!("it has one") };
    let spot = Some(Spot { at_most: None, protected_hours: 0, interruption });
    let spec = Spec { terms: Terms { spot, ..Terms::default() }, ..(*spec).clone() };
    scene.world.apply([Write::Put(Record::Spec(batch, spec.into()))]);
    if scene.run(&Reclaim { instance: id }).is_ok() {
        let notice = scene.policy().reclaim_notice;
        hold_deadlines(scene);
        after(scene, notice);
    }
}

/// A scene with one instance in this status.
fn at(status: Status) -> (Scene, InstanceId) {
    let stage = match status {
        Status::Pending => "Pending",
        Status::Starting => "Starting/Start",
        Status::Stopping => "Stopping",
        Status::Stopped => "Stopped",
        Status::Failed => "Failed",
        Status::Releasing => "Releasing/Running",
        Status::Running | Status::Installing | Status::Blank | Status::Binned => "Running",
    };
    let (mut scene, id, _) = stages::at(stage);
    let instance = scene.instance(id).unwrap();
    match status {
        Status::Installing => {
            let state = State::Installing(instance.next_work(scene.now));
            let orders = instance.orders + 1;
            scene.world.apply([
                Write::Put(Record::Work(scene.now, WorkId { instance: id, order: orders })),
                Write::Put(Record::Instance(Instance { state, orders, ..instance })),
            ]);
        }
        Status::Blank => {
            scene.world.apply([Write::Put(Record::Instance(Instance { state: State::Blank, ..instance }))]);
        }
        Status::Binned => drop(scene.run(&Bin { account: OWNER, instance: id }).unwrap()),
        Status::Pending
        | Status::Starting
        | Status::Running
        | Status::Stopping
        | Status::Stopped
        | Status::Failed
        | Status::Releasing => {}
    }
    if status == Status::Stopped {
        assert_eq!(scene.instance(id).unwrap().state, State::Stopped(Capacity::Kept));
    }
    assert_eq!(scene.audit(), [], "{status:?}");
    (scene, id)
}
