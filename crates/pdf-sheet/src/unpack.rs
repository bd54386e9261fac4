//! How long a stream is once unpacked, found without unpacking more than a limit: the reader of pages
//! unpacks whole streams, and a few megabytes can hold gigabytes.

use std::borrow::Cow;

use hayro_interpret::hayro_syntax::Filter;
use miniz_oxide::inflate::{
    TINFLStatus, decompress_to_vec_with_limit, decompress_to_vec_zlib_with_limit,
};

/// No byte of a deflated stream becomes more.
const INFLATED_MOST: usize = 1_032;

/// How many bytes these become; `None` where more than `limit`, or where nobody can say.
pub(crate) fn length(packed: &[u8], filters: &[Filter], limit: usize) -> Option<usize> {
    let mut bytes = Cow::Borrowed(packed);
    for (at, filter) in filters.iter().enumerate() {
        let is_last = at + 1 == filters.len();
        bytes = match filter {
            Filter::AsciiHexDecode => Cow::Owned(hex(&bytes)),
            Filter::Ascii85Decode => Cow::Owned(ascii_85(&bytes)),
            Filter::FlateDecode => Cow::Owned(inflated(&bytes, limit)?),
            Filter::RunLengthDecode => Cow::Owned(runs(&bytes, limit)?),
            Filter::LzwDecode => {
                // Which of the two ways it was packed stands in parameters that files get wrong.
                let most = lzw(&bytes, 1, limit)?.max(lzw(&bytes, 0, limit)?);
                return is_last.then_some(most);
            }
            // What these become is bounded by the picture's size, and is looked at there.
            Filter::DctDecode
            | Filter::JpxDecode
            | Filter::Jbig2Decode
            | Filter::CcittFaxDecode => break,
            Filter::Crypt => bytes,
        };
    }
    (bytes.len() <= limit).then_some(bytes.len())
}

/// The bytes of a deflated stream, as far as they are sound; `None` where they may be more than
/// `limit`.
pub(crate) fn inflated(packed: &[u8], limit: usize) -> Option<Vec<u8>> {
    let failed = match decompress_to_vec_zlib_with_limit(packed, limit) {
        Ok(bytes) => return Some(bytes),
        Err(failed) => failed,
    };
    // What is no sound stream with a head may be one without.
    let bare = match decompress_to_vec_with_limit(packed, limit) {
        Ok(bytes) if failed.status != TINFLStatus::HasMoreOutput => return Some(bytes),
        Ok(_) => return None,
        Err(bare) => bare,
    };
    if [failed.status, bare.status].contains(&TINFLStatus::HasMoreOutput) {
        return None;
    }
    // A reader may go on behind what is broken.
    if failed.status == TINFLStatus::Failed && packed.len().saturating_mul(INFLATED_MOST) > limit {
        return None;
    }
    Some(if bare.output.len() > failed.output.len() { bare.output } else { failed.output })
}

fn hex(text: &[u8]) -> Vec<u8> {
    let text = text.iter().take_while(|byte| **byte != b'>');
    let digits: Vec<u32> = text.filter_map(|byte| char::from(*byte).to_digit(16)).collect();
    let byte = |pair: &[u32]| (pair[0] * 16 + pair.get(1).copied().unwrap_or(0)) as u8;
    digits.chunks(2).map(byte).collect()
}

fn ascii_85(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut group = Vec::with_capacity(5);
    let four = |group: &[u8]| {
        let digit = |at: usize| u32::from(group.get(at).copied().unwrap_or(b'u') - b'!');
        let add = |sum: u32, at| sum.wrapping_mul(85).wrapping_add(digit(at));
        (0..5).fold(0, add).to_be_bytes()
    };
    for byte in text.iter().take_while(|byte| **byte != b'~') {
        match byte {
            b'z' if group.is_empty() => bytes.extend([0; 4]),
            b'!'..=b'u' => group.push(*byte),
            _ => {}
        }
        if group.len() == 5 {
            bytes.extend(four(&group));
            group.clear();
        }
    }
    bytes.extend_from_slice(&four(&group)[..group.len().saturating_sub(1)]);
    bytes
}

fn runs(packed: &[u8], limit: usize) -> Option<Vec<u8>> {
    let (mut bytes, mut rest) = (Vec::new(), packed);
    while let [head, behind @ ..] = rest {
        let count = usize::from(*head);
        rest = match count {
            0..=127 => {
                let (these, behind) = behind.split_at(behind.len().min(count + 1));
                bytes.extend_from_slice(these);
                behind
            }
            128 => break,
            _ => {
                let Some((byte, behind)) = behind.split_first() else { break };
                bytes.resize(bytes.len() + 257 - count, *byte);
                behind
            }
        };
        if bytes.len() > limit {
            return None;
        }
    }
    Some(bytes)
}

/// The length alone: of each code of the table it is known what it becomes. `early` is 1 where codes
/// grow a bit before they must.
fn lzw(packed: &[u8], early: usize, limit: usize) -> Option<usize> {
    let mut lengths = vec![1_usize; 258];
    let (mut sum, mut last, mut bit) = (0, None::<usize>, 0);
    loop {
        let width = match lengths.len() + early {
            0..512 => 9,
            512..1_024 => 10,
            1_024..2_048 => 11,
            _ => 12,
        };
        if bit + width > packed.len() * 8 {
            return Some(sum);
        }
        let set = |at: usize| usize::from(packed[at / 8] >> (7 - at % 8) & 1);
        let code = (bit..bit + width).fold(0, |code, at| code * 2 + set(at));
        bit += width;
        match code {
            256 => {
                lengths.truncate(258);
                last = None;
                continue;
            }
            257 => return Some(sum),
            _ => {}
        }
        if let Some(last) = last.filter(|_| lengths.len() < 4_096) {
            lengths.push(lengths[last] + 1);
        }
        let Some(length) = lengths.get(code) else { return Some(sum) };
        sum += length;
        if sum > limit {
            return None;
        }
        last = Some(code);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Filter::*;

    #[test]
    fn lengths_are_told_up_to_the_limit() {
        let zeros = miniz_oxide::deflate::compress_to_vec_zlib(&[0; 9_000], 9);
        let bare = miniz_oxide::deflate::compress_to_vec(&[0; 9_000], 9);
        let twice = miniz_oxide::deflate::compress_to_vec_zlib(&zeros, 9);
        let text: Vec<u8> = zeros.iter().flat_map(|b| format!("{b:02x} ").into_bytes()).collect();
        // 1 2 1+2: the code 258 stands for the first two.
        let lzw = [0b0000_0000, 0b1000_0000, 0b1010_0000, 0b0101_0000, 0b0001_0000];
        let cases: [(&[u8], &[Filter], usize); 9] = [
            (b"abc", &[], 3),
            (&zeros, &[FlateDecode], 9_000),
            (&zeros[..zeros.len() - 1], &[FlateDecode], 9_000),
            (&bare, &[FlateDecode], 9_000),
            (&twice, &[FlateDecode, FlateDecode], 9_000),
            (&text, &[AsciiHexDecode, FlateDecode], 9_000),
            (b"87cURD]i,\"Ebo80~>", &[Ascii85Decode], 12),
            (&[2, 1, 2, 3, 129, 7, 128], &[RunLengthDecode], 131),
            (&lzw, &[LzwDecode], 4),
        ];
        for (packed, filters, expected) in cases {
            assert_eq!(length(packed, filters, expected), Some(expected), "{filters:?}");
            assert_eq!(length(packed, filters, expected - 1), None, "{filters:?}");
        }
        assert_eq!(ascii_85(b"87cURD]i,\"Ebo80~>"), b"Hello World!");
    }

    /// The table is full, and each code of 12 bits is some kilobytes.
    #[test]
    fn lzw_swells_to_the_limit_and_no_further() {
        let code = |at: u32| if at == 0 { 1 } else { (257 + at).min(4_095) };
        let mut bits = Vec::new();
        for at in 0..40_000_u32 {
            let width = match 258 + at {
                0..512 => 9,
                512..1_024 => 10,
                1_024..2_048 => 11,
                _ => 12,
            };
            bits.extend((0..width).rev().map(|bit| code(at) >> bit & 1));
        }
        let byte = |eight: &[u32]| eight.iter().fold(0, |byte, bit| byte * 2 + bit) as u8;
        let packed: Vec<u8> = bits.chunks_exact(8).map(byte).collect();
        assert_eq!(length(&packed, &[LzwDecode], 64 << 20), None);
    }
}
