//! A broker that refuses what is asked of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

const CONNECT: u8 = 0x10;
const SUBSCRIBE: u8 = 0x82;
const REFUSED: u8 = 0x80;

/// Speaks as much MQTT 3.1.1 as it takes to let everybody in and to refuse the first subscription, as
/// a broker of a cluster does that is choosing a leader. Later ones are granted; nothing is ever
/// delivered. Ended when it is dropped.
#[derive(Debug)]
pub struct RefusesOnce {
    /// Where it listens.
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl RefusesOnce {
    /// Starts it.
    ///
    /// # Panics
    /// Where loopback has no free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        let task = tokio::spawn(async move {
            let refuses = Arc::new(AtomicBool::new(true));
            let mut clients = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                clients.spawn(answer(client, Arc::clone(&refuses)));
            }
        });
        Self { address, task }
    }
}

impl Drop for RefusesOnce {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers one client until it goes, as it should after a refusal.
async fn answer(mut client: TcpStream, refuses: Arc<AtomicBool>) -> std::io::Result<()> {
    loop {
        let kind = client.read_u8().await?;
        let mut packet = vec![0; length(&mut client).await?];
        client.read_exact(&mut packet).await?;
        match kind {
            CONNECT => client.write_all(&[0x20, 2, 0, 0]).await?,
            SUBSCRIBE => {
                // A packet id, then each filter's length, its text and its quality of service.
                let (mut at, mut filters) = (2, 0_u8);
                while at + 2 < packet.len() {
                    at += 3 + usize::from(u16::from_be_bytes([packet[at], packet[at + 1]]));
                    filters += 1;
                }
                let word = if refuses.swap(false, Ordering::Relaxed) { REFUSED } else { 1 };
                let mut granted = vec![0x90, 2 + filters, packet[0], packet[1]];
                granted.resize(usize::from(4 + filters), word);
                client.write_all(&granted).await?;
            }
            _ => {}
        }
    }
}

/// The rest of a packet's length, seven bits a byte.
async fn length(client: &mut TcpStream) -> std::io::Result<usize> {
    let (mut length, mut shift) = (0, 0);
    loop {
        let byte = client.read_u8().await?;
        length |= usize::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return Ok(length);
        }
    }
}
