//! The pens' side of a gateway.

use std::fmt;

use firmware_protocol::{
    BootId, ChunkKey, Found, Frame, FrameError, FrameStream, GatewayState, PenId, PenState,
    ReceiptRange, decode_frame, encode_gateway_state, peek_envelope,
};
use tokio::sync::{broadcast, mpsc, oneshot};

use crate::Clock;

/// A pen's way to its gateway.
#[derive(Clone)]
pub struct PenLink {
    clock: Clock,
    commands: mpsc::Sender<Command>,
    receipts: broadcast::Sender<PenReceipt>,
}

/// One connection of a pen's radio link: its frames come in notifications, cut anywhere.
#[derive(Debug)]
pub struct Connection {
    link: PenLink,
    stream: FrameStream,
}

/// The gateway has it: the pen stops sending it again, and keeps it until the receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is in the spool now.
    Fresh,
    /// It was there already.
    Duplicate,
    /// A pen's state, which is no ink: it goes with the next bundle and has no receipt.
    State,
}

/// Why a chunk was not taken; the pen keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// The bytes are no sound frame: the link damaged them.
    #[error("no sound frame: {0}")]
    Damaged(FrameError),
    /// So many bytes of a connection are part of no sound frame.
    #[error("{0} bytes of no sound frame")]
    Noise(usize),
    /// The frame is neither a hello, which is number 0, nor a chunk, which is not: no receipt would
    /// ever name it.
    #[error("frame of kind {0}, number {1}: neither hello nor chunk")]
    Kind(u8, u32),
    /// The spool holds other bytes under this key.
    #[error("chunk {} of its pen: other bytes wait under this key", .0.number)]
    Conflict(ChunkKey),
    /// The gateway has stopped.
    #[error("the gateway has stopped")]
    Stopped,
}

/// The server's word on some chunks of one start of one pen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PenReceipt {
    /// The pen.
    pub pen: PenId,
    /// The pen's start.
    pub boot: BootId,
    /// Which chunks, and what became of them.
    pub range: ReceiptRange,
}

/// What the spool's task is asked to do.
#[derive(Debug)]
pub(crate) enum Command {
    Take { key: ChunkKey, frame: Vec<u8>, answer: oneshot::Sender<Result<Taken, NotTaken>> },
    Heard(PenState),
}

impl PenLink {
    pub(crate) fn new(
        clock: Clock,
        commands: mpsc::Sender<Command>,
        receipts: broadcast::Sender<PenReceipt>,
    ) -> Self {
        Self { clock, commands, receipts }
    }

    /// Hands over one whole frame: a chunk, a hello, or a pen's state, which is heard now. Waits
    /// while the spool is full.
    ///
    /// # Errors
    /// See [`NotTaken`].
    pub async fn hand_over(&self, frame: &[u8]) -> Result<Taken, NotTaken> {
        let envelope = peek_envelope(frame).map_err(NotTaken::Damaged)?;
        if let Ok((Frame::PenState(state), _)) = decode_frame(frame) {
            self.heard(PenState { seen_unix_ms: (self.clock)(), ..state }).await;
            return Ok(Taken::State);
        }
        if !envelope.is_receipted() {
            return Err(NotTaken::Kind(envelope.kind, envelope.key.number));
        }
        let frame = frame[..envelope.total_len].to_vec();
        let (answer, answered) = oneshot::channel();
        let command = Command::Take { key: envelope.key, frame, answer };
        self.commands.send(command).await.map_err(|_| NotTaken::Stopped)?;
        answered.await.map_err(|_| NotTaken::Stopped)?
    }

    /// The frame that a pen gets first on each connection: the gateway's state with the present
    /// time, by which a pen sets a clock that was never set.
    pub fn greeting(&self) -> Vec<u8> {
        let state = GatewayState { online: true, session: 0, unix_ms: (self.clock)() };
        let mut frame = [0; 64];
        // A state takes 37 bytes.
        let len = encode_gateway_state(&state, &mut frame).unwrap_or(0);
        frame[..len].to_vec()
    }

    /// A new connection of a pen.
    pub fn connect(&self) -> Connection {
        Connection { link: self.clone(), stream: FrameStream::new() }
    }

    /// Passes on what a pen said of its clock, battery and backlog.
    pub async fn heard(&self, state: PenState) {
        // A stopped gateway hears nothing; a state is no ink, and the next one says it again.
        let _stopped = self.commands.send(Command::Heard(state)).await;
    }

    /// The receipts that come from now on.
    pub fn receipts(&self) -> broadcast::Receiver<PenReceipt> {
        self.receipts.subscribe()
    }
}

impl fmt::Debug for PenLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PenLink")
    }
}

impl Connection {
    /// Takes a notification, and hands over each frame that it makes whole; waits while the spool is
    /// full. Gives what became of each, in order; nothing where no frame ends in it.
    pub async fn notified(&mut self, piece: &[u8]) -> Vec<Result<Taken, NotTaken>> {
        let mut found: Vec<Result<Vec<u8>, usize>> = Vec::new();
        self.stream.push(piece, |what| {
            found.push(match what {
                Found::Frame(frame) => Ok(frame.to_vec()),
                Found::Damage(bytes) => Err(bytes),
            });
        });
        let mut became = Vec::with_capacity(found.len());
        for what in found {
            became.push(match what {
                Ok(frame) => self.link.hand_over(&frame).await,
                Err(bytes) => Err(NotTaken::Noise(bytes)),
            });
        }
        became
    }
}
