//! Opening time that brought nothing, and why: the patient didn't come, a cancelled place stayed empty, or nobody was ever
//! booked. Every instant of an opening counts once, so the parts add up to it.

use crate::time::interval::{Instant, MICROS_PER_DAY, Span, clip, subtract};

/// A booking that didn't fill its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unkept {
    /// Its time.
    pub during: Span,
    /// The price of all of it, where its type has one.
    pub cents: Option<i64>,
}

/// A provider's bookings, as far as they took time or should have.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Time of those that keep others away; normalized.
    pub used: Vec<Span>,
    /// Of patients who didn't come, by start.
    pub no_shows: Vec<Unkept>,
    /// Cancelled ones, by start.
    pub cancelled: Vec<Unkept>,
}

/// Parts of opening time in microseconds, and what the lost ones would have brought.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Capacity {
    /// Opening time.
    pub open: i64,
    /// What bookings take of it.
    pub used: i64,
    /// What else patients who didn't come had booked.
    pub no_show: i64,
    /// What else was cancelled and not filled again.
    pub unfilled: i64,
    /// The price of the share of the bookings that `no_show` is.
    pub no_show_cents: f64,
    /// The price of the share of the bookings that `unfilled` is.
    pub unfilled_cents: f64,
}

impl Capacity {
    /// What nobody had booked, ever.
    #[must_use]
    pub const fn gap(&self) -> i64 {
        self.open - self.used - self.no_show - self.unfilled
    }

    /// All that wasn't used.
    #[must_use]
    pub const fn lost(&self) -> i64 {
        self.open - self.used
    }
}

impl std::ops::AddAssign for Capacity {
    fn add_assign(&mut self, other: Self) {
        self.open += other.open;
        self.used += other.used;
        self.no_show += other.no_show;
        self.unfilled += other.unfilled;
        self.no_show_cents += other.no_show_cents;
        self.unfilled_cents += other.unfilled_cents;
    }
}

/// What became of a stretch of opening time.
#[must_use]
pub fn capacity(open: Span, kept: &Kept) -> Capacity {
    let used = clip(&kept.used, open);
    let mut left = subtract(&[open], &used);
    let (no_show, no_show_cents) = take(&mut left, &kept.no_shows, open);
    let (unfilled, unfilled_cents) = take(&mut left, &kept.cancelled, open);
    let used = used.iter().map(|span| span.micros()).sum();
    Capacity { open: open.micros(), used, no_show, unfilled, no_show_cents, unfilled_cents }
}

/// Takes the time of bookings from what is left, the earlier one's first; how much, and what that share of them costs.
fn take(left: &mut Vec<Span>, bookings: &[Unkept], open: Span) -> (i64, f64) {
    let earliest = Instant(open.start.0 - MICROS_PER_DAY);
    let first = bookings.partition_point(|booking| booking.during.start < earliest);
    let (mut micros, mut cents) = (0, 0.0);
    for booking in bookings[first..].iter().take_while(|booking| booking.during.start < open.end) {
        let taken: i64 = clip(left, booking.during).iter().map(|span| span.micros()).sum();
        if taken > 0 {
            micros += taken;
            cents += booking.cents.unwrap_or(0) as f64 * taken as f64 / booking.during.micros() as f64;
            *left = subtract(left, &[booking.during]);
        }
    }
    (micros, cents)
}
