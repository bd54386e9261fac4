//! The embedded MQTT broker: for the demo, and for a school that has no broker of its own.
//!
//! It keeps messages in memory alone. That is enough, because a gateway forgets a chunk only when
//! its receipt has come.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use mqtt5::broker::config::{BrokerConfig, StorageBackend, StorageConfig};
use mqtt5::broker::{BrokerShutdownHandle, MqttBroker};
use tokio::task::JoinHandle;

/// Largest packet taken: a bundle of 64 KiB with room for a topic, and no more than memory allows.
const PACKET_BYTES_MAX: usize = 1 << 20;

/// A running broker.
pub(crate) struct Broker {
    /// Where it listens.
    pub(crate) address: SocketAddr,
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
        let address = broker.local_addr().context("the broker has no listener")?;
        let shutdown = broker.shutdown_handle();
        let mut ready = broker.ready_receiver();
        let task = tokio::spawn(async move { broker.run().await });
        ready.wait_for(|ready| *ready).await.context("the broker ended before it was ready")?;
        Ok(Self { address, shutdown, task })
    }

    /// Stops it and waits until it has.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        self.shutdown.shutdown();
        self.task.await.context("the broker's task failed")?.context("the broker failed")
    }
}
