//! Rounds: literal cases by behavior, and properties against a naive oracle.

mod broken;
pub mod cases;
mod clients;
mod decided;
mod documents;
mod explain;
mod faces;
mod mornings;
mod oracle;
mod placing;
mod promotion;
mod properties;
mod replan;
mod resolution;
mod smoothing;
