//! How wide text is, without a font.
//!
//! A Chinese character and everything that stands in its square is 1 em wide. For the rest there is
//! a table: of each ASCII character the wider of its widths in Times New Roman (the metrics of
//! Adobe's Times-Roman) and in Noto Serif CJK SC, the two faces that the artwork names first for
//! Latin text. So a line that fits here fits in either, and bytes depend on no machine's fonts.

/// Thousandths of an em of U+0020 to U+007E.
const ASCII: [i32; 95] = [
    256, 333, 408, 574, 550, 923, 779, 196, 364, 364, 500, 580, 327, 346, 327,
    352, // space to /
    557, 500, 558, 557, 555, 558, 558, 549, 558, 562, 327, 327, 580, 580, 580, 444, // 0 to ?
    921, 722, 670, 691, 770, 652, 629, 741, 853, 405, 402, 731, 625, 975, 796, 767, // @ to O
    641, 767, 715, 567, 659, 797, 722, 1053, 722, 722, 611, 344, 352, 344, 580, 563, // P to _
    435, 557, 638, 538, 629, 546, 388, 566, 663, 332, 311, 607, 334, 974, 661, 596, // ` to o
    638, 607, 462, 473, 367, 653, 548, 838, 564, 552, 498, 480, 316, 480, 580, // p to ~
];

/// Thousandths of an em.
fn width(c: char) -> i32 {
    match c {
        ' '..='~' => ASCII[c as usize - ' ' as usize],
        // Vowels with tone marks, as pinyin has them.
        'ā' | 'á' | 'ǎ' | 'à' => 557,
        'ē' | 'é' | 'ě' | 'è' | 'ê' => 546,
        'ī' | 'í' | 'ǐ' | 'ì' => 332,
        'ō' | 'ó' | 'ǒ' | 'ò' => 596,
        'ū' | 'ú' | 'ǔ' | 'ù' | 'ü' | 'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' => 653,
        '−' => 580,
        '·' => 327,
        '°' => 342,
        _ => 1000,
    }
}

/// The width of text set at a size, in micrometres, rounded up.
pub(crate) fn width_um(text: &str, size_um: i32) -> i32 {
    let thousandths: i64 = text.chars().map(|c| i64::from(width(c))).sum();
    let um = (thousandths * i64::from(size_um) + 999) / 1000;
    // Text is shorter than 256 KiB and set smaller than a centimetre: the most is 2.6 km.
    i32::try_from(um).unwrap_or(i32::MAX)
}

/// Whether it fills a square, as Chinese characters do; lines may break beside it.
pub(crate) fn is_square(c: char) -> bool {
    width(c) == 1000
}
