//! Who runs the timers.

use fleet::{Span, Tick};

use super::actor::{Actor, Rest};
use super::turn::Turn;

/// How many timers one commit runs at most.
const TICK_LIMIT: usize = 64;
/// The longest it rests: a timer that was set meanwhile waits for so long.
const REST_MAX: Span = Span::from_secs(300);
/// The shortest it rests.
const REST_MIN: Span = Span::from_secs(1);

/// Runs the timers that are due, as whoever embeds a hatchery has to.
#[derive(Debug, Default)]
pub struct Keeper;

impl Actor for Keeper {
    fn name(&self) -> &str {
        "keeper"
    }

    fn act(&mut self, turn: &mut Turn<'_>) -> Rest {
        loop {
            let Ok(ticked) = turn.commit(&Tick { limit: TICK_LIMIT }) else { return Rest::long(REST_MIN) };
            let now = turn.now();
            match ticked.next {
                Some(next) if next <= now && ticked.ran > 0 => {}
                Some(next) => return Rest::long(next.since(now).clamp(REST_MIN, REST_MAX)),
                None => return Rest::long(REST_MAX),
            }
        }
    }
}
