//! The roster: who works which shift, by which rules, and what breaking one costs.
//!
//! The way through: [`problem::Problem`] is the snapshot; [`expand`] turns every rule that applies into
//! [`instance::Instance`]s, linear conditions on who works what. That is the only place where a rule's meaning is
//! written: [`judge`] evaluates instances on a plan or on the record, [`model`] hands the same instances to the
//! optimizer, and [`conflict`] names those that can't hold together.

pub mod approval;
pub mod broken;
pub mod catalog;
pub mod columns;
pub mod conflict;
pub mod debt;
pub mod diagram;
pub mod expand;
pub mod explain;
pub mod fingerprint;
pub mod instance;
pub mod judge;
pub mod ledger;
pub mod model;
pub mod options;
pub mod outcome;
pub mod plan;
pub mod problem;
pub mod report;
pub mod rules;
pub mod settings;
pub mod solve;
pub mod swap;
pub mod templates;
pub mod violations;
pub mod weeks;
