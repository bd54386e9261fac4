use super::*;

#[test]
fn what_is_refused_is_named() {
    let check = |text: &str, said: &str| {
        assert_eq!(PupilId::new(text).unwrap_err().to_string(), said);
    };
    check("", "a pupil's id of 0 bytes: it has 1 to 64");
    check(&"x".repeat(65), "a pupil's id of 65 bytes: it has 1 to 64");
    let strange = "it has letters a to z, digits, '-', '_', '.'";
    check("p-王", &format!("a pupil's id with '王' at byte 2: {strange}"));
    check("a/b", &format!("a pupil's id with '/' at byte 1: {strange}"));
    check("a b", &format!("a pupil's id with ' ' at byte 1: {strange}"));
    assert_eq!(ClassId::new("shili-g3-1").unwrap().as_str(), "shili-g3-1");
    assert!(ClassId::new("x".repeat(64)).is_ok());
}

#[test]
fn json_is_the_bare_text_and_is_checked() {
    let id = StaffId::new("t-1").unwrap();
    assert_eq!(serde_json::to_string(&id).unwrap(), "\"t-1\"");
    assert_eq!(serde_json::from_str::<StaffId>("\"t-1\"").unwrap(), id);
    let refused = serde_json::from_str::<StaffId>("\"t 1\"").unwrap_err().to_string();
    assert!(refused.starts_with("a staff id with ' ' at byte 1"), "{refused}");
}
