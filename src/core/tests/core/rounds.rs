//! Rounds: literal cases by behavior, and properties against a naive oracle.

mod broken;
pub mod cases;
mod clients;
mod explain;
mod oracle;
mod placing;
mod properties;
mod replan;
mod smoothing;
