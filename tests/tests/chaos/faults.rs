//! What goes wrong, and the table of what came of it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

/// One way in which a site fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    GatewayKilled,
    ServiceKilled,
    BrokerKilled,
    DatabaseKilled,
    PensCut,
    UplinkCut,
    IngestCut,
    PensHalfOpen,
    UplinkHalfOpen,
    IngestHalfOpen,
    UplinkSlow,
    IngestLate,
    Garbage,
    DayOffline,
    ConsumerAway,
    OldSpool,
    ClockJumps,
    SpoolDiskFull,
    StoreDiskFull,
}

impl Fault {
    /// All but the four kills, which have numbers of their own.
    pub(crate) const OTHERS: [Self; 15] = [
        Self::PensCut,
        Self::UplinkCut,
        Self::IngestCut,
        Self::PensHalfOpen,
        Self::UplinkHalfOpen,
        Self::IngestHalfOpen,
        Self::UplinkSlow,
        Self::IngestLate,
        Self::Garbage,
        Self::DayOffline,
        Self::ConsumerAway,
        Self::OldSpool,
        Self::ClockJumps,
        Self::SpoolDiskFull,
        Self::StoreDiskFull,
    ];

    fn words(self) -> &'static str {
        match self {
            Self::GatewayKilled => "gateway killed",
            Self::ServiceKilled => "service killed",
            Self::BrokerKilled => "broker killed",
            Self::DatabaseKilled => "database killed",
            Self::PensCut => "pen's link cut in a frame",
            Self::UplinkCut => "gateway's link cut in a packet",
            Self::IngestCut => "service's link cut in a packet",
            Self::PensHalfOpen => "pen's link half open",
            Self::UplinkHalfOpen => "gateway's link half open",
            Self::IngestHalfOpen => "service's link half open",
            Self::UplinkSlow => "gateway's link slow",
            Self::IngestLate => "service's link late",
            Self::Garbage => "garbage, conflicts, copies",
            Self::DayOffline => "all at once after a day offline",
            Self::ConsumerAway => "service away, queue overflows",
            Self::OldSpool => "spool restored from an old copy",
            Self::ClockJumps => "clocks jump",
            Self::SpoolDiskFull => "gateway's disk full",
            Self::StoreDiskFull => "store's disk full",
        }
    }

    /// How many kills it takes.
    pub(crate) fn kills(self) -> usize {
        match self {
            Self::GatewayKilled
            | Self::ServiceKilled
            | Self::BrokerKilled
            | Self::DatabaseKilled
            | Self::ConsumerAway => 1,
            Self::OldSpool => 2,
            _ => 0,
        }
    }
}

/// Some faults together, and what came of them.
#[derive(Debug)]
pub(crate) struct Round {
    pub(crate) faults: Vec<Fault>,
    pub(crate) chunks: usize,
    pub(crate) lost: usize,
    pub(crate) twice: usize,
    /// From the end of the faults until all that was sealed was stored.
    pub(crate) recovered: Duration,
}

/// A line for each kind of fault.
pub(crate) fn table(rounds: &[Round]) -> String {
    let mut by_fault: BTreeMap<Fault, (usize, usize, usize, usize, Vec<Duration>)> =
        BTreeMap::new();
    for round in rounds {
        let mut kinds = round.faults.clone();
        kinds.sort_unstable();
        kinds.dedup();
        for fault in kinds {
            let row = by_fault.entry(fault).or_default();
            row.0 += round.faults.iter().filter(|other| **other == fault).count();
            row.1 += round.chunks;
            row.2 += round.lost;
            row.3 += round.twice;
            row.4.push(round.recovered);
        }
    }
    let head = ["fault", "times", "chunks", "lost", "twice", "median ms", "max ms"];
    let mut text = format!(
        "{:<34}{:>6}{:>8}{:>6}{:>7}{:>11}{:>8}\n",
        head[0], head[1], head[2], head[3], head[4], head[5], head[6]
    );
    for (fault, (times, chunks, lost, twice, mut recovered)) in by_fault {
        recovered.sort_unstable();
        let median = recovered[recovered.len() / 2].as_millis();
        let max = recovered.last().map_or(0, Duration::as_millis);
        let words = fault.words();
        let _fits = writeln!(
            text,
            "{words:<34}{times:>6}{chunks:>8}{lost:>6}{twice:>7}{median:>11}{max:>8}"
        );
    }
    text
}
