//! The functions about rules, plans and the record. What plans of rosters and of rounds have in common is here, too.

pub(in crate::pg) mod approve;
pub(in crate::pg) mod board;
pub(in crate::pg) mod fairness;
pub(in crate::pg) mod plans;
pub(in crate::pg) mod promote;
pub(in crate::pg) mod record;
pub(in crate::pg) mod rules;
pub(in crate::pg) mod shifts;
pub(in crate::pg) mod solve;
