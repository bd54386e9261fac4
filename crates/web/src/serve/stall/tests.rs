use std::future::poll_fn;

use tokio::net::TcpListener;
use tokio::time::advance;

use super::*;

const LIMIT: Duration = Duration::from_secs(20);

/// A stream and its other end.
async fn pair() -> (Stall, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (here, there) =
        tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());
    (Stall::new(here.unwrap(), LIMIT), there.unwrap().0)
}

/// Writes until the other end must read first; the bytes written, or why no more can be.
async fn fill(stall: &mut Stall) -> io::Result<usize> {
    let mut bytes = 0;
    poll_fn(|cx| {
        loop {
            match Pin::new(&mut *stall).poll_write(cx, &[0; 1 << 16]) {
                Poll::Ready(Ok(n)) => bytes += n,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Ready(Ok(bytes)),
            }
        }
    })
    .await
}

/// Reads at least so much. Yields instead of waiting, since paused time runs on while all wait.
async fn take(there: &TcpStream, mut bytes: usize) {
    let mut buffer = vec![0; 1 << 16];
    while bytes > 0 {
        match there.try_read(&mut buffer) {
            Ok(n) => bytes = bytes.saturating_sub(n),
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_nobody_reads_fails_at_the_limit() {
    let (mut stall, _there) = pair().await;
    assert!(fill(&mut stall).await.unwrap() > 0);
    advance(LIMIT - Duration::from_millis(2)).await;
    assert_eq!(fill(&mut stall).await.unwrap(), 0, "it is waited for up to the limit");
    advance(Duration::from_millis(4)).await;
    assert_eq!(fill(&mut stall).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_written_to() {
    let (mut stall, there) = pair().await;
    let mut unread = fill(&mut stall).await.unwrap();
    for _ in 0..4 {
        advance(LIMIT - Duration::from_millis(2)).await;
        take(&there, unread).await;
        unread = 0;
        while unread == 0 {
            tokio::task::yield_now().await;
            unread = fill(&mut stall).await.unwrap();
        }
    }
}
