//! Files made to be hard to read.
//!
//! Failure: a file that takes memory or time without bound, or of which a part is missing without a
//! word.

use pdf_sheet::{Note, PdfFault, PdfPage, Stop};

fn read(bytes: Vec<u8>) -> Result<Vec<PdfPage>, PdfFault> {
    pdf_sheet::read(bytes, Stop::default())
}

const CATALOG: &str = "<</Type/Catalog/Pages 2 0 R>>";
const PAGES: &str = "<</Type/Pages/Kids[3 0 R]/Count 1>>";
const PAGE: &str = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R\
                    /Resources<</XObject<</X 5 0 R>>>>>>";

/// A file of these objects, the first of them its catalogue.
fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in (1..).zip(objects) {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.extend(format!("{number} 0 obj\n").into_bytes());
        file.extend_from_slice(object);
        file.extend(b"\nendobj\n");
    }
    let (size, start) = (objects.len() + 1, file.len());
    let end = format!("{table}trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n");
    file.extend(end.into_bytes());
    file
}

/// A stream, deflated.
fn stream(dict: &str, content: &[u8]) -> Vec<u8> {
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(content, 6);
    let mut object =
        format!("<<{dict}/Filter/FlateDecode/Length {}>>stream\n", packed.len()).into_bytes();
    object.extend(packed);
    object.extend(b"\nendstream");
    object
}

/// A page with this content, and further objects from the fifth on.
fn page(content: &[u8], more: Vec<Vec<u8>>) -> Vec<u8> {
    let mut objects: Vec<Vec<u8>> = [CATALOG, PAGES, PAGE].map(|object| object.into()).to_vec();
    objects.push(stream("", content));
    objects.extend(more);
    pdf(&objects)
}

fn form(resources: &str, content: &[u8]) -> Vec<u8> {
    let resources = format!("/Resources<</XObject<<{resources}>>>>");
    stream(&format!("/Type/XObject/Subtype/Form/BBox[0 0 500 500]{resources}"), content)
}

#[test]
fn what_unpacks_to_more_than_is_read_is_refused() {
    let line = b"0 0 m 1 1 l S\n";
    assert_eq!(read(page(&line.repeat(10), Vec::new())).unwrap().len(), 1);
    let swollen = |limit_mb| Err(PdfFault::Swollen { limit_mb });
    assert_eq!(read(page(&line.repeat(4 << 20), Vec::new())), swollen(48));
    assert_eq!(read(page(b"/X Do", vec![form("", &line.repeat(2 << 20))])), swollen(16));
    // Even where no page draws it.
    assert_eq!(read(page(line, vec![stream("", &vec![0; 170 << 20])])), swollen(160));
    // Packed twice, the first look at the file's bytes finds little.
    let twice = miniz_oxide::deflate::compress_to_vec_zlib(&line.repeat(4 << 20), 6);
    let twice = stream("", &twice);
    let at = twice.windows(19).position(|bytes| bytes == b"/Filter/FlateDecode").unwrap();
    let mut named = twice[..at].to_vec();
    named.extend(b"/Filter[/FlateDecode/FlateDecode]");
    named.extend_from_slice(&twice[at + 19..]);
    assert_eq!(read(page(line, vec![named])), swollen(48));
}

#[test]
fn one_stream_named_many_times_is_as_long_as_all_of_them() {
    let many = PAGE.replace("4 0 R", &format!("[{}]", "4 0 R ".repeat(3_000)));
    let content = b"0 0 m 1 1 l S\n".repeat(1_000);
    let file = pdf(&[CATALOG.into(), PAGES.into(), many.into(), stream("", &content)]);
    assert_eq!(read(file), Err(PdfFault::TooMuch { page: 1 }));
}

#[test]
fn steps_of_a_drawing_are_counted() {
    let many = b"q ".repeat(1_000_001);
    assert_eq!(read(page(&many, Vec::new())), Err(PdfFault::TooManySteps));
}

/// Ten forms in each, thirty deep, and a form in itself.
#[test]
fn forms_within_forms_end() {
    let mut forms: Vec<Vec<u8>> =
        (6..36).map(|next| form(&format!("/X {next} 0 R"), &b"/X Do ".repeat(10))).collect();
    forms.push(form("", b"0 0 10 10 re f"));
    let too_much = Err(PdfFault::TooMuch { page: 1 });
    assert_eq!(read(page(b"/X Do", forms)), too_much);
    let own = vec![form("/X 5 0 R", b"/X Do /X Do")];
    assert_eq!(read(page(b"/X Do", own)).unwrap()[0].notes, [Note::Empty]);
}

#[test]
fn a_reading_ends_when_it_is_stopped() {
    let stop = Stop::default();
    stop.stop();
    let line = page(b"0 0 m 1 1 l S", Vec::new());
    assert_eq!(pdf_sheet::read(line, stop), Err(PdfFault::Stopped));
}

#[test]
fn what_is_missing_of_a_file_is_told() {
    let whole = page(b"0 0 m 100 100 l S", Vec::new());
    assert_eq!(read(whole.clone()).unwrap()[0].notes, []);
    let table = whole.windows(7).position(|bytes| bytes == b"trailer").unwrap();
    for cut in (20..table).step_by(7) {
        let read = read(whole[..cut].to_vec());
        assert!(matches!(read, Err(PdfFault::CutOff | PdfFault::NoPdf)), "{cut}: {read:?}");
    }
    // A page that is named and not there.
    let two = PAGES.replace("Kids[3 0 R]/Count 1", "Kids[3 0 R 9 0 R]/Count 2");
    let objects = [CATALOG.into(), two.into(), PAGE.into(), stream("", b"0 0 m 1 1 l S")];
    assert_eq!(read(pdf(&objects)), Err(PdfFault::CutOff));
    // A page on which nothing is.
    assert_eq!(read(page(b"q Q", Vec::new())).unwrap()[0].notes, [Note::Empty]);
}
