//! Plays all histories of the very small world up to a length, from both of its beginnings: `cargo xtask exhaust --length 7`.
#![allow(clippy::print_stdout)]

use std::process::ExitCode;

use testkit::Beginning;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let length = match arguments.as_slice() {
        [flag, length] if flag == "--length" => length.parse().ok(),
        _ => None,
    };
    let Some(length) = length else {
        eprintln!("say --length and how many steps");
        return ExitCode::from(2);
    };
    for beginning in [Beginning::Free, Beginning::Poor] {
        let watch = &mut |length: usize, states: u64| {
            println!("{states} states are first reached after {length} steps");
        };
        println!("it begins {beginning:?}");
        match testkit::exhaust(beginning, length, watch) {
            Ok(all) => {
                let (states, steps, histories) = (all.states, all.steps, all.histories);
                println!(
                    "{histories} histories of up to {length} steps, {states} states, {steps} steps judged: nothing is wrong"
                );
            }
            Err(found) => {
                println!("{found}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
