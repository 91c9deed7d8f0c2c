//! What machine this is.

use std::fs;
use std::path::Path;

/// The machine and the disk under `dir`, one fact a line.
pub(crate) fn machine(dir: &Path) -> Vec<(&'static str, String)> {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = rustix::system::uname();
    let kernel = format!("{} {}", kernel.sysname().to_string_lossy(), kernel.release().to_string_lossy());
    vec![
        ("processor", format!("{cores} × {}", field("/proc/cpuinfo", "model name"))),
        ("memory", field("/proc/meminfo", "MemTotal")),
        ("kernel", kernel),
        ("file system", file_system(dir).unwrap_or_else(|| "unknown".into())),
    ]
}

fn field(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.split_once(':'));
    line.map_or_else(|| "unknown".into(), |(_, value)| value.trim().to_owned())
}

/// The kind of file system that `dir` is on, with its device and its options.
fn file_system(dir: &Path) -> Option<String> {
    let dir = dir.canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let mounts = mounts.lines().filter_map(|line| {
        let [device, at, kind, options, ..] = line.split(' ').collect::<Vec<_>>()[..] else { return None };
        dir.starts_with(at).then_some((at.len(), format!("{kind} on {device} ({options})")))
    });
    mounts.max_by_key(|(length, _)| *length).map(|(_, told)| told)
}
