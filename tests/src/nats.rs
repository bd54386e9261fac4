//! A cluster of three NATS nodes that speak MQTT 3.1.1, of which any can be killed.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use test_needs::{Port, missing, program};

use crate::http::get;
use crate::zhibi::end;

/// Far beyond what three nodes take to find each other and choose leaders.
const UP_WITHIN: Duration = Duration::from_secs(60);

/// How many nodes there are: with two of them the cluster goes on.
const NODES: usize = 3;

/// The stream in which the cluster keeps what is published at QoS 1.
const MESSAGES: &str = "$MQTT_msgs";

/// Three nodes on loopback with JetStream on disk, killed when they are dropped.
#[derive(Debug)]
pub struct Nats {
    folder: TempDir,
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    mqtt: Port,
    client: Port,
    route: Port,
    monitor: Port,
    process: Option<Child>,
}

impl Nats {
    /// Starts a cluster and waits until its nodes take clients; `None` where `nats-server` is not
    /// installed.
    ///
    /// # Panics
    /// Where it does not come up, and where it is not installed but required.
    #[must_use]
    pub fn start() -> Option<Self> {
        if program("nats-server").is_none() {
            missing("nats-server", "tests/run");
            return None;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let node = |_| Node {
            mqtt: Port::take(),
            client: Port::take(),
            route: Port::take(),
            monitor: Port::take(),
            process: None,
        };
        let mut cluster = Self { folder, nodes: (0..NODES).map(node).collect() };
        let route = |node: &Node| format!("nats-route://127.0.0.1:{}", node.route.number);
        let routes: Vec<String> = cluster.nodes.iter().map(route).collect();
        for (number, node) in cluster.nodes.iter_mut().enumerate() {
            let file = config(&cluster.folder, number);
            let store = cluster.folder.path().join(format!("node-{number}"));
            let text = format!(
                "server_name: node-{number}\nlisten: 127.0.0.1:{}\nhttp: 127.0.0.1:{}\n\
                 jetstream {{ store_dir: {store:?} }}\n\
                 cluster {{ name: zhibi, listen: 127.0.0.1:{}, routes: [{}] }}\n\
                 mqtt {{ listen: 127.0.0.1:{} }}\n",
                node.client.number,
                node.monitor.number,
                node.route.number,
                routes.join(","),
                node.mqtt.number,
            );
            std::fs::write(&file, text).expect("a file in a temporary folder");
            node.process = Some(spawn(&file));
        }
        cluster.wait_until_it_is_up();
        Some(cluster)
    }

    /// Where the nodes listen for MQTT.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let address = |node: &Node| SocketAddr::from((Ipv4Addr::LOCALHOST, node.mqtt.number));
        self.nodes.iter().map(address).collect()
    }

    /// The number of the node that leads the stream of messages, once there is one.
    #[must_use]
    pub fn leader(&self) -> Option<usize> {
        let alive = self.nodes.iter().find(|node| node.process.is_some())?;
        let (_, text) = get(monitor(alive), "/jsz?accounts=true&streams=true");
        // It comes in one piece, between lines that say how long it is.
        let told: Value = serde_json::from_str(&text[text.find('{')?..=text.rfind('}')?]).ok()?;
        let streams = told["account_details"][0]["stream_detail"].as_array()?;
        let stream = streams.iter().find(|stream| stream["name"] == MESSAGES)?;
        stream["cluster"]["leader"].as_str()?.strip_prefix("node-")?.parse().ok()
    }

    /// kill -9 of a node.
    pub fn kill(&mut self, number: usize) {
        if let Some(mut process) = self.nodes[number].process.take() {
            end(&mut process);
        }
    }

    /// Starts a node again that was killed; the cluster takes it back in its own time.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn revive(&mut self, number: usize) {
        self.kill(number);
        self.nodes[number].process = Some(spawn(&config(&self.folder, number)));
    }

    /// A node is up once it finds the cluster's leader, which half of the nodes must choose.
    fn wait_until_it_is_up(&self) {
        let limit = Instant::now() + UP_WITHIN;
        for node in &self.nodes {
            let is_up = || {
                std::net::TcpStream::connect(monitor(node)).is_ok()
                    && get(monitor(node), "/healthz").0 == 200
            };
            while !is_up() {
                assert!(Instant::now() < limit, "the cluster does not come up");
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        (0..NODES).for_each(|number| self.kill(number));
    }
}

fn config(folder: &TempDir, number: usize) -> PathBuf {
    folder.path().join(format!("node-{number}.conf"))
}

fn monitor(node: &Node) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, node.monitor.number))
}

fn spawn(config: &Path) -> Child {
    Command::new(program("nats-server").expect("it was there a moment ago"))
        .arg("--config")
        .arg(config)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("nats-server starts")
}
