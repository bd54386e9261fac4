//! Zip archives whose makers are not trusted.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::{At, BYTES_MAX, Files, Problems, Said};

/// Entries of an archive.
const ENTRIES_MAX: usize = 1_000;
/// What an xlsx may hold once it is unpacked: a list of 200,000 pupils takes half of it.
const XLSX_BYTES_MAX: u64 = 128 << 20;

/// Shared texts of a workbook.
const TEXTS_MAX: usize = 4_000_000;

/// Whether bytes begin as a zip archive does.
pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Whether bytes begin as a workbook did before xlsx: as a compound file.
pub(super) fn is_old_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
}

/// An archive whose entries have plain names.
pub(super) struct Archive {
    name: String,
    bytes: Vec<u8>,
    /// By the name of an entry, its place.
    entries: BTreeMap<String, usize>,
}

impl Archive {
    pub(super) fn open(name: &str, bytes: Vec<u8>, problems: &mut Problems) -> Option<Self> {
        let mut refuse = |what: Said| {
            problems.push(At::file(name).problem(None, what));
            None
        };
        let mut archive = match ZipArchive::new(Cursor::new(bytes.as_slice())) {
            Ok(archive) => archive,
            Err(error) => return refuse(unreadable(&error)),
        };
        if archive.len() > ENTRIES_MAX {
            let have = archive.len();
            return refuse(Said::new(
                format!("压缩包里有 {have} 个文件，最多 {ENTRIES_MAX} 个：请只打包名册的文件"),
                format!("the archive holds {have} files: {ENTRIES_MAX} at most"),
            ));
        }
        let mut entries = BTreeMap::new();
        for place in 0..archive.len() {
            let entry = match archive.by_index_raw(place) {
                Ok(entry) => entry,
                Err(error) => return refuse(unreadable(&error)),
            };
            if entry.is_dir() {
                continue;
            }
            let plain = entry.enclosed_name().and_then(|_| Some(entry.name().ok()?.into_owned()));
            let Some(name) = plain.filter(|name| !name.contains('\\')) else {
                return refuse(Said::new(
                    "压缩包里有一个文件会解压到别处去：请重新打包",
                    "the archive holds a file that would lie outside of it: pack it again",
                ));
            };
            entries.insert(name, place);
        }
        Some(Self { name: name.to_owned(), bytes, entries })
    }

    pub(super) fn is_xlsx(&self) -> bool {
        self.entries.contains_key("xl/workbook.xml")
    }

    /// The bytes of a workbook that is no larger unpacked than it may be. What an entry says of its
    /// own size is not believed: each is unpacked and counted.
    pub(super) fn into_xlsx(self, problems: &mut Problems) -> Option<Vec<u8>> {
        let mut left = XLSX_BYTES_MAX;
        let mut part = Vec::new();
        for place in self.entries.values() {
            part.clear();
            let mut keep = |input: &mut dyn Read| input.read_to_end(&mut part).map(|n| n as u64);
            left -= self.unpack(*place, left, &mut keep, problems)?;
            if promises_too_much(&part) {
                let what = Said::new(
                    "这个工作簿写明的文字数多得不可能：请另存为新的 xlsx",
                    "the workbook says that it has more texts than it can have: save it anew",
                );
                problems.push(At::file(&self.name).problem(None, what));
                return None;
            }
        }
        Some(self.bytes)
    }

    /// The CSV files, by their names without folders.
    pub(super) fn csv_files(&self, problems: &mut Problems) -> Option<Files> {
        let mut files = Files::new();
        let mut left = BYTES_MAX;
        for (path, place) in &self.entries {
            let name = path.rsplit('/').next().unwrap_or(path);
            if !name.to_ascii_lowercase().ends_with(".csv") || name.starts_with("._") {
                continue;
            }
            let mut bytes = Vec::new();
            let mut keep = |input: &mut dyn Read| input.read_to_end(&mut bytes).map(|n| n as u64);
            left -= self.unpack(*place, left, &mut keep, problems)?;
            if files.insert(name.to_owned(), bytes).is_some() {
                let what = Said::new(
                    format!("压缩包里有两个 {name}：请只打包一个文件夹"),
                    format!("{name} stands twice in the archive: pack one folder alone"),
                );
                problems.push(At::file(&self.name).problem(None, what));
                return None;
            }
        }
        Some(files)
    }

    /// Unpacks one entry of at most `left` bytes; returns how many they were.
    fn unpack(
        &self,
        place: usize,
        left: u64,
        take: &mut dyn FnMut(&mut dyn Read) -> std::io::Result<u64>,
        problems: &mut Problems,
    ) -> Option<u64> {
        let unpacked = ZipArchive::new(Cursor::new(self.bytes.as_slice()))
            .and_then(|mut archive| {
                let entry = archive.by_index(place)?;
                Ok(take(&mut entry.take(left + 1))?)
            })
            .map_err(|error| unreadable(&error));
        let what = match unpacked {
            Ok(bytes) if bytes <= left => return Some(bytes),
            Ok(_) => Said::new(
                "解压以后比任何名册都大：请把文件一个一个地传",
                "unpacked, the archive is larger than any roster: give the files singly",
            ),
            Err(what) => what,
        };
        problems.push(At::file(&self.name).problem(None, what));
        None
    }
}

/// What the library gives as its reason is in English.
fn unreadable(error: &ZipError) -> Said {
    Said::new(
        format!("压缩包打不开，请重新打包（{error}）"),
        format!("the archive cannot be read: {error}"),
    )
}

/// Whether a part of a workbook promises more shared texts than any list has. The library makes room
/// for as many as it is promised before it has read one.
fn promises_too_much(part: &[u8]) -> bool {
    const PROMISE: &[u8] = b"uniqueCount";
    // Without its zeros, UTF-16 of such letters reads as ASCII.
    let plain: Vec<u8>;
    let part = match part.get(..4) {
        Some(head) if head.contains(&0) => {
            plain = part.iter().copied().filter(|byte| *byte != 0).collect();
            plain.as_slice()
        }
        _ => part,
    };
    let promise = |place: usize| {
        let digits = part[place + PROMISE.len()..]
            .iter()
            .skip_while(|byte| matches!(byte, b'=' | b'"' | b'\'' | b' ' | b'\t' | b'\r' | b'\n'))
            .take_while(|byte| byte.is_ascii_digit());
        digits.fold(0_usize, |n, digit| n.saturating_mul(10).saturating_add((digit - b'0').into()))
    };
    part.windows(PROMISE.len())
        .enumerate()
        .any(|(place, window)| window == PROMISE && promise(place) > TEXTS_MAX)
}
