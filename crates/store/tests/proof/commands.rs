//! Every kind of command of the library, in rows of a name and what it asks. A row suits itself to the fleet that
//! it finds, so that it is accepted where it can be.

use std::sync::Arc;

use fleet::{
    AddKeyPair, AddRules, Addresses, AfterCreation, Amend, Announce, Attach, BareMetal, Bin, CallOff,
    Changes, Charge, Claim, Confirmation, CreateGroup, CreateNetwork, CreateSubnet, CreateTemplate,
    CreateTemplateVersion, Credit, DeleteTemplate, DeleteTemplateVersions, Detach, Direction, Edition,
    FailureReason, Force, GivePublicAddress, Heartbeat, IncidentKind, Installed, Internet, InternetCharge,
    Interruption, Ipv6Wish, JoinNetwork, Label, LabelSource, Launch, Layout, Line, Lock, LockReason, Login,
    Marks, Means, Money, Move, MoveAll, MoveMany, NewSubnet, Once, OpenAccount, OwnTemplate, Password, Peer,
    PeriodUnit, Ports, Protocol, Quotas, Rate, Ready, Reboot, Reclaim, Reinstall, Relabel, Release,
    ReleaseAll, RemoveEither, RemoveGroup, RemoveKeyPairs, RemoveNetwork, RemoveRules, RemoveSubnet, Renew,
    Renewal, Report, ReportAll, RuleWish, Secret, SetAccountTerms, SetDefaultVersion, SetRelease, SetRenewal,
    SetSpotPrice, Settings, Shutdown, Span, Spot, Staging, Start, Status, Stop, Subscription, Tag, TagChange,
    TagThings, TemplateContent, TemplateName, TemplateParameters, TemplateRef, Terms, Thing, Tick, Traffic,
    Unity, Verb, Verdict, WorkOutcome,
};
use testkit::{OWNER, group, label, launch, many, subnet, token, zone};

use crate::play::{MACHINE, Play, Told, address, another_image, block, catalogue};

/// One thing that can be asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// In the words of the table of start states.
    pub(crate) name: &'static str,
    pub(crate) ask: fn(&Play<'_>) -> Told,
}

macro_rules! rows {
    ($($name:literal => |$play:pat_param| $command:expr;)*) => {
        &[$(Row { name: $name, ask: |play| { let $play = play; play.commit($command) } },)*]
    };
}

/// The row of that name.
pub(crate) fn row(name: &str) -> &'static Row {
    ROWS.iter().find(|row| row.name == name).unwrap_or_else(|| panic!("there is no row {name}"))
}

#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = rows! {
    "launch" => |_| launch();
    "launch 3" => |_| many(launch(), 3, 1);
    "launch 3, token a" => |_| Launch { token: Some(token("a", 1)), ..many(launch(), 3, 1) };
    "launch 1, token a" => |_| Launch { token: Some(token("a", 2)), ..launch() };
    "launch to stay" => |_| Launch { after_creation: AfterCreation::Stay, ..launch() };
    "launch on trial" => |_| Launch { rehearsal: fleet::Rehearsal::Yes, ..launch() };
    "launch prepaid" => |_| Launch { charge: MONTH, ..many(launch(), 2, 1) };
    "launch renewed by itself" => |_| Launch { charge: MONTH, terms: Terms { renewal: EVERY_MONTH, ..Terms::default() }, ..launch() };
    "launch with a bid" => |_| Launch { terms: Terms { spot: Some(BID), ..Terms::default() }, ..many(launch(), 2, 1) };
    "launch at an address" => |_| Launch { addresses: Addresses::Given(address("10.0.0.3")), ..launch() };
    "launch with secrets" => |_| with_secrets();
    "launch with IPv6" => |_| Launch { ipv6: Ipv6Wish::Count(2), ..elsewhere() };
    "launch in public" => |_| Launch { internet: OUT, ..launch() };
    "launch tagged" => |_| tagged();
    "launch bare metal" => |_| on_metal(None);
    "launch bare metal, image" => |_| on_metal(Some("linux"));
    "launch too many" => |_| many(launch(), 100, 100);

    "claim" => |_| Claim { worker: label("worker"), lease: Span::from_secs(30), limit: 100 };
    "claim 1" => |_| Claim { worker: label("other"), lease: Span::from_secs(30), limit: 1 };
    "done" => |play| report(play, WorkOutcome::Done);
    "all done" => |play| all_done(play);
    "failed" => |play| report(play, WorkOutcome::Failed(FailureReason::Machine));
    "failed, no stock" => |play| report(play, WorkOutcome::Failed(FailureReason::NoStock));
    "unclear" => |play| report(play, WorkOutcome::Unclear);
    "given back" => |play| report(play, WorkOutcome::GivenBack { pause: Span::from_secs(3) });
    "beat" => |play| beat(play);

    "start" => |play| Start { account: OWNER, instance: play.one(&[Status::Stopped]) };
    "stop" => |play| Stop::new(OWNER, play.one(&[Status::Running]));
    "stop, give back" => |play| Stop { shutdown: GIVE_BACK, ..Stop::new(OWNER, play.one(&[Status::Running])) };
    "reboot" => |play| Reboot { account: OWNER, instance: play.one(&[Status::Running]) };
    "release" => |play| release(play, Force::No);
    "release by force" => |play| release(play, Force::Yes);
    "bin" => |play| Bin { account: OWNER, instance: play.one(&[Status::Stopped, Status::Running]) };
    "empty the bin" => |play| move_many(play, &[Status::Binned], Verb::Empty);
    "restart many" => |play| move_many(play, &[Status::Running], Verb::Restart);
    "stop all" => |play| MoveAll { account: OWNER, instances: play.ids(), how: STOP, unity: Unity::Each };
    "start all together" => |play| MoveAll { account: OWNER, instances: play.ids(), how: Move::Start, unity: Unity::Together };
    "release all, token b" => |play| release_all(play);
    "reinstall" => |play| reinstall(play);

    "lock" => |play| Lock { instance: play.one(&[Status::Running]), reason: Some(LockReason::Security) };
    "unlock" => |play| Lock { instance: play.one(&[Status::Running]), reason: None };
    "amend" => |play| amend(play);
    "amend the password" => |play| amend_secrets(play);
    "relabel" => |play| Relabel { account: OWNER, instances: play.ids(), name: Some("other".into()), settings: setting() };
    "release in an hour" => |play| set_release(play, Some(3600));
    "release never" => |play| set_release(play, None);
    "public address" => |play| GivePublicAddress { account: OWNER, instance: play.one(&[Status::Running]) };
    "attach" => |play| Attach { account: OWNER, subnet: subnet(0), instances: vec![(metal(play), None)] };
    "detach" => |play| Detach { account: OWNER, subnet: subnet(0), instance: metal(play) };
    "renew" => |play| Renew { account: OWNER, instance: play.one(&[Status::Running]), count: 2, unit: PeriodUnit::Week };
    "renew by itself" => |play| SetRenewal { account: OWNER, instance: play.one(&[Status::Running]), renewal: EVERY_MONTH };
    "reclaim" => |play| Reclaim { instance: play.one(&[Status::Running]) };
    "announce" => |play| announce(play, IncidentKind::MaintenanceReboot);
    "announce the end" => |play| announce(play, IncidentKind::FailureRelease);
    "call off" => |play| CallOff { account: OWNER, events: play.events().iter().map(|event| event.id).collect() };
    "tick" => |_| Tick { limit: 1000 };
    "tick once" => |_| Tick { limit: 1 };

    "load the catalogue" => |_| catalogue(9);
    "load more" => |_| load_more();
    "load less" => |_| catalogue(2);
    "open an account" => |_| OpenAccount { id: fleet::AccountId(7), instance_limit: 3, grant: Some(Money(100)) };
    "grant" => |_| OpenAccount { id: OWNER, instance_limit: 30, grant: Some(Money(1000)) };
    "grant a voucher" => |play| voucher(play, "spring", 600);
    "grant another voucher" => |play| voucher(play, "welcome", 60);
    "remove a voucher" => |_| fleet::RemoveVoucher { account: OWNER, voucher: label("welcome") };
    "price above the bid" => |_| SetSpotPrice { instance_type: label("t-0"), price: Some(Rate(60)) };
    "terms" => |_| terms();

    "network" => |_| CreateNetwork { label: LabelSource::Drawn("vpc"), ..network("", None) };
    "network, token c" => |_| Once { token: Some(token("c", 1)), region: label("r"), command: network("n-once", None) };
    "subnet" => |play| new_subnet(&play.last_places().0, "192.168.7.0/28");
    "subnet, token d" => |_| Once { token: Some(token("d", 1)), region: label("r"), command: new_subnet(&label("n"), "10.0.9.0/24") };
    "group" => |play| new_group(&play.last_places().0);
    "group, token e" => |_| Once { token: Some(token("e", 1)), region: label("r"), command: new_group(&label("n")) };
    "remove the network" => |play| RemoveNetwork { account: OWNER, label: play.last_places().0 };
    "remove the subnet" => |play| RemoveSubnet { account: OWNER, label: play.last_places().1 };
    "remove the group" => |play| RemoveGroup { account: OWNER, region: label("r"), label: play.last_places().2 };
    "lone subnet" => |_| lone_subnet();
    "remove either" => |play| RemoveEither { account: OWNER, label: play.last_places().1 };
    "join" => |play| JoinNetwork { account: OWNER, subnet: play.last_places().1, network: label("six") };
    "rules" => |_| rules();
    "fewer rules" => |_| RemoveRules { account: OWNER, region: label("r"), group: group(0), ids: Vec::new(), about: vec![traffic(22)] };
    "no rules" => |play| no_rules(play);
    "key pair" => |_| key_pair();
    "no key pair" => |_| RemoveKeyPairs { account: OWNER, names: vec!["pair".into()] };
    "tag" => |play| TagThings { account: OWNER, region: label("r"), what: things(play), change: TagChange::Set(vec![tag("k", "v")]) };
    "untag" => |play| TagThings { account: OWNER, region: label("r"), what: things(play), change: TagChange::Clear };

    "template" => |_| template("web", 3000);
    "long template" => |_| template("long", 30_000);
    "template version" => |play| CreateTemplateVersion { of: own_template(play), content: content(9000) };
    "default version" => |play| SetDefaultVersion { of: own_template(play), number: 2 };
    "delete the version" => |play| DeleteTemplateVersions { of: own_template(play), numbers: vec![1] };
    "delete the template" => |play| DeleteTemplate { of: own_template(play) };
};

const MONTH: Charge = Charge::PrePaid { count: 1, unit: PeriodUnit::Month };
const EVERY_MONTH: Renewal = Renewal::On { count: 1, unit: PeriodUnit::Month };
const BID: Spot = Spot { at_most: Some(Rate(50)), protected_hours: 0, interruption: Interruption::Release };
const OUT: Internet = Internet { charge: InternetCharge::ByTraffic, in_mbps_max: 200, out_mbps_max: 5 };
const GIVE_BACK: Shutdown = Shutdown { means: Means::Orderly, capacity: fleet::Capacity::GivenBack };
const STOP: Move =
    Move::Stop(Shutdown { means: Means::Orderly, capacity: fleet::Capacity::Kept }, Confirmation::Given);

fn with_secrets() -> Launch {
    let secret = Secret::new(b"a secret");
    let password = Some(Password { secret, for_windows: true });
    let user_data = Some(Secret::new(&[b'u'; 9000]));
    Launch { login: Login { password, ..Login::default() }, user_data, ..many(launch(), 2, 1) }
}

fn elsewhere() -> Launch {
    Launch { subnet: Some(label("s-six")), groups: vec![label("g-six")], ..launch() }
}

fn tagged() -> Launch {
    let mut settings = Settings::default();
    settings.set("a", "1");
    let description = "d".repeat(250).into();
    Launch { tags: vec![tag("a", "1"), tag("b", &"2".repeat(100))], description, settings, ..launch() }
}

fn on_metal(image: Option<&str>) -> Launch {
    let asked = BareMetal {
        layout: Layout::default(),
        line: Line::Bandwidth,
        traffic: None,
        cluster: None,
        subnet: None,
        ipv6: false,
        gateway: false,
        public_keys: Vec::new(),
    };
    Launch {
        zone: Some(zone(0)),
        image: image.map(label),
        instance_type: Some(label(MACHINE)),
        groups: Vec::new(),
        subnet: None,
        internet: Internet { charge: InternetCharge::ByBandwidth, in_mbps_max: 1, out_mbps_max: 1 },
        bare_metal: Some(Arc::new(asked)),
        ..launch()
    }
}

fn report(play: &Play<'_>, outcome: WorkOutcome) -> Report {
    let nobody = (fleet::WorkId { instance: play.one(&[]), order: 99 }, 1);
    let (id, attempt) = play.held().first().copied().unwrap_or(nobody);
    Report { id, attempt, outcome }
}

fn all_done(play: &Play<'_>) -> ReportAll {
    let done = |(id, attempt)| Report { id, attempt, outcome: WorkOutcome::Done };
    ReportAll(play.held().into_iter().map(done).collect())
}

fn beat(play: &Play<'_>) -> Heartbeat {
    let Report { id, attempt, .. } = report(play, WorkOutcome::Done);
    Heartbeat { id, attempt, lease: Span::from_secs(500) }
}

fn release(play: &Play<'_>, force: Force) -> Release {
    let instance = match force {
        Force::No => play.one(&[Status::Stopped, Status::Failed, Status::Blank]),
        Force::Yes => play.one(&[Status::Running]),
    };
    Release { account: OWNER, instance, force, subscription: Subscription::End }
}

fn move_many(play: &Play<'_>, wanted: &[Status], verb: Verb) -> MoveMany {
    let suits = |instance: &fleet::Instance| wanted.contains(&instance.state.status());
    let instances = play.instances().into_iter().filter(suits).map(|instance| instance.id).collect();
    MoveMany { account: OWNER, instances, verb }
}

fn release_all(play: &Play<'_>) -> ReleaseAll {
    ReleaseAll {
        account: OWNER,
        instances: play.ids(),
        force: Force::Yes,
        subscription: Subscription::End,
        token: Some((label("r"), token("b", 1))),
    }
}

/// The first machine of bare metal.
fn metal(play: &Play<'_>) -> fleet::InstanceId {
    let on_metal = |instance: &&fleet::Instance| instance.address.octets()[3] > 16;
    play.instances().iter().find(on_metal).map_or_else(|| play.one(&[]), |instance| instance.id)
}

fn reinstall(play: &Play<'_>) -> Reinstall {
    let installed =
        Installed { image: Some(label("linux")), layout: Layout::default(), public_keys: Vec::new() };
    Reinstall {
        account: OWNER,
        instance: metal(play),
        installed,
        host_name: None,
        password: Some(Secret::new(b"another secret")),
        key_pair: None,
        user_data: None,
    }
}

fn amend(play: &Play<'_>) -> Amend {
    let changes = Changes {
        name: Some("renamed".into()),
        description: Some("described".into()),
        groups: Some(vec![group(1)]),
        ..nothing_changed()
    };
    Amend { account: OWNER, instance: play.one(&[Status::Stopped]), changes, edition: Edition::Either }
}

fn amend_secrets(play: &Play<'_>) -> Amend {
    let password = Some(Password { secret: Secret::new(b"changed"), for_windows: true });
    let changes = Changes { password, user_data: Some(Secret::new(&[b'w'; 5000])), ..nothing_changed() };
    Amend { account: OWNER, instance: play.one(&[Status::Stopped]), changes, edition: Edition::Either }
}

fn nothing_changed() -> Changes {
    let credit: Option<Credit> = None;
    Changes { credit, ..Changes::default() }
}

fn setting() -> Vec<(Arc<str>, Arc<str>)> {
    vec![("colour".into(), "red".into())]
}

fn set_release(play: &Play<'_>, secs: Option<u64>) -> SetRelease {
    let at = secs.map(|secs| play.now.after(Span::from_secs(secs)));
    SetRelease { account: OWNER, instance: play.one(&[Status::Running, Status::Stopped]), at }
}

fn announce(play: &Play<'_>, kind: IncidentKind) -> Announce {
    Announce {
        account: OWNER,
        instances: vec![play.one(&[Status::Running])],
        kind,
        not_before: play.now.after(Span::from_secs(100)),
        staging: Staging::InEarnest,
    }
}

fn load_more() -> fleet::LoadCatalogue {
    let mut load = catalogue(30);
    load.catalogue.add(fleet::CatalogueItem::Image(another_image(&load)));
    load
}

fn voucher(play: &Play<'_>, name: &str, seconds: u64) -> fleet::GrantVoucher {
    let expires_at = play.now.after(Span::from_secs(seconds));
    fleet::GrantVoucher { account: OWNER, voucher: label(name), amount: Money(15), expires_at }
}

fn terms() -> SetAccountTerms {
    let quotas = Quotas { postpaid: Some(50), cpus: Some(500), disks: None };
    SetAccountTerms { id: OWNER, bars: vec![fleet::Bar::Roles, fleet::Bar::ImageShare(label("old"))], quotas }
}

pub(crate) fn network(name: &str, ipv6: Option<&str>) -> CreateNetwork {
    let source = if name.is_empty() { LabelSource::Drawn("vpc") } else { LabelSource::Given(label(name)) };
    CreateNetwork {
        account: OWNER,
        label: source,
        region: label("r"),
        block: "192.168.0.0/16".parse().unwrap(),
        ipv6: ipv6.map(|block| block.parse().unwrap()),
        ready: Ready::AtOnce,
        name: "net".into(),
        description: String::new(),
        marks: Marks::default(),
    }
}

fn new_subnet(network: &Label, text: &str) -> CreateSubnet {
    CreateSubnet {
        account: OWNER,
        label: LabelSource::Drawn("vsw"),
        network: network.clone(),
        zone: zone(1),
        block: block(text),
        ipv6: None,
        ready: Ready::AtOnce,
        name: String::new(),
        description: String::new(),
        marks: Marks::default(),
    }
}

fn new_group(network: &Label) -> CreateGroup {
    CreateGroup {
        account: OWNER,
        label: LabelSource::Drawn("sg"),
        network: network.clone(),
        name: "group".into(),
        description: String::new(),
        marks: Marks::default(),
    }
}

fn lone_subnet() -> NewSubnet {
    NewSubnet {
        account: OWNER,
        network: None,
        zone: zone(0),
        block: block("192.168.77.0/28"),
        ready: Ready::AtOnce,
        name: "lone".into(),
        marks: Marks::default(),
    }
}

fn traffic(port: u16) -> Traffic {
    Traffic {
        direction: Direction::In,
        verdict: Verdict::Accept,
        priority: 1,
        protocol: Protocol::Tcp,
        ports: Ports::Range { first: port, last: port },
        source_ports: None,
        port_list: None,
        far: Peer::Group(group(1)),
        near: None,
    }
}

fn rules() -> AddRules {
    let wish = |port| RuleWish { traffic: traffic(port), description: "rule".into() };
    AddRules { account: OWNER, region: label("r"), group: group(0), rules: [22, 80, 443].map(wish).into() }
}

fn no_rules(play: &Play<'_>) -> RemoveRules {
    let ids = play.rules().iter().map(|rule| rule.id).collect();
    RemoveRules { account: OWNER, region: label("r"), group: group(0), ids, about: Vec::new() }
}

fn key_pair() -> AddKeyPair {
    AddKeyPair {
        account: OWNER,
        name: "pair".into(),
        fingerprint: "00:02".into(),
        public_key: format!("ssh-rsa {}", "A".repeat(350)),
        resource_group: None,
        tags: vec![tag("a", "b")],
    }
}

fn tag(key: &str, value: &str) -> Tag {
    Tag { key: key.into(), value: value.into() }
}

fn things(play: &Play<'_>) -> Vec<Thing> {
    let mut things = vec![Thing::Network(label("n")), Thing::Group(group(0)), Thing::Subnet(subnet(0))];
    things.extend(play.ids().into_iter().map(Thing::Instance));
    things
}

fn content(bytes: usize) -> TemplateContent {
    let parameters = vec![("UserData".into(), "x".repeat(bytes)), ("Amount".into(), "1".into())];
    TemplateContent { description: "version".into(), parameters: TemplateParameters(parameters) }
}

fn template(name: &str, bytes: usize) -> CreateTemplate {
    CreateTemplate {
        account: OWNER,
        label: LabelSource::Drawn("lt"),
        region: label("r"),
        name: TemplateName::parse(name).unwrap(),
        content: content(bytes),
        tags: vec![tag("t", "u")],
        resource_group: None,
    }
}

fn own_template(play: &Play<'_>) -> OwnTemplate {
    let last = play.templates().pop().map_or_else(|| label("lt-none"), |template| template.label);
    OwnTemplate { account: OWNER, region: label("r"), template: TemplateRef::Label(last) }
}
