//! The planted bugs, by which the checkers are proved.
//!
//! Failure: a patch that no longer applies, or does not say who catches it. Whether somebody does is
//! shown by `tests/planted/run`, which builds each.

use std::path::Path;
use std::process::Command;

#[test]
fn every_planted_bug_still_applies() {
    if test_needs::program("git").is_none() {
        test_needs::missing("git", "apt-get install git");
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut patches = 0;
    for file in std::fs::read_dir(root.join("tests/planted")).expect("the folder of planted bugs") {
        let path = file.expect("its files").path();
        if path.extension().is_none_or(|extension| extension != "patch") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a patch");
        assert!(text.contains("\nCaught by: "), "{} does not say who catches it", path.display());
        // Where no repository is, so that none need be found.
        let bare = tempfile::tempdir().expect("a temporary folder");
        let folder = text.lines().find_map(|line| line.strip_prefix("In: ")).unwrap_or(".");
        let inside = bare.path().join(folder);
        for name in text.lines().filter_map(|line| line.strip_prefix("+++ b/")) {
            let to = inside.join(name);
            std::fs::create_dir_all(to.parent().expect("a folder")).expect("folders");
            std::fs::copy(root.join(folder).join(name), to).expect("a file that is to be patched");
        }
        let mut check = Command::new("git");
        check.args(["apply", "--check"]).arg(&path).current_dir(&inside);
        let checked = check.output().expect("git runs");
        let told = String::from_utf8_lossy(&checked.stderr);
        assert!(checked.status.success(), "{}: {told}", path.display());
        patches += 1;
    }
    assert!(patches > 0, "no bug is planted");
}
