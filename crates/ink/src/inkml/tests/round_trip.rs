//! What is written is read.

use proptest::prelude::*;

use super::*;

#[test]
fn a_stroke_of_ours_that_is_there_twice_or_misnamed_is_no_stroke() {
    let mut bytes = Vec::new();
    write(&[stroke(1), stroke(2)], Notation::Differences, &mut bytes).expect("memory takes all");
    let text = String::from_utf8(bytes).expect("UTF-8");
    let twice = text.replace("-2 page", "-1 page");
    let reading = read(twice.as_bytes(), &DEFAULTS);
    assert_eq!(reading.strokes, [stroke(1)]);
    assert_eq!(reading.errors[0].fault, Fault::KeyTwice(stroke(1).key));
    let misnamed = text.replace("-2 page", "-02 page");
    let reading = read(misnamed.as_bytes(), &DEFAULTS);
    assert_eq!(reading.strokes, [stroke(1)]);
    assert!(matches!(reading.errors.as_slice(), [Error { fault: Fault::Annotation(_), .. }]));
    // Cut to 24 bits, it would be another's page.
    let beyond = text.replacen("page=3.27.", "page=3.16777243.", 1);
    let reading = read(beyond.as_bytes(), &DEFAULTS);
    assert_eq!(reading.strokes, [stroke(2)]);
    assert!(matches!(reading.errors.as_slice(), [Error { fault: Fault::Annotation(_), .. }]));
}

fn stroke(number: u32) -> Stroke {
    let key = StrokeKey { pen: PenId(0x7f3a), boot: BootId { counter: 2, random: 9 }, number };
    Stroke {
        key,
        address: Some(PageAddress { section: 3, owner: 27, book: 168, page: 12 }),
        start_ms: 1_788_258_600_000 + i64::from(number),
        start_ticks: 77,
        end: StrokeEnd::Up,
        complete: true,
        samples: vec![
            Sample { x_um: 12_000, y_um: 30_500, force: 100, t_ms: 0 },
            Sample { x_um: 12_100, y_um: 30_400, force: 90, t_ms: 10 },
            Sample { x_um: 12_300, y_um: 30_399, force: 90, t_ms: 20 },
        ],
        orientation: Vec::new(),
    }
}

#[test]
fn what_is_written_looks_so() {
    let mut bytes = Vec::new();
    write(&[stroke(41)], Notation::Differences, &mut bytes).expect("memory takes all");
    let text = String::from_utf8(bytes).expect("UTF-8");
    let group = "<traceGroup><annotation type=\"zhibi-stroke\">key=7f3a-2-9-41 page=3.27.168.12 \
                 start_ms=1788258600041 ticks=77 end=up complete=true</annotation>\n\
                 <trace contextRef=\"#pen\" timeOffset=\"0\">\
                 12000 30500 100 0,'100'-100'-10'10,200-1 0 10</trace></traceGroup>\n</ink>\n";
    assert!(text.ends_with(group), "{text}");
    let mut bytes = Vec::new();
    write(&[stroke(41)], Notation::Explicit, &mut bytes).expect("memory takes all");
    let text = String::from_utf8(bytes).expect("UTF-8");
    assert!(text.contains(">12000 30500 100 0,12100 30400 90 10,12300 30399 90 20<"), "{text}");
}

fn any_sample() -> impl Strategy<Value = Sample> {
    (any::<i32>(), any::<i32>(), any::<u16>(), any::<u32>())
        .prop_map(|(x_um, y_um, force, t_ms)| Sample { x_um, y_um, force, t_ms })
}

fn any_stroke() -> impl Strategy<Value = Stroke> {
    let parts = (any::<u8>(), 0..=0x00ff_ffff_u32, any::<u32>(), any::<u32>());
    let address = prop::option::of(parts).prop_map(|address| {
        address.map(|(section, owner, book, page)| PageAddress { section, owner, book, page })
    });
    let end = prop_oneof![
        Just(StrokeEnd::Up),
        Just(StrokeEnd::PageChange),
        Just(StrokeEnd::LinkLost),
        Just(StrokeEnd::PowerLost),
        Just(StrokeEnd::Inferred),
        Just(StrokeEnd::Continued),
    ];
    let key = (any::<u64>(), any::<u32>(), any::<u32>(), any::<u32>()).prop_map(
        |(pen, counter, random, number)| StrokeKey {
            pen: PenId(pen),
            boot: BootId { counter, random },
            number,
        },
    );
    let turned = any::<(u8, u8, u16)>().prop_map(|(tilt_x, tilt_y, twist)| Orientation {
        tilt_x,
        tilt_y,
        twist,
    });
    let points = prop::collection::vec((any_sample(), turned), 1..20);
    (key, address, any::<i64>(), any::<u64>(), end, any::<(bool, bool)>(), points).prop_map(
        |(key, address, start_ms, start_ticks, end, (complete, turned), points)| {
            let (samples, orientation): (Vec<_>, Vec<_>) = points.into_iter().unzip();
            let orientation = if turned { orientation } else { Vec::new() };
            Stroke { key, address, start_ms, start_ticks, end, complete, samples, orientation }
        },
    )
}

/// Pieces that a hostile file might be put together from.
const PIECES: &[&str] = &[
    "<ink>",
    "</ink>",
    "<trace>",
    "</trace>",
    "<trace/>",
    "<traceGroup>",
    "</traceGroup>",
    "<context xml:id=\"a\">",
    "</context>",
    "<traceFormat>",
    "</traceFormat>",
    "<channel name=\"X\" units=\"mm\"/>",
    "<channel name=\"T\" respectTo=\"#a\"/>",
    "<intermittentChannels>",
    "</intermittentChannels>",
    "<inkSource>",
    "</inkSource>",
    "<timestamp xml:id=\"a\" time=\"-9\" timeOffset=\"1e300\"/>",
    "<definitions>",
    "</definitions>",
    "<annotation type=\"zhibi-stroke\">",
    "</annotation>",
    "key=7f3a-2-9-41 page=none",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE",
    "&amp;",
    "&#0;",
    "&#x110000;",
    "&b;",
    "1 2,",
    "'",
    "\"",
    "!",
    "*",
    "?",
    "#f",
    "T",
    "F",
    "-",
    "1e308",
    ".",
    ",",
    "笔",
    "\u{feff}",
    "=",
    ">",
    "<",
    "/",
    "<trace xml:id=\"a\" continuation=\"begin\" timeOffset=\"-1e300\" duration=\"1e300\">",
    "<trace continuation=\"end\" priorRef=\"#a\">",
    "<sampleRate value=\"1e-300\"/>",
];

proptest! {
    #[test]
    fn written_and_read_is_the_same(
        strokes in prop::collection::vec(any_stroke(), 0..6),
        differences in any::<bool>(),
    ) {
        let mut strokes = strokes;
        strokes.sort_by_key(|stroke| stroke.key);
        strokes.dedup_by_key(|stroke| stroke.key);
        let notation = if differences { Notation::Differences } else { Notation::Explicit };
        let mut bytes = Vec::new();
        write(&strokes, notation, &mut bytes).expect("memory takes all");
        let reading = read(&bytes, &DEFAULTS);
        prop_assert_eq!(reading.errors, []);
        prop_assert_eq!(reading.strokes, strokes);
        prop_assert_eq!(reading.passed_over, PassedOver::default());
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read(&bytes, &DEFAULTS);
    }

    #[test]
    fn no_file_panics(pieces in prop::collection::vec(0..PIECES.len(), 0..60)) {
        let text: String = pieces.iter().map(|piece| PIECES[*piece]).collect();
        let defaults = Defaults { device_unit_nm: Some(1.0), start_ms: i64::MAX, ..DEFAULTS };
        read(text.as_bytes(), &defaults);
        read(format!("<ink>{text}").as_bytes(), &defaults);
        let whole = with_channels(MM, &format!("<trace>{text}</trace>"));
        let reading = read(whole.as_bytes(), &defaults);
        for stroke in reading.strokes {
            prop_assert!(!stroke.samples.is_empty());
        }
    }

    #[test]
    fn a_file_cut_off_anywhere_gives_what_stands_before(cut in 0_usize..2_000) {
        let strokes: Vec<Stroke> = (0..3).map(stroke).collect();
        let mut bytes = Vec::new();
        write(&strokes, Notation::Differences, &mut bytes).expect("memory takes all");
        bytes.truncate(cut);
        let reading = read(&bytes, &DEFAULTS);
        prop_assert!(strokes.starts_with(&reading.strokes));
        prop_assert!(reading.strokes.len() == 3 || !reading.errors.is_empty());
    }
}
