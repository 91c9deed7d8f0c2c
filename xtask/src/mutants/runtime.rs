//! Which mutant is on: chosen once for the process. This file is put into the copy of the core that is mutated.

extern crate std;

use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::fs::File;
use std::io::Write;
use std::string::String;
use std::sync::Mutex;

/// Above all ids: no mutant is on.
const NONE: u32 = u32::MAX - 2;
/// No mutant is on, and those that are reached are written down.
const RECORDING: u32 = u32::MAX - 1;
const UNREAD: u32 = u32::MAX;

static CHOSEN: AtomicU32 = AtomicU32::new(UNREAD);
static REACHED: [AtomicBool; 1 << 16] = [const { AtomicBool::new(false) }; 1 << 16];
static LIST: Mutex<Option<File>> = Mutex::new(None);

/// Whether the mutant is on.
#[inline]
pub(crate) fn on(id: u32) -> bool {
    let chosen = CHOSEN.load(Ordering::Relaxed);
    if chosen <= NONE { chosen == id } else { look(chosen, id) }
}

#[cold]
fn look(chosen: u32, id: u32) -> bool {
    let chosen = if chosen == UNREAD { choose() } else { chosen };
    if chosen == RECORDING && !REACHED[id as usize].swap(true, Ordering::Relaxed) {
        if let Some(file) = LIST.lock().unwrap().as_mut() {
            writeln!(file, "{id}").unwrap();
        }
    }
    chosen == id
}

fn choose() -> u32 {
    let read = |name: &str| -> Option<String> { std::env::var(name).ok() };
    let chosen = if let Some(path) = read("HATCHERY_MUTANTS_REACHED") {
        *LIST.lock().unwrap() = Some(File::create(path).unwrap());
        RECORDING
    } else if let Some(id) = read("HATCHERY_MUTANT") {
        // The first panic is enough: nothing is unwound, and nothing shrunk.
        std::panic::set_hook(std::boxed::Box::new(|_| std::process::exit(101)));
        id.parse().unwrap()
    } else {
        NONE
    };
    CHOSEN.store(chosen, Ordering::Relaxed);
    chosen
}
