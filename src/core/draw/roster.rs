//! The roster as a picture, dates side by side, a row for each provider or kind of shift: as text for a terminal, as SVG
//! for a browser. Draws the values it is given; judges nothing.

mod svg;
mod text;

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

pub use svg::draw as draw_svg;
pub use text::draw as draw_text;

use crate::ids::{ProviderId, ShiftId, StaffId};
use crate::time::calendar::WallTime;
use crate::time::interval::{Instant, Span};
use crate::time::zone::Zone;

/// The content of a picture.
#[derive(Clone, Debug)]
pub struct Board<'a> {
    /// The clinic's name.
    pub clinic: &'a str,
    /// Which roster: `plan 3, OPTIMAL`, or `record`.
    pub subject: &'a str,
    /// The clinic's time zone.
    pub zone: &'a Zone,
    /// First date.
    pub from: NaiveDate,
    /// Last date.
    pub to: NaiveDate,
    /// The shifts of the dates, in any order.
    pub shifts: Vec<Shift>,
    /// The people, by id: at least all that are assigned.
    pub people: Vec<Person>,
}

/// A shift with who works it.
#[derive(Clone, Debug)]
pub struct Shift {
    /// The shift.
    pub id: ShiftId,
    /// Its kind.
    pub kind: String,
    /// The provider whose session it is, if one.
    pub provider: Option<(ProviderId, String)>,
    /// From when to when.
    pub during: Span,
    /// The clinic's date at its start.
    pub date: NaiveDate,
    /// How many people it needs.
    pub staff_needed: i64,
    /// The people who work it, by id.
    pub assigned: Vec<Assigned>,
}

/// Somebody who works a shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assigned {
    /// Who.
    pub staff: StaffId,
    /// The pair's preferences.
    pub fit: Fit,
}

/// Somebody on the staff.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who.
    pub id: StaffId,
    /// The name.
    pub name: String,
}

/// The preferences between somebody and a provider, whoever states them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// Nothing.
    Neutral,
    /// Preferred.
    Preferred,
    /// Non-preferred.
    NonPreferred,
    /// Preferred by the one and non-preferred by the other.
    Mixed,
}

impl Fit {
    /// The fit of a pair of which somebody says so, or the opposite.
    #[must_use]
    pub const fn of(is_preferred: bool, is_non_preferred: bool) -> Self {
        match (is_preferred, is_non_preferred) {
            (false, false) => Self::Neutral,
            (true, false) => Self::Preferred,
            (false, true) => Self::NonPreferred,
            (true, true) => Self::Mixed,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Neutral => "no preference",
            Self::Preferred => "preferred",
            Self::NonPreferred => "non-preferred",
            Self::Mixed => "preferred by one, non-preferred by the other",
        }
    }
}

/// The row of a shift: providers first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Owner<'a> {
    Provider(ProviderId, &'a str),
    Kind(&'a str),
}

impl<'a> Owner<'a> {
    const fn name(self) -> &'a str {
        match self {
            Self::Provider(_, name) | Self::Kind(name) => name,
        }
    }
}

/// The part of a roster that is drawn side by side: an ISO week.
struct Week<'a> {
    /// The dates with shifts.
    dates: Vec<NaiveDate>,
    /// Their shifts, by owner, time of day, date and id.
    shifts: Vec<&'a Shift>,
}

/// How many shifts somebody has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Share {
    shifts: usize,
    preferred: usize,
}

/// The whole roster in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Total {
    needed: i64,
    open: i64,
    preferred: usize,
    non_preferred: usize,
}

impl Shift {
    fn owner(&self) -> Owner<'_> {
        match &self.provider {
            Some((id, name)) => Owner::Provider(*id, name),
            None => Owner::Kind(&self.kind),
        }
    }

    /// How many people are missing.
    fn open(&self) -> i64 {
        (self.staff_needed - self.assigned.len() as i64).max(0)
    }

    /// How many are more than needed.
    fn over(&self) -> i64 {
        (self.assigned.len() as i64 - self.staff_needed).max(0)
    }
}

impl Board<'_> {
    fn title(&self) -> String {
        format!("{}, {}", self.clinic, self.subject)
    }

    fn dates(&self) -> String {
        let day = |date: NaiveDate| date.format("%A %-d %B %Y").to_string();
        if self.from == self.to { day(self.from) } else { format!("{} to {}", day(self.from), day(self.to)) }
    }

    /// The weeks that have shifts.
    fn weeks(&self) -> Vec<Week<'_>> {
        let mut weeks: BTreeMap<(i32, u32), Week<'_>> = BTreeMap::new();
        for shift in &self.shifts {
            let iso = shift.date.iso_week();
            let week = weeks
                .entry((iso.year(), iso.week()))
                .or_insert_with(|| Week { dates: Vec::new(), shifts: Vec::new() });
            week.dates.push(shift.date);
            week.shifts.push(shift);
        }
        let mut weeks: Vec<_> = weeks.into_values().collect();
        for week in &mut weeks {
            week.dates.sort_unstable();
            week.dates.dedup();
            week.shifts.sort_by_key(|shift| (shift.owner(), self.starts(shift), shift.date, shift.id));
        }
        weeks
    }

    fn starts(&self, shift: &Shift) -> WallTime {
        self.zone.wall_time(shift.during.start)
    }

    fn name(&self, staff: StaffId) -> &str {
        let index = self.people.binary_search_by_key(&staff, |person| person.id);
        index.map_or("", |index| &self.people[index].name)
    }

    /// The work of each of the people, in their order.
    fn shares(&self) -> Vec<Share> {
        let mut shares = vec![Share::default(); self.people.len()];
        for assigned in self.shifts.iter().flat_map(|shift| &shift.assigned) {
            if let Ok(index) = self.people.binary_search_by_key(&assigned.staff, |person| person.id) {
                shares[index].shifts += 1;
                shares[index].preferred += usize::from(assigned.fit == Fit::Preferred);
            }
        }
        shares
    }

    fn total(&self) -> Total {
        let mut total = Total::default();
        for shift in &self.shifts {
            total.needed += shift.staff_needed;
            total.open += shift.open();
            for assigned in &shift.assigned {
                total.preferred += usize::from(assigned.fit == Fit::Preferred);
                total.non_preferred += usize::from(assigned.fit == Fit::NonPreferred);
            }
        }
        total
    }

    /// The whole roster in a sentence.
    fn summary(&self) -> String {
        let Total { needed, open, preferred, non_preferred } = self.total();
        let filled = needed - open;
        format!(
            "{filled} of {needed} places filled; preferred pairs: {preferred}, non-preferred: {non_preferred}"
        )
    }
}

/// `08:00`.
fn clock(zone: &Zone, instant: Instant) -> String {
    zone.wall_time(instant).to_string().chars().take(5).collect()
}
