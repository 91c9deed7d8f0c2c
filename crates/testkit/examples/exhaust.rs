//! Plays all histories of the very small world up to a length: `cargo xtask exhaust --length 7`.
#![allow(clippy::print_stdout)]

use std::process::ExitCode;

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
    let watch =
        &mut |length: usize, states: u64| println!("{states} states are first reached after {length} steps");
    match testkit::exhaust(length, watch) {
        Ok(all) => {
            let (states, steps, histories) = (all.states, all.steps, all.histories);
            println!(
                "{histories} histories of up to {length} steps, {states} states, {steps} steps judged: nothing is wrong"
            );
            ExitCode::SUCCESS
        }
        Err(found) => {
            println!("{found}");
            ExitCode::FAILURE
        }
    }
}
