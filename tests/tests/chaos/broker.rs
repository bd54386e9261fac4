//! The broker of a site: one that forgets, or a cluster of which one node at a time dies.

use std::net::SocketAddr;
use std::path::Path;

use test_needs::{Mosquitto, Port};
use zhibi_tests::{Nats, Proxy};

/// What gateways and service meet at.
pub(crate) enum Broker {
    Mosquitto(Mosquitto),
    /// `way` leads to whichever node takes a connection.
    Nats {
        cluster: Nats,
        way: Proxy,
        dead: Option<usize>,
    },
}

/// Which broker a site is to have.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Mosquitto,
    Nats,
}

impl Broker {
    /// Starts one; `None` where it is not installed.
    pub(crate) async fn start(kind: Kind, folder: &Path) -> Option<Self> {
        match kind {
            Kind::Mosquitto => {
                let port = Port::take();
                let config = folder.join("mosquitto.conf");
                // A queue that overflows soon, and nothing on disk: all that a broker may lose is
                // lost.
                let text = format!(
                    "listener {} 127.0.0.1\nallow_anonymous true\npersistence false\n\
                     max_queued_messages 4\nmax_inflight_messages 20\nlog_type none\nuser root\n",
                    port.number
                );
                std::fs::write(&config, text).expect("a file in a temporary folder");
                Mosquitto::start_with(config, port).map(Self::Mosquitto)
            }
            Kind::Nats => {
                let cluster = Nats::start()?;
                let way = Proxy::start_before(cluster.addresses()).await;
                Some(Self::Nats { cluster, way, dead: None })
            }
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        match self {
            Self::Mosquitto(broker) => broker.address,
            Self::Nats { way, .. } => way.address,
        }
    }

    /// kill -9; of a cluster, the node that leads.
    pub(crate) fn kill(&mut self) {
        match self {
            Self::Mosquitto(broker) => broker.kill(),
            Self::Nats { cluster, dead, .. } => {
                let node = cluster.leader().unwrap_or(0);
                cluster.kill(node);
                *dead = Some(node);
            }
        }
    }

    /// Brings back what was killed.
    pub(crate) fn revive(&mut self) {
        match self {
            Self::Mosquitto(broker) => broker.restart(),
            Self::Nats { cluster, dead, .. } => {
                dead.take().into_iter().for_each(|node| cluster.revive(node));
            }
        }
    }
}
