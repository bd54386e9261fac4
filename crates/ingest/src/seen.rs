//! What pens and gateways say of themselves, noted rarely: nobody looks at it more often than once
//! in some minutes, and ink must not wait for it.

use std::collections::HashMap;

use firmware_protocol::{GatewayId, GatewayState, PenState};
use store::{GatewaySeen, GatewaySession, PenSeen};

/// How long what a pen said stands, if it says nothing else.
const PEN_MS: i64 = 5 * 60_000;
/// By how many percent a battery must differ to be noted earlier.
const BATTERY_PERCENT: u8 = 5;
/// How exactly the last ink of a gateway is known.
const INK_MS: i64 = 60_000;
/// Pens of which it is known when they were noted; beyond them, all are noted anew.
const PENS_MAX: usize = 1 << 18;
/// Gateways that are told apart: a client that invents ids fills no table.
const GATEWAYS_MAX: usize = 4_096;

/// What was noted of a pen last.
#[derive(Clone, Copy, Debug)]
struct Noted {
    at_ms: i64,
    battery_percent: u8,
    charging: bool,
    keeps_chunks: bool,
}

/// When what was noted last.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pens: HashMap<u64, Noted>,
    /// When each gateway's last ink was noted.
    ink_ms: HashMap<GatewayId, i64>,
}

impl Seen {
    /// What is to be noted of a pen's state, if anything is.
    pub(crate) fn pen(
        &mut self,
        state: &PenState,
        gateway: GatewayId,
        received_ms: i64,
    ) -> Option<PenSeen> {
        let noted = Noted {
            at_ms: received_ms,
            // Percents above 100 are taken for 100.
            battery_percent: state.battery_percent.min(100),
            charging: state.charging,
            keeps_chunks: state.backlog > 0,
        };
        let tells = |last: &Noted| {
            (last.charging, last.keeps_chunks) != (noted.charging, noted.keeps_chunks)
                || last.battery_percent.abs_diff(noted.battery_percent) >= BATTERY_PERCENT
                || received_ms.saturating_sub(last.at_ms) >= PEN_MS
        };
        let last = self.pens.get(&state.pen.0);
        if !last.is_none_or(tells) {
            return None;
        }
        if last.is_none() && self.pens.len() >= PENS_MAX {
            self.pens.clear();
        }
        self.pens.insert(state.pen.0, noted);
        Some(PenSeen {
            pen: state.pen.0,
            gateway: gateway.as_str().to_owned(),
            seen_ms: received_ms,
            battery_percent: Some(noted.battery_percent),
            charging: noted.charging,
            backlog: state.backlog,
        })
    }

    /// What is to be noted of a gateway that brought ink, if anything is.
    pub(crate) fn ink(&mut self, gateway: GatewayId, received_ms: i64) -> Option<GatewaySeen> {
        let last = self.ink_ms.get(&gateway);
        let due = last.is_none_or(|last| received_ms.saturating_sub(*last) >= INK_MS);
        if !due || !self.tells_apart(gateway) {
            return None;
        }
        self.ink_ms.insert(gateway, received_ms);
        Some(seen(gateway, received_ms, None))
    }

    /// What is to be noted of a gateway's state.
    pub(crate) fn gateway(
        &mut self,
        gateway: GatewayId,
        state: &GatewayState,
        received_ms: i64,
    ) -> Option<GatewaySeen> {
        if !self.tells_apart(gateway) {
            return None;
        }
        self.ink_ms.entry(gateway).or_insert(i64::MIN);
        let GatewayState { online, session, unix_ms: began_ms } = *state;
        Some(seen(gateway, received_ms, Some(GatewaySession { online, session, began_ms })))
    }

    fn tells_apart(&self, gateway: GatewayId) -> bool {
        self.ink_ms.contains_key(&gateway) || self.ink_ms.len() < GATEWAYS_MAX
    }
}

fn seen(gateway: GatewayId, seen_ms: i64, session: Option<GatewaySession>) -> GatewaySeen {
    GatewaySeen { gateway: gateway.as_str().to_owned(), seen_ms, session }
}

#[cfg(test)]
mod tests {
    use firmware_protocol::{BootId, PenId};

    use super::*;

    fn state(battery_percent: u8, backlog: u32) -> PenState {
        PenState {
            pen: PenId(7),
            boot: BootId { counter: 1, random: 1 },
            ticks: 0,
            seen_unix_ms: 0,
            pen_unix_ms: 0,
            battery_percent,
            charging: false,
            memory_percent: 0,
            backlog,
        }
    }

    #[test]
    fn a_pen_is_noted_when_it_tells_something() {
        let (mut seen, gateway) = (Seen::default(), GatewayId::parse("g-1").unwrap());
        let mut at = |ms, percent, backlog| {
            seen.pen(&state(percent, backlog), gateway, ms).map(|seen| seen.battery_percent)
        };
        assert_eq!(at(0, 90, 0), Some(Some(90)), "the first word");
        assert_eq!(at(60_000, 86, 0), None, "hardly another");
        assert_eq!(at(120_000, 85, 0), Some(Some(85)));
        assert_eq!(at(180_000, 84, 9), Some(Some(84)), "it keeps chunks");
        assert_eq!(at(240_000, 84, 12), None);
        assert_eq!(at(180_000 + PEN_MS, 84, 12), Some(Some(84)), "long ago");
        assert_eq!(at(190_000 + PEN_MS, 255, 12), Some(Some(100)));
    }

    #[test]
    fn a_gateways_ink_is_known_to_the_minute() {
        let (mut seen, gateway) = (Seen::default(), GatewayId::parse("g-1").unwrap());
        let noted = [0, 1, 59_999, 60_000, 60_001].map(|ms| seen.ink(gateway, ms).is_some());
        assert_eq!(noted, [true, false, false, true, false]);
    }

    /// A client that makes ids up fills neither memory nor table.
    #[test]
    fn more_gateways_than_there_can_be_are_not_noted() {
        let mut seen = Seen::default();
        let id = |n: usize| GatewayId::parse(&format!("g-{n}")).unwrap();
        let noted = (0..GATEWAYS_MAX + 10).filter_map(|n| seen.ink(id(n), 0)).count();
        assert_eq!(noted, GATEWAYS_MAX);
        let state = GatewayState { online: true, session: 1, unix_ms: 0 };
        assert!(seen.gateway(id(GATEWAYS_MAX), &state, 0).is_none());
        assert!(seen.gateway(id(0), &state, 0).is_some(), "one that was there is told apart");
    }
}
