//! The uplink: three tasks around one MQTT connection.
//!
//! `poll` owns the rumqttc event loop and does nothing else, so that pings and acknowledgements
//! always move. `publish` hands requests to it one at a time, through a channel without capacity:
//! rumqttc loses queued requests on a reconnect. `keep` owns the spool and decides; it awaits
//! neither of the other two.

use std::time::{Duration, Instant};

use firmware_protocol::{
    Bundle, BundleWriter, Channel, Frame, GatewayState, Topic, encode_gateway_state,
};
use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, LastWill, MqttOptions,
    Packet, Publish, QoS, SubscribeFilter,
};
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinHandle;

use crate::link::{Command, PenReceipt};
use crate::spool::Spool;
use crate::{Clock, Config, Status};

/// Largest packet either way: a bundle, its topic, and room to spare.
const PACKET_BYTES_MAX: usize = 1 << 20;

/// Publishes that may be un-acknowledged by the broker.
const MQTT_IN_FLIGHT: u16 = 64;

/// Pauses between attempts to connect: doubled from the first to the last.
const BACKOFF_FIRST: Duration = Duration::from_millis(100);
const BACKOFF_LAST: Duration = Duration::from_secs(10);

/// How long a good-bye may take.
const GOOD_BYE: Duration = Duration::from_secs(2);

/// What the connection says.
#[derive(Debug)]
enum News {
    Connected,
    Lost,
    /// The broker does not let this gateway in.
    Refused,
    Receipt(Publish),
}

/// What is to be said on the connection.
#[derive(Debug)]
enum Request {
    /// Subscribe to receipts, then say that the gateway is there.
    Greet,
    Bundle(Vec<u8>),
    GoodBye,
}

/// Starts the tasks of a gateway.
pub(crate) fn spawn(
    config: Config,
    clock: Clock,
    commands: mpsc::Receiver<Command>,
    receipts: broadcast::Sender<PenReceipt>,
    status: watch::Sender<Status>,
    stopping: watch::Receiver<bool>,
) -> Vec<JoinHandle<()>> {
    let session = u64::from_ne_bytes(clock().to_ne_bytes());
    let state = |online| GatewayState { online, session, unix_ms: clock() };
    let (birth, will) = (state_bundle(&state(true)), state_bundle(&state(false)));
    let options = options(&config, &will);
    let (client, event_loop) = AsyncClient::new(options, 0);
    let (news_in, news) = mpsc::channel(MQTT_IN_FLIGHT.into());
    let (requests_in, requests) = mpsc::channel(1);
    let speaker = Speaker { client, config: config.clone(), birth, will };
    let keeper =
        Keeper { spool: Spool::new(&config), receipts, status, connected: false, refused: false };
    vec![
        tokio::spawn(poll(event_loop, news_in, stopping.clone())),
        tokio::spawn(speaker.publish(requests)),
        tokio::spawn(keeper.keep(commands, news, requests_in, stopping)),
    ]
}

fn options(config: &Config, will: &[u8]) -> MqttOptions {
    let broker = &config.broker;
    let mut options = MqttOptions::new(config.id.as_str(), &broker.host, broker.port);
    let topic = topic(config, Channel::UpState);
    options
        .set_keep_alive(Duration::from_secs(15))
        .set_clean_session(true)
        .set_max_packet_size(PACKET_BYTES_MAX, PACKET_BYTES_MAX)
        .set_inflight(MQTT_IN_FLIGHT)
        .set_last_will(LastWill::new(topic, will, QoS::AtLeastOnce, true));
    if let Some((name, password)) = &broker.credentials {
        options.set_credentials(name, &password.0);
    }
    options
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
    news: mpsc::Sender<News>,
    mut stopping: watch::Receiver<bool>,
) {
    let mut backoff = BACKOFF_FIRST;
    let mut ends_at: Option<tokio::time::Instant> = None;
    loop {
        let event = tokio::select! {
            event = event_loop.poll() => event,
            _ = stopping.wait_for(|stop| *stop), if ends_at.is_none() => {
                ends_at = Some(tokio::time::Instant::now() + GOOD_BYE);
                continue;
            }
            () = wait_until(ends_at), if ends_at.is_some() => return,
        };
        let item = match event {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                backoff = BACKOFF_FIRST;
                News::Connected
            }
            Ok(Event::Incoming(Packet::Publish(publish))) => News::Receipt(publish),
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
                match refused {
                    true => tracing::warn!(%error, "the broker refuses the login; trying again"),
                    false => tracing::warn!(%error, "the broker is not there; trying again"),
                }
                // What was read before is of a connection that is gone.
                event_loop.state.events.clear();
                event_loop.pending.clear();
                let news_of_it = if refused { News::Refused } else { News::Lost };
                if news.send(news_of_it).await.is_err() {
                    return;
                }
                // Whoever stops the gateway need not wait for a broker that is not there.
                tokio::select! {
                    () = tokio::time::sleep(backoff) => {}
                    _ = stopping.wait_for(|stop| *stop) => {}
                }
                backoff = (backoff * 2).min(BACKOFF_LAST);
                continue;
            }
        };
        // The keeper always takes: its channel is drained faster than packets come.
        if news.send(item).await.is_err() {
            return;
        }
    }
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
        let receipts = topic(&self.config, Channel::DownReceipt);
        let filter = SubscribeFilter::new(receipts, QoS::AtLeastOnce);
        self.client.subscribe_many([filter]).await?;
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
    receipts: broadcast::Sender<PenReceipt>,
    status: watch::Sender<Status>,
    connected: bool,
    refused: bool,
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
        loop {
            let due = if self.connected { self.spool.due(Instant::now()) } else { None };
            let ready = greeting || due.is_some_and(|due| due <= Instant::now());
            tokio::select! {
                biased;
                _ = stopping.wait_for(|stop| *stop) => break,
                item = news.recv() => match item {
                    Some(News::Connected) => {
                        self.refused = false;
                        (self.connected, greeting) = (true, true);
                        self.spool.connected();
                    }
                    Some(News::Lost) => self.lost(),
                    Some(News::Refused) => {
                        self.refused = true;
                        self.lost();
                    }
                    Some(News::Receipt(publish)) => self.receipt(&publish.payload),
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
                command = commands.recv(), if self.spool.has_room() => match command {
                    Some(command) => self.command(command),
                    // Every link and the gateway itself are gone.
                    None => break,
                },
                () = wait_until(due.map(Into::into)), if !ready && due.is_some() => {}
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
        let shown = Status { counters, spooled, refused: self.refused };
        self.status.send_if_modified(|status| std::mem::replace(status, shown) != shown);
    }

    fn lost(&mut self) {
        if std::mem::take(&mut self.connected) {
            self.spool.disconnected();
        }
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Take { key, frame, answer } => {
                let taken = self.spool.take(key, frame, Instant::now());
                // Shown before the answer, so that nobody sees an empty spool after a hand-over.
                self.show();
                // A pen that has gone away hears nothing; the chunk is in the spool all the same.
                let _gone = answer.send(taken);
            }
            Command::Heard(state) => self.spool.heard(state),
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
                // Nobody need listen: the spool has heard it.
                let _listeners = self.receipts.send(said);
            }
        }
    }
}
