//! What a contract leaves open.

/// Whether something must be so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Perhaps {
    Yes,
    No,
    /// Both are allowed.
    Either,
}

impl From<bool> for Perhaps {
    fn from(certain: bool) -> Self {
        if certain { Self::Yes } else { Self::No }
    }
}

impl Perhaps {
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::Either,
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    pub(super) fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Either => Self::Either,
        }
    }

    /// Whether it may have been seen so.
    pub(super) fn allows(self, seen: bool) -> bool {
        self == Self::Either || self == seen.into()
    }
}
