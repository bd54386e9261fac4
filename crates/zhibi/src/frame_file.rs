//! Files of frames: a capture, a bundle, bare frames one behind another, or any of these as
//! hexadecimal text with comments, told apart by content.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use firmware_protocol::{Bundle, CAPTURE_HEADER, Capture, RawFrame, bare_frames};

/// What a file holds.
pub(crate) struct FrameFile {
    pub(crate) bytes: Vec<u8>,
    /// Where its bundles lie in `bytes`.
    pub(crate) bundles: Vec<std::ops::Range<usize>>,
    pub(crate) form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Capture,
    Bundle,
    /// What a pen sends over a link.
    Bare,
}

impl FrameFile {
    /// Reads a file, or standard input for `-`.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let mut bytes = Vec::new();
        if path == Path::new("-") {
            std::io::stdin()
                .lock()
                .read_to_end(&mut bytes)
                .context("cannot read standard input")?;
        } else {
            bytes =
                std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        }
        Self::parse(bytes).with_context(|| format!("cannot decode {}", path.display()))
    }

    fn parse(bytes: Vec<u8>) -> anyhow::Result<Self> {
        let bytes = of_hex(&bytes)?.unwrap_or(bytes);
        let begins = |magic: &[u8]| {
            let len = bytes.len().min(magic.len());
            len > 1 && bytes[..len] == magic[..len]
        };
        if begins(b"ZCAP") {
            ensure!(
                bytes.len() >= CAPTURE_HEADER.len(),
                "truncated: a capture's header takes {} bytes, {} are there",
                CAPTURE_HEADER.len(),
                bytes.len()
            );
            let capture = Capture::parse(&bytes).map_err(|error| anyhow::anyhow!("{error}"))?;
            let mut bundles = Vec::new();
            for (number, bundle) in capture.bundles().enumerate() {
                let bundle = bundle
                    .map_err(|error| anyhow::anyhow!("bundle {number} of the capture: {error}"))?;
                let from = bundle.as_ptr().addr() - bytes.as_ptr().addr();
                bundles.push(from..from + bundle.len());
            }
            return Ok(Self { bytes, bundles, form: Form::Capture });
        }
        let all = std::iter::once(0..bytes.len()).collect();
        if begins(b"ZBND") {
            return Ok(Self { bytes, bundles: all, form: Form::Bundle });
        }
        match bytes[..] {
            [b'Z', version, ..] if version >> 4 != 0 => {
                Ok(Self { bytes, bundles: all, form: Form::Bare })
            }
            _ => bail!(
                "neither a capture (ZCAP), a bundle (ZBND), frames (5A 1…), nor these in hexadecimal"
            ),
        }
    }

    /// Every frame in order, with its bundle's number; an error where a bundle's header is bad.
    pub(crate) fn frames(
        &self,
        mut each: impl FnMut(usize, RawFrame<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        for (number, range) in self.bundles.iter().enumerate() {
            let bytes = &self.bytes[range.clone()];
            if self.form == Form::Bare {
                bare_frames(bytes).try_for_each(|raw| each(number, raw))?;
                continue;
            }
            let bundle = Bundle::parse(bytes).map_err(|error| {
                anyhow::anyhow!("bundle {number}, at byte {}: {error}", range.start)
            })?;
            for raw in bundle.frames() {
                each(number, raw)?;
            }
        }
        Ok(())
    }

    /// A bundle, where its header can be read.
    pub(crate) fn bundle(&self, number: usize) -> Option<Bundle<'_>> {
        Bundle::parse(self.bytes.get(self.bundles.get(number)?.clone())?).ok()
    }
}

/// The bytes of hexadecimal text, in which `#` begins a comment; `None` where it is no such text.
fn of_hex(text: &[u8]) -> anyhow::Result<Option<Vec<u8>>> {
    let Ok(text) = std::str::from_utf8(text) else { return Ok(None) };
    let mut bytes = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        let digits: String = text.split('#').next().unwrap_or("").split_whitespace().collect();
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Ok(None);
        }
        if digits.len() % 2 == 1 {
            bail!("line {line}: an odd number of hexadecimal digits");
        }
        let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16);
        for at in (0..digits.len()).step_by(2) {
            bytes.push(byte(at).context("hexadecimal digits")?);
        }
    }
    Ok((!bytes.is_empty()).then_some(bytes))
}
