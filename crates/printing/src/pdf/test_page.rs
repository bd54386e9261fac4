//! A page that shows what a printer does to coded paper.

use firmware_protocol::PageAddress;

use super::document::{Document, Leaf};
use super::dots::Block;
use super::fonts::Fonts;
use super::stickers::{Anchor, Over, shown};
use crate::{OWNER, Plane, PrintingError};

const A4_UM: (i32, i32) = (210_000, 297_000);

/// The book and page that a test page has, which no print run is given.
pub const TEST_PAGE: (u32, u32) = (0, 0);

const WORDS: [&str; 14] = [
    "打印测试页　Printer test page",
    "1. 打印时选「实际大小」或 100 %，不要选「适合页面」。用尺量：两条线都应正好 100 mm。",
    "   Print at “actual size” or 100 %, never “fit to page”. Both lines must measure exactly 100 mm.",
    "2. 左边的方块由青、品红、黄三色组成，不含炭黑；右边的方块是炭黑。",
    "   The left square is made of cyan, magenta and yellow without carbon; the right one is carbon.",
    "   用放大镜看：左边若只有黑色小点，说明打印机把图文也印成炭黑，笔在文字处会读不到位置。",
    "   Under a lens: if the left square has black dots only, this printer prints artwork in carbon, and",
    "   pens lose their place on text. 黑白激光打印机都是这样。Every black-and-white laser does that.",
    "3. 整页的浅灰小点就是点阵，应处处均匀；有缺行、成片或条纹，请换用 600 dpi 或更高的精度。",
    "   The fine grey dots are the pattern and must be even all over; where rows are missing or run",
    "   together, print at 600 dpi or more, without draft or toner-saving modes.",
    "4. 驱动程序若把文件转成 RGB 图像再打印，点阵会变成彩色或模糊：请让它直接打印 PDF。",
    "   A driver that turns the file into an RGB picture blurs the pattern: let it print PDF itself.",
    "本点阵是智笔自己的，市售智能笔都读不了。This pattern is Zhibi's own: no pen on sale reads it.",
];

/// The test page.
///
/// # Errors
/// Where no font has its characters.
pub fn test_page(fonts: &Fonts, plane: Plane) -> Result<Vec<u8>, PrintingError> {
    let (book, page) = TEST_PAGE;
    let address = PageAddress { section: plane.section, owner: OWNER, book, page };
    let mut over = Over::new(A4_UM.0, A4_UM.1, fonts);
    over.corners(210.0, 297.0);
    over.line((105.0, 28.0), 7.0, Anchor::Middle, WORDS[0]);
    for (line, words) in (1..).zip(&WORDS[1..]) {
        over.line((20.0, 34.0 + f64::from(line) * 6.6), 3.5, Anchor::Start, words);
    }
    let line = "stroke=\"#3b424c\" stroke-width=\"0.2\" fill=\"none\"";
    over.shape("M25 150h100M25 147v6M125 147v6", line);
    over.line((75.0, 148.0), 3.4, Anchor::Middle, "100 mm");
    over.shape("M25 165v100M22 165h6M22 265h6", line);
    over.line((34.0, 216.0), 3.4, Anchor::Start, "100 mm");
    over.shape("M70 175h40v40h-40z", "fill=\"#6f7a86\"");
    over.line((90.0, 221.0), 3.4, Anchor::Middle, "无炭黑　no carbon");
    over.line((145.0, 221.0), 3.4, Anchor::Middle, "炭黑　carbon");
    over.line((20.0, 284.0), 2.6, Anchor::Start, &shown(address));
    over.code((178.0, 268.0), 12.0, address);
    let mut document = Document::new(fonts);
    let dots = [Block::of_page(plane.patch(address)?, A4_UM.0, A4_UM.1)];
    let over = over.finish();
    let carbon_um = Some([125_000, 175_000, 40_000, 40_000]);
    document.page(&Leaf { size_um: A4_UM, artwork: None, over: &over, dots: &dots, carbon_um })?;
    document.finish("智笔打印测试页")
}
