use super::*;

#[test]
fn an_address_beyond_its_parts_is_refused_by_part_and_limit() {
    let address = page_address("255.16777215.4294967295.4294967295").expect("the largest");
    assert_eq!((address.section, address.owner), (255, 16_777_215));
    for (text, part, limit) in [
        ("256.27.168.12", "section", "255"),
        ("3.16777216.168.12", "owner", "16777215"),
        ("3.16777243.168.12", "owner", "16777215"),
        ("3.27.4294967296.12", "book", "4294967295"),
        ("3.27.168.99999999999999999999999", "page", "4294967295"),
    ] {
        let refused = page_address(text).expect_err(text);
        assert!(refused.contains(part) && refused.contains(limit), "{text}: {refused}");
    }
    for text in ["", "3.27.168", "3.27.168.12.1", "3.27..12", "3.-27.168.12", "3.27.168.+12"] {
        let refused = page_address(text).expect_err(text);
        assert!(refused.contains("SECTION.OWNER.BOOK.PAGE"), "{text}: {refused}");
    }
}

#[test]
fn a_start_that_no_chunk_can_hold_is_refused() {
    let import = |ms: &str| {
        Cli::try_parse_from(["zhibi", "import", "ink", "a.jsonl", "--start-ms", ms]).is_ok()
    };
    assert!(import("-1") && import("1795345300000") && import("2305843009213693952"));
    for ms in ["9223372036854775807", "-9223372036854775808", "2305843009213693953"] {
        assert!(!import(ms), "{ms}");
    }
}
