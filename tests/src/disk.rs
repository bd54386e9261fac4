//! A small disk that can be filled.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What takes the room away.
const BALLAST: &str = "ballast";

/// A file system of its own in a folder, gone when it is dropped.
#[derive(Debug)]
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Mounts one of so many MiB in a folder that is there; says so in one line and gives `None` where
    /// this user may mount none.
    ///
    /// # Panics
    /// Where `mount` cannot be run.
    #[must_use]
    pub fn mount(folder: &Path, mib: u32) -> Option<Self> {
        let size = format!("size={mib}m");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(folder)
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self { folder: folder.to_owned() });
        }
        println!("passed over: this user may mount no file system");
        None
    }

    /// Where it is mounted.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Leaves no room at all.
    ///
    /// # Panics
    /// Where no file can be made there even without a byte in it.
    pub fn fill(&self) {
        let mut ballast = File::create(self.folder.join(BALLAST)).expect("a file");
        for bytes in [1 << 20, 1 << 12, 1] {
            while ballast.write_all(&vec![0x5a; bytes]).is_ok() {}
        }
    }

    /// Gives the room back, if it was taken.
    pub fn make_room(&self) {
        let _never_filled = std::fs::remove_file(self.folder.join(BALLAST));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg("--lazy").arg(&self.folder).status();
    }
}
