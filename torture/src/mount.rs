//! File systems that are made to be taken away: in a file, through a loop device.
//!
//! Needs root, loop devices, and of other programs `mkfs.ext4`, `mkfs.xfs`, `mount` and `xfs_io`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::trouble::{Outcome, Trouble};

/// How often letting go of a file system is tried: it is busy for a moment after its last user was killed.
const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(10);
const MIB: u64 = 1024 * 1024;

/// Which file system.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum Kind {
    Ext4,
    Xfs,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Ext4 => "ext4",
            Self::Xfs => "xfs",
        }
    }

    /// The name of the log of its power cuts.
    pub(crate) const fn power(self) -> &'static str {
        match self {
            Self::Ext4 => "power-ext4",
            Self::Xfs => "power-xfs",
        }
    }

    /// The name of the log of its disks that lie.
    pub(crate) const fn lies(self) -> &'static str {
        match self {
            Self::Ext4 => "lies-ext4",
            Self::Xfs => "lies-xfs",
        }
    }

    /// As small as it can be.
    const fn size(self) -> u64 {
        match self {
            Self::Ext4 => 96 * MIB,
            Self::Xfs => 320 * MIB,
        }
    }
}

/// A file system of its own.
pub(crate) struct Mount {
    image: PathBuf,
    pub(crate) point: PathBuf,
    options: &'static str,
    mounted: bool,
}

impl Mount {
    /// Makes one in `folder`, and mounts it.
    pub(crate) fn make(kind: Kind, folder: &Path) -> Outcome<Self> {
        Self::make_of(kind, kind.size(), folder, "loop")
    }

    pub(crate) fn make_of(kind: Kind, bytes: u64, folder: &Path, options: &'static str) -> Outcome<Self> {
        let (image, point) = (folder.join("image"), folder.join("mounted"));
        File::create(&image)?.set_len(bytes)?;
        let mut make = Command::new(format!("mkfs.{}", kind.name()));
        match kind {
            Kind::Ext4 => make.args(["-q", "-F", "-m", "0"]),
            Kind::Xfs => make.args(["-q", "-f"]),
        };
        run(make.arg(&image))?;
        fs::create_dir_all(&point)?;
        let mut made = Self { image, point, options, mounted: false };
        made.mount()?;
        Ok(made)
    }

    /// A file system in memory, of so many bytes.
    pub(crate) fn in_memory(bytes: u64, folder: &Path) -> Outcome<Self> {
        let point = folder.join("mounted");
        fs::create_dir_all(&point)?;
        let size = format!("size={bytes}");
        run(Command::new("mount").args(["-t", "tmpfs", "-o", &size, "none"]).arg(&point))?;
        Ok(Self { image: PathBuf::new(), point, options: "", mounted: true })
    }

    /// The file it is in.
    pub(crate) fn image(&self) -> &Path {
        &self.image
    }

    pub(crate) fn mount(&mut self) -> Outcome<()> {
        run(Command::new("mount").args(["-o", self.options]).arg(&self.image).arg(&self.point))?;
        self.mounted = true;
        Ok(())
    }

    /// Pulls the plug: nothing that was not synced reaches the image, and every call fails from now on.
    /// `Log::Written` lets the journal of the file system through first.
    pub(crate) fn cut(&self, log: Log) -> Outcome<()> {
        let shutdown = match log {
            Log::Lost => "shutdown",
            Log::Written => "shutdown -f",
        };
        run(Command::new("xfs_io").args(["-x", "-c", shutdown]).arg(&self.point))
    }

    pub(crate) fn unmount(&mut self) -> Outcome<()> {
        for _ in 0..TRIES {
            if quiet(Command::new("umount").arg(&self.point)) {
                self.mounted = false;
                return Ok(());
            }
            thread::sleep(PAUSE);
        }
        Err(Trouble::new(format!("{} is busy", self.point.display())))
    }

    /// Lets go of it and mounts it again, as a machine that comes back does.
    pub(crate) fn come_back(&mut self) -> Outcome<()> {
        self.unmount()?;
        self.mount()
    }

    /// The loop device it is on.
    pub(crate) fn device(&self) -> Outcome<String> {
        let mounts = fs::read_to_string("/proc/mounts")?;
        let point = self.point.display().to_string();
        let line = mounts.lines().find(|line| line.split(' ').nth(1) == Some(&point));
        let device = line.and_then(|line| line.split(' ').next()).and_then(|path| path.rsplit('/').next());
        device.map(str::to_owned).ok_or_else(|| Trouble::new("it is not mounted"))
    }
}

/// What becomes of the journal of a file system when its plug is pulled.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Log {
    Lost,
    Written,
}

impl Drop for Mount {
    fn drop(&mut self) {
        if self.mounted && self.unmount().is_err() {
            // Whoever holds it lets go of it in the end.
            quiet(Command::new("umount").arg("-l").arg(&self.point));
        }
    }
}

/// Why no file system can be mounted here, if that is so.
pub(crate) fn missing() -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        return Some("mounting needs root".to_owned());
    }
    let mut programs = ["mount", "xfs_io", "mkfs.ext4", "mkfs.xfs", "e2fsck", "prlimit"].into_iter();
    if let Some(absent) = programs.find(|program| !quiet(Command::new(program).arg("-V"))) {
        return Some(format!("{absent} is missing: it is in the package xfsprogs, e2fsprogs or util-linux"));
    }
    let folder = tempfile::tempdir().ok()?;
    let tried = Mount::make_of(Kind::Ext4, MIB, folder.path(), "loop");
    tried.err().map(|why| format!("nothing can be mounted here: {why:?}"))
}

fn run(command: &mut Command) -> Outcome<()> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Trouble::new(format!("{command:?}: {said}")))
}

fn quiet(command: &mut Command) -> bool {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
