//! The world that is launched in, and stores so small that everything in them happens often.

use fastrand::Rng;
use hatchery::{AccountId, CatalogueFile, Label, OpenAccount, Options, Policy, Span, StoreId, Time};

use crate::step::Step;
use crate::trouble::Outcome;

/// Who asks for everything.
pub(crate) const OWNER: AccountId = AccountId(1);
/// When every world begins.
pub(crate) const BEGIN: Time = Time::from_secs(1_767_323_045);
const KIB: u64 = 1024;
/// The name of every store.
pub(crate) const STORE: StoreId = StoreId([7; 16]);

const CATALOGUE: &str = "
    [[region]]
    id = 'r'
    [[zone]]
    id = 'z'
    region = 'r'
    [[instance_type]]
    id = 't'
    family = 'f'
    cpus = 2
    memory_mib = 4096
    monthly_price = 10
    stock = { z = 120 }
    [[instance_type]]
    id = 'u'
    family = 'f'
    cpus = 4
    memory_mib = 8192
    monthly_price = 20
    stock = { z = 40 }
    [[image]]
    id = 'i'
    os = 'linux'
    size_gib = 20
    [[network]]
    id = 'n'
    region = 'r'
    block = '10.0.0.0/16'
    [[subnet]]
    id = 's'
    network = 'n'
    zone = 'z'
    block = '10.0.0.0/23'
    [[group]]
    id = 'g'
    network = 'n'
";

pub(crate) fn label(text: &str) -> Outcome<Label> {
    Ok(Label::parse(text)?)
}

/// What has to be done before anything can be launched.
pub(crate) fn furniture() -> Outcome<Vec<Step>> {
    let file = CatalogueFile::parse(CATALOGUE)?;
    let mut steps = vec![
        Step::Open(OpenAccount { id: OWNER, instance_limit: 140, grant: None }),
        Step::Load(Box::new(file.load())),
    ];
    steps.extend(file.networks(OWNER).map(Step::Network));
    steps.extend(file.subnets(OWNER).map(Step::Subnet));
    steps.extend(file.groups(OWNER).map(Step::Group));
    Ok(steps)
}

/// Times that are short enough to pass in a round.
pub(crate) fn policy() -> Policy {
    Policy {
        creation_deadline: Span::from_secs(60),
        failure_release: Span::from_secs(30),
        bin_retention: Span::from_secs(45),
        event_retention: Span::from_secs(90),
        token_retention: Span::from_secs(600),
        batch_retention: Span::from_secs(700),
        retry_pause: Span::from_secs(1),
        retry_pause_max: Span::from_secs(4),
        attempts_max: 3,
        network_settling: Span::ZERO,
        address_cool_down: Span::from_secs(5),
        ..Policy::default()
    }
}

/// How the store of a life works: small, so that a round sees segments, tables, checkpoints and snapshots come
/// and go.
pub(crate) fn options(seed: u64) -> Options {
    let mut chance = Rng::with_seed(seed);
    let mut options = Options { policy: policy(), ..Options::default() };
    let engine = &mut options.engine;
    engine.segment_size = *chance.choice(&[32 * KIB, 64 * KIB, 256 * KIB]).unwrap_or(&KIB);
    engine.table_entries = *chance.choice(&[64, 512, 4096]).unwrap_or(&512);
    engine.cache_bytes = 4 * 1024 * 1024;
    engine.checkpoint_segments = chance.u64(1..4);
    engine.snapshot_min_bytes = *chance.choice(&[64 * KIB, 256 * KIB, 1024 * KIB]).unwrap_or(&KIB);
    engine.keep_for = Span::from_secs(chance.u64(10..600));
    engine.keep_bytes = *chance.choice(&[128 * KIB, 1024 * KIB]).unwrap_or(&KIB);
    engine.spare_segments = chance.usize(0..3);
    engine.ballast_bytes = *chance.choice(&[0, 256 * KIB]).unwrap_or(&0);
    engine.free_space_min = 0;
    options
}
