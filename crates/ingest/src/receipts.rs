//! Receipts: what they say, and the connection that sends them.

use std::collections::BTreeMap;
use std::sync::Arc;

use firmware_protocol::{
    BUNDLE_BYTES_MAX, BootId, BundleWriter, CHUNK_BYTES_MAX, Channel, ChunkKey, GatewayId, Outcome,
    PenId, ReceiptRange, ReceiptWriter, Topic,
};
use metrics::counter;
use rumqttc::{AsyncClient, Event, EventLoop, Outgoing, Packet, QoS};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::Config;
use crate::backoff::Backoff;
use crate::counters::{Tally, count};
use crate::link::{encrypt, options};

/// Bundles of receipts that may wait for the broker.
pub(crate) const WAITING_MAX: usize = 1024;
/// Receipts that the broker has not acknowledged yet.
const IN_FLIGHT_MAX: u16 = 100;

/// What one commit says to the gateways that sent to it.
#[derive(Debug, Default)]
pub(crate) struct Receipts {
    said: BTreeMap<(GatewayId, PenId, BootId), BTreeMap<u32, Outcome>>,
}

/// A bundle of receipts for one gateway.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) gateway: GatewayId,
    pub(crate) payload: Vec<u8>,
}

impl Receipts {
    /// Notes what became of a chunk. Of two outcomes, held outranks stored: both chunks are kept,
    /// and only `held` tells the gateway that the pen's numbering is broken. A refusal ranks last.
    pub(crate) fn say(&mut self, gateway: GatewayId, key: ChunkKey, outcome: Outcome) {
        let numbers = self.said.entry((gateway, key.pen, key.boot)).or_default();
        let rank = |outcome: &Outcome| (*outcome != Outcome::Held, *outcome);
        let said = numbers.entry(key.number).or_insert(outcome);
        if rank(&outcome) < rank(said) {
            *said = outcome;
        }
    }

    /// Bundles, in ranges: neighbours with one outcome become one range, and nothing between two
    /// ranges is ever named.
    pub(crate) fn replies(self) -> Vec<Reply> {
        let mut by_gateway: BTreeMap<GatewayId, Vec<Vec<u8>>> = BTreeMap::new();
        for ((gateway, pen, boot), numbers) in self.said {
            by_gateway.entry(gateway).or_default().extend(frames(pen, boot, &ranges(&numbers)));
        }
        let mut replies = Vec::new();
        for (gateway, frames) in by_gateway {
            pack(gateway, frames.into_iter(), &mut replies);
        }
        replies
    }
}

fn ranges(numbers: &BTreeMap<u32, Outcome>) -> Vec<ReceiptRange> {
    let mut ranges: Vec<ReceiptRange> = Vec::new();
    for (&number, &outcome) in numbers {
        match ranges.last_mut() {
            // The numbers ascend, so that there is one after the last.
            Some(range) if range.outcome == outcome && range.last + 1 == number => {
                range.last = number;
            }
            _ => ranges.push(ReceiptRange { outcome, first: number, last: number }),
        }
    }
    ranges
}

/// As few receipt frames as hold the ranges.
fn frames(pen: PenId, boot: BootId, ranges: &[ReceiptRange]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    let mut left = ranges;
    while !left.is_empty() {
        let mut buffer = [0; CHUNK_BYTES_MAX];
        let mut writer = ReceiptWriter::new(pen, boot, &mut buffer);
        let taken = left.iter().take_while(|range| writer.push(**range).is_ok()).count();
        let Some(frame) = writer.finish() else { break };
        frames.push(frame.to_vec());
        left = &left[taken..];
    }
    frames
}

fn pack(gateway: GatewayId, frames: impl Iterator<Item = Vec<u8>>, replies: &mut Vec<Reply>) {
    let mut buffer = vec![0; BUNDLE_BYTES_MAX];
    let mut frames = frames.peekable();
    while frames.peek().is_some() {
        let Ok(mut writer) = BundleWriter::new(&mut buffer) else { return };
        while frames.peek().is_some_and(|frame| writer.push(frame).is_ok()) {
            frames.next();
        }
        if writer.is_empty() {
            return;
        }
        replies.push(Reply { gateway, payload: writer.finish().to_vec() });
    }
}

/// Sends replies until the committer is gone and all are sent, over a connection of its own: acks
/// and receipts would wait for each other on one.
pub(crate) async fn send(config: Config, replies: mpsc::Receiver<Reply>, tally: Arc<Tally>) {
    let mut options = options(&config, "-receipts");
    options.set_clean_session(true).set_inflight(IN_FLIGHT_MAX);
    // No channel between: what waits in one at a reconnect can overwrite what is in flight.
    let (client, connection) = AsyncClient::new(options, 0);
    let (progress, seen) = watch::channel(Progress::default());
    tokio::select! {
        () = poll(connection, progress, tally, &config) => {}
        () = publish(client, replies, seen) => {}
    }
}

/// How far the connection came.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    taken: u64,
    in_flight: u16,
}

/// Ends when there is nothing more to send and everything is acknowledged.
async fn publish(
    client: AsyncClient,
    mut replies: mpsc::Receiver<Reply>,
    mut progress: watch::Receiver<Progress>,
) {
    let mut published = 0;
    while let Some(Reply { gateway, payload }) = replies.recv().await {
        let topic = Topic { gateway, channel: Channel::DownReceipt }.to_string();
        // It waits while the broker is away; the committer drops replies meanwhile.
        if client.publish(topic, QoS::AtLeastOnce, false, payload).await.is_err() {
            return;
        }
        published += 1;
    }
    // The connection is gone with its task: nothing to wait for then.
    let _ = progress.wait_for(|seen| seen.taken >= published && seen.in_flight == 0).await;
}

async fn poll(
    mut connection: EventLoop,
    progress: watch::Sender<Progress>,
    tally: Arc<Tally>,
    config: &Config,
) {
    let mut backoff = Backoff::new(config.seed);
    loop {
        match connection.poll().await {
            Ok(Event::Outgoing(Outgoing::Publish(_))) => {
                progress.send_modify(|progress| progress.taken += 1);
            }
            Ok(Event::Incoming(Packet::PubAck(_))) => {
                count(&tally.receipts_sent, 1);
                counter!("zhibi_ingest_receipts_total", "outcome" => "sent").increment(1);
            }
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                count(&tally.connections, 1);
                backoff.made(Instant::now());
            }
            Ok(_) => {}
            Err(error) => {
                // The subscribing connection goes to the same broker, and says what is wrong.
                tracing::debug!(%error, "no connection for receipts");
                connection.state.events.clear();
                encrypt(&mut connection.mqtt_options, &config.broker);
                tokio::time::sleep(backoff.lost(Instant::now()).wait).await;
            }
        }
        let in_flight = connection.state.inflight();
        progress.send_modify(|progress| progress.in_flight = in_flight);
    }
}

#[cfg(test)]
mod tests;
