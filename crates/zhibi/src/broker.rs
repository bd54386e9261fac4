//! The embedded MQTT broker: for the demo, and for a school that has no broker of its own.
//!
//! It keeps messages in memory alone. That is enough, because a gateway forgets a chunk only when
//! its receipt has come.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use firmware_protocol::{Channel, RESERVED_PREFIX, Topic};
use mqtt5::broker::auth::{AuthProvider, AuthResult};
use mqtt5::broker::config::{BrokerConfig, StorageBackend, StorageConfig};
use mqtt5::broker::{BrokerShutdownHandle, MqttBroker};
use mqtt5::packet::connect::ConnectPacket;
use mqtt5::protocol::v5::reason_codes::ReasonCode;
use tokio::task::JoinHandle;

use crate::service::{BrokerAddress, random_bits};

/// Largest packet taken: a bundle of 64 KiB with room for a topic, and no more than memory allows.
const PACKET_BYTES_MAX: usize = 1 << 20;

/// A running broker.
pub(crate) struct Broker {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// The password by which the service is known; nobody else is told.
    password: String,
    shutdown: BrokerShutdownHandle,
    task: JoinHandle<mqtt5::error::Result<()>>,
}

impl Broker {
    /// Starts a broker on a loopback port; 0 takes a free one.
    pub(crate) async fn start(port: u16) -> anyhow::Result<Self> {
        let storage = StorageConfig::default()
            .with_backend(StorageBackend::Memory)
            .with_max_queued_messages_per_client(100_000)
            .with_max_queued_bytes_per_client(256 << 20);
        let config = BrokerConfig::default()
            .with_bind_address(SocketAddr::from(([127, 0, 0, 1], port)))
            .with_max_packet_size(PACKET_BYTES_MAX)
            .with_max_outbound_inflight(100)
            .with_sys_topics_enabled(false)
            .with_session_expiry(Duration::from_secs(24 * 3600))
            .with_storage(storage);
        let mut broker = MqttBroker::with_config(config)
            .await
            .with_context(|| format!("cannot start a broker on 127.0.0.1:{port}"))?;
        let password: String = random_bits().iter().map(|byte| format!("{byte:02x}")).collect();
        broker = broker.with_auth_provider(Arc::new(Guard { password: password.clone() }));
        let address = broker.local_addr().context("the broker has no listener")?;
        let shutdown = broker.shutdown_handle();
        let mut ready = broker.ready_receiver();
        let task = tokio::spawn(async move { broker.run().await });
        ready.wait_for(|ready| *ready).await.context("the broker ended before it was ready")?;
        Ok(Self { address, password, shutdown, task })
    }

    /// How the service itself reaches it.
    pub(crate) fn of_service(&self) -> BrokerAddress {
        let credentials = Some((SERVICE.to_owned(), self.password.clone()));
        BrokerAddress { credentials, ..BrokerAddress::open(self.address) }
    }

    /// Stops it and waits until it has.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        self.shutdown.shutdown();
        self.task.await.context("the broker's task failed")?.context("the broker failed")
    }
}

/// The user name of the service.
const SERVICE: &str = "zhibi";

/// Reserves the service's client ids, receipts and policies for the service. Gateways have no
/// password here, so a gateway's id is a mere claim: what it sends is taken from anybody.
struct Guard {
    password: String,
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl AuthProvider for Guard {
    fn authenticate<'a>(
        &'a self,
        connect: &'a ConnectPacket,
        _: SocketAddr,
    ) -> Answer<'a, mqtt5::error::Result<AuthResult>> {
        let knows = connect.password.as_deref() == Some(self.password.as_bytes());
        let result = if connect.client_id.starts_with(RESERVED_PREFIX) && !knows {
            AuthResult::fail(ReasonCode::NotAuthorized)
        } else if knows {
            AuthResult::success_with_user(SERVICE)
        } else {
            AuthResult::success()
        };
        Box::pin(std::future::ready(Ok(result)))
    }

    fn authorize_publish<'a>(
        &'a self,
        _: &str,
        user_id: Option<&'a str>,
        topic: &'a str,
    ) -> Answer<'a, bool> {
        let down = Topic::parse(topic)
            .is_ok_and(|topic| matches!(topic.channel, Channel::DownReceipt | Channel::DownPolicy));
        Box::pin(std::future::ready(!down || user_id == Some(SERVICE)))
    }

    fn authorize_subscribe<'a>(
        &'a self,
        _: &str,
        _: Option<&'a str>,
        _: &'a str,
    ) -> Answer<'a, bool> {
        Box::pin(std::future::ready(true))
    }
}

#[cfg(test)]
mod tests;
