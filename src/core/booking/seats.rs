//! Seats: how the constraints of a table count a cap.

/// The seat of a new booking among the provider's `taken` seats of that day.
///
/// The lowest free seat from 1 on. But when as many are taken as `capacity` allows, a free seat **above** the
/// capacity, so that the CHECK `seat <= capacity` refuses the row: after a cap was lowered, rows may sit on high seats
/// and leave a low one free.
#[must_use]
pub fn seat(taken: &[i32], capacity: i32) -> i32 {
    let is_full = taken.len() as i64 >= i64::from(capacity);
    let mut seat = if is_full { capacity.max(0).saturating_add(1) } else { 1 };
    let mut sorted = taken.to_vec();
    sorted.sort_unstable();
    for taken in sorted {
        if taken == seat {
            seat = seat.saturating_add(1);
        }
    }
    seat
}
