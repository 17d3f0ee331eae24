//! Reserved windows: time that is kept for some appointment types, until it is released for all.

use chrono::NaiveDate;

use crate::booking::clinic::Clinic;
use crate::booking::hours::{DAYS_AFTER, DAYS_BEFORE, OpeningWindow, starting_on};
use crate::ids::{AppointmentTypeId, ProviderId};
use crate::text::{at, named};
use crate::time::calendar::{add_days, count_days};
use crate::time::interval::{Instant, Span, subtract, union};
use crate::time::zone::Zone;

/// `clinic.reserved_windows`: weekly time that is kept for one type. Several of one time keep it for each of their types.
#[derive(Clone, Debug)]
pub struct ReservedWindow {
    /// Whose time; `None` = every provider's.
    pub provider: Option<ProviderId>,
    /// For which type.
    pub appointment_type: AppointmentTypeId,
    /// The name of the type.
    pub type_name: String,
    /// When.
    pub window: OpeningWindow,
    /// How long before its start it is released; `None` = never.
    pub release_before: Option<ReleaseBefore>,
}

/// How long before the start of a window: so many days earlier at the same time of day, and so much earlier than that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReleaseBefore {
    /// Days of the clinic's calendar.
    pub days: i64,
    /// Microseconds.
    pub micros: i64,
}

impl ReleaseBefore {
    /// When a window that starts at `start` is released.
    fn of(self, zone: &Zone, start: Instant) -> Instant {
        let date = add_days(zone.local_date(start), -self.days);
        let same_time = if self.days == 0 { start } else { zone.at(date, zone.wall_time(start)) };
        Instant(same_time.0.saturating_sub(self.micros))
    }
}

/// Time that is kept for a type.
struct Kept<'a> {
    by: &'a ReservedWindow,
    during: Span,
    /// Until when; `None` = for good.
    until: Option<Instant>,
}

impl Clinic {
    /// The time of a provider that is kept for others than the type in question, normalized; near the dates `from` to `to`.
    pub(super) fn reserved(
        &self,
        provider: ProviderId,
        now: Instant,
        (from, to): (NaiveDate, NaiveDate),
    ) -> Vec<Span> {
        if self.reserved_windows.is_empty() {
            return Vec::new();
        }
        let (own, others): (Vec<_>, Vec<_>) =
            self.kept(provider, from, to).partition(|kept| self.is_own(kept.by));
        let spans = |kept: Vec<Kept<'_>>| union(kept.into_iter().map(|kept| kept.during).collect());
        let others = others.into_iter().filter(|kept| kept.until.is_none_or(|until| now < until)).collect();
        subtract(&spans(others), &spans(own))
    }

    /// For whom a provider's time is kept that a slot would take, and until when.
    pub(super) fn kept_for(&self, provider: ProviderId, now: Instant, slot: Span) -> String {
        let zone = &self.settings.zone;
        let (from, to) = (zone.local_date(slot.start), zone.local_date(slot.end));
        let mut kept: Vec<_> = self.kept(provider, from, to).collect();
        kept.retain(|kept| {
            !self.is_own(kept.by)
                && kept.during.start < slot.end
                && slot.start < kept.during.end
                && kept.until.is_none_or(|until| now < until)
        });
        let mut types: Vec<_> =
            kept.iter().map(|kept| (kept.by.appointment_type, kept.by.type_name.as_str())).collect();
        types.sort_unstable();
        types.dedup();
        let types: Vec<_> =
            types.into_iter().map(|(id, name)| named(name, "appointment type", id)).collect();
        let until = kept.iter().map(|kept| kept.until).collect::<Option<Vec<_>>>();
        let until = until.and_then(|all| all.into_iter().max());
        let until = until.map_or_else(String::new, |until| format!(" until {}", at(zone, until)));
        format!("{}{until}", types.join(", "))
    }

    fn is_own(&self, window: &ReservedWindow) -> bool {
        window.appointment_type == self.appointment_type.id
    }

    /// What is kept of a provider's time near some dates, released or not.
    fn kept(&self, provider: ProviderId, from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = Kept<'_>> {
        let zone = &self.settings.zone;
        let first = add_days(from, -DAYS_BEFORE);
        let days = count_days(first, add_days(to, DAYS_AFTER)) as i64;
        let applies =
            move |window: &&ReservedWindow| window.provider.is_none_or(|only| only == provider);
        self.reserved_windows.iter().filter(applies).flat_map(move |by| {
            let spans = (0..days).flat_map(move |day| starting_on(zone, &by.window, add_days(first, day)));
            spans.map(move |during| {
                let until = by.release_before.map(|before| before.of(zone, during.start));
                Kept { by, during, until }
            })
        })
    }
}
