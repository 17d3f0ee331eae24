//! Two people swap what they are assigned in the record.

use crate::ids::{ShiftId, StaffId, VisitId};

/// A row of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assigned {
    /// The assignment's id.
    pub id: i64,
    /// The person who has it.
    pub staff: StaffId,
    /// The shift, if it is of one.
    pub shift: Option<ShiftId>,
    /// The visit, if it is of one.
    pub visit: Option<VisitId>,
}

/// Why two assignments can't be swapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSwap {
    /// They are one.
    Same,
    /// Both are one person's.
    SamePerson,
    /// Both are of one shift or visit.
    SamePlace,
}

/// Whether it means something to swap the people of two assignments.
///
/// # Errors
/// [`NoSwap`] if it would change nothing.
pub fn can_swap(a: &Assigned, b: &Assigned) -> Result<(), NoSwap> {
    if a.id == b.id {
        Err(NoSwap::Same)
    } else if a.staff == b.staff {
        Err(NoSwap::SamePerson)
    } else if (a.shift, a.visit) == (b.shift, b.visit) {
        Err(NoSwap::SamePlace)
    } else {
        Ok(())
    }
}

impl NoSwap {
    /// The reason, in a sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Same => "They are the same.",
            Self::SamePerson => "Both are the same person's.",
            Self::SamePlace => "Both are of the same shift or visit.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Assigned, NoSwap, can_swap};
    use crate::ids::{ShiftId, StaffId, VisitId};

    #[test]
    fn a_swap_must_change_something() {
        let of = |id, staff, shift: Option<i64>, visit: Option<i64>| Assigned {
            id,
            staff: StaffId(staff),
            shift: shift.map(ShiftId),
            visit: visit.map(VisitId),
        };
        let a = of(1, 1, Some(1), None);
        assert_eq!(can_swap(&a, &a), Err(NoSwap::Same));
        assert_eq!(can_swap(&a, &of(2, 1, Some(2), None)), Err(NoSwap::SamePerson));
        assert_eq!(can_swap(&a, &of(2, 2, Some(1), None)), Err(NoSwap::SamePlace));
        assert_eq!(can_swap(&a, &of(2, 2, Some(2), None)), Ok(()));
        assert_eq!(can_swap(&a, &of(2, 2, None, Some(1))), Ok(()));
    }
}
