//! Lines for people and programs. `println!` and `eprintln!` end the process where nobody reads
//! what they write: a service must outlive a full log disk, and a command says why it failed.

/// A line on standard error. Where it cannot be written the work goes on.
macro_rules! tell {
    ($($line:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($line)*);
    }};
}

/// A line of a command's result on standard output: an [`std::io::Result`].
macro_rules! put {
    ($($line:tt)*) => {{
        use std::io::Write as _;
        writeln!(std::io::stdout(), $($line)*)
    }};
}

/// "1 pen", "2 pens".
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The verb after a count: "is", "are".
pub(crate) fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}
