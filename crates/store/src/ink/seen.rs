//! What pens and gateways said of themselves lately.

use std::collections::BTreeMap;

use crate::StoreError;
use crate::database::Connection;
use crate::sql::query;

/// What a pen said of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PenSeen {
    /// The pen.
    pub pen: u64,
    /// The gateway through which it said so.
    pub gateway: String,
    /// Server time, Unix milliseconds.
    pub seen_ms: i64,
    /// Battery, percent; `None`: it said nothing of how it is, as in a hello, and what it said
    /// before stands.
    pub battery_percent: Option<u8>,
    /// Whether it is being charged.
    pub charging: bool,
    /// Chunks that it still keeps.
    pub backlog: u32,
}

/// A gateway's word that it is there, or the broker's that it is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GatewaySession {
    /// Whether it is connected.
    pub online: bool,
    /// Ties the word that it is gone to the one that it is there.
    pub session: u64,
    /// When the session began, by the gateway's clock, Unix milliseconds.
    pub began_ms: i64,
}

/// What was heard of a gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewaySeen {
    /// Its id.
    pub gateway: String,
    /// Server time, Unix milliseconds.
    pub seen_ms: i64,
    /// Its session; `None`: it brought ink.
    pub session: Option<GatewaySession>,
}

/// Notes what pens said. Of each pen the latest counts.
pub(super) async fn note_pens(tx: &mut Connection, seen: &[PenSeen]) -> Result<(), StoreError> {
    if seen.is_empty() {
        return Ok(());
    }
    let mut latest: BTreeMap<u64, PenSeen> = BTreeMap::new();
    for one in seen {
        let kept = latest.entry(one.pen).or_insert_with(|| one.clone());
        let how = if one.battery_percent.is_some() { one } else { &*kept };
        let PenSeen { battery_percent, charging, backlog, .. } = *how;
        *kept = PenSeen { battery_percent, charging, backlog, ..one.clone() };
    }
    let rows: Vec<_> = latest
        .into_values()
        .map(|one| {
            let PenSeen { pen, gateway, seen_ms, battery_percent, charging, backlog } = one;
            (pen.cast_signed(), gateway, seen_ms, battery_percent, u8::from(charging), backlog)
        })
        .collect();
    query(
        "INSERT INTO pen_seen (pen, gateway, seen_ms, battery_percent, charging, backlog)
         SELECT CAST(value->>0 AS BIGINT), value->>1, CAST(value->>2 AS BIGINT),
                CAST(value->>3 AS BIGINT), CAST(value->>4 AS BIGINT), CAST(value->>5 AS BIGINT)
         FROM json_each($1) WHERE true
         ON CONFLICT (pen) DO UPDATE SET gateway = excluded.gateway, seen_ms = excluded.seen_ms,
             battery_percent = coalesce(excluded.battery_percent, pen_seen.battery_percent),
             charging = CASE WHEN excluded.battery_percent IS NULL THEN pen_seen.charging
                             ELSE excluded.charging END,
             backlog = CASE WHEN excluded.battery_percent IS NULL THEN pen_seen.backlog
                            ELSE excluded.backlog END",
    )
    .bind(serde_json::to_string(&rows)?)
    .execute(tx)
    .await?;
    Ok(())
}

/// Notes what was heard of gateways.
pub(super) async fn note_gateways(
    tx: &mut Connection,
    seen: &[GatewaySeen],
) -> Result<(), StoreError> {
    for one in seen {
        let Some(session) = one.session else {
            query(
                "INSERT INTO gateway_seen (gateway, ink_ms) VALUES ($1, $2)
                 ON CONFLICT (gateway) DO UPDATE SET ink_ms = excluded.ink_ms",
            )
            .bind(&one.gateway)
            .bind(one.seen_ms)
            .execute(&mut *tx)
            .await?;
            continue;
        };
        // The same word comes again with each connection to the broker, and tells nothing new. The
        // word that a session ended may come after the next began: it says nothing of that one.
        query(
            "INSERT INTO gateway_seen (gateway, online, session, session_ms, since_ms)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (gateway) DO UPDATE SET online = excluded.online,
                 session = excluded.session, session_ms = excluded.session_ms,
                 since_ms = excluded.since_ms
             WHERE (gateway_seen.online IS DISTINCT FROM excluded.online
                    OR gateway_seen.session IS DISTINCT FROM excluded.session)
               AND (excluded.online = 1 OR gateway_seen.session IS NULL
                    OR gateway_seen.session = excluded.session
                    OR gateway_seen.session_ms < excluded.session_ms)",
        )
        .bind(&one.gateway)
        .bind(i64::from(session.online))
        .bind(session.session.cast_signed())
        .bind(session.began_ms)
        .bind(one.seen_ms)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
