//! What jobs share.

/// Most rows that a job changes in one call: the next one goes on.
pub const MAX_ROWS: i64 = 10_000;
