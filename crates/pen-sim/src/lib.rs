//! Classes of simulated pupils and teachers who write with pens.
//!
//! This crate owns made-up handwriting, made-up pupils and the faults of pens. It gives timed
//! frames and knows no network, no clock and no store: [`simulate()`] is a pure function of its
//! [`Setup`], and the same setup gives the same bytes on every machine. Ink that it makes from
//! the project's own skeletons is synthetic, and everything that carries it says so.

pub mod corpus;
pub mod skeleton;

mod capture;
mod evening;
mod setup;
mod simulate;
mod synthetic;
mod truth;

mod answers;
mod desk;
mod faults;
mod fields;
mod hand;
mod handwriting;
mod homework;
mod kinematics;
mod path;
mod pen;
mod persona;
mod placing;
mod random;
mod scribble;
mod teacher;
mod working;

pub use capture::{Manifest, write_capture};
pub use evening::{Delivery, Evening, Handed, Holder, Lease};
pub use handwriting::{HandwritingPool, PoolError};
pub use setup::{AssignmentPlan, Class, Known, Pupil, Setup};
pub use simulate::simulate;
pub use synthetic::{SYNTHETIC, skeleton_symbols, synthetic_handwriting};
pub use truth::{Event, Expected, ExpectedRed, ExpectedVerdict, PupilTruth, TRICKS, Truth};
