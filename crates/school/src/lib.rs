//! People and time: who is in which class from when to when, and what a member of staff may see.
//!
//! This crate owns typed identities, school years, enrolments, roles and the [`Scope`] that follows
//! from them, and reads the [`roster`] files of other systems. It is pure: every moment is an
//! argument. It must never know ink, worksheets, or where anything is stored.
//!
//! **Authority is of the present.** A role gives something only while it is held. Whoever was class
//! teacher last year sees nothing of that class today, not even what it wrote in their own time:
//! children's work is for those who teach them now.
//!
//! **Papers stay with their class.** A pupil who moves leaves the papers of the former class there,
//! where that class's teachers still see them. What is known of the pupil (the profile) goes along
//! to the teachers of the class that the pupil is in now.

mod enrolment;
mod id;
mod naming;
mod pens;
mod period;
mod role;
pub mod roster;
mod scope;
mod year;

pub use enrolment::{Change, Enrolment, EnrolmentError, Enrolments};
pub use id::{AssignmentId, ClassId, DistrictId, IdError, PupilId, SchoolId, StaffId, SubjectId};
pub use naming::{hidden_char, login_key};
pub use pens::{are_in_order, pen_numbers};
pub use period::{Period, PeriodError};
pub use role::{Grade, GradeError, Grant, Right, Role};
pub use scope::{Place, Reach, Scope};
pub use year::{SchoolYear, Term};
