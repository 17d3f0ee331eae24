//! Reports: values that are counted and listed, never decided.

pub mod capacity;
pub mod churn;
pub mod day_sheet;
pub mod groups;
pub mod openings;
pub mod third_next;
pub mod utilization;
