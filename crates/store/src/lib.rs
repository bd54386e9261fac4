//! Everything that Zhibi remembers, and every SQL statement.
//!
//! This crate owns the schema, its migrations and the row types that other crates see. It must
//! never know the wire format, MQTT, HTTP, nor how a mark or a profile is worked out: what comes
//! in as bytes or as JSON text goes out as it came.
//!
//! One task owns the only writing connection; [`Store`] is a cheap handle to it and to a pool of
//! readers. A write that was handed over is finished even where its caller has gone away.

mod check;
mod connection;
mod copied;
mod database;
mod devices;
mod erase;
mod error;
mod hands;
mod ink;
mod marks;
mod moments;
mod parents;
mod people;
mod prune;
mod quarantine;
mod results;
mod scope;
mod scratch;
mod setup;
mod sql;
mod url;
mod view;
mod work;
mod writer;

pub use check::{DAMAGE, Decoded, Finding, UNREADABLE};
pub use connection::Store;
pub use copied::CopiedPapers;
pub use devices::DeviceLimits;
pub use erase::{Erased, PupilFound};
pub use error::{PrintRefused, StoreError};
pub use hands::{Corrected, Correction, CorrectionRow, PaperPen, Said, Undone, When};
pub use ink::{
    Arrival, ClockRow, Delivery, GatewaySeen, GatewaySession, Key, PenSeen, Quarantined, Stored,
    Touch, folio, unfold,
};
pub use marks::{MarkRow, OutboxKind, Source, Verdict};
pub use parents::{ParentLinkRow, ParentView};
pub use people::{First, Opened, Proof, Session, SessionLimits, Staff, StaffLine, TokenHash, Totp};
pub use prune::{Keep, Pruned};
pub use quarantine::{Discarded, Held, HeldOf, Released};
pub use results::{ResultRow, Totals};
pub use scope::{KeptSchool, WorksheetSchool};
pub use scratch::ScratchDatabase;
pub use setup::{
    AddressRange, AssignmentRow, BearerRow, Becomes, CertificateRow, ChangeOf, ClassRow, DoneBy,
    DrawingLine, DrawingPage, DrawingSaved, DrawingView, GatewayLine, GatewayLogin, GatewayRow,
    GivenInk, Keeper, LabelRow, NewDrawing, NewWorksheet, PenChange, PenDone, PenLine, PenRow,
    PensSeen, PlannedPrint, PrintKind, PrintOrder, PupilRow, RosterChange, RosterChanges,
    RosterImport, SchoolRow, StaffRow, WaitingInk,
};
pub use url::{StoreUrl, UrlError};
pub use view::{
    AlsoGiven, AnswerRow, AssignmentHead, AssignmentSummary, ClassView, CriterionView, Decided,
    Decision, GROUP_MAX, GivenMark, GivenRow, KeyAnswer, KeyChange, KeyChangeElsewhere,
    KeyCorrected, KeyCorrection, MarkFacts, MatrixRow, MatrixView, NobodysInk, OutboxRow,
    Overruled, PaperFacts, PaperState, PaperTimes, PaperView, PrintedOf, ProfileView, PupilAnswer,
    PupilName, PupilPaper, PupilState, PupilView, QuestionRow, Remarked, ResponseFacts,
    ResponseName, ResponseView, ResultSheet, RunGiven, RunLine, SchoolCounts, Seen, Sitting,
    SourcedIds, Standing, Undecided, UndecidedView, Waiting, Wanted, Withdrawn, WorksheetFiles,
    WorksheetLine, WorksheetVersion, WrittenSince, WrongAnswer,
};
pub use work::{
    Backlog, ChunkRow, Claiming, Difficulties, FaceInk, HistoryRow, ItemFit, ItemRows, Job, Marked,
    MarkedAnswer, NewFit, Outcome, PaperChunks, PaperMade, Printed, ProfileMade, ProfileRow,
    ResponseRow, Saved, StaleProfile, StateRow, WorkLeft,
};
pub use writer::Writable;

#[cfg(test)]
mod contract;
#[cfg(test)]
mod fixture;
