//! A world with a front door, without HTTP.

use std::cell::Cell;
use std::sync::Arc;

use hatchery::Edition;
use server::{Clock, Front, Keys};
use testkit::requests::{
    Ask, DISABLED_KEY_ID, KEY_ID, ME, NOW, Recipe, SECRET, STRANGER, STRANGER_KEY_ID, Step, World,
};
use wire::ecs::Secret;

/// What came of a request: the status, and the code, which is "ok" where there is none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) body: String,
}

impl Outcome {
    pub(crate) fn is(&self, status: u16, code: &str) -> bool {
        self.status == status && self.code == code
    }
}

impl Door {
    /// The plain world, read by the edition that goes without saying.
    pub(crate) fn plain() -> Self {
        Self::new("", Edition::default())
    }
}

/// The world, and the door to it.
pub(crate) struct Door {
    pub(crate) world: World,
    front: Front,
    nonce: Cell<u64>,
}

impl Door {
    pub(crate) fn new(terms: &str, edition: Edition) -> Self {
        let world = World::new(terms);
        let key = |keys: Keys, id, account| keys.with(id, Secret::new(SECRET), account);
        let keys = key(Keys::default(), KEY_ID, ME);
        let keys = key(key(keys, STRANGER_KEY_ID, STRANGER), DISABLED_KEY_ID, ME).without(DISABLED_KEY_ID);
        let front = Front::new(Arc::clone(&world.hatchery), keys, Arc::new(Clock::stopped_at(NOW)));
        let front = front.by_edition(edition);
        Self { world, front, nonce: Cell::new(0) }
    }

    /// The world in which a recipe is to be followed.
    pub(crate) fn of(recipe: &Recipe) -> Self {
        let mut door = Self::new(recipe.terms, recipe.edition);
        recipe.before.iter().for_each(|step| door.take(*step));
        door
    }

    pub(crate) fn take(&mut self, step: Step) {
        let Self { world, front, nonce } = self;
        world.take(step, |world, ask| {
            let outcome = send(front, world, nonce, ask);
            assert!(outcome.is(200, "ok"), "{step:?}: {outcome:?}");
        });
    }

    pub(crate) fn ask(&self, ask: &Ask) -> Outcome {
        send(&self.front, &self.world, &self.nonce, ask)
    }
}

fn send(front: &Front, world: &World, nonce: &Cell<u64>, ask: &Ask) -> Outcome {
    nonce.set(nonce.get() + 1);
    let query = ask.query(world, &format!("nonce-{}", nonce.get()));
    let method = ask.method();
    let request = wire::Request {
        method,
        query: query.as_bytes(),
        headers: &[("Accept", "application/json")],
        body: b"",
    };
    let (status, body) = front.answer(&request, "h");
    let found: serde_json::Value =
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"));
    let code = found["Code"].as_str().unwrap_or("ok").to_owned();
    Outcome { status, code, body }
}
