//! Opening time, minute by minute.

use chrono::{Datelike, TimeDelta};
use chrono_tz::Tz;
use pg_clinic_core::booking::hours::OpeningWindow;
use pg_clinic_core::booking::reserved::ReservedWindow;
use pg_clinic_core::ids::ReservedWindowId;
use pg_clinic_core::time::windows::WeeklyWindow;

use super::*;

impl Oracle<'_> {
    /// The minutes of the provider's windows and overrides that start on `date`: those for the type, in a room or in any.
    pub(super) fn opening(
        &self,
        provider: &Provider,
        date: NaiveDate,
        room: Option<&Room>,
    ) -> BTreeSet<Minute> {
        self.opening_for(provider, date, room, false)
    }

    /// The same for the type or any.
    pub(super) fn opening_for_any(&self, provider: &Provider, date: NaiveDate) -> BTreeSet<Minute> {
        self.opening_for(provider, date, None, true)
    }

    fn opening_for(
        &self,
        provider: &Provider,
        date: NaiveDate,
        room: Option<&Room>,
        for_any: bool,
    ) -> BTreeSet<Minute> {
        if let Some(windows) = overrides_of(provider, date) {
            let windows = windows.into_iter();
            return windows.flat_map(|(start, end)| window_minutes(&self.table, date, start, end)).collect();
        }
        let today = provider.holidays.iter().filter(|holiday| {
            holiday.on_date == date
                || holiday.is_yearly
                    && holiday.on_date.format("%m-%d").to_string() == date.format("%m-%d").to_string()
        });
        // Where there is a holiday today; None = everywhere.
        let today: Vec<_> = today.map(|holiday| holiday.site).collect();
        let is_closed = |window: &&OpeningWindow| {
            let there = [None, window.site, room.and_then(|room| room.site)];
            !window.open_on_holidays && today.iter().any(|site| there.contains(site))
        };
        let mut open = BTreeSet::new();
        for window in provider.availability.iter().filter(|window| !is_closed(window)) {
            let is_of_type =
                for_any || [None, Some(self.clinic.appointment_type.id)].contains(&window.appointment_type);
            let is_there = room.is_none_or(|room| {
                [None, room.id].contains(&window.room) && (window.site.is_none() || window.site == room.site)
            });
            if is_of_type && is_there {
                open.extend(self.minutes_of_window(window, date));
            }
        }
        open
    }

    /// The minutes of the hours of a type or room; `None` if it has none.
    pub(super) fn bounds(&self, hours: &[OpeningWindow]) -> Option<HashSet<Minute>> {
        let dates = self.dates.start().iter_days().take_while(|date| self.dates.contains(date));
        let open =
            dates.flat_map(|date| hours.iter().flat_map(move |window| self.minutes_of_window(window, date)));
        (!hours.is_empty()).then(|| open.collect())
    }

    /// The reserved windows that keep a provider from the type for some minute of a slot.
    pub(super) fn reserved(&self, provider: &Provider, slot: &Range<Minute>) -> Vec<ReservedWindowId> {
        let rows = self.clinic.reserved.iter().zip(&self.reserved);
        let keeps = rows.filter(|(row, kept)| {
            let is_of_type = row.types.iter().any(|(id, _)| *id == self.clinic.appointment_type.id);
            let is_of_provider = [None, Some(provider.id)].contains(&row.provider);
            is_of_provider && !is_of_type && slot.clone().any(|at| kept.contains(&at))
        });
        keeps.map(|(row, _)| row.id).collect()
    }

    /// The minutes that a reserved window still keeps.
    pub(super) fn still_kept(&self, row: &ReservedWindow) -> HashSet<Minute> {
        let now = minute(self.case.question.now);
        let mut kept = HashSet::new();
        for date in self.dates.start().iter_days().take_while(|date| self.dates.contains(date)) {
            let minutes = self.minutes_of_window(&row.window, date);
            let start = TimeDelta::microseconds(row.window.weekly.start.micros());
            let is_kept = minutes.is_empty()
                || row.release.is_none_or(|before| {
                    let date = date - Days::new(before.days.unsigned_abs());
                    let by_days = self.first_at_or_after(date.and_time(NaiveTime::MIN) + start);
                    now < by_days - before.micros / MINUTE
                });
            if is_kept {
                kept.extend(minutes);
            }
        }
        kept
    }

    /// The first minute at which the clinic's clock shows a time, or the end of the gap that it is in.
    fn first_at_or_after(&self, local: NaiveDateTime) -> Minute {
        let around = minute(from_utc(local));
        let mut minutes = around - 3 * 1440..around + 3 * 1440;
        minutes.find(|at| to_local(self.case.tz, instant(*at)) >= local).expect("the time comes")
    }

    /// The minutes of a window that starts on `date`, the clinic's, whatever its own clock shows then.
    fn minutes_of_window(&self, window: &OpeningWindow, date: NaiveDate) -> Vec<Minute> {
        let WeeklyWindow { start, end, .. } = window.weekly;
        let Some(zone) = &window.zone else {
            let is_on = holds_on(window, date);
            return if is_on { window_minutes(&self.table, date, start, end).collect() } else { Vec::new() };
        };
        let tz: Tz = zone.name().parse().expect("the zone of a window has its name");
        let around = minute(from_utc(date.and_time(NaiveTime::MIN)));
        let table: Vec<_> =
            (around - 4 * 1440..around + 6 * 1440).map(|at| (at, to_local(tz, instant(at)))).collect();
        let own_dates = (date - Days::new(3)).iter_days().take(7).filter(|own| holds_on(window, *own));
        let spans = own_dates.map(|own| window_minutes(&table, own, start, end));
        spans.filter(|span| self.date(instant(span.start)) == date).flatten().collect()
    }
}

/// The minutes of a window that starts on `date` of the local times of a table.
fn window_minutes(
    table: &[(Minute, NaiveDateTime)],
    date: NaiveDate,
    start: WallTime,
    end: WallTime,
) -> Range<Minute> {
    let midnight = date.and_time(NaiveTime::MIN);
    let overnight = if end <= start { TimeDelta::days(1) } else { TimeDelta::zero() };
    let local_start = midnight + TimeDelta::microseconds(start.micros());
    let local_end = midnight + TimeDelta::microseconds(end.micros()) + overnight;
    let first = table.iter().find(|(_, local)| *local == local_start);
    let last = table.iter().rfind(|(_, local)| *local == local_end);
    let gap_end = |wanted: NaiveDateTime| {
        let jump = table.windows(2).find(|pair| pair[0].1 < wanted && wanted < pair[1].1);
        jump.expect("a local time that never is lies in a gap")[1].0
    };
    let start = first.map_or_else(|| gap_end(local_start), |(at, _)| *at);
    let end = last.map_or_else(|| gap_end(local_end), |(at, _)| *at);
    start..end
}

fn overrides_of(provider: &Provider, date: NaiveDate) -> Option<Vec<(WallTime, WallTime)>> {
    let overrides: Vec<_> = provider.overrides.iter().filter(|row| row.on_date == date).collect();
    (!overrides.is_empty()).then(|| overrides.iter().filter_map(|row| row.window).collect())
}

/// Whether a window starts on `date`, its own: counted week by week, and month by month.
fn holds_on(window: &OpeningWindow, date: NaiveDate) -> bool {
    let weekly = &window.weekly;
    let is_rhythm = match (window.every_weeks, weekly.valid_from) {
        (1, _) => true,
        (_, None) => false,
        (every, Some(first)) => {
            let mut monday = first;
            while monday.format("%u").to_string() != "1" {
                monday = monday - Days::new(1);
            }
            let mut mondays =
                std::iter::successors(Some(monday), |monday| Some(*monday + Days::new(7 * every as u64)));
            mondays
                .by_ref()
                .take_while(|monday| *monday <= date)
                .any(|monday| date - monday < TimeDelta::days(7))
        }
    };
    let same_weekday =
        date.with_day(1).unwrap().iter_days().take_while(|other| other.month() == date.month());
    let same_weekday: Vec<_> = same_weekday.filter(|other| other.weekday() == date.weekday()).collect();
    let is_nth = |nth: &i32| match nth {
        -1 => same_weekday.last() == Some(&date),
        nth => same_weekday.get(*nth as usize - 1) == Some(&date),
    };
    weekly.day_of_week.to_string() == date.format("%u").to_string()
        && weekly.valid_from.is_none_or(|first| first <= date)
        && weekly.valid_until.is_none_or(|last| date <= last)
        && is_rhythm
        && (window.weeks_of_month.is_empty() || window.weeks_of_month.iter().any(is_nth))
}
