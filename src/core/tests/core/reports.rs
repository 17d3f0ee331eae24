//! Reports.

mod churn;
mod openings;
