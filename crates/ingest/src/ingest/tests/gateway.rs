//! Gateways that talk to a real broker.

use std::collections::BTreeMap;
use std::time::Duration;

use firmware_protocol::{Bundle, BundleWriter, Channel, Frame, GatewayId, Outcome, PenId, Topic};
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Far beyond what anything here takes.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// What a gateway heard of a pen's chunks: outcome by number.
pub(crate) type Heard = BTreeMap<(PenId, u32), Outcome>;

/// A gateway that sends what it is told and remembers every receipt.
pub(crate) struct Gateway {
    pub(crate) id: GatewayId,
    client: AsyncClient,
    receipts: mpsc::Receiver<Vec<(PenId, u32, Outcome)>>,
    pub(crate) heard: Heard,
}

impl Gateway {
    /// Returns once its subscription stands.
    pub(crate) async fn connect(port: u16, id: &str) -> Self {
        let id = GatewayId::parse(id).unwrap();
        let mut options = MqttOptions::new(id.as_str(), "127.0.0.1", port);
        options.set_max_packet_size(20 << 20, 20 << 20).set_inflight(50);
        let (client, mut connection) = AsyncClient::new(options, 0);
        let (sender, receipts) = mpsc::channel(100_000);
        let (up, mut is_up) = mpsc::channel(100);
        let again = client.clone();
        tokio::spawn(async move {
            loop {
                match connection.poll().await {
                    Ok(Event::Incoming(Packet::ConnAck(_))) => {
                        let topic = Topic { gateway: id, channel: Channel::DownReceipt };
                        let client = again.clone();
                        tokio::spawn(async move {
                            let topic = topic.to_string();
                            client.subscribe(topic, QoS::AtLeastOnce).await.unwrap();
                        });
                    }
                    Ok(Event::Incoming(Packet::SubAck(_))) => {
                        let _ = up.try_send(());
                    }
                    Ok(Event::Incoming(Packet::Publish(publish))) => {
                        if sender.send(read(&publish.payload)).await.is_err() {
                            return;
                        }
                    }
                    Ok(_) => {}
                    Err(_) => {
                        connection.state.events.clear();
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        if sender.is_closed() {
                            return;
                        }
                    }
                }
            }
        });
        timeout(LONG, is_up.recv()).await.unwrap();
        Self { id, client, receipts, heard: BTreeMap::new() }
    }

    pub(crate) async fn publish(&self, payload: Vec<u8>) {
        let topic = Topic { gateway: self.id, channel: Channel::UpInk }.to_string();
        self.publish_on(topic, payload).await;
    }

    pub(crate) async fn publish_on(&self, topic: String, payload: Vec<u8>) {
        let publish = self.client.publish(topic, QoS::AtLeastOnce, false, payload);
        timeout(LONG, publish).await.unwrap().unwrap();
    }

    /// Publishes what the broker keeps for whoever subscribes later.
    pub(crate) async fn retain(&self, payload: Vec<u8>) {
        let topic = Topic { gateway: self.id, channel: Channel::UpInk }.to_string();
        let publish = self.client.publish(topic, QoS::AtLeastOnce, true, payload);
        timeout(LONG, publish).await.unwrap().unwrap();
    }

    /// Publishes frames in bundles as full as can be.
    pub(crate) async fn send(&self, frames: &[Vec<u8>]) {
        let mut left = frames;
        while !left.is_empty() {
            let mut buffer = vec![0; 65_536];
            let mut writer = BundleWriter::new(&mut buffer).unwrap();
            let taken = left.iter().take_while(|frame| writer.push(frame).is_ok()).count();
            self.publish(writer.finish().to_vec()).await;
            left = &left[taken..];
        }
    }

    /// Hears receipts until `done`; panics where that takes too long.
    pub(crate) async fn hear(&mut self, mut done: impl FnMut(&Heard) -> bool) {
        let all = async {
            while !done(&self.heard) {
                let said = self.receipts.recv().await.unwrap();
                self.heard.extend(said.into_iter().map(|(pen, n, outcome)| ((pen, n), outcome)));
            }
        };
        let in_time = timeout(LONG, all).await;
        assert!(in_time.is_ok(), "heard only {} of them", self.heard.len());
    }

    /// What came since, without waiting.
    pub(crate) fn hear_now(&mut self) -> &Heard {
        while let Ok(said) = self.receipts.try_recv() {
            self.heard.extend(said.into_iter().map(|(pen, n, outcome)| ((pen, n), outcome)));
        }
        &self.heard
    }

    /// Sends frames again and again until all of them have a receipt, as gateways do.
    pub(crate) async fn send_until_heard(&mut self, pen: u64, frames: &[Vec<u8>]) {
        let wanted = frames.len();
        for _ in 0..100 {
            let missing: Vec<Vec<u8>> = (1..)
                .zip(frames)
                .filter(|(number, _)| !self.heard.contains_key(&(PenId(pen), *number)))
                .map(|(_, frame)| frame.clone())
                .collect();
            if missing.is_empty() {
                return;
            }
            self.send(&missing).await;
            let resend_after = Duration::from_millis(300);
            let _ = timeout(resend_after, async {
                while self.heard.len() < wanted {
                    let said = self.receipts.recv().await.unwrap();
                    self.heard.extend(said.into_iter().map(|(p, n, outcome)| ((p, n), outcome)));
                }
            })
            .await;
        }
        panic!("heard only {} of {wanted}", self.heard.len());
    }
}

fn read(payload: &[u8]) -> Vec<(PenId, u32, Outcome)> {
    let mut said = Vec::new();
    for raw in Bundle::parse(payload).unwrap().frames() {
        let Ok(Frame::Receipt(receipt)) = raw.frame else { panic!("{raw:?}") };
        for range in receipt.ranges() {
            let range = range.unwrap();
            said.extend((range.first..=range.last).map(|n| (receipt.pen, n, range.outcome)));
        }
    }
    said
}
