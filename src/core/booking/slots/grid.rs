//! A provider's opening time over some dates and the grid of slot starts on it. Bookings matter here only as the gaps
//! between them begin (`slot_alignment = 'gap'`); whether a start is free is no question of this module.

use chrono::NaiveDate;

use crate::booking::clinic::{ClinicSettings, Provider, SlotAlignment, opening};
use crate::booking::hours::{DAYS_AFTER, DAYS_BEFORE};
use crate::ids::AppointmentTypeId;
use crate::time::calendar::{add_days, count_days, date_to_pg_days};
use crate::time::interval::{Instant, Minutes, Span, union};
use crate::time::zone::Zone;

/// When a provider is open, and where slots may start.
#[derive(Debug)]
pub(super) struct Grid {
    /// The first date whose windows are here.
    first_day: i64,
    /// Joined windows by the date they start on.
    windows: Vec<Span>,
    /// Where each date's windows begin in `windows`; one more than there are dates.
    offsets: Vec<u32>,
    /// All windows, normalized.
    opening: Vec<Span>,
    /// Bookings and time off, between which free gaps lie, normalized; empty unless aligned to gaps.
    taken: Vec<Span>,
    step_micros: i64,
}

impl Grid {
    /// The grid of `provider` for a type, every `step`, for starts on the dates `from` to `to`. `taken` gives what isn't free:
    /// bookings and time off.
    pub(super) fn new(
        settings: &ClinicSettings,
        provider: &Provider,
        of: AppointmentTypeId,
        step: Minutes,
        (from, to): (NaiveDate, NaiveDate),
        taken: impl FnOnce() -> Vec<Span>,
    ) -> Self {
        let first = add_days(from, -DAYS_BEFORE);
        let days = count_days(first, add_days(to, DAYS_AFTER));
        let mut windows = Vec::with_capacity(days);
        let mut offsets = Vec::with_capacity(days + 1);
        offsets.push(0);
        for day in 0..days as i64 {
            windows.extend(opening(&settings.zone, provider, Some(of), add_days(first, day)));
            offsets.push(windows.len() as u32);
        }
        Self {
            first_day: date_to_pg_days(first).into(),
            opening: union(windows.clone()),
            windows,
            offsets,
            taken: match settings.slot_alignment {
                SlotAlignment::Window => Vec::new(),
                SlotAlignment::Gap => union(taken()),
            },
            step_micros: step.micros().max(1),
        }
    }

    /// All opening time, normalized.
    pub(super) fn opening(&self) -> &[Span] {
        &self.opening
    }

    /// The starts on `date` that lie on the grid: sorted, each once. They may not be free.
    pub(super) fn starts_on(&self, zone: &Zone, date: NaiveDate) -> Vec<Instant> {
        let Some(day) = zone.day(date) else { return Vec::new() };
        let windows = self.windows_near(date);
        let mut starts: Vec<_> = windows
            .iter()
            .flat_map(|window| self.stretches(*window))
            .filter_map(|stretch| self.starts_of(stretch, day))
            .flatten()
            .collect();
        // Days overlap around a fold at midnight, windows of two dates may overlap too.
        starts.retain(|start| zone.local_date(*start) == date);
        starts.sort_unstable();
        starts.dedup();
        starts
    }

    /// Whether `start`, on `date`, lies on the grid of a window; `None` outside every window, where there is no grid.
    pub(super) fn is_on_grid(&self, date: NaiveDate, start: Instant) -> Option<bool> {
        let windows = self.windows_near(date).iter().filter(|window| window.contains_instant(start));
        windows
            .flat_map(|window| self.stretches(*window))
            .filter(|stretch| stretch.contains_instant(start))
            .map(|stretch| start.micros_since(stretch.start) % self.step_micros == 0)
            .reduce(|any, is_on| any || is_on)
    }

    /// The windows that may contain an instant of `date`.
    fn windows_near(&self, date: NaiveDate) -> &[Span] {
        let days = self.offsets.len() - 1;
        let day = i64::from(date_to_pg_days(date)) - self.first_day;
        let clamp = |day: i64| usize::try_from(day).map_or(0, |day| day.min(days));
        let (first, end) = (clamp(day - DAYS_BEFORE), clamp(day + 2));
        &self.windows[self.offsets[first] as usize..self.offsets[end] as usize]
    }

    /// The stretches of a window with a grid of their own. Each begins with a start of the grid: the window's opening,
    /// or the end of something taken, which is the start of a free gap.
    fn stretches(&self, window: Span) -> impl Iterator<Item = Span> {
        let first = self.taken.partition_point(|taken| taken.end <= window.start);
        let mut anchors =
            self.taken[first..].iter().map(|taken| taken.end).take_while(move |end| *end < window.end);
        let mut start = Some(window.start);
        std::iter::from_fn(move || {
            let begin = start?;
            start = anchors.next();
            Span::new(begin, start.unwrap_or(window.end))
        })
    }

    /// The grid of one stretch, as far as it lies in `day`.
    fn starts_of(&self, stretch: Span, day: Span) -> Option<impl Iterator<Item = Instant> + use<>> {
        let part = stretch.intersection(day)?;
        let step = self.step_micros;
        let steps_before = |instant: Instant| (instant.micros_since(stretch.start) + step - 1) / step;
        let (skipped, count) = (steps_before(part.start), steps_before(part.end));
        Some((skipped..count).map(move |index| Instant(stretch.start.0 + index * step)))
    }
}
