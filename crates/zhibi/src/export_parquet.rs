//! `zhibi export parquet`: everything that a data team analyses, without a name.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, anyhow, bail, ensure};
use export::{KEY_BYTES, Manifest, ParquetExport, Pseudonyms};

use crate::cli::ExportParquetArgs;
use crate::progress::Progress;
use crate::say::counted;
use crate::{Verdict, clock, store_file, take_away, whole_file};

/// Runs the command.
pub(crate) fn run(args: &ExportParquetArgs) -> anyhow::Result<Verdict> {
    let (from_ms, until_ms) = args.period.ms();
    ensure!(from_ms < until_ms, "--from is later than --to: nothing lies between them");
    let manifest = store_file::reading(&args.database, async |store| {
        let scope = take_away::everything(store).await?;
        let pseudonyms = match &args.key {
            Some(file) => of_file(file)?,
            None => Pseudonyms::new(new_key()?),
        };
        let export = ParquetExport {
            scope: &scope,
            period_ms: (from_ms, until_ms),
            pseudonyms: &pseudonyms,
            folder: &args.out,
            now_ms: clock::wall_ms(),
        };
        let mut progress = Progress::new("parquet", 0);
        let written = export.write(store, |done, of| progress.set_of(done, of, "assignments"));
        let manifest: Manifest = written.await?;
        progress.finish();
        Ok(manifest)
    })?;
    for table in &manifest.tables {
        let rows = counted(usize::try_from(table.rows)?, "row", "rows");
        put!("{}: {rows}, {} bytes", args.out.join(table.name).display(), table.bytes)?;
    }
    for empty in manifest.tables.iter().filter(|table| table.rows == 0) {
        tell!("{} has no row in this time, and so no file", empty.name);
    }
    Ok(Verdict::Clean)
}

fn new_key() -> anyhow::Result<[u8; KEY_BYTES]> {
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key).map_err(|error| anyhow!("the system gives no random: {error}"))?;
    Ok(key)
}

/// The key in a file, which is made for its owner alone where it is not there.
fn of_file(file: &Path) -> anyhow::Result<Pseudonyms> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let key = new_key()?;
            let text: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
            whole_file::write_new(file, &format!("{text}\n"), 0o600)?;
            whole_file::sync_folder(file.parent().unwrap_or(Path::new("")))?;
            tell!("{}: a new key of pseudonyms; keep it at the school", file.display());
            return Ok(Pseudonyms::new(key));
        }
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read the key {}", file.display()));
        }
    };
    match key_of(text.trim()) {
        Some(key) => Ok(Pseudonyms::new(key)),
        None => bail!(
            "{} is no key of pseudonyms: a key is {} hexadecimal digits, as this command makes them",
            file.display(),
            KEY_BYTES * 2
        ),
    }
}

fn key_of(text: &str) -> Option<[u8; KEY_BYTES]> {
    if text.len() != KEY_BYTES * 2 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut key = [0; KEY_BYTES];
    for (place, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[place * 2..place * 2 + 2], 16).ok()?;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_for_its_owner_and_gives_the_same_pseudonyms_again() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("a.key");
        let first = of_file(&file).expect("made");
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &std::fs::metadata(&file).expect("there").permissions(),
        );
        assert_eq!(mode & 0o777, 0o600);
        let again = of_file(&file).expect("read");
        assert_eq!(first.pupil("p-1"), again.pupil("p-1"));
        assert_ne!(first.pupil("p-1"), first.pupil("p-2"));
    }

    #[test]
    fn what_is_no_key_is_refused_and_stays() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("a.key");
        for text in ["", "00ff", &"é".repeat(KEY_BYTES), &"0".repeat(2 * KEY_BYTES + 1)] {
            std::fs::write(&file, text).expect("written");
            let refused = of_file(&file).expect_err("no key").to_string();
            assert!(refused.contains("is no key of pseudonyms"), "{refused}");
            assert_eq!(std::fs::read_to_string(&file).expect("read"), text);
        }
    }
}
