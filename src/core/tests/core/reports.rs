//! Reports.

mod capacity;
mod churn;
mod openings;
