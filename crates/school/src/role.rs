//! What members of staff are, from when to when, and what it lets them do.

use crate::{ClassId, DistrictId, Period, Reach, SchoolId, StaffId, SubjectId};

/// A grade, 1 to 12.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Grade(u8);

/// A number that is no grade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("grade {0}: there are 1 to 12")]
pub struct GradeError(u8);

impl Grade {
    /// # Errors
    /// Where it is none of 1 to 12.
    pub fn new(grade: u8) -> Result<Self, GradeError> {
        if (1..=12).contains(&grade) { Ok(Self(grade)) } else { Err(GradeError(grade)) }
    }

    /// 1 to 12.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }
}

/// What somebody is at a school.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Teaches a class, in one subject or in all. The subject does not narrow what they see: the
    /// teachers of a class share its papers and what they know of it. It narrows whose keys they
    /// correct.
    Teacher {
        /// The class.
        class: ClassId,
        /// `None`: all that the class is taught.
        subject: Option<SubjectId>,
    },
    /// Is responsible for a class (班主任).
    ClassTeacher {
        /// The class.
        class: ClassId,
    },
    /// Is responsible for a grade of a school (年级组长).
    HeadOfYear {
        /// The school.
        school: SchoolId,
        /// The grade.
        grade: Grade,
    },
    /// Is responsible for a school.
    Head {
        /// The school.
        school: SchoolId,
    },
    /// Works for a district of schools (教研员).
    District {
        /// The district.
        district: DistrictId,
    },
    /// Keeps a school's people, pens and paper in order. Sees no pupil's work.
    Administrator {
        /// The school.
        school: SchoolId,
    },
    /// Marks the papers of a class, without teaching it (阅卷).
    Marker {
        /// The class.
        class: ClassId,
    },
}

/// What may be done with a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Right {
    /// To see the class, its assignments and its papers.
    See,
    /// To decide what an answer is worth, and to collect papers.
    Decide,
    /// To see what is known of each of its pupils.
    Know,
    /// To see ink that is nobody's, and to say whose it is.
    Give,
    /// To print worksheets for the class, to give them to it and to take them back.
    Assign,
    /// To keep people, pens, paper and gateways of the class's school in order.
    Keep,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::See, Self::Decide, Self::Know, Self::Give, Self::Assign, Self::Keep];
}

impl Role {
    /// Over what the role is held.
    #[must_use]
    pub fn reach(&self) -> Reach {
        match self.clone() {
            Self::Teacher { class, .. } | Self::ClassTeacher { class } | Self::Marker { class } => {
                Reach::Class(class)
            }
            Self::HeadOfYear { school, grade } => Reach::Grade(school, grade),
            Self::Head { school } | Self::Administrator { school } => Reach::School(school),
            Self::District { district } => Reach::District(district),
        }
    }

    /// What the role lets its holder do there. Whatever is not named is refused.
    ///
    /// Those who lead see but change nothing: only those who teach or mark give marks. A district
    /// sees papers, but not what is known of a pupil; an administrator sees neither, and keeps the
    /// school in order.
    #[must_use]
    pub fn rights(&self) -> &'static [Right] {
        match self {
            Self::Teacher { .. } | Self::ClassTeacher { .. } => {
                &[Right::See, Right::Decide, Right::Know, Right::Give, Right::Assign]
            }
            Self::HeadOfYear { .. } | Self::Head { .. } => &[Right::See, Right::Know],
            Self::District { .. } => &[Right::See],
            Self::Marker { .. } => &[Right::See, Right::Decide],
            Self::Administrator { .. } => &[Right::Keep],
        }
    }
}

/// A role that somebody holds for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Who holds it.
    pub staff: StaffId,
    /// What they are.
    pub role: Role,
    /// From when to when.
    pub period: Period,
}
