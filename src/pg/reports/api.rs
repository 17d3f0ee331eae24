//! The functions that report.

pub(in crate::pg) mod capacity;
pub(in crate::pg) mod day;
pub(in crate::pg) mod forecast;
pub(in crate::pg) mod openings;
pub(in crate::pg) mod rates;
pub(in crate::pg) mod recommend;
pub(in crate::pg) mod rounds;
pub(in crate::pg) mod third_next;
