//! The roster's rules: what each means, by example and against a naive judge.

mod approvals;
mod broken;
mod conflicts;
mod diagrams;
mod explained;
mod holdings;
mod kinds;
mod naive;
mod plan;
mod problems;
mod properties;
mod sentences;
mod speed;
mod templates;
