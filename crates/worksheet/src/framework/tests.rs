use super::{Framework, FrameworkError, NotFound};

fn check(text: &str, expected: &str) {
    assert_eq!(Framework::read(text).unwrap_err().to_string(), expected);
}

#[test]
fn the_own_tree_is_sound_and_says_that_it_is_made_up() {
    let own = Framework::own();
    assert!(own.points().len() > 100);
    assert!(super::OWN.contains("Made up by this project") && super::OWN.contains("自拟"));
    for grade_5 in ["小数除法", "简易方程", "一般过去时"] {
        assert!(own.find(grade_5).is_ok(), "{grade_5}");
    }
    let roots = own.points().iter().filter(|point| point.parent.is_none());
    let roots: Vec<&str> = roots.map(|point| point.id.as_str()).collect();
    assert_eq!(roots, ["math", "english", "chinese", "science"]);
    let names: std::collections::BTreeSet<&str> =
        own.points().iter().map(|point| point.zh.as_str()).collect();
    assert_eq!(names.len(), own.points().len(), "a name that stands twice cannot be a tag");
}

#[test]
fn points_are_found_by_id_and_by_either_name() {
    let own = Framework::own();
    for name in ["math.decimal.add", "一位小数加法", "adding decimals with one place"] {
        assert_eq!(own.find(name), Ok("math.decimal.add"), "{name}");
    }
    let nearest = NotFound::Unknown(Some("一位小数加法".to_owned()));
    assert_eq!(own.find("一位小数的加法"), Err(nearest));
    assert_eq!(own.find("xyz"), Err(NotFound::Unknown(None)));
    let twice = Framework::read("id,parent,名称,name\na,,同,x\nb,,同,y\n").unwrap();
    let ids = NotFound::Ambiguous(vec!["a".to_owned(), "b".to_owned()]);
    assert_eq!(twice.find("同"), Err(ids));
}

#[test]
fn parents_come_first_whatever_the_order_of_the_file() {
    let text = "name,名称,id,parent\nLeaf,叶,a.b.c,a.b\n\"Branch, big\",枝,a.b,a\n,根,a,\n";
    let tree = Framework::read(text).unwrap();
    let ids: Vec<&str> = tree.points().iter().map(|point| point.id.as_str()).collect();
    assert_eq!(ids, ["a", "a.b", "a.b.c"]);
    assert_eq!((tree.points()[0].en.as_str(), tree.points()[1].en.as_str()), ("根", "Branch, big"));
    let above: Vec<String> =
        tree.with_parents(["a.b"].into_iter()).into_iter().map(|point| point.id).collect();
    assert_eq!(above, ["a", "a.b"]);
}

#[test]
fn a_table_that_is_no_tree_is_refused_with_its_line_or_point() {
    check("", "line 1: the file is empty: a heading and a point per line");
    check("# x\nid,name\n", "line 2: the heading is no `id,parent,名称,name`");
    check("id,parent,名称,name\n,,x,y\n", "line 2: a point has an id and a name");
    check("id,parent,名称,name\na,,\"x,y\n", "line 2: a quotation mark is not closed");
    check("id,parent,名称,name\na,,x,y\na,,x,y\n", "knowledge point a: it stands twice");
    check("id,parent,名称,name\na,b,x,y\n", "knowledge point a: its parent is not in the file");
    check("id,parent,名称,name\na,b,x,y\nb,a,x,y\n", "knowledge point a: it stands above itself");
}

#[test]
fn case_packages_become_the_same_tree() {
    let package = r#"{
        "CFDocument": {"identifier": "d", "title": "Mathematics", "creator": "made up"},
        "CFItems": [
            {"identifier": "i2", "fullStatement": "Subtract", "humanCodingScheme": "1.2"},
            {"identifier": "i1", "fullStatement": "Add within 20", "abbreviatedStatement": "Add"},
            {"identifier": "i3", "fullStatement": "Carry"}
        ],
        "CFAssociations": [
            {"associationType": "isChildOf", "sequenceNumber": 2,
             "originNodeURI": {"identifier": "i2"}, "destinationNodeURI": {"identifier": "d"}},
            {"associationType": "isChildOf", "sequenceNumber": 1,
             "originNodeURI": {"identifier": "i1"}, "destinationNodeURI": {"identifier": "d"}},
            {"associationType": "isChildOf",
             "originNodeURI": {"identifier": "i3"}, "destinationNodeURI": {"identifier": "i1"}},
            {"associationType": "isRelatedTo",
             "originNodeURI": {"identifier": "i3"}, "destinationNodeURI": {"identifier": "i2"}}
        ]
    }"#;
    let tree = Framework::read(package).unwrap();
    let shown: Vec<(&str, Option<&str>, &str)> = tree
        .points()
        .iter()
        .map(|point| (point.id.as_str(), point.parent.as_deref(), point.en.as_str()))
        .collect();
    let expected = [
        ("d", None, "Mathematics"),
        ("i1", Some("d"), "Add"),
        ("i3", Some("i1"), "Carry"),
        ("i2", Some("d"), "Subtract"),
    ];
    assert_eq!(shown, expected);
    assert_eq!(tree.find("1.2"), Ok("i2"));
    assert!(matches!(Framework::read("{}"), Err(FrameworkError::Case(_))));
}

#[test]
fn the_points_of_the_samples_are_in_the_own_tree() {
    let root =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample-strokes/worksheets");
    let own = Framework::own();
    for sheet in ["english-g3", "mental-arithmetic-g3", "mixed-g3"] {
        let sheet = crate::Worksheet::load(&root.join(sheet)).unwrap();
        for point in sheet.knowledge_points {
            assert!(own.points().contains(&point), "{point:?}");
        }
    }
}
