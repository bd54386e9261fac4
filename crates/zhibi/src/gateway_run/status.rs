//! How a running gateway is: told on a socket in its spool's folder, and asked there.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use firmware_protocol::GatewayId;
use gateway::{DEAD_LETTERS, PenLink, Status};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use crate::{Verdict, clock, local_time, service};

/// How long an answer may take: the gateway may be waiting for its disk.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Bytes of an answer.
const ANSWER_BYTES_MAX: u64 = 64 << 10;

/// Where a gateway tells how it is.
pub(super) fn socket(spool: &Path) -> PathBuf {
    spool.join("status.sock")
}

/// Answers whoever asks, for as long as the gateway runs.
pub(super) async fn serve(listener: UnixListener, name: String, link: PenLink) {
    loop {
        let Ok((mut asker, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_secs(1)).await;
            continue;
        };
        let Some(status) = link.status().await else { return };
        let line = format!("{}\n", told(&name, &status, clock::wall_ms()));
        // Whoever asks and does not read hinders nobody for long.
        let _gone = tokio::time::timeout(ANSWER_WITHIN, asker.write_all(line.as_bytes())).await;
    }
}

/// A status as `zhibi gateway status --json` prints it.
pub(super) fn told(name: &str, status: &Status, now_ms: i64) -> Value {
    let counters = &status.counters;
    let age_s = status.oldest_ms.map(|oldest_ms| (now_ms - oldest_ms).max(0) / 1_000);
    json!({
        "gateway": name,
        "shard": GatewayId::parse(name).ok().map(|id| id.shard()),
        "connected": status.is_connected,
        "since_ms": status.since_ms,
        "trouble": status.trouble,
        "login_refused": status.is_refused,
        "contested": status.is_contested,
        "not_accepted": status.is_unanswered,
        "pens": status.pens,
        "chunks": status.chunks,
        "bytes": status.bytes,
        "oldest_s": age_s,
        "dead_letters": status.dead_letters,
        "put_away": status.put_away,
        "put_away_file": DEAD_LETTERS,
        "put_away_trouble": status.letters_trouble,
        "disk_bytes": status.disk_bytes,
        "disk_bytes_max": status.disk_bytes_max,
        "full": status.is_full,
        "disk_fails": status.disk_fails,
        "since_start": {
            "taken": counters.chunks_taken,
            "duplicates": counters.duplicates,
            "turned_away": counters.turned_away,
            "noise_bytes": counters.noise_bytes,
            "strange_frames": counters.strange_frames,
            "bundles": counters.bundles_sent,
            "sent": counters.chunks_sent,
            "resent": counters.chunks_resent,
            "stored": counters.stored,
            "held": counters.held,
            "refused": counters.refused,
            "erased": counters.erased,
            "dead_letters": counters.dead_letters,
            "put_away": counters.put_away,
            "given_up": counters.given_up,
            "garbage": counters.garbage,
            "reconnects": counters.reconnects,
            "damaged": counters.damaged,
            "torn_bytes": counters.torn_bytes,
            "disk_errors": counters.disk_errors,
        },
    })
}

/// Asks the gateway whose spool this is, and prints what it says. Findings: something needs a person,
/// or the network.
pub(super) fn ask(spool: &Path, as_json: bool) -> anyhow::Result<Verdict> {
    let text = service::runtime()?.block_on(answer(spool, ANSWER_WITHIN))?;
    let whom = || format!("{} answers with no status", socket(spool).display());
    let status: Value = serde_json::from_str(&text).with_context(whom)?;
    if as_json {
        put!("{status}")?;
    } else {
        for line in words(&status, spool) {
            put!("{line}")?;
        }
    }
    Ok(if is_well(&status) { Verdict::Clean } else { Verdict::Findings })
}

/// What the gateway answers, if it does so within some time.
async fn answer(spool: &Path, within: Duration) -> anyhow::Result<String> {
    let socket = socket(spool);
    let mut text = String::new();
    let asked = async {
        let connected = UnixStream::connect(&socket).await;
        let gateway = connected.map_err(|error| {
            let (spool, socket) = (spool.display(), socket.display());
            let why = if error.kind() == ErrorKind::PermissionDenied {
                format!("this user may not ask the gateway on the spool {spool}: ask as its user")
            } else {
                format!("no gateway runs on the spool {spool}: {socket} does not answer")
            };
            anyhow::Error::new(error).context(why)
        })?;
        let read = gateway.take(ANSWER_BYTES_MAX).read_to_string(&mut text).await;
        read.with_context(|| format!("{} does not answer", socket.display()))
    };
    let answered = tokio::time::timeout(within, asked).await;
    answered.with_context(|| {
        format!(
            "the gateway on the spool {} does not answer within {} s: its disk may be stuck",
            spool.display(),
            within.as_secs()
        )
    })??;
    Ok(text)
}

fn is(status: &Value, key: &str) -> bool {
    status[key].as_bool().unwrap_or(false)
}

fn count(status: &Value, key: &str) -> u64 {
    status[key].as_u64().unwrap_or(0)
}

fn is_well(status: &Value) -> bool {
    let bad = ["login_refused", "contested", "not_accepted", "full", "disk_fails"];
    is(status, "connected")
        && status["put_away_trouble"].is_null()
        && !bad.iter().any(|key| is(status, key))
        && ["dead_letters", "put_away"].iter().all(|key| count(status, key) == 0)
        && ["held", "given_up", "damaged"].iter().all(|key| count(&status["since_start"], key) == 0)
}

/// A status for people.
fn words(status: &Value, spool: &Path) -> Vec<String> {
    let since = local_time::text(status["since_ms"].as_i64().unwrap_or(0));
    let trouble = status["trouble"].as_str().map(|why| format!(": {why}")).unwrap_or_default();
    let name = status["gateway"].as_str().unwrap_or_default();
    let mut lines = vec![match is(status, "connected") {
        true => format!("{name}  connected since {since}"),
        false => format!("{name}  NOT connected since {since}{trouble}"),
    }];
    if is(status, "login_refused") {
        lines.push("  the broker refuses this gateway's login".to_owned());
    }
    if is(status, "contested") {
        lines.push(format!(
            "  NOT ALONE: the broker takes this gateway and soon ends its connection: is another \
             gateway at work under the id {name}?"
        ));
    }
    if is(status, "not_accepted") {
        lines.push(format!(
            "  NOT ACCEPTED: chunks were sent, and no receipt came for any in 30 s; this gateway's \
             ink is in shard {} of the broker's topics: does a service take it?",
            count(status, "shard")
        ));
    }
    lines.push(format!("  pens connected  {}", count(status, "pens")));
    let oldest = status["oldest_s"].as_u64().map(|age| format!(", the oldest for {age} s"));
    lines.push(format!(
        "  waiting         {} chunks, {} bytes{}",
        count(status, "chunks"),
        count(status, "bytes"),
        oldest.unwrap_or_default()
    ));
    lines.push(format!(
        "  spool           {} of {} MiB{}{}",
        count(status, "disk_bytes").div_ceil(1 << 20),
        count(status, "disk_bytes_max") >> 20,
        if is(status, "full") { ", FULL: pens are refused" } else { "" },
        if is(status, "disk_fails") { ", the disk FAILS: pens are refused" } else { "" }
    ));
    let dead = count(status, "dead_letters");
    if dead > 0 {
        lines.push(format!(
            "  dead letters    {dead} that the server never answers, sent once a day"
        ));
    }
    let put_away = count(status, "put_away");
    if put_away > 0 {
        let file = spool.join(DEAD_LETTERS);
        let file = file.display();
        lines
            .push(format!("  put away        {put_away} that the server does not take, in {file}"));
        lines.push(format!("                  look: zhibi decode {file}; done: move it away"));
    }
    if let Some(why) = status["put_away_trouble"].as_str() {
        lines.push(format!(
            "  put away        NOT POSSIBLE in {}: {why}; what the server does not take stays in \
             the spool",
            spool.join(DEAD_LETTERS).display()
        ));
    }
    let since_start = &status["since_start"];
    lines.push(format!(
        "  since its start {} taken, {} stored, {} sent again",
        count(since_start, "taken"),
        count(since_start, "stored"),
        count(since_start, "resent")
    ));
    for (key, meaning) in [
        ("held", "held: a pen numbers its chunks wrongly"),
        ("refused", "refused by the server"),
        ("erased", "erased by right: they leave the disk when their part of the spool does"),
        ("given_up", "given up, since the file of those put away is full"),
        ("turned_away", "refused here, for want of space; their pens keep them"),
        ("damaged", "lost to damage on the disk; their pens keep them"),
    ] {
        let chunks = count(since_start, key);
        if chunks > 0 {
            lines.push(format!("                  {chunks} {meaning}"));
        }
    }
    let torn = count(since_start, "torn_bytes");
    if torn > 0 {
        lines.push(format!(
            "                  {torn} bytes were half written when it started, and cut off: nothing \
             that was taken"
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Failure: whoever asks a gateway that is stuck waits for ever, or is not told what it is.
    #[tokio::test]
    async fn a_gateway_that_does_not_answer_is_told_so() {
        let folder = tempfile::tempdir().unwrap();
        let told = crate::told(&answer(folder.path(), Duration::ZERO).await.unwrap_err());
        assert!(told.contains("no gateway runs on the spool"), "{told}");
        let listener = UnixListener::bind(socket(folder.path())).unwrap();
        let told = crate::told(&answer(folder.path(), Duration::from_millis(5)).await.unwrap_err());
        assert!(told.contains("does not answer within"), "{told}");
        // Nor one that says a word now and then.
        let trickle = async {
            let (mut asker, _) = listener.accept().await.unwrap();
            while asker.write_all(b" ").await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        let asked = answer(folder.path(), Duration::from_millis(5));
        let ((), asked) = tokio::join!(trickle, asked);
        assert!(asked.is_err());
    }

    #[test]
    fn a_status_is_told_in_words_and_judged() {
        let mut status = Status {
            pens: 3,
            is_connected: true,
            disk_bytes: 5,
            disk_bytes_max: 1 << 30,
            ..Status::default()
        };
        let well = told("room-12", &status, 90_000);
        assert!(is_well(&well));
        assert_eq!(
            words(&well, Path::new("spool")),
            [
                "room-12  connected since 1970-01-01 08:00:00+08:00",
                "  pens connected  3",
                "  waiting         0 chunks, 0 bytes",
                "  spool           1 of 1024 MiB",
                "  since its start 0 taken, 0 stored, 0 sent again",
            ]
        );
        status.is_connected = false;
        status.trouble = Some("connection refused".into());
        (status.chunks, status.bytes, status.oldest_ms) = (2, 300, Some(30_000));
        (status.is_full, status.dead_letters, status.counters.held) = (true, 1, 4);
        status.is_unanswered = true;
        (status.put_away, status.counters.given_up) = (5, 6);
        (status.is_contested, status.counters.torn_bytes) = (true, 40);
        status.letters_trouble = Some("it is no capture".into());
        let ill = told("room-12", &status, 90_000);
        assert!(!is_well(&ill));
        let words = words(&ill, Path::new("spool")).join("\n");
        for said in [
            "NOT connected since 1970-01-01 08:00:00+08:00: connection refused",
            "2 chunks, 300 bytes, the oldest for 60 s",
            "FULL: pens are refused",
            "dead letters    1",
            "put away        5",
            "zhibi decode spool/dead-letters.zcap",
            "6 given up",
            "is in shard 34 of",
            "is another gateway at work under the id room-12?",
            "NOT POSSIBLE in spool/dead-letters.zcap: it is no capture",
            "40 bytes were half written",
            "4 held",
        ] {
            assert!(words.contains(said), "{words}");
        }
        // Each is enough for a person to be called.
        type Change = fn(&mut Status);
        let changes: [Change; 3] = [
            |status| status.is_connected = false,
            |status| status.is_contested = true,
            |status| status.letters_trouble = Some("no space".into()),
        ];
        for change in changes {
            let mut status = Status { is_connected: true, ..Status::default() };
            assert!(is_well(&told("room-12", &status, 0)));
            change(&mut status);
            assert!(!is_well(&told("room-12", &status, 0)), "{status:?}");
        }
    }
}
