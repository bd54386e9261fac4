//! What gateways need while a class writes at its pace: one is killed again and again, one lives on.

use std::path::Path;
use std::time::{Duration, Instant};

use zhibi_tests::Link;

use super::site::{GATEWAYS, Room};
use super::{Chaos, broker, site};

/// Pupils with a pen each.
const CLASS: u32 = 45;
/// A class that writes on a sheet seals about so many chunks a second.
const CHUNKS_PER_S: f64 = 3.0;
/// As an hour in a week that was made shorter.
const KILL_EVERY: Duration = Duration::from_secs(55);
/// So much passes between a pen and a gateway before their link ends: more than a pen sends ahead of
/// answers.
const LINK_BYTES: u64 = 8_000;
/// Kills where no time is given.
const KILLS_MIN: usize = 6;

/// What a gateway may need: bytes of memory, and open files beside one for each pen and twenty-four
/// of its own.
const MEMORY_MAX: u64 = 64 << 20;
const FILES_MAX: usize = CLASS as usize + 24;

/// The most that a gateway needed.
#[derive(Debug, Default, Clone, Copy)]
struct Needs {
    memory: u64,
    files: usize,
    spool: u64,
    waiting: u64,
}

impl Needs {
    /// Of a gateway that lives, now.
    fn of(room: &Room) -> Option<Self> {
        let process = format!("/proc/{}", room.pid()?);
        let status = std::fs::read_to_string(format!("{process}/status")).ok()?;
        let of = |name: &str| status.lines().find_map(|line| line.strip_prefix(name));
        let kib: u64 = of("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(Self {
            memory: kib << 10,
            files: std::fs::read_dir(format!("{process}/fd")).ok()?.count(),
            spool: bytes_in(&room.spool()),
            waiting: room.status()["chunks"].as_u64()?,
        })
    }

    fn or_more(self, other: Self) -> Self {
        Self {
            memory: self.memory.max(other.memory),
            files: self.files.max(other.files),
            spool: self.spool.max(other.spool),
            waiting: self.waiting.max(other.waiting),
        }
    }
}

fn bytes_in(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries.filter_map(|entry| entry.metadata().ok()).map(|of| of.len()).sum()
}

/// Has a class write for so many minutes at its pace, or as fast as its ink is taken where no time is
/// given, and says what gateways needed. `None` where a program is missing.
pub(super) async fn soak(seed: u64, minutes: u64) -> Option<String> {
    let wanted = (minutes as f64 * 60.0 * CHUNKS_PER_S) as usize;
    let mut sheets = 1;
    let (site, mut chunks) = loop {
        let (site, chunks) = site(seed, (CLASS, sheets), None, broker::Kind::Mosquitto).await?;
        if chunks.len() >= wanted {
            break (site, chunks);
        }
        sheets = (wanted * sheets as usize).div_ceil(chunks.len()).max(sheets as usize + 1) as u32;
    };
    if minutes > 0 {
        chunks.truncate(wanted);
    }
    let all = chunks.len();
    let kills = match minutes {
        0 => KILLS_MIN,
        minutes => (60 * minutes / KILL_EVERY.as_secs()) as usize,
    };
    let mut chaos = Chaos::start(site, chunks, seed);
    let (begun, mut most) = (Instant::now(), [Needs::default(); GATEWAYS]);
    for kill in 0..kills {
        if minutes > 0 {
            let until = begun + KILL_EVERY * (kill as u32 + 1);
            while Instant::now() < until {
                let due = (begun.elapsed().as_secs_f64() * CHUNKS_PER_S) as usize;
                let sealed = *chaos.sealed.borrow();
                chaos.seal(due.saturating_sub(sealed));
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        } else {
            chaos.seal(all / kills);
            chaos.all_taken().await;
        }
        for (room, most) in chaos.site.rooms.iter().zip(&mut most) {
            let needs = Needs::of(room).expect("the gateway lives and tells");
            *most = most.or_more(needs);
            assert!(needs.memory <= MEMORY_MAX && needs.files <= FILES_MAX, "{needs:?}");
        }
        chaos.fail_on_faults();
        chaos.site.kill_gateway(0);
        chaos.site.heal();
        // Pens come by at either gateway.
        for room in &chaos.site.rooms {
            room.pens.set(Link::CutAfter(LINK_BYTES));
        }
        println!("{} s, {kill} kills: {most:?}; {}", begun.elapsed().as_secs(), chaos.state());
    }
    let (_, results, counts) = chaos.finish(Vec::new()).await;
    let decided = results.iter().filter(|row| row.decided).count();
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let mut text = format!(
        "{CLASS} pens, {all} chunks, {kills} kills, {} s; lost 0, twice 0\n{counts}\n\
         {decided} of {} answers decided\n",
        begun.elapsed().as_secs(),
        results.len(),
    );
    for (needs, which) in most.iter().zip(["that is killed", "that lives on"]) {
        let Needs { memory, files, spool, waiting } = needs;
        text += &format!(
            "gateway {which}, at most: {:.1} MiB of memory, {files} open files, spool of {:.2} MiB, \
             {waiting} chunks in it\n",
            mib(*memory),
            mib(*spool),
        );
    }
    Some(text)
}
