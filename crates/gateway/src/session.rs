//! The number of a gateway's session, which ties its will to its birth.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// One more than the number in the folder, which is written there before it is used. Where there is
/// none that can be read, or none can be written, the clock's milliseconds: very likely no earlier
/// session had that number.
pub(crate) fn next(folder: &Path, now_ms: i64) -> u64 {
    let by_clock = u64::try_from(now_ms).unwrap_or(1);
    let before = std::fs::read_to_string(folder.join("session")).ok();
    let before = before.and_then(|text| text.trim().parse::<u64>().ok());
    let next = before.map_or(by_clock, |before| before.wrapping_add(1));
    match write(folder, next) {
        Ok(()) => next,
        Err(error) => {
            // A full disk is no reason not to start: what the spool holds is to be sent.
            tracing::warn!(%error, "the session's number cannot be kept");
            by_clock
        }
    }
}

fn write(folder: &Path, next: u64) -> io::Result<()> {
    let new = folder.join("session.new");
    let mut written =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    writeln!(written, "{next}")?;
    written.sync_all()?;
    std::fs::rename(&new, folder.join("session"))?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn each_start_has_another_number() {
        let folder = tempfile::tempdir().unwrap();
        let at = |now_ms| next(folder.path(), now_ms);
        assert_eq!((at(1_000), at(5), at(-7)), (1_000, 1_001, 1_002));
        std::fs::write(folder.path().join("session"), "garbage").unwrap();
        assert_eq!(at(9_000), 9_000);
    }
}
