//! Files that are written as a whole or not at all.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// What was written beside its place, and where it is to be.
pub(crate) struct Written {
    /// `None` where the place is a device or a pipe, which has the bytes already.
    part: Option<PathBuf>,
    place: PathBuf,
}

/// Writes a file as a whole or not at all. A link stays a link: the file that it leads to is written.
/// What is no file, as `/dev/stdout` is none, is written to.
pub(crate) fn write(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    beside(file, bytes)?.put()
}

/// Writes a file's bytes beside where it is to be.
pub(crate) fn beside(file: &Path, bytes: &[u8]) -> anyhow::Result<Written> {
    let context = || format!("cannot write {}", file.display());
    // Of a link that leads nowhere nothing can be kept.
    let place = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    if fs::metadata(&place).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
        fs::write(file, bytes).with_context(context)?;
        return Ok(Written { part: None, place });
    }
    let mut part = place.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let written = fs::write(&part, bytes);
    if written.is_err() {
        // Whatever came of it is of no use.
        let _gone = fs::remove_file(&part);
    }
    written.with_context(context)?;
    Ok(Written { part: Some(part), place })
}

impl Written {
    /// Puts the file into its place.
    pub(crate) fn put(self) -> anyhow::Result<()> {
        let Some(part) = self.part else { return Ok(()) };
        fs::rename(part, &self.place)
            .with_context(|| format!("cannot write {}", self.place.display()))
    }

    /// Takes back what was written.
    pub(crate) fn discard(self) {
        if let Some(part) = self.part {
            // What cannot be removed stays under a name that nobody opens.
            let _gone = fs::remove_file(part);
        }
    }
}

/// Writes a file in place of the one that is there, if one is, and onto the disk: whoever reads it sees
/// the old or the new.
pub(crate) fn replace(file: &Path, text: &str, mode: u32) -> anyhow::Result<()> {
    let mut aside = file.as_os_str().to_owned();
    aside.push(".new");
    let aside = PathBuf::from(aside);
    // Left behind by a run that was ended.
    if let Err(error) = fs::remove_file(&aside)
        && error.kind() != ErrorKind::NotFound
    {
        return Err(error).with_context(|| format!("cannot replace {}", aside.display()));
    }
    write_new(&aside, text, mode)?;
    fs::rename(&aside, file).with_context(|| format!("cannot write {}", file.display()))?;
    sync_folder(file.parent().unwrap_or(Path::new("")))
}

/// Writes a file that is not there yet, onto the disk; its name is there after [`sync_folder`].
pub(crate) fn write_new(file: &Path, text: &str, mode: u32) -> anyhow::Result<()> {
    let made = OpenOptions::new().write(true).create_new(true).mode(mode).open(file);
    let written = made.and_then(|mut opened| {
        opened.write_all(text.as_bytes())?;
        opened.sync_all()
    });
    written.with_context(|| format!("cannot write {}", file.display()))
}

/// Makes a folder for its owner alone, unless it is there.
pub(crate) fn make_folder(folder: &Path) -> anyhow::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))
}

/// Puts the names in a folder onto the disk; an empty path is the present folder.
pub(crate) fn sync_folder(folder: &Path) -> anyhow::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .with_context(|| format!("cannot sync the folder {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_stays_and_what_it_leads_to_is_written() {
        let folder = tempfile::tempdir().expect("folder");
        let (file, link) = (folder.path().join("a.pdf"), folder.path().join("b.pdf"));
        fs::write(&file, "old").expect("written");
        std::os::unix::fs::symlink(&file, &link).expect("linked");
        write(&link, b"new").expect("written");
        assert!(link.is_symlink());
        assert_eq!(fs::read(&file).expect("read"), b"new");
        assert!(!folder.path().join("a.pdf.part").exists());
    }

    #[test]
    fn a_device_is_written_to_and_stays_a_device() {
        let device = Path::new("/dev/null");
        write(device, b"bytes").expect("written");
        assert!(!fs::metadata(device).expect("there").is_file());
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing() {
        let folder = tempfile::tempdir().expect("folder");
        let text = write(folder.path(), b"bytes").expect_err("a folder").to_string();
        assert!(text.contains("cannot write"), "{text}");
        let written = beside(&folder.path().join("c"), b"bytes").expect("written");
        written.discard();
        assert_eq!(fs::read_dir(folder.path()).expect("read").count(), 0);
    }
}
