//! The pens' side of a gateway.

use std::fmt;
use std::sync::Arc;

use firmware_protocol::{
    ChunkKey, Found, Frame, FrameError, FrameStream, GatewayState, PenId, PenState, decode_frame,
    encode_gateway_state, encode_pen_state, peek_envelope, stamp_pen_state,
};
use tokio::sync::{broadcast, mpsc, oneshot};

use crate::desk::{Desk, PenReceipt};
use crate::{Clock, Status};

/// A pen's way to its gateway.
#[derive(Clone)]
pub struct PenLink {
    clock: Clock,
    commands: mpsc::Sender<Command>,
    receipts: broadcast::Sender<PenReceipt>,
    pub(crate) desk: Arc<Desk>,
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
    /// It is in the spool now, durably.
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
    /// The spool is full.
    #[error("the spool is full")]
    Full,
    /// The spool's disk takes nothing, or failed.
    #[error("the spool's disk takes nothing")]
    Disk,
    /// The gateway has stopped.
    #[error("the gateway has stopped")]
    Stopped,
}

/// What the spool's task is asked to do.
#[derive(Debug)]
pub(crate) enum Command {
    Take {
        key: ChunkKey,
        frame: Vec<u8>,
        answer: oneshot::Sender<Result<Taken, NotTaken>>,
    },
    /// A pen's state, a whole frame with the time at which it was heard.
    Heard(PenId, Vec<u8>),
    /// A link met bytes of no sound frame, or a frame that is not taken.
    Noise {
        bytes: u64,
        strange: u64,
    },
    Ask(oneshot::Sender<Status>),
}

/// A frame that was handed over, whose fate is known at once or when the spool's task answers.
#[derive(Debug)]
pub struct Offer(Offered);

#[derive(Debug)]
enum Offered {
    Known(Result<Taken, NotTaken>),
    Asked(oneshot::Receiver<Result<Taken, NotTaken>>),
}

impl PenLink {
    pub(crate) fn new(
        clock: Clock,
        commands: mpsc::Sender<Command>,
        receipts: broadcast::Sender<PenReceipt>,
    ) -> Self {
        Self { clock, commands, receipts, desk: Arc::default() }
    }

    /// Hands over one whole frame: a chunk, a hello, or a pen's state, which is heard now. What is
    /// taken is durable.
    ///
    /// # Errors
    /// See [`NotTaken`].
    pub async fn hand_over(&self, frame: &[u8]) -> Result<Taken, NotTaken> {
        self.offer(frame).await.became().await
    }

    /// Gives a frame to the spool's task without waiting for its answer, so that those that come
    /// together are made durable together.
    async fn offer(&self, frame: &[u8]) -> Offer {
        Offer(self.offered(frame).await)
    }

    async fn offered(&self, frame: &[u8]) -> Offered {
        let envelope = match peek_envelope(frame) {
            Ok(envelope) => envelope,
            Err(error) => return Offered::Known(Err(NotTaken::Damaged(error))),
        };
        if let Ok((Frame::PenState(state), _)) = decode_frame(frame) {
            let mut frame = frame[..envelope.total_len].to_vec();
            // Its envelope was read above.
            let _sound = stamp_pen_state(&mut frame, (self.clock)());
            self.pass_state(state.pen, frame).await;
            return Offered::Known(Ok(Taken::State));
        }
        if !envelope.is_receipted() {
            let kind = NotTaken::Kind(envelope.kind, envelope.key.number);
            return Offered::Known(Err(kind));
        }
        let frame = frame[..envelope.total_len].to_vec();
        let (answer, answered) = oneshot::channel();
        let command = Command::Take { key: envelope.key, frame, answer };
        match self.commands.send(command).await {
            Ok(()) => Offered::Asked(answered),
            Err(_) => Offered::Known(Err(NotTaken::Stopped)),
        }
    }

    /// Tells the spool's task what a link met that is not taken.
    pub(crate) async fn met(&self, bytes: u64, strange: u64) {
        if bytes + strange > 0 {
            // A stopped gateway counts nothing.
            let _stopped = self.commands.send(Command::Noise { bytes, strange }).await;
        }
    }

    /// What the gateway shows of itself; `None` once it has stopped.
    pub async fn status(&self) -> Option<Status> {
        let (answer, answered) = oneshot::channel();
        self.commands.send(Command::Ask(answer)).await.ok()?;
        answered.await.ok()
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
        let mut frame = [0; 64];
        // A state takes 59 bytes at most.
        let len = encode_pen_state(&state, &mut frame).unwrap_or(0);
        self.pass_state(state.pen, frame[..len].to_vec()).await;
    }

    async fn pass_state(&self, pen: PenId, frame: Vec<u8>) {
        // A stopped gateway hears nothing; a state is no ink, and the next one says it again.
        let _stopped = self.commands.send(Command::Heard(pen, frame)).await;
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

impl Offer {
    /// Waits until the frame is durable, or refused.
    ///
    /// # Errors
    /// See [`NotTaken`].
    pub async fn became(self) -> Result<Taken, NotTaken> {
        match self.0 {
            Offered::Known(became) => became,
            Offered::Asked(answered) => answered.await.map_err(|_| NotTaken::Stopped)?,
        }
    }
}

impl Connection {
    /// Takes a notification, and hands over each frame that it makes whole. Gives what became of
    /// each, in order; nothing where no frame ends in it.
    pub async fn notified(&mut self, piece: &[u8]) -> Vec<Result<Taken, NotTaken>> {
        let found = self.found(piece);
        self.hand_over(found).await
    }

    /// The same without waiting for what becomes of them: frames that come close together are made
    /// durable together.
    pub async fn offer(&mut self, piece: &[u8]) -> Vec<Offer> {
        let found = self.found(piece);
        self.offer_all(found).await
    }

    /// Frames, and counts of bytes that are part of none, that end in a piece of the stream.
    pub(crate) fn found(&mut self, piece: &[u8]) -> Vec<Result<Vec<u8>, usize>> {
        let mut found = Vec::new();
        self.stream.push(piece, |what| found.push(owned(what)));
        found
    }

    /// The same, where the stream was silent: what is held of a frame is none.
    pub(crate) fn silent(&mut self) -> Vec<Result<Vec<u8>, usize>> {
        let mut found = Vec::new();
        self.stream.finish(|what| found.push(owned(what)));
        found
    }

    /// Hands over what was found.
    pub(crate) async fn hand_over(
        &mut self,
        found: Vec<Result<Vec<u8>, usize>>,
    ) -> Vec<Result<Taken, NotTaken>> {
        let mut became = Vec::with_capacity(found.len());
        for offer in self.offer_all(found).await {
            became.push(offer.became().await);
        }
        became
    }

    async fn offer_all(&mut self, found: Vec<Result<Vec<u8>, usize>>) -> Vec<Offer> {
        let mut offers = Vec::with_capacity(found.len());
        for what in found {
            offers.push(match what {
                Ok(frame) => self.link.offer(&frame).await,
                Err(bytes) => Offer(Offered::Known(Err(NotTaken::Noise(bytes)))),
            });
        }
        offers
    }
}

fn owned(what: Found<'_>) -> Result<Vec<u8>, usize> {
    match what {
        Found::Frame(frame) => Ok(frame.to_vec()),
        Found::Damage(bytes) => Err(bytes),
    }
}
