//! The functions about rules, plans and the record. What plans of rosters and of rounds have in common is here, too.

mod board;
mod plans;
mod promote;
mod record;
mod rules;
mod shifts;
mod solve;
