//! The subscribing connection. Its task polls without pause and never waits for the database.

use std::sync::Arc;
use std::time::Duration;

use firmware_protocol::{BUNDLE_BYTES_MAX, Channel, Topic, TopicError};
use rumqttc::mqttbytes::Error as PacketError;
use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, MqttOptions, Packet,
    Publish, QoS, StateError, SubscribeFilter, SubscribeReasonCode, Transport,
};
use tokio::pin;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time::Instant;

use crate::backoff::{Backoff, Lost};
use crate::counters::{Tally, count};
use crate::quarantine::KEPT_BYTES_MAX;
use crate::{Broker, Clock, Config, Subscription};

/// Largest MQTT packet that is normally read: far above any bundle, so that an oversized bundle is
/// counted and passed over. A longer packet ends the connection, and comes again on the next; so
/// the next connection reads packets of that length, at most MQTT's own limit of 256 MiB.
const PACKET_BYTES_MAX: usize = 4 << 20;
/// What a packet's length does not count: type, length, and some room.
const PACKET_HEAD_BYTES: usize = 16;
/// Acks that may wait to be written; MQTT has no more packet ids than that.
const ACKS_MAX: usize = 1 << 16;
/// Bytes that a waiting message costs beside its payload.
pub(crate) const OVERHEAD_BYTES: usize = 512;
/// Characters that are kept of a topic that is not ours: three times our longest topic.
const TOPIC_CHARS_KEPT: usize = 160;
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long reading may pause for memory before the connection is given up: less than the broker
/// waits for a ping.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// A message that waits for its batch; its memory is free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) ack: Ack,
    /// An error, in words: the topic names no gateway.
    pub(crate) topic: Result<Topic, String>,
    /// Cut where it is too long to be a bundle.
    pub(crate) payload: Vec<u8>,
    pub(crate) payload_len: usize,
    pub(crate) received_ms: i64,
    /// The same by a clock that never runs fast.
    pub(crate) arrived: Instant,
    pub(crate) memory: OwnedSemaphorePermit,
}

/// What must be acknowledged once it is durable.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ack {
    /// Counts connections: another one's packet ids mean other messages.
    generation: u64,
    packet_id: u16,
}

/// The options that both connections share.
pub(crate) fn options(config: &Config, suffix: &str) -> MqttOptions {
    let broker = &config.broker;
    let client_id = format!("{}{suffix}", config.client_id);
    let mut options = MqttOptions::new(client_id, &broker.host, broker.port);
    options.set_keep_alive(KEEP_ALIVE).set_max_packet_size(PACKET_BYTES_MAX, PACKET_BYTES_MAX);
    if let Some((user, password)) = &broker.credentials {
        options.set_credentials(user, &password.0);
    }
    encrypt(&mut options, broker);
    options
}

/// Has the next connection encrypted with the certificates as they are now, where it is to be.
pub(crate) fn encrypt(options: &mut MqttOptions, broker: &Broker) {
    let Some(tls) = &broker.tls else { return };
    let transport = tls.transport().unwrap_or_else(|error| {
        tracing::error!(%error, "a certificate or key for the broker cannot be read");
        // It trusts nobody, so that the connection fails, and never goes on in clear.
        Transport::tls(Vec::new(), None, None)
    });
    options.set_transport(transport);
}

/// What the task is given.
#[derive(Debug)]
pub(crate) struct Ends {
    pub(crate) waiting: mpsc::Sender<Waiting>,
    /// Closed once the committer is gone.
    pub(crate) acks: mpsc::Receiver<Vec<Ack>>,
    /// Tells whether messages come in.
    pub(crate) connected: watch::Sender<bool>,
    /// Turns true when we stop.
    pub(crate) stop: watch::Receiver<bool>,
}

pub(crate) struct Link {
    config: Config,
    clock: Clock,
    tally: Arc<Tally>,
    client: AsyncClient,
    connection: EventLoop,
    generation: u64,
    memory: Arc<Semaphore>,
    backoff: Backoff,
}

/// What one poll came to.
enum Next {
    Event(Event),
    Failed(ConnectionError),
    /// The stop was asked for.
    Stop,
    /// Everything is committed and acknowledged.
    Drained,
}

impl Link {
    pub(crate) fn new(config: Config, clock: Clock, tally: Arc<Tally>) -> Self {
        let mut options = options(&config, "");
        options
            .set_clean_session(config.subscription == Subscription::Shared)
            .set_manual_acks(true);
        let (client, connection) = AsyncClient::new(options, ACKS_MAX);
        let memory = Arc::new(Semaphore::new(config.memory_bytes_max));
        let backoff = Backoff::new(config.seed);
        Self { config, clock, tally, client, connection, generation: 0, memory, backoff }
    }

    /// Runs until the stop is asked for and what was received is committed or given up.
    pub(crate) async fn run(mut self, ends: Ends) {
        let Ends { waiting, mut acks, connected, mut stop } = ends;
        // Dropping it is what tells the batcher that nothing more comes.
        let mut waiting = Some(waiting);
        loop {
            match self.next(&mut acks, &mut stop, waiting.is_some()).await {
                Next::Event(Event::Incoming(Packet::Publish(publish))) => {
                    let Some(waiting) = &waiting else { continue };
                    match self.room(&publish, &mut acks, &mut stop).await {
                        Some(memory) => self.receive(publish, memory, waiting),
                        // It comes again, to whoever is there then.
                        None if *stop.borrow() => {}
                        None => self.overflow(&mut acks).await,
                    }
                }
                Next::Event(Event::Incoming(Packet::ConnAck(_))) => self.connected(),
                Next::Event(Event::Incoming(Packet::SubAck(answer))) => {
                    if answer.return_codes.contains(&SubscribeReasonCode::Failure) {
                        connected.send_replace(false);
                        let wait = self.refused();
                        drop_acks_until(&mut acks, tokio::time::sleep(wait)).await;
                    } else {
                        connected.send_replace(true);
                    }
                }
                Next::Event(_) => {}
                Next::Failed(error) => {
                    connected.send_replace(false);
                    let wait = self.lost(&error);
                    drop_acks_until(&mut acks, tokio::time::sleep(wait)).await;
                }
                Next::Stop => waiting = None,
                Next::Drained => break,
            }
        }
        self.farewell().await;
    }

    /// Waits for one event and hands over acks meanwhile: the poll itself is never cancelled, since
    /// an ack that it has taken and not yet written would be lost with it.
    async fn next(
        &mut self,
        acks: &mut mpsc::Receiver<Vec<Ack>>,
        stop: &mut watch::Receiver<bool>,
        receiving: bool,
    ) -> Next {
        let generation = self.generation;
        let poll = self.connection.poll();
        pin!(poll);
        loop {
            let sound_at = self.backoff.sound_at();
            tokio::select! {
                event = &mut poll => {
                    return match event {
                        Ok(event) => Next::Event(event),
                        Err(error) => Next::Failed(error),
                    };
                }
                done = acks.recv() => {
                    let Some(done) = done else { return Next::Drained };
                    acknowledge(&self.client, done, generation);
                }
                () = until(sound_at), if sound_at.is_some() => {
                    if self.backoff.became_sound() {
                        tracing::info!("the connection to the broker holds again");
                    }
                }
                // An error: nobody is left who could ask for the stop, which counts as a stop.
                _ = stop.wait_for(|stop| *stop), if receiving => return Next::Stop,
            }
        }
    }

    fn connected(&mut self) {
        count(&self.tally.connections, 1);
        self.backoff.made(Instant::now());
        let mut filters = self.config.subscription.ink_filters();
        filters.push(firmware_protocol::SUBSCRIBE_STATE.to_owned());
        let filters =
            filters.into_iter().map(|filter| SubscribeFilter::new(filter, QoS::AtLeastOnce));
        // The channel is empty after a connection was made: there is room.
        if let Err(error) = self.client.try_subscribe_many(filters) {
            tracing::error!(%error, "could not subscribe");
        }
        let generation = self.generation;
        match self.backoff.quiet() {
            true => tracing::debug!(generation, "connected to the broker"),
            false => tracing::info!(generation, "connected to the broker"),
        }
    }

    /// Memory for a message. Where there is none, reading pauses, so that the backlog waits in the
    /// broker, and acks are still taken: dropping the connection at once would have the same
    /// messages delivered again and again. `None`: the store took too long, or we stop.
    async fn room(
        &mut self,
        publish: &Publish,
        acks: &mut mpsc::Receiver<Vec<Ack>>,
        stop: &mut watch::Receiver<bool>,
    ) -> Option<OwnedSemaphorePermit> {
        let cost = u32::try_from(kept_len(publish) + OVERHEAD_BYTES).unwrap_or(u32::MAX);
        if let Ok(memory) = Arc::clone(&self.memory).try_acquire_many_owned(cost) {
            return Some(memory);
        }
        count(&self.tally.pauses, 1);
        let free = Arc::clone(&self.memory).acquire_many_owned(cost);
        let too_long = tokio::time::sleep(PAUSE_MAX);
        pin!(free, too_long);
        loop {
            tokio::select! {
                memory = &mut free => return memory.ok(),
                () = &mut too_long => return None,
                done = acks.recv() => acknowledge(&self.client, done?, self.generation),
                _ = stop.wait_for(|stop| *stop) => return None,
            }
        }
    }

    /// Takes a message in.
    fn receive(
        &self,
        publish: Publish,
        memory: OwnedSemaphorePermit,
        waiting: &mpsc::Sender<Waiting>,
    ) {
        let topic = Topic::parse(&publish.topic);
        self.show(&publish, topic.ok());
        let topic = topic.map_err(|error| bad_topic(&publish.topic, error));
        let message = Waiting {
            ack: Ack { generation: self.generation, packet_id: publish.pkid },
            topic,
            payload: publish.payload[..kept_len(&publish)].to_vec(),
            payload_len: publish.payload.len(),
            received_ms: (self.clock)(),
            arrived: Instant::now(),
            memory,
        };
        // The channel has a place for every message that memory admits. Closed, the batcher is
        // gone, and with it everything that could be acknowledged.
        if waiting.try_send(message).is_err() {
            tracing::error!("a message found no room");
        }
    }

    /// Lets the observer see a message of ink, if there is one.
    fn show(&self, publish: &Publish, topic: Option<Topic>) {
        let Some(observer) = &self.config.observer else { return };
        match topic {
            Some(Topic { gateway, channel: Channel::UpInk }) => {
                (observer.0)(gateway.as_str(), &publish.payload);
            }
            None if publish.topic.ends_with("/up/ink") => {
                (observer.0)(&publish.topic, &publish.payload);
            }
            _ => {}
        }
    }

    /// Drops the connection and waits until half of the memory is free. What was not acknowledged
    /// comes again, and what the broker drops meanwhile the gateways send again.
    async fn overflow(&mut self, acks: &mut mpsc::Receiver<Vec<Ack>>) {
        count(&self.tally.overflows, 1);
        tracing::warn!("the store is slow: the backlog waits in broker and gateways");
        self.connection.clean();
        self.forget();
        let half = u32::try_from(self.config.memory_bytes_max / 2).unwrap_or(u32::MAX);
        let memory = Arc::clone(&self.memory);
        drop_acks_until(acks, async move {
            // An error would say that the memory is closed, which it never is.
            drop(memory.acquire_many(half).await);
        })
        .await;
    }

    /// Says what became of the connection, and how long to wait before the next.
    fn lost(&mut self, error: &ConnectionError) -> Duration {
        let Lost { wait, quiet, steps_back } = self.backoff.lost(Instant::now());
        let broker = &self.config.broker;
        let (host, port) = (&broker.host, broker.port);
        let is_login = matches!(
            error,
            ConnectionError::ConnectionRefused(
                ConnectReturnCode::NotAuthorized | ConnectReturnCode::BadUserNamePassword
            )
        );
        match quiet {
            true => tracing::debug!(host, port, %error, "no connection to the broker"),
            false if is_login => tracing::error!(
                host,
                port,
                "the broker refuses the service's login: its username and password, or its \
                 certificate, are not those that the broker knows; trying again"
            ),
            false => tracing::warn!(host, port, %error, "no connection to the broker"),
        }
        if steps_back {
            tracing::error!(
                client_id = self.config.client_id,
                "the broker ends each connection at once: is another service connected under \
                 this client id? trying once a minute from now on"
            );
        }
        let mut bytes_max = PACKET_BYTES_MAX;
        if let ConnectionError::MqttState(StateError::Deserialization(
            PacketError::PayloadSizeLimitExceeded(bytes),
        )) = error
        {
            // A retained message comes with each subscription, a queued one with each connection:
            // it is read once as a whole, so that the broker lets those behind it through.
            tracing::warn!(bytes, "a message is longer than any bundle: it is passed over");
            bytes_max = bytes_max.max(bytes + PACKET_HEAD_BYTES);
        }
        self.connection.mqtt_options.set_max_packet_size(bytes_max, PACKET_BYTES_MAX);
        encrypt(&mut self.connection.mqtt_options, &self.config.broker);
        self.forget();
        wait
    }

    /// Gives up a connection on which the broker refuses what we subscribe to, and says how long to
    /// wait before the next. A cluster that is choosing a leader refuses for a moment; on the same
    /// connection nothing would ever come.
    fn refused(&mut self) -> Duration {
        let Lost { wait, quiet, .. } = self.backoff.refused(Instant::now());
        match quiet {
            true => tracing::debug!("the broker refuses our subscription"),
            false => tracing::error!("the broker refuses our subscription; trying again"),
        }
        self.connection.clean();
        self.forget();
        wait
    }

    /// Publishes that were read before the connection ended would be yielded after the next one
    /// is made, and their acks would name other messages.
    fn forget(&mut self) {
        self.connection.state.events.clear();
        self.generation += 1;
    }

    /// Lets the last acks out and ends the session in order.
    async fn farewell(&mut self) {
        if self.client.try_disconnect().is_err() {
            return;
        }
        let goodbye = async {
            loop {
                match self.connection.poll().await {
                    Ok(Event::Outgoing(rumqttc::Outgoing::Disconnect)) | Err(_) => break,
                    Ok(_) => {}
                }
            }
        };
        // The broker may be away: then there is nobody to take leave of.
        let _ = tokio::time::timeout(Duration::from_secs(1), goodbye).await;
    }
}

/// What is kept of a topic that is not ours: enough to find who publishes on it, with terminal
/// control characters escaped. It is short, as its memory is not counted.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

fn bad_topic(topic: &str, error: TopicError) -> String {
    let mut shown: String = topic.escape_debug().take(TOPIC_CHARS_KEPT).collect();
    if topic.escape_debug().nth(TOPIC_CHARS_KEPT).is_some() {
        shown.push('…');
    }
    format!("{error}: \"{shown}\"")
}

/// Bytes that are kept of a message: of one that is too long to be a bundle, its beginning.
fn kept_len(publish: &Publish) -> usize {
    let len = publish.payload.len();
    if len > BUNDLE_BYTES_MAX { KEPT_BYTES_MAX } else { len }
}

/// Hands acks of this connection over to be written; those of another would name other messages.
fn acknowledge(client: &AsyncClient, acks: Vec<Ack>, generation: u64) {
    // Packet id 0 is QoS 0, which nobody acknowledges.
    let ours = |ack: &Ack| ack.generation == generation && ack.packet_id != 0;
    for ack in acks.into_iter().filter(ours) {
        let mut publish = Publish::new("", QoS::AtLeastOnce, Vec::new());
        publish.pkid = ack.packet_id;
        if client.try_ack(&publish).is_err() {
            tracing::error!("an ack found no room");
        }
    }
}

/// Waits for something while there is no connection: acks of the last one mean nothing.
async fn drop_acks_until(acks: &mut mpsc::Receiver<Vec<Ack>>, done: impl Future<Output = ()>) {
    pin!(done);
    let mut open = true;
    loop {
        tokio::select! {
            () = &mut done => return,
            dropped = acks.recv(), if open => open = dropped.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_kept_short_and_harmless() {
        let of = |topic: &str| bad_topic(topic, Topic::parse(topic).unwrap_err());
        let kept = of("zhibi/v1/07/Class 3\u{1b}[2J/up/ink");
        let want = "the gateway's id is not 1 to 32 of [a-z0-9-]: \
                    \"zhibi/v1/07/Class 3\\u{1b}[2J/up/ink\"";
        assert_eq!(kept, want);
        let kept = of(&"笔\u{7}".repeat(20_000));
        assert!(kept.ends_with("…\"") && kept.len() < 500, "{kept}");
        // The longest of ours, misspelt, is kept whole.
        let longest = format!("zhibi/v1/63/{}/down/receipts", "g".repeat(32));
        assert!(of(&longest).contains(&longest));
    }
}
