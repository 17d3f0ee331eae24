//! Approvals of departures: which ones can ever fit an instance of their rule.

use crate::roster::catalog::{Entry, Modes};

/// The parts of an approval that are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// A person.
    pub staff_id: bool,
    /// A shift.
    pub shift_id: bool,
    /// A date.
    pub on_date: bool,
    /// A kind of shift.
    pub shift_kind: bool,
    /// The second kind of a succession.
    pub next_shift_kind: bool,
    /// A period.
    pub period: bool,
}

/// Why an approval would fit no instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotApprovable {
    /// Nobody sets the kind.
    NotSettable,
    /// The kind is never hard.
    NeverHard,
    /// Neither a shift nor a date says which instance is meant.
    NoInstance,
    /// The kind needs this part.
    Needs(&'static str),
    /// The kind isn't about this part.
    NotAbout(&'static str),
}

/// Whether an approval of a departure from a rule kind can fit an instance of it.
///
/// # Errors
/// [`NotApprovable`], the first reason that it can't.
pub fn approvable(entry: &Entry, given: Given) -> Result<(), NotApprovable> {
    let Given { staff_id, shift_id, on_date, shift_kind, next_shift_kind, period } = given;
    if !entry.is_settable() {
        return Err(NotApprovable::NotSettable);
    }
    if entry.modes == Modes::Soft {
        return Err(NotApprovable::NeverHard);
    }
    if !shift_id && !on_date {
        return Err(NotApprovable::NoInstance);
    }
    let needed = [
        ("shift_kind", entry.needs_succession, shift_kind),
        ("next_shift_kind", entry.needs_succession, next_shift_kind),
        ("period", entry.needs_period, period),
    ];
    if let Some((missing, ..)) = needed.into_iter().find(|(_, is_needed, is_given)| *is_needed && !is_given) {
        return Err(NotApprovable::Needs(missing));
    }
    let taken = [
        ("staff_id", entry.about.has_person(), staff_id),
        ("shift_id", entry.about.has_shift(), shift_id),
        ("shift_kind", entry.takes_shift_kind, shift_kind),
        ("next_shift_kind", entry.needs_succession, next_shift_kind),
        ("period", entry.needs_period, period),
    ];
    match taken.into_iter().find(|(_, is_taken, is_given)| *is_given && !is_taken) {
        Some((idle, ..)) => Err(NotApprovable::NotAbout(idle)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Given, NotApprovable, approvable};
    use crate::roster::catalog::RuleKind;

    #[test]
    fn an_approval_must_fit_an_instance_of_its_kind() {
        let of = |kind: RuleKind, given| approvable(kind.entry(), given);
        let dated = Given { on_date: true, ..Given::default() };
        let person = Given { staff_id: true, ..dated };
        assert_eq!(of(RuleKind::Lock, person), Err(NotApprovable::NotSettable));
        assert_eq!(of(RuleKind::Preferred, person), Err(NotApprovable::NeverHard));
        let nowhere = Given { staff_id: true, ..Given::default() };
        assert_eq!(of(RuleKind::TimeOff, nowhere), Err(NotApprovable::NoInstance));
        assert_eq!(of(RuleKind::MaxShifts, person), Err(NotApprovable::Needs("period")));
        assert_eq!(of(RuleKind::ForbiddenSuccession, person), Err(NotApprovable::Needs("shift_kind")));
        assert_eq!(of(RuleKind::Cover, person), Err(NotApprovable::NotAbout("staff_id")));
        let kind = Given { shift_kind: true, ..person };
        assert_eq!(of(RuleKind::TimeOff, kind), Err(NotApprovable::NotAbout("shift_kind")));
        assert_eq!(of(RuleKind::MaxShifts, Given { period: true, ..kind }), Ok(()));
        let on_shift = Given { shift_id: true, ..Given::default() };
        assert_eq!(of(RuleKind::MaxWeekends, on_shift), Err(NotApprovable::NotAbout("shift_id")));
        assert_eq!(of(RuleKind::TimeOff, on_shift), Ok(()));
    }
}
