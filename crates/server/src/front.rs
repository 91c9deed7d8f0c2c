//! What a server knows besides HTTP: the hatchery behind it, the keys, the clocks, the nonces.

use std::sync::Arc;

use hatchery::{AccountId, Edition, FailedShown, Faults, Hatchery, Simulated, Time, TokenReading, Vault};
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use wire::ecs::Nonces;

use crate::{Clock, Keys, Limits, answer, sealing};

/// A front door: everything that requests are answered from. Share it behind an `Arc`.
#[derive(Debug)]
pub struct Front {
    pub(crate) hatchery: Arc<Hatchery>,
    pub(crate) keys: Keys,
    pub(crate) clock: Arc<Clock>,
    pub(crate) nonces: std::sync::Mutex<Nonces>,
    pub(crate) sandbox: Option<Sandbox>,
    pub(crate) limits: Limits,
    pub(crate) requests: Arc<Semaphore>,
    pub(crate) feeds: Arc<Semaphore>,
    pub(crate) operator: Option<AccountId>,
    pub(crate) vault: Vault,
    pub(crate) edition: Edition,
    pub(crate) failed: FailedShown,
    pub(crate) token_readings: TokenReadings,
}

/// What a refused launch does to its token, in each dialect. `None` leaves it to the policy of the store, which is
/// lenient unless somebody says otherwise.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct TokenReadings {
    /// In the ECS dialect, by its `ClientToken`.
    pub ecs: Option<TokenReading>,
    /// In the Zenlayer dialect. Its requests have no token (`contract/zenlayer.md`), so that each is decided anew and
    /// neither reading shows.
    pub zenlayer: Option<TokenReading>,
}

/// The knobs of a sandbox: what tests of other people's software turn.
#[derive(Clone, Debug)]
pub struct Sandbox {
    /// The provisioner whose faults are set.
    pub provisioner: Arc<Mutex<Simulated>>,
}

impl Front {
    /// A front door to `hatchery` for whoever holds one of `keys`.
    #[must_use]
    pub fn new(hatchery: Arc<Hatchery>, keys: Keys, clock: Arc<Clock>) -> Self {
        let limits = Limits::default();
        let requests = Arc::new(Semaphore::new(limits.requests));
        Self {
            hatchery,
            keys,
            clock,
            nonces: std::sync::Mutex::default(),
            sandbox: None,
            limits,
            requests,
            feeds: Arc::new(Semaphore::new(limits.feeds)),
            operator: None,
            vault: sealing::closed_vault(),
            edition: Edition::default(),
            failed: FailedShown::default(),
            token_readings: TokenReadings::default(),
        }
    }

    /// The same door with other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        let requests = Arc::new(Semaphore::new(limits.requests));
        Self { limits, requests, feeds: Arc::new(Semaphore::new(limits.feeds)), ..self }
    }

    /// The same door to a hatchery that was served before, up to `last`. The nonces of then are
    /// forgotten, so that a request signed up to `last` may be one that was answered: it is refused.
    #[must_use]
    pub fn served_until(self, last: Time) -> Self {
        Self { nonces: std::sync::Mutex::new(Nonces::after_restart(Nonces::ROOM, last)), ..self }
    }

    /// The same door, sealing passwords with `vault`, so that a provisioner who has the same key can
    /// open them. Without one they are sealed for good.
    #[must_use]
    pub fn with_vault(self, vault: Vault) -> Self {
        Self { vault, ..self }
    }

    /// The same door, reading requests by one edition of the rules where they changed over the years
    /// (`contract/ecs-run-instances.md` section 11).
    #[must_use]
    pub fn by_edition(self, edition: Edition) -> Self {
        Self { edition, ..self }
    }

    /// The same door, showing instances that could not be made in another way: the first seed can be
    /// read in three (`contract/lifecycle.md` section 4).
    #[must_use]
    pub fn showing_failed(self, failed: FailedShown) -> Self {
        Self { failed, ..self }
    }

    /// The same door, reading in each dialect as `readings` says what a refused launch does to its token.
    #[must_use]
    pub fn reading_tokens(self, readings: TokenReadings) -> Self {
        Self { token_readings: readings, ..self }
    }

    /// The same door, where `account` may read the feed, which tells of the whole fleet and not only of
    /// what is its own. Without a sandbox and an operator nobody may.
    #[must_use]
    pub fn operated_by(self, account: AccountId) -> Self {
        Self { operator: Some(account), ..self }
    }

    /// The same door with the knobs of a sandbox beside it. They need no signature: for tests only.
    #[must_use]
    pub fn with_sandbox(self, sandbox: Sandbox) -> Self {
        Self { sandbox: Some(sandbox), ..self }
    }
}

impl Front {
    /// The answer to one ECS request, without HTTP: status and body. For tests, and for servers with
    /// HTTP of their own; the limits of connections and bodies are theirs to keep. Blocks for as long
    /// as a commit takes.
    pub fn answer(&self, request: &wire::Request<'_>, host: &str) -> (u16, String) {
        let answer = answer::answer(self, request, answer::request_id(), host);
        (answer.status, answer.body)
    }
}

impl Sandbox {
    /// Changes how the provisioner behaves, and says how it does from now on.
    pub(crate) fn set(&self, change: impl FnOnce(&mut Faults)) -> Faults {
        let mut provisioner = self.provisioner.lock();
        change(provisioner.faults());
        *provisioner.faults()
    }
}
