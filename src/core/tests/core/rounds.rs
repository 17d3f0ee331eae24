//! Rounds: literal cases by behaviour, and properties against a naive oracle.

mod board;
mod broken;
mod cases;
mod churn;
mod clients;
mod explain;
mod oracle;
mod placing;
mod properties;
mod replan;
mod smoothing;
