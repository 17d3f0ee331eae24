//! Names and times in sentences, written one way everywhere.

use std::cell::Cell;
use std::fmt::Display;

use crate::time::interval::{Instant, MICROS_PER_SECOND, Span};
use crate::time::zone::Zone;

/// A thing by its name, and by its id for those who look it up: `Dr. Weber (provider 1)`.
#[must_use]
pub fn named(name: &str, thing: &str, id: impl Display) -> String {
    format!("{name} ({thing} {id})")
}

/// An instant in the clinic's time, as PostgreSQL reads it back: `2026-04-13 09:30 Europe/Berlin`. In the hour that is
/// repeated when clocks go back, the offset stands for the zone: `2026-10-25 02:30+02`.
#[must_use]
pub fn at(zone: &Zone, instant: Instant) -> String {
    let [at] = moments(zone, [instant]);
    at
}

/// A stretch of time: `2026-04-13 09:30 to 10:00 Europe/Berlin`, with both dates where they differ.
#[must_use]
pub fn span(zone: &Zone, span: Span) -> String {
    moments(zone, [span.start, span.end]).join(" to ")
}

/// The instants of one sentence, in its order: a date stands only where it is another than before, the zone only after the
/// last. Where one of them needs its offset, each has its own.
#[must_use]
pub fn moments<const N: usize>(zone: &Zone, instants: [Instant; N]) -> [String; N] {
    let needs_offset = instants.iter().any(|instant| needs_offset(zone, *instant));
    let mut before = None;
    let mut rest = N;
    instants.map(|instant| {
        rest -= 1;
        let date = Some(zone.local_date(instant));
        let local = if date == before { zone.wall_time(instant).to_string() } else { local(zone, instant) };
        before = date;
        match (needs_offset, rest) {
            (true, _) => format!("{local}{}", offset(zone, instant)),
            (false, 0) => format!("{local} {}", zone.name()),
            (false, _) => local,
        }
    })
}

/// Wall-clock times of one text, whose zone is said once, at its end.
#[derive(Debug)]
pub struct Clock<'a> {
    zone: &'a Zone,
    needs_zone: Cell<bool>,
}

impl<'a> Clock<'a> {
    /// The clock of a text in which no time has been said yet.
    #[must_use]
    pub const fn new(zone: &'a Zone) -> Self {
        Self { zone, needs_zone: Cell::new(false) }
    }

    /// A time of day: `09:30`; where the clocks repeat the hour, with its offset: `02:30+02`.
    #[must_use]
    pub fn time(&self, instant: Instant) -> String {
        let time = self.zone.wall_time(instant);
        if needs_offset(self.zone, instant) {
            return format!("{time}{}", offset(self.zone, instant));
        }
        self.needs_zone.set(true);
        time.to_string()
    }

    /// The end of the text: `; times in Europe/Berlin`, if a time was said.
    #[must_use]
    pub fn ending(&self) -> String {
        match self.needs_zone.get() {
            true => format!("; times in {}", self.zone.name()),
            false => String::new(),
        }
    }
}

fn needs_offset(zone: &Zone, instant: Instant) -> bool {
    zone.name().is_empty() || zone.is_repeated(instant)
}

fn local(zone: &Zone, instant: Instant) -> String {
    format!("{} {}", zone.local_date(instant), zone.wall_time(instant))
}

/// The offset from UTC as PostgreSQL writes it: `+02`, `-03:30`.
fn offset(zone: &Zone, instant: Instant) -> String {
    let seconds = i64::from(zone.offset_at(instant));
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes, rest) = (seconds.abs() / 3600, seconds.abs() / 60 % 60, seconds.abs() % 60);
    match (minutes, rest) {
        (0, 0) => format!("{sign}{hours:02}"),
        (_, 0) => format!("{sign}{hours:02}:{minutes:02}"),
        _ => format!("{sign}{hours:02}:{minutes:02}:{rest:02}"),
    }
}

/// An instant as a timestamptz literal of SQL, to the second, in the clinic's time: `2026-04-13 09:30:00+02`.
#[must_use]
pub fn literal(zone: &Zone, instant: Instant) -> String {
    let seconds = zone.wall_time(instant).micros() / MICROS_PER_SECOND;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{} {hours:02}:{minutes:02}:{seconds:02}{}", zone.local_date(instant), offset(zone, instant))
}

#[cfg(test)]
mod tests {
    use super::{Clock, at, literal, moments, named, span};
    use crate::time::interval::{Instant, MICROS_PER_SECOND, Span};
    use crate::time::zone::{Transition, Zone};

    /// The first second of 2026-10-25 in UTC: at 01:00 UTC the clocks of Berlin go back.
    const DAY: i64 = 846_201_600;

    fn seconds(seconds: i64) -> Instant {
        Instant((DAY + seconds) * MICROS_PER_SECOND)
    }

    fn berlin() -> Zone {
        Zone::new(7200, vec![Transition { at: seconds(3600), offset_seconds: 3600 }]).named("Europe/Berlin")
    }

    #[test]
    fn a_name_comes_before_its_id() {
        assert_eq!(named("Dr. Weber", "provider", 1), "Dr. Weber (provider 1)");
    }

    #[test]
    fn an_instant_carries_its_zone_or_in_the_repeated_hour_its_offset() {
        let zone = berlin();
        assert_eq!(at(&zone, seconds(-3600)), "2026-10-25 01:00 Europe/Berlin");
        assert_eq!(at(&zone, seconds(0)), "2026-10-25 02:00+02");
        assert_eq!(at(&zone, seconds(3599)).get(..13), Some("2026-10-25 02"));
        assert_eq!(at(&zone, seconds(3600)), "2026-10-25 02:00+01");
        assert_eq!(at(&zone, seconds(7200)), "2026-10-25 03:00 Europe/Berlin");
    }

    #[test]
    fn a_span_has_one_zone_and_a_second_date_only_where_it_differs() {
        let zone = berlin();
        let between = |from, until| span(&zone, Span { start: seconds(from), end: seconds(until) });
        assert_eq!(between(-5400, -3600), "2026-10-25 00:30 to 01:00 Europe/Berlin");
        assert_eq!(between(-9000, -3600), "2026-10-24 23:30 to 2026-10-25 01:00 Europe/Berlin");
        assert_eq!(between(1800, 5400), "2026-10-25 02:30+02 to 02:30+01");
    }

    #[test]
    fn a_text_says_its_zone_once_if_at_all() {
        let zone = berlin();
        let clock = Clock::new(&zone);
        assert_eq!((clock.time(seconds(0)).as_str(), clock.ending().as_str()), ("02:00+02", ""));
        assert_eq!((clock.time(seconds(-3600)), clock.time(seconds(7200))), ("01:00".into(), "03:00".into()));
        assert_eq!(clock.ending(), "; times in Europe/Berlin");
    }

    #[test]
    fn the_zone_stands_once_after_the_last_of_several_instants() {
        let zone = berlin();
        let three = moments(&zone, [seconds(-9000), seconds(-5400), seconds(-3600)]);
        assert_eq!(three, ["2026-10-24 23:30", "2026-10-25 00:30", "01:00 Europe/Berlin"]);
        let three = moments(&zone, [seconds(-5400), seconds(-3600), seconds(0)]);
        assert_eq!(three, ["2026-10-25 00:30+02", "01:00+02", "02:00+02"]);
    }

    #[test]
    fn a_literal_is_exact_to_the_second() {
        let zone = Zone::new(-12_600, Vec::new()).named("America/St_Johns");
        assert_eq!(literal(&zone, seconds(0)), "2026-10-24 20:30:00-03:30");
    }
}
