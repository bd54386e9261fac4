//! What a process asked of the system, as `strace -f -y -x` writes it down.

use std::collections::HashMap;

/// A moment of a system call, with the call's text. A call of which only the beginning was written
/// down, because the process was killed within it, has no end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// It was begun; its result is not in the text.
    Begins(String),
    /// It has ended; the whole call and its result.
    Ends(String),
}

/// The moments of a trace in their order. A call that no other thread interrupted begins and ends at
/// once.
#[must_use]
pub fn moments(trace: &str) -> Vec<Moment> {
    let mut moments = Vec::new();
    // By thread, the beginning of a call that has not ended.
    let mut begun: HashMap<&str, &str> = HashMap::new();
    for line in trace.lines() {
        let (thread, call) = line.split_once(' ').unwrap_or((line, ""));
        if let Some((call, _)) = call.split_once(" <unfinished ...>") {
            moments.push(Moment::Begins(call.to_owned()));
            begun.insert(thread, call);
        } else if let Some((_, rest)) = call.split_once(" resumed>") {
            let call = begun.remove(thread).unwrap_or_default();
            moments.push(Moment::Ends(format!("{call}{rest}")));
        } else {
            moments.push(Moment::Begins(call.to_owned()));
            moments.push(Moment::Ends(call.to_owned()));
        }
    }
    moments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_others_interrupt_ends_when_it_is_resumed() {
        let trace = "7 fsync(3</a> <unfinished ...>\n8 write(4</b>, \"x\", 1) = 1\n\
                     7 <... fsync resumed>) = 0\n";
        let write = "write(4</b>, \"x\", 1) = 1";
        let expected = [
            Moment::Begins("fsync(3</a>".into()),
            Moment::Begins(write.into()),
            Moment::Ends(write.into()),
            Moment::Ends("fsync(3</a>) = 0".into()),
        ];
        assert_eq!(moments(trace), expected);
    }
}
