//! A network that fails as told: a TCP proxy in front of a server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Bytes that are passed on at once.
const PIECE_BYTES: usize = 4_096;

/// How often a slow link passes on a piece.
const SLOW_STEP: Duration = Duration::from_millis(20);

/// How a link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Passes everything on.
    Pass,
    /// Passes so many bytes more in each direction of each connection, then ends the connection:
    /// mostly within a packet.
    CutAfter(u64),
    /// Half-open: swallows what comes and ends nothing. A connection that lost bytes is ended once
    /// the link is another.
    Swallow,
    /// Passes on so many bytes a second in each direction.
    Slow(u64),
    /// Passes everything on, so much later.
    Late(Duration),
    /// Ends each connection at once.
    Refuse,
}

/// A proxy whose link can be made another while it runs. Ended when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    link: watch::Sender<Link>,
    passed: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts one in front of a server, which need not be there yet.
    ///
    /// # Panics
    /// Where no port of loopback is free.
    pub async fn start(server: SocketAddr) -> Self {
        Self::start_before(vec![server]).await
    }

    /// Starts one in front of several servers that are as good as each other: a connection goes to
    /// the first that takes it, as with a name that has several addresses.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub async fn start_before(servers: Vec<SocketAddr>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        let (link, links) = watch::channel(Link::Pass);
        let passed = Arc::new(AtomicU64::new(0));
        let task = tokio::spawn(accept(listener, servers, links, Arc::clone(&passed)));
        Self { address, link, passed, task }
    }

    /// Makes the link another, for the connections that there are as well.
    pub fn set(&self, link: Link) {
        self.link.send_replace(link);
    }

    /// Bytes passed on so far, both ways.
    #[must_use]
    pub fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(
    listener: TcpListener,
    servers: Vec<SocketAddr>,
    links: watch::Receiver<Link>,
    passed: Arc<AtomicU64>,
) {
    loop {
        // Whoever waits in the queue and goes away again is nobody.
        let Ok((client, _)) = listener.accept().await else { continue };
        let (servers, links, passed) = (servers.clone(), links.clone(), Arc::clone(&passed));
        tokio::spawn(async move {
            if *links.borrow() == Link::Refuse {
                return;
            }
            let Ok(server) = TcpStream::connect(&*servers).await else { return };
            // A fault must not be hidden behind bytes that wait for company.
            let _slower = (client.set_nodelay(true), server.set_nodelay(true));
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            // Whichever direction ends first ends both.
            tokio::select! {
                () = pass(from_client, to_server, links.clone(), &passed) => {}
                () = pass(from_server, to_client, links, &passed) => {}
            }
        });
    }
}

/// One direction of a connection, until it ends or the link ends it.
async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut links: watch::Receiver<Link>,
    passed: &AtomicU64,
) {
    let mut buffer = vec![0; PIECE_BYTES];
    let (mut left, mut is_broken) = (None, false);
    loop {
        let link = *links.borrow_and_update();
        left = match link {
            Link::CutAfter(bytes) => left.or(Some(bytes)),
            _ => None,
        };
        let room = match (link, left) {
            (Link::Refuse, _) => return,
            (Link::Swallow, _) => PIECE_BYTES,
            _ if is_broken => return,
            (_, Some(0)) => return,
            (_, Some(bytes)) => usize::try_from(bytes).unwrap_or(PIECE_BYTES).min(PIECE_BYTES),
            (Link::Slow(bytes_per_s), _) => slow_piece(bytes_per_s),
            _ => PIECE_BYTES,
        };
        let read = tokio::select! {
            changed = links.changed() => match changed {
                Ok(()) => continue,
                // The proxy is gone.
                Err(_) => return,
            },
            read = from.read(&mut buffer[..room]) => read,
        };
        let Ok(len @ 1..) = read else { return };
        match link {
            Link::Swallow => {
                is_broken = true;
                continue;
            }
            Link::Slow(_) => tokio::time::sleep(SLOW_STEP).await,
            Link::Late(by) => tokio::time::sleep(by).await,
            _ => {}
        }
        if to.write_all(&buffer[..len]).await.is_err() {
            return;
        }
        passed.fetch_add(len as u64, Ordering::Relaxed);
        left = left.map(|bytes| bytes - len as u64);
    }
}

fn slow_piece(bytes_per_s: u64) -> usize {
    let bytes = bytes_per_s * SLOW_STEP.as_millis() as u64 / 1_000;
    usize::try_from(bytes).unwrap_or(PIECE_BYTES).clamp(1, PIECE_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that sends back what it hears.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.into_split();
                    let _ended = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        address
    }

    /// What comes back of `bytes` until the connection ends or all is back.
    async fn back(stream: &mut TcpStream, bytes: &[u8]) -> Vec<u8> {
        let _ended = stream.write_all(bytes).await;
        let mut heard = Vec::new();
        let mut buffer = [0; 256];
        while heard.len() < bytes.len() {
            match stream.read(&mut buffer).await {
                Ok(len @ 1..) => heard.extend_from_slice(&buffer[..len]),
                _ => break,
            }
        }
        heard
    }

    #[tokio::test]
    async fn a_link_fails_as_told_and_is_whole_again() {
        let proxy = Proxy::start(echo().await).await;
        let dial = || TcpStream::connect(proxy.address);
        let hundred: Vec<u8> = (0..100).collect();
        let mut stream = dial().await.unwrap();
        assert_eq!(back(&mut stream, &hundred).await, hundred);
        assert_eq!(proxy.passed(), 200);

        proxy.set(Link::CutAfter(30));
        let mut cut = dial().await.unwrap();
        assert!(back(&mut cut, &hundred).await.len() <= 30);

        proxy.set(Link::Swallow);
        let mut half_open = dial().await.unwrap();
        half_open.write_all(&hundred).await.unwrap();
        let nothing = tokio::time::timeout(SLOW_STEP, half_open.read_u8()).await;
        assert!(nothing.is_err(), "it neither answers nor ends");
        proxy.set(Link::Pass);
        assert!(half_open.read_u8().await.is_err(), "it lost bytes, and ends");

        proxy.set(Link::Refuse);
        let mut refused = dial().await.unwrap();
        assert!(back(&mut refused, &hundred).await.is_empty());

        for link in [Link::Slow(10_000), Link::Late(SLOW_STEP)] {
            proxy.set(link);
            let begun = tokio::time::Instant::now();
            let mut slow = dial().await.unwrap();
            assert_eq!(back(&mut slow, &hundred).await, hundred, "{link:?}");
            assert!(begun.elapsed() >= SLOW_STEP, "{link:?}");
        }
    }
}
