//! Instants, minutes and half-open spans, and the set algebra on them. Knows nothing of time zones.

use std::ops::{Add, Sub};

/// An instant: microseconds since 2000-01-01 00:00 UTC, PostgreSQL's own `timestamptz` count. Always finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

/// A number of minutes: a length, never a time of day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minutes(pub i32);

/// Microseconds in a minute.
pub const MICROS_PER_MINUTE: i64 = 60_000_000;

/// Microseconds in a second.
pub const MICROS_PER_SECOND: i64 = 1_000_000;

/// Microseconds in 24 hours.
pub const MICROS_PER_DAY: i64 = 24 * 60 * MICROS_PER_MINUTE;

impl Minutes {
    /// The same length in microseconds.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0 as i64 * MICROS_PER_MINUTE
    }
}

impl Instant {
    /// Microseconds from `earlier` to here; negative if `earlier` is the later one.
    #[must_use]
    pub const fn micros_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Minutes> for Instant {
    type Output = Self;

    fn add(self, minutes: Minutes) -> Self {
        Self(self.0.saturating_add(minutes.micros()))
    }
}

impl Sub<Minutes> for Instant {
    type Output = Self;

    fn sub(self, minutes: Minutes) -> Self {
        Self(self.0.saturating_sub(minutes.micros()))
    }
}

/// The time there is: the years 1900 to 2199, UTC. Edges refuse what lies outside; open ends of a range are reported as its
/// ends.
pub const TIME: std::ops::Range<Instant> = Instant(-3_155_673_600_000_000)..Instant(6_311_433_600_000_000);

/// A half-open span `[start, end)`, never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first instant inside.
    pub start: Instant,
    /// The first instant after.
    pub end: Instant,
}

impl Span {
    /// The span from `start` to `end`, or `None` if that would be empty.
    #[must_use]
    pub fn new(start: Instant, end: Instant) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    /// Whether the two share an instant. Spans that only touch don't.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether `other` lies wholly inside.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether `instant` lies inside.
    #[must_use]
    pub fn contains_instant(self, instant: Instant) -> bool {
        self.start <= instant && instant < self.end
    }

    /// What the two share.
    #[must_use]
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.end.min(other.end))
    }

    /// Its length in microseconds.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.end.micros_since(self.start)
    }

    /// Its length in minutes, rounded up: a raw INSERT may have given any.
    #[must_use]
    pub const fn whole_minutes(self) -> Minutes {
        Minutes(((self.micros() + MICROS_PER_MINUTE - 1) / MICROS_PER_MINUTE) as i32)
    }
}

/// The same instants as **normalized** spans: sorted, disjoint, touching ones joined.
#[must_use]
pub fn union(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    spans.dedup_by(|next, kept| {
        let joins = next.start <= kept.end;
        if joins {
            kept.end = kept.end.max(next.end);
        }
        joins
    });
    spans
}

/// The instants of `spans` that aren't in `taken`. Both are normalized, as [`union`] returns them; so is the result.
#[must_use]
pub fn subtract(spans: &[Span], taken: &[Span]) -> Vec<Span> {
    let mut left = Vec::with_capacity(spans.len());
    for span in spans {
        let first = taken.partition_point(|hole| hole.end <= span.start);
        let mut start = span.start;
        for hole in taken[first..].iter().take_while(|hole| hole.start < span.end) {
            left.extend(Span::new(start, hole.start));
            start = hole.end;
        }
        left.extend(Span::new(start, span.end));
    }
    left
}

/// Whether `span` lies wholly inside `spans`, which are normalized. O(log n).
#[must_use]
pub fn covers(spans: &[Span], span: Span) -> bool {
    let after = spans.partition_point(|candidate| candidate.start <= span.start);
    after > 0 && spans[after - 1].contains(span)
}

/// What of `spans`, which are normalized, lies within `frame`. O(log n) and the result's length.
#[must_use]
pub fn clip(spans: &[Span], frame: Span) -> Vec<Span> {
    let first = spans.partition_point(|span| span.end <= frame.start);
    spans[first..].iter().map_while(|span| span.intersection(frame)).collect()
}
