use clap::CommandFactory;

use super::ink::page_address;
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

/// The `--help` of every command, one after another.
///
/// Failure: text that differs from what was read last.
#[test]
fn help_is_as_it_was_read() {
    let mut command = Cli::command().term_width(100);
    command.build();
    let mut all = String::new();
    add_help(&mut command, &mut all);
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("help", all));
}

fn add_help(command: &mut clap::Command, all: &mut String) {
    let name = command.get_bin_name().unwrap_or("zhibi").to_owned();
    all.push_str(&format!("======== {name} --help\n{}\n", command.render_long_help()));
    for sub in command.get_subcommands_mut().filter(|sub| sub.get_name() != "help") {
        add_help(sub, all);
    }
}

#[test]
fn a_gateway_may_have_an_id_that_begins_with_a_hyphen() {
    for args in [
        &["zhibi", "gateway", "z.db", "enrol", "-x", "here", "--out", "d"][..],
        &["zhibi", "gateway", "z.db", "revoke", "--room"],
        &["zhibi", "gateway", "z.db", "renew", "-x", "--out", "d"],
    ] {
        let parsed = Cli::try_parse_from(args);
        assert!(parsed.is_ok(), "{args:?}: {}", parsed.unwrap_err());
    }
    // An option that there is stays one.
    assert!(Cli::try_parse_from(["zhibi", "gateway", "z.db", "enrol", "--json", "here"]).is_err());
}
