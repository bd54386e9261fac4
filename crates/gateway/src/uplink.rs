//! The uplink: three tasks around one MQTT connection.
//!
//! `poll` owns the rumqttc event loop and does nothing else, so that pings and acknowledgements
//! always move. `publish` hands requests to it one at a time, through a channel without capacity:
//! rumqttc loses queued requests on a reconnect. `keep` owns the spool and decides; it awaits
//! neither of the other two, and has a thread of its own, since it waits for the disk.

use std::sync::Arc;
use std::time::{Duration, Instant};

use firmware_protocol::{
    Bundle, BundleWriter, Channel, Frame, GatewayId, GatewayState, Outcome, Topic, bare_frames,
    crc32c, encode_gateway_state,
};
use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, LastWill, MqttOptions,
    Packet, Publish, QoS, SubscribeFilter, SubscribeReasonCode, TlsConfiguration, TlsError,
    Transport,
};
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_rustls::rustls;

use crate::config::Tls;
use crate::desk::{Desk, PenReceipt};
use crate::link::Command;
use crate::spool::Spool;
use crate::{COMMANDS_WAITING, Clock, Config, Shown, StartError, Status};

/// Largest packet either way: a bundle, its topic, and room to spare.
const PACKET_BYTES_MAX: usize = 1 << 20;

/// Publishes that may be un-acknowledged by the broker.
const MQTT_IN_FLIGHT: u16 = 64;

/// What PROTOCOL.md says.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// Pauses between attempts to connect: doubled from the first to the last, and shortened by up to
/// half, by another share for each gateway and attempt, so that a broker that comes back is not met
/// by all at once. They begin anew when the server was heard or a connection lasted.
const BACKOFF_FIRST: Duration = Duration::from_millis(100);
const BACKOFF_LAST: Duration = Duration::from_secs(10);

/// Connections in a row which ended before they lasted [`BACKOFF_LAST`], from which on another gateway
/// with the same id is the likeliest cause.
const CONTESTED: u32 = 3;

/// How long a good-bye may take.
const GOOD_BYE: Duration = Duration::from_secs(2);

/// How often the keeper looks at what only time changes.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What the connection says.
#[derive(Debug)]
enum News {
    Connected,
    /// There is none, and why; refused: the broker does not let this gateway in; contested: it ends
    /// its connections soon after it took them.
    Lost {
        why: String,
        refused: bool,
        contested: bool,
    },
    /// On a topic that the gateway subscribes to.
    Came(Publish),
}

/// What is to be said on the connection.
#[derive(Debug)]
enum Request {
    /// Subscribe to receipts and policy, then say that the gateway is there.
    Greet,
    Bundle(Vec<u8>),
    GoodBye,
}

/// What a gateway's tasks are made of.
pub(crate) struct Parts {
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    pub(crate) spool: Spool,
    pub(crate) session: u64,
    pub(crate) desk: Arc<Desk>,
    pub(crate) commands: mpsc::Receiver<Command>,
    pub(crate) receipts: broadcast::Sender<PenReceipt>,
    pub(crate) shown: watch::Sender<Shown>,
    pub(crate) stopping: watch::Receiver<bool>,
}

/// Starts the tasks of a gateway.
pub(crate) fn spawn(parts: Parts) -> Result<Vec<JoinHandle<()>>, StartError> {
    let Parts { config, clock, session, stopping, .. } = parts;
    let state = |online| GatewayState { online, session, unix_ms: clock() };
    let (birth, will) = (state_bundle(&state(true)), state_bundle(&state(false)));
    let options = options(&config, &will);
    let (client, event_loop) = AsyncClient::new(options, 0);
    let (news_in, news) = mpsc::channel(MQTT_IN_FLIGHT.into());
    let (requests_in, requests) = mpsc::channel(1);
    let speaker = Speaker { client, config: config.clone(), birth, will };
    let since_ms = clock();
    let keeper = Keeper {
        spool: parts.spool,
        policy_topic: topic(&config, Channel::DownPolicy),
        disk_bytes_max: config.spool_bytes_max,
        receipts: parts.receipts,
        desk: parts.desk,
        shown: parts.shown,
        clock,
        connected: false,
        since_ms,
        refused: false,
        contested: false,
        connected_at: None,
        trouble: None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.map_err(StartError::Thread)?;
    let (ended_in, ended) = oneshot::channel::<()>();
    let keep = keeper.keep(parts.commands, news, requests_in, stopping.clone());
    std::thread::Builder::new()
        .name("spool".to_owned())
        .spawn(move || {
            runtime.block_on(keep);
            drop(ended_in);
        })
        .map_err(StartError::Thread)?;
    Ok(vec![
        tokio::spawn(poll(event_loop, config, news_in, stopping)),
        tokio::spawn(speaker.publish(requests)),
        tokio::spawn(async move {
            // Ended, or panicked: there is nothing left to stop.
            let _ended = ended.await;
        }),
    ])
}

fn options(config: &Config, will: &[u8]) -> MqttOptions {
    let broker = &config.broker;
    let mut options = MqttOptions::new(config.id.as_str(), &broker.host, broker.port);
    let topic = topic(config, Channel::UpState);
    options
        .set_keep_alive(KEEP_ALIVE)
        // Receipts that come while the gateway is away wait for it.
        .set_clean_session(false)
        .set_max_packet_size(PACKET_BYTES_MAX, PACKET_BYTES_MAX)
        .set_inflight(MQTT_IN_FLIGHT)
        .set_last_will(LastWill::new(topic, will, QoS::AtLeastOnce, true));
    if let Some((name, password)) = &broker.credentials {
        options.set_credentials(name, &password.0);
    }
    options
}

/// Reads the certificates as they are now.
fn transport(tls: &Tls) -> std::io::Result<Transport> {
    // Whatever else in the process brings other cryptography. An error: somebody has chosen before.
    let _chosen = rustls::crypto::ring::default_provider().install_default();
    let read = |path: &std::path::Path| {
        let said = |error| std::io::Error::other(format!("{}: {error}", path.display()));
        std::fs::read(path).map_err(said)
    };
    let client_auth = match &tls.identity {
        Some((certificate, key)) => Some((read(certificate)?, read(key)?)),
        None => None,
    };
    let tls = TlsConfiguration::Simple { ca: read(&tls.ca)?, alpn: None, client_auth };
    Ok(Transport::tls_with_config(tls))
}

/// How long to wait before the next attempt: the whole pause at most, half of it at least.
fn pause(id: GatewayId, attempt: u32, whole: Duration) -> Duration {
    let spread = crc32c(&[id.as_str().as_bytes(), &attempt.to_le_bytes()].concat());
    whole / 2 + (whole / 2).mul_f64(f64::from(spread) / f64::from(u32::MAX))
}

fn topic(config: &Config, channel: Channel) -> String {
    Topic { gateway: config.id, channel }.to_string()
}

fn state_bundle(state: &GatewayState) -> Vec<u8> {
    let (mut frame, mut bundle) = ([0; 64], [0; 128]);
    // A state takes 47 bytes and a bundle's header eight: both always fit.
    let Ok(len) = encode_gateway_state(state, &mut frame) else { return Vec::new() };
    let Ok(mut writer) = BundleWriter::new(&mut bundle) else { return Vec::new() };
    let _fits = writer.push(&frame[..len]);
    writer.finish().to_vec()
}

/// Polls without pause, connects again after a pause that grows, and passes on what came.
async fn poll(
    mut event_loop: EventLoop,
    config: Config,
    news: mpsc::Sender<News>,
    mut stopping: watch::Receiver<bool>,
) {
    let (mut backoff, mut attempt) = (BACKOFF_FIRST, 0_u32);
    // Connections in a row that were made and did not last.
    let mut short_ends = 0_u32;
    let mut since: Option<Instant> = None;
    let mut ends_at: Option<tokio::time::Instant> = None;
    loop {
        let ready = match &config.broker.tls {
            // Only where the next poll connects.
            Some(tls) if since.is_none() => transport(tls),
            _ => Ok(event_loop.mqtt_options.transport()),
        };
        let mut own_files = None;
        let event = match ready {
            Ok(transport) => {
                event_loop.mqtt_options.set_transport(transport);
                tokio::select! {
                    event = event_loop.poll() => event,
                    _ = stopping.wait_for(|stop| *stop), if ends_at.is_none() => {
                        ends_at = Some(tokio::time::Instant::now() + GOOD_BYE);
                        continue;
                    }
                    () = wait_until(ends_at), if ends_at.is_some() => return,
                }
            }
            Err(error) => {
                own_files = Some(error.to_string());
                Err(ConnectionError::Io(error))
            }
        };
        let mut unsubscribed = false;
        let event = match event {
            Ok(Event::Incoming(Packet::SubAck(answer)))
                if answer.return_codes.contains(&SubscribeReasonCode::Failure) =>
            {
                // No receipt would ever come on it. A cluster that is choosing a leader refuses for a
                // moment.
                event_loop.clean();
                unsubscribed = true;
                let why = "the broker refuses the subscription to receipts";
                Err(ConnectionError::Io(std::io::Error::other(why)))
            }
            event => event,
        };
        let item = match event {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                since = Some(Instant::now());
                News::Connected
            }
            Ok(Event::Incoming(Packet::Publish(publish))) => {
                // What is retained was said at some time: it shows nobody's presence.
                if !publish.retain && short_ends < CONTESTED {
                    backoff = BACKOFF_FIRST;
                }
                News::Came(publish)
            }
            Ok(Event::Outgoing(rumqttc::Outgoing::Disconnect)) => return,
            Ok(_) => continue,
            Err(_) if ends_at.is_some() => return,
            Err(error) => {
                let refused = matches!(
                    error,
                    ConnectionError::ConnectionRefused(
                        ConnectReturnCode::NotAuthorized | ConnectReturnCode::BadUserNamePassword
                    )
                );
                // What is wrong with the gateway's own files is no broker that is away.
                let own_files = own_files.or_else(|| of_own_files(&error));
                match &own_files {
                    Some(what) => tracing::error!(
                        what,
                        "this gateway's own certificate files are of no use: nothing is sent until \
                         they are mended; trying again"
                    ),
                    None if refused => {
                        tracing::warn!(%error, "the broker refuses the login; trying again");
                    }
                    None => tracing::warn!(%error, "no connection to the broker; trying again"),
                }
                // What was read before is of a connection that is gone.
                event_loop.state.events.clear();
                event_loop.pending.clear();
                match since.take() {
                    Some(since) if since.elapsed() >= BACKOFF_LAST => {
                        (backoff, short_ends) = (BACKOFF_FIRST, 0);
                    }
                    Some(_) if !unsubscribed => short_ends = short_ends.saturating_add(1),
                    _ => {}
                }
                if short_ends == CONTESTED {
                    tracing::error!(
                        id = config.id.as_str(),
                        "the broker took this gateway and soon ended its connection, several times: \
                         is another gateway at work under this id?"
                    );
                }
                let why = match own_files {
                    Some(what) => format!("this gateway's own certificate files: {what}"),
                    None => error.to_string(),
                };
                let contested = short_ends >= CONTESTED;
                if news.send(News::Lost { why, refused, contested }).await.is_err() {
                    return;
                }
                // Whoever stops the gateway need not wait for a broker that is not there.
                tokio::select! {
                    () = tokio::time::sleep(pause(config.id, attempt, backoff)) => {}
                    _ = stopping.wait_for(|stop| *stop) => return,
                }
                attempt = attempt.wrapping_add(1);
                backoff = (backoff * 2).min(BACKOFF_LAST);
                continue;
            }
        };
        // The keeper takes it, if not at once: it may be waiting for the disk.
        if news.send(item).await.is_err() {
            return;
        }
    }
}

/// What is wrong with the gateway's own certificates or key, if the connection failed for that.
fn of_own_files(error: &ConnectionError) -> Option<String> {
    let ConnectionError::Tls(error) = error else { return None };
    Some(match error {
        TlsError::NoValidCertInChain => "ca holds no certificate".to_owned(),
        TlsError::NoValidClientCertInChain => "certificate holds no certificate".to_owned(),
        TlsError::NoValidKeyInChain => "key holds no key".to_owned(),
        TlsError::WebPki(error) => format!("ca: {error}"),
        TlsError::TLS(error) => format!("{error}"),
        _ => return None,
    })
}

async fn wait_until(moment: Option<tokio::time::Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

struct Speaker {
    client: AsyncClient,
    config: Config,
    birth: Vec<u8>,
    will: Vec<u8>,
}

impl Speaker {
    /// Hands requests to the event loop, one after another.
    async fn publish(self, mut requests: mpsc::Receiver<Request>) {
        let up_ink = topic(&self.config, Channel::UpInk);
        while let Some(request) = requests.recv().await {
            let said = match request {
                Request::Greet => self.greet().await,
                Request::Bundle(bundle) => {
                    self.client.publish(&up_ink, QoS::AtLeastOnce, false, bundle).await
                }
                Request::GoodBye => self.good_bye().await,
            };
            if said.is_err() {
                // The event loop is gone, and with it whatever there was to say.
                return;
            }
        }
    }

    async fn greet(&self) -> Result<(), rumqttc::ClientError> {
        let filters = [Channel::DownReceipt, Channel::DownPolicy]
            .map(|channel| SubscribeFilter::new(topic(&self.config, channel), QoS::AtLeastOnce));
        self.client.subscribe_many(filters).await?;
        self.say_state(&self.birth).await
    }

    async fn say_state(&self, state: &[u8]) -> Result<(), rumqttc::ClientError> {
        let up_state = topic(&self.config, Channel::UpState);
        self.client.publish(up_state, QoS::AtLeastOnce, true, state).await
    }

    async fn good_bye(&self) -> Result<(), rumqttc::ClientError> {
        self.say_state(&self.will).await?;
        self.client.disconnect().await
    }
}

struct Keeper {
    spool: Spool,
    policy_topic: String,
    disk_bytes_max: u64,
    receipts: broadcast::Sender<PenReceipt>,
    desk: Arc<Desk>,
    shown: watch::Sender<Shown>,
    clock: Clock,
    connected: bool,
    /// Unix milliseconds since when it is connected or is not.
    since_ms: i64,
    refused: bool,
    /// The connections before this one did not last.
    contested: bool,
    connected_at: Option<Instant>,
    /// Why there is no connection.
    trouble: Option<String>,
}

impl Keeper {
    /// Owns the spool: takes, sends, frees.
    async fn keep(
        mut self,
        mut commands: mpsc::Receiver<Command>,
        mut news: mpsc::Receiver<News>,
        requests: mpsc::Sender<Request>,
        mut stopping: watch::Receiver<bool>,
    ) {
        let mut greeting = false;
        let mut waiting = Vec::new();
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        self.show();
        loop {
            let due = if self.connected { self.spool.due(Instant::now()) } else { None };
            let ready = greeting || due.is_some_and(|due| due <= Instant::now());
            tokio::select! {
                biased;
                _ = stopping.wait_for(|stop| *stop) => break,
                item = news.recv() => match item {
                    Some(News::Connected) => {
                        (self.connected, greeting) = (true, true);
                        (self.refused, self.trouble) = (false, None);
                        self.connected_at = Some(Instant::now());
                        self.since_ms = (self.clock)();
                        tracing::info!("connected to the broker");
                        self.spool.connected();
                    }
                    Some(News::Lost { why, refused, contested }) => {
                        (self.refused, self.trouble) = (refused, Some(why));
                        (self.contested, self.connected_at) = (contested, None);
                        greeting = false;
                        self.lost();
                    }
                    Some(News::Came(publish)) if publish.topic == self.policy_topic => {
                        self.policy(&publish.payload);
                    }
                    Some(News::Came(publish)) => self.receipt(&publish.payload),
                    None => break,
                },
                permit = requests.reserve(), if ready => {
                    let Ok(permit) = permit else { break };
                    if std::mem::take(&mut greeting) {
                        permit.send(Request::Greet);
                    } else if let Some(bundle) = self.spool.next_bundle(Instant::now()) {
                        permit.send(Request::Bundle(bundle));
                    }
                }
                came = commands.recv_many(&mut waiting, COMMANDS_WAITING) => match came {
                    // Every link and the gateway itself are gone.
                    0 => break,
                    _ => self.obey(std::mem::take(&mut waiting)),
                },
                () = wait_until(due.map(Into::into)), if !ready && due.is_some() => {}
                _ = look.tick() => drop(self.spool.is_unanswered(Instant::now())),
            }
            self.show();
        }
        if self.connected {
            // The speaker may be stuck on a connection that is gone: then there is no good-bye.
            let _late = tokio::time::timeout(GOOD_BYE, requests.send(Request::GoodBye)).await;
        }
    }

    fn show(&self) {
        let (counters, spooled) = (self.spool.counters, self.spool.len());
        let shown = Shown { counters, spooled, refused: self.refused };
        self.shown.send_if_modified(|before| std::mem::replace(before, shown) != shown);
    }

    fn lost(&mut self) {
        if std::mem::take(&mut self.connected) {
            self.since_ms = (self.clock)();
            self.spool.disconnected();
        }
    }

    /// Does what was asked; all that is to be taken is made durable at once.
    fn obey(&mut self, commands: Vec<Command>) {
        let (mut chunks, mut answers) = (Vec::new(), Vec::new());
        let mut asked = Vec::new();
        for command in commands {
            match command {
                Command::Take { key, frame, answer } => {
                    chunks.push((key, frame));
                    answers.push(answer);
                }
                Command::Heard(pen, state) => self.spool.heard(pen, state),
                Command::Noise { bytes, strange } => {
                    self.spool.counters.noise_bytes += bytes;
                    self.spool.counters.strange_frames += strange;
                }
                Command::Ask(answer) => asked.push(answer),
            }
        }
        if !chunks.is_empty() {
            let became = self.spool.take_all(chunks, (self.clock)(), Instant::now());
            // Shown before the answer, so that nobody sees an empty spool after a hand-over.
            self.show();
            for (answer, became) in answers.into_iter().zip(became) {
                // A pen that has gone away hears nothing; the chunk is in the spool all the same.
                let _gone = answer.send(became);
            }
        }
        for answer in asked {
            // Whoever asked may have gone.
            let _gone = answer.send(self.status());
        }
    }

    fn status(&mut self) -> Status {
        let amounts = self.spool.amounts();
        Status {
            counters: self.spool.counters,
            pens: self.desk.pens(),
            chunks: amounts.chunks,
            bytes: amounts.bytes,
            disk_bytes: amounts.disk_bytes,
            disk_bytes_max: self.disk_bytes_max,
            dead_letters: amounts.dead_letters,
            put_away: amounts.put_away,
            oldest_ms: amounts.oldest_ms,
            is_full: amounts.is_full,
            disk_fails: amounts.disk_fails,
            is_connected: self.connected,
            since_ms: self.since_ms,
            is_refused: self.refused,
            is_contested: self.contested
                && self.connected_at.is_none_or(|at| at.elapsed() < BACKOFF_LAST),
            letters_trouble: amounts.letters_trouble,
            is_unanswered: self.spool.is_unanswered(Instant::now()),
            trouble: self.trouble.clone(),
        }
    }

    /// Says a policy to the pens as it came, what a later version appended included. An empty payload
    /// takes the retained one away; anything else leaves the policy before in force.
    fn policy(&mut self, payload: &[u8]) {
        if payload.is_empty() {
            self.desk.set_policy(None);
            return;
        }
        let found = |raw: firmware_protocol::RawFrame<'_>| {
            matches!(raw.frame, Ok(Frame::Policy(_))).then(|| raw.bytes.to_vec())
        };
        let policy = match Bundle::parse(payload) {
            Ok(bundle) => bundle.frames().find_map(found),
            Err(_) => bare_frames(payload).find_map(found),
        };
        match policy {
            Some(policy) => self.desk.set_policy(Some(policy)),
            None => {
                tracing::warn!("a policy that is none came: pens go on as before");
                self.spool.counters.garbage += 1;
            }
        }
    }

    fn receipt(&mut self, payload: &[u8]) {
        let Ok(bundle) = Bundle::parse(payload) else {
            self.spool.counters.garbage += 1;
            return;
        };
        for raw in bundle.frames() {
            let Ok(Frame::Receipt(receipt)) = raw.frame else {
                self.spool.counters.garbage += 1;
                continue;
            };
            for range in receipt.ranges() {
                let Ok(range) = range else {
                    self.spool.counters.garbage += 1;
                    continue;
                };
                let said = PenReceipt { pen: receipt.pen, boot: receipt.boot, range };
                self.spool.receipt(&said);
                // The server never says `taken`; a pen would believe it.
                if range.outcome != Outcome::Taken {
                    self.desk.pass_on(&said);
                }
                // Nobody need listen: the spool has heard it.
                let _listeners = self.receipts.send(said);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Failure: a pause below half or above the whole, or the same pause for all gateways.
    #[test]
    fn pauses_differ_between_gateways_and_stay_in_bounds() {
        let whole = Duration::from_secs(10);
        let of = |id: usize| {
            let id = GatewayId::parse(&format!("room-{id}")).unwrap();
            pause(id, 3, whole)
        };
        let pauses: std::collections::BTreeSet<Duration> = (0..100).map(of).collect();
        assert_eq!(pauses.len(), 100);
        assert!(pauses.iter().all(|pause| (whole / 2..=whole).contains(pause)), "{pauses:?}");
        assert!(pauses.last() > pauses.first().map(|first| *first * 3 / 2).as_ref());
    }
}
