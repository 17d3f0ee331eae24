//! What a ledger counts, and what people are owed of it.

use crate::ids::StaffId;

/// A whole shift, or match, in the unit of shares and debts.
pub const UNIT: i64 = 1_000_000;

/// What a ledger counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counted {
    /// Shifts, of one kind or of all.
    Shifts(Option<String>),
    /// Preferred matches.
    Matches,
}

/// What somebody is owed of what a ledger counts, in parts of [`UNIT`]; negative: they had more than their share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debt {
    /// Who.
    pub staff: StaffId,
    /// Of what.
    pub counted: Counted,
    /// How much.
    pub debt: i64,
}
