//! Ways by which pens reach a gateway: TCP, a Unix socket, a serial line, a recorded capture.
//!
//! Each carries frames without a gap, cut anywhere. The pen hears the gateway's state first, then
//! `taken` for what is durable in the spool, and the server's receipts.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use firmware_protocol::{
    BootId, Bundle, Capture, CaptureError, ChunkKey, Frame, Outcome, PenId, ReceiptRange,
    decode_frame, peek_envelope,
};
use rustix::fs::OFlags;
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::unix::pipe;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;

use crate::desk::{self, PenReceipt};
use crate::link::{NotTaken, PenLink, Taken};

/// After so long a silence the rest of a frame does not come (PROTOCOL.md, section 4).
const SILENCE: Duration = Duration::from_secs(2);

/// A connection on which nothing came for so long is closed: a pen says its state each minute.
const IDLE: Duration = Duration::from_secs(10 * 60);

/// How long a pen may take for what is written to it.
const WRITE_WITHIN: Duration = Duration::from_secs(30);

/// Frames that may wait to be written to one connection.
const OUT_MAX: usize = 256;

/// Bytes read at once.
const READ_BYTES: usize = 16 << 10;

/// Between attempts to open a serial line, to accept, and to replay where the spool is full.
const PAUSE: Duration = Duration::from_secs(1);

/// Accepts pens by TCP, as many at once as there is room for.
pub async fn accept_tcp(listener: TcpListener, link: PenLink, room: Arc<Semaphore>) {
    loop {
        let Some(place) = place(&room).await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                // A `taken` must not wait for company.
                let _slower = stream.set_nodelay(true);
                let (reader, writer) = stream.into_split();
                spawn(link.clone(), reader, writer, place);
            }
            Err(error) => refused(&error).await,
        }
    }
}

/// The same by a Unix socket.
pub async fn accept_unix(listener: UnixListener, link: PenLink, room: Arc<Semaphore>) {
    loop {
        let Some(place) = place(&room).await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let (reader, writer) = stream.into_split();
                spawn(link.clone(), reader, writer, place);
            }
            Err(error) => refused(&error).await,
        }
    }
}

async fn place(room: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    room.clone().acquire_owned().await.ok()
}

async fn refused(error: &io::Error) {
    tracing::warn!(%error, "no connection of a pen was accepted");
    tokio::time::sleep(PAUSE).await;
}

fn spawn(
    link: PenLink,
    reader: impl AsyncRead + Unpin + Send + 'static,
    writer: impl AsyncWrite + Unpin + Send + 'static,
    place: OwnedSemaphorePermit,
) {
    tokio::spawn(async move {
        serve(&link, reader, writer, Some(IDLE)).await;
        drop(place);
    });
}

/// Serves pens on a serial line, and opens it again when it is gone: a radio adapter may be pulled
/// out. `baud` bits a second, eight to a byte, no parity, no control characters.
pub async fn serial(path: PathBuf, baud: u32, link: PenLink) {
    let mut is_told = false;
    loop {
        match open_serial(&path, baud) {
            Ok((reader, writer)) => {
                tracing::info!(line = %path.display(), "a serial line is open");
                is_told = false;
                serve(&link, reader, writer, None).await;
                tracing::warn!(line = %path.display(), "a serial line has ended");
            }
            Err(error) if !is_told => {
                is_told = true;
                tracing::warn!(line = %path.display(), %error, "a serial line cannot be opened; trying again");
            }
            Err(_) => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn open_serial(path: &Path, baud: u32) -> io::Result<(pipe::Receiver, pipe::Sender)> {
    let flags = OFlags::NOCTTY | OFlags::NONBLOCK;
    let line: File = OpenOptions::new()
        .read(true)
        .write(true)
        // The flags are few and small.
        .custom_flags(flags.bits() as i32)
        .open(path)?;
    let mut mode = tcgetattr(&line)?;
    mode.make_raw();
    mode.set_speed(baud)?;
    tcsetattr(&line, OptionalActions::Flush, &mode)?;
    let other = line.try_clone()?;
    // Made for pipes; what they ask of a file, not to block and to tell when it is ready, a terminal
    // does as well.
    Ok((pipe::Receiver::from_file_unchecked(line)?, pipe::Sender::from_file_unchecked(other)?))
}

/// Serves one connection until either side ends it.
async fn serve(
    link: &PenLink,
    reader: impl AsyncRead + Unpin,
    writer: impl AsyncWrite + Unpin,
    idle: Option<Duration>,
) {
    let line = link.desk.line();
    let (out, queue) = mpsc::channel(OUT_MAX);
    let reading = async {
        listen(link, line, reader, out, idle).await;
        // With its seat goes the last way into the queue.
        link.desk.leave(line);
    };
    let mut writing = std::pin::pin!(write(writer, queue));
    tokio::select! {
        () = &mut writing => {}
        () = reading => drop(timeout(SILENCE, writing).await),
    }
    link.desk.leave(line);
}

async fn write(mut writer: impl AsyncWrite + Unpin, mut queue: mpsc::Receiver<Vec<u8>>) {
    while let Some(mut bytes) = queue.recv().await {
        while let Ok(more) = queue.try_recv() {
            bytes.extend(more);
        }
        let written = timeout(WRITE_WITHIN, async {
            writer.write_all(&bytes).await?;
            writer.flush().await
        });
        if !matches!(written.await, Ok(Ok(()))) {
            return;
        }
    }
}

/// Takes frames, and answers with `taken`.
async fn listen(
    link: &PenLink,
    line: desk::Line,
    mut reader: impl AsyncRead + Unpin,
    out: mpsc::Sender<Vec<u8>>,
    idle: Option<Duration>,
) {
    let mut connection = link.connect();
    let mut buffer = vec![0; READ_BYTES];
    let mut silent = Duration::ZERO;
    if out.send(link.greeting()).await.is_err() {
        return;
    }
    loop {
        let found = match timeout(SILENCE, reader.read(&mut buffer)).await {
            Ok(Ok(0) | Err(_)) => return,
            Ok(Ok(len)) => {
                silent = Duration::ZERO;
                connection.found(&buffer[..len])
            }
            Err(_) => {
                silent += SILENCE;
                if idle.is_some_and(|idle| silent >= idle) {
                    return;
                }
                connection.silent()
            }
        };
        let mut keys = Vec::with_capacity(found.len());
        for frame in &found {
            let key = frame.as_ref().ok().and_then(|frame| peek_envelope(frame).ok());
            let key = key.map(|envelope| envelope.key);
            if let Some(key) = key {
                link.desk.sit(key.pen, line, &out);
            }
            keys.push(key);
        }
        let became = connection.hand_over(found).await;
        let (mut noise, mut strange) = (0, 0);
        let mut taken: Vec<ChunkKey> = Vec::new();
        for (key, became) in keys.into_iter().zip(became) {
            match became {
                Ok(Taken::Fresh | Taken::Duplicate) => taken.extend(key),
                Ok(Taken::State) | Err(NotTaken::Full | NotTaken::Disk) => {}
                Err(NotTaken::Noise(bytes)) => noise += bytes as u64,
                Err(NotTaken::Stopped) => return,
                Err(NotTaken::Damaged(_) | NotTaken::Kind(..) | NotTaken::Conflict(_)) => {
                    strange += 1;
                }
            }
        }
        link.met(noise, strange).await;
        for frame in said_taken(taken) {
            if out.send(frame).await.is_err() {
                return;
            }
        }
    }
}

/// Receipts that say `taken`, a range for each run of numbers.
fn said_taken(mut keys: Vec<ChunkKey>) -> Vec<Vec<u8>> {
    keys.sort_unstable();
    keys.dedup();
    let mut by_boot: BTreeMap<(PenId, BootId), Vec<ReceiptRange>> = BTreeMap::new();
    for ChunkKey { pen, boot, number } in keys {
        let ranges = by_boot.entry((pen, boot)).or_default();
        match ranges.last_mut() {
            Some(range) if range.last.checked_add(1) == Some(number) => range.last = number,
            _ => {
                let outcome = Outcome::Taken;
                ranges.push(ReceiptRange { outcome, first: number, last: number });
            }
        }
    }
    let frames = |((pen, boot), ranges): ((PenId, BootId), Vec<ReceiptRange>)| {
        let range = ranges.first().copied()?;
        Some(desk::frames(&PenReceipt { pen, boot, range }, &ranges))
    };
    by_boot.into_iter().filter_map(frames).flatten().collect()
}

/// Why a capture could not be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The file cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is no capture, or ends within a bundle.
    #[error("{0}")]
    Capture(CaptureError),
    /// The gateway has stopped.
    #[error("the gateway has stopped")]
    Stopped,
}

/// Hands over what a capture holds, and waits where the spool is full; gives how many chunks were
/// taken. What it replayed before is taken again and stored once.
///
/// # Errors
/// See [`ReplayError`].
pub async fn replay(capture: &Path, link: &PenLink) -> Result<u64, ReplayError> {
    let bytes = tokio::fs::read(capture).await?;
    let capture = Capture::parse(&bytes).map_err(ReplayError::Capture)?;
    let mut chunks = 0;
    for bundle in capture.bundles() {
        let bundle = bundle.map_err(ReplayError::Capture)?;
        // What is no bundle holds no frames either: there is nothing to hand over.
        if Bundle::parse(bundle).is_err() {
            continue;
        }
        let mut connection = link.connect();
        // Its header stands before its frames.
        let mut frames = connection.found(&bundle[8..]);
        frames.extend(connection.silent());
        for frame in frames.into_iter().flatten() {
            // What the gateway's clock said when it was recorded goes with what the pen's said then.
            if let Ok((Frame::PenState(state), _)) = decode_frame(&frame)
                && state.seen_unix_ms != 0
            {
                link.heard(state).await;
                continue;
            }
            loop {
                match link.hand_over(&frame).await {
                    Err(NotTaken::Full | NotTaken::Disk) => tokio::time::sleep(PAUSE).await,
                    Err(NotTaken::Stopped) => return Err(ReplayError::Stopped),
                    Ok(Taken::State) | Err(_) => break,
                    Ok(Taken::Fresh | Taken::Duplicate) => {
                        chunks += 1;
                        break;
                    }
                }
            }
        }
    }
    Ok(chunks)
}
