use attribution::{CLOCK_AHEAD_MS_MAX, INK_AGE_MS_MAX};

use crate::moments::has_time;

#[test]
fn sql_knows_the_limits_of_the_rule() {
    let sql = has_time!();
    assert!(sql.contains(&format!("a.received_ms - {INK_AGE_MS_MAX}\n")), "{sql}");
    assert!(sql.contains(&format!("a.received_ms + {CLOCK_AHEAD_MS_MAX})")), "{sql}");
}
