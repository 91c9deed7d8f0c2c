//! What can be done to a store, in the words of the tables: the commands of the fleet, and what the engine is asked
//! for besides.

use fleet::Span;

use crate::commands::{Row, row};
use crate::play::{Play, Told};

/// One step.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// A command of the fleet.
    Ask(&'static Row),
    /// So many seconds go by.
    Wait(u64),
    /// So many small commits.
    Churn(u32),
    /// What is in memory is moved to disk for good.
    Checkpoint,
    /// Snapshots and trimming, about so many bytes of them.
    Upkeep(u64),
    /// A reader of the feed registers, or says how far it is.
    Hold,
    /// It goes.
    LetGo,
}

/// What the engine is asked for.
pub(crate) const OF_THE_ENGINE: [&str; 5] = ["checkpoint", "upkeep", "a little upkeep", "hold", "let go"];

impl Step {
    pub(crate) fn parse(text: &str) -> Self {
        let number = |text: &str| text.parse().unwrap();
        match text.split_once(' ') {
            Some(("wait", secs)) => return Self::Wait(number(secs)),
            Some(("churn", commits)) => return Self::Churn(commits.parse().unwrap()),
            Some(_) | None => {}
        }
        match text {
            "checkpoint" => Self::Checkpoint,
            "upkeep" => Self::Upkeep(u64::MAX),
            "a little upkeep" => Self::Upkeep(700),
            "hold" => Self::Hold,
            "let go" => Self::LetGo,
            name => Self::Ask(row(name)),
        }
    }

    /// Takes it. A step that is no command is done, or fails with the disk.
    pub(crate) fn take(self, play: &mut Play<'_>) -> Told {
        let told = match self {
            Self::Ask(row) => {
                let told = (row.ask)(play);
                if matches!(told, Told::Done(_)) {
                    play.look();
                }
                return told;
            }
            Self::Wait(secs) => {
                play.wait(Span::from_secs(secs));
                return Told::Done(String::new());
            }
            Self::Churn(commits) => {
                let grant = row("grant");
                return (1..commits).fold((grant.ask)(play), |_, _| (grant.ask)(play));
            }
            Self::Checkpoint => play.store.checkpoint().map_err(|error| error.to_string()),
            Self::Upkeep(budget) => upkeep(play, budget),
            Self::Hold => {
                play.store.hold_feed("reader", play.store.last().0).map_err(|error| error.to_string())
            }
            Self::LetGo => play.store.release_feed("reader").map(drop).map_err(|error| error.to_string()),
        };
        told.map_or_else(Told::Failed, |()| Told::Done(String::new()))
    }
}

fn upkeep(play: &Play<'_>, budget: u64) -> Result<(), String> {
    for _ in 0..20 {
        let progress = play.store.maintain(budget).map_err(|error| error.to_string())?;
        if budget < u64::MAX || !progress.more {
            break;
        }
    }
    Ok(())
}
