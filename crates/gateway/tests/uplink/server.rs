//! What a gateway talks to: counts the copies of each chunk, and answers as it is told.

use std::collections::BTreeMap;
use std::time::Duration;

use firmware_protocol::{
    Bundle, BundleWriter, Channel, ChunkKey, Frame, GatewayId, GatewayState, Outcome, PenState,
    ReceiptRange, ReceiptWriter, SUBSCRIBE_INK, SUBSCRIBE_STATE, Topic,
};
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS, SubscribeFilter};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Far beyond what anything here takes.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// What has come so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Came {
    /// Copies by chunk.
    pub(crate) copies: BTreeMap<ChunkKey, usize>,
    pub(crate) gateway: Vec<GatewayState>,
    pub(crate) pens: Vec<PenState>,
    /// Frames and payloads that could not be read.
    pub(crate) unread: usize,
    /// Connections to the broker.
    connections: usize,
}

/// Whether, and how often, the server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answers {
    Never,
    Once,
    /// Each receipt comes twice.
    Twice,
}

pub(crate) struct Server {
    pub(crate) client: AsyncClient,
    came: watch::Receiver<Came>,
    answers: watch::Sender<Answers>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Returns once its subscriptions stand.
    pub(crate) async fn connect(port: u16, answers: Answers) -> Self {
        let mut options = MqttOptions::new("server", "127.0.0.1", port);
        options.set_max_packet_size(1 << 20, 1 << 20).set_keep_alive(Duration::from_secs(5));
        let (client, events) = AsyncClient::new(options, 1_000);
        let (came_in, came) = watch::channel(Came::default());
        let (answers, told) = watch::channel(answers);
        let task = tokio::spawn(serve(events, client.clone(), came_in, told));
        let server = Self { client, came, answers, task };
        server.until(|came| came.connections > 0).await;
        server
    }

    /// Waits until what has come is `enough`.
    pub(crate) async fn until(&self, enough: impl FnMut(&Came) -> bool) -> Came {
        let mut came = self.came.clone();
        let found = timeout(LONG, came.wait_for(enough)).await;
        found.expect("in time").expect("the server lives").clone()
    }

    pub(crate) fn answer(&self, answers: Answers) {
        self.answers.send_replace(answers);
    }
}

async fn serve(
    mut events: EventLoop,
    client: AsyncClient,
    came: watch::Sender<Came>,
    answers: watch::Receiver<Answers>,
) {
    let mut again = tokio::time::interval(Duration::from_millis(20));
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                let filters = [SUBSCRIBE_INK, SUBSCRIBE_STATE];
                let filters =
                    filters.map(|topic| SubscribeFilter::new(topic.into(), QoS::AtLeastOnce));
                client.try_subscribe_many(filters).expect("room");
            }
            Ok(Event::Incoming(Packet::SubAck(_))) => came.send_modify(|c| c.connections += 1),
            Ok(Event::Incoming(Packet::Publish(publish))) => {
                let topic = Topic::parse(&publish.topic).expect("a topic of ours");
                let keys = came_in(&came, &publish.payload);
                let times = match *answers.borrow() {
                    Answers::Never => 0,
                    Answers::Once => 1,
                    Answers::Twice => 2,
                };
                for _ in 0..times {
                    answer(&client, topic.gateway, &keys);
                }
            }
            Ok(_) => {}
            // The broker is down: another try a little later.
            Err(_) => drop(again.tick().await),
        }
    }
}

/// Notes a payload; gives the chunks in it.
fn came_in(came: &watch::Sender<Came>, payload: &[u8]) -> Vec<ChunkKey> {
    let mut keys = Vec::new();
    came.send_modify(|came| {
        let Ok(bundle) = Bundle::parse(payload) else {
            came.unread += 1;
            return;
        };
        for raw in bundle.frames() {
            match raw.frame {
                Ok(Frame::Chunk(chunk)) => keys.push(chunk.key),
                Ok(Frame::Hello(hello)) => keys.push(hello.key),
                Ok(Frame::GatewayState(state)) => came.gateway.push(state),
                Ok(Frame::PenState(state)) => came.pens.push(state),
                _ => came.unread += 1,
            }
        }
        for key in &keys {
            *came.copies.entry(*key).or_default() += 1;
        }
    });
    keys
}

fn answer(client: &AsyncClient, gateway: GatewayId, keys: &[ChunkKey]) {
    for key in keys {
        let range = ReceiptRange { outcome: Outcome::Stored, first: key.number, last: key.number };
        let payload = receipts(key, &[range]);
        let topic = Topic { gateway, channel: Channel::DownReceipt }.to_string();
        // Where the broker is down and the queue full there is no receipt: the chunk comes again.
        let _ = client.try_publish(topic, QoS::AtLeastOnce, false, payload);
    }
}

/// A bundle of one receipt for the pen's start in `key`.
pub(crate) fn receipts(key: &ChunkKey, ranges: &[ReceiptRange]) -> Vec<u8> {
    let (mut frame, mut bundle) = ([0; 1_024], [0; 2_048]);
    let mut writer = ReceiptWriter::new(key.pen, key.boot, &mut frame);
    for range in ranges {
        writer.push(*range).expect("room");
    }
    let mut bundle = BundleWriter::new(&mut bundle).expect("room");
    bundle.push(writer.finish().expect("a range")).expect("room");
    bundle.finish().to_vec()
}
