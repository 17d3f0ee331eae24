//! When provider, type and room are open on a date, and what decides it: an override of the date, a holiday, the windows.

use super::{Asked, Candidate, Source};
use crate::booking::clinic::Provider;
use crate::booking::hours::{OpeningWindow, open_on};
use crate::time::interval::Span;

impl Asked<'_> {
    /// When the provider is open: by the overrides of the date, else by the windows that a holiday leaves, else by all.
    pub(super) fn opening(&self) -> Vec<Candidate> {
        let Some(provider) = self.provider else { return Vec::new() };
        let rule = |table, name| (Source::Rule(table, Some(provider.id), None), name);
        let overridden = provider.overrides.iter().any(|row| row.on_date == self.on_date);
        let without = |overrides: bool, holidays: bool| {
            let mut provider = provider.clone();
            if !overrides {
                provider.overrides.clear();
            }
            if !holidays {
                provider.holidays.clear();
            }
            self.open_of(&provider)
        };
        let mut said = Vec::new();
        if overridden {
            said.push(rule("availability_overrides", self.spans(&without(true, true))));
        }
        let site = self.room.and_then(|room| room.site);
        if provider.holidays.iter().any(|holiday| holiday.falls_on(self.on_date) && holiday.is_at(site)) {
            said.push((Source::Rule("holidays", None, None), self.spans(&without(false, true))));
        }
        said.push(rule("provider_availability", self.spans(&without(false, false))));
        said
    }

    fn open_of(&self, provider: &Provider) -> Vec<Span> {
        let (zone, of) = (&self.settings.zone, self.appointment_type.map(|kind| kind.id));
        match self.room.zip(of) {
            Some((room, of)) => {
                let windows = provider.windows_in(room, of, self.on_date);
                open_on(zone, windows, &provider.overrides, self.on_date)
            }
            None => open_on(zone, provider.windows(of, self.on_date), &provider.overrides, self.on_date),
        }
    }

    /// When the type takes place; nothing where nothing bounds it.
    pub(super) fn type_hours(&self) -> Vec<Candidate> {
        let Some(kind) = self.appointment_type else { return Vec::new() };
        self.bounds(&kind.hours, Source::Rule("appointment_type_hours", None, Some(kind.id)))
    }

    /// When the room is open; nothing where nothing bounds it.
    pub(super) fn room_hours(&self) -> Vec<Candidate> {
        let Some((room, id)) = self.room.and_then(|room| Some((room, room.id?))) else { return Vec::new() };
        self.bounds(&room.hours, Source::RoomHours(id))
    }

    fn bounds(&self, windows: &[OpeningWindow], source: Source) -> Vec<Candidate> {
        let open = || self.spans(&open_on(&self.settings.zone, windows, &[], self.on_date));
        if windows.is_empty() { Vec::new() } else { vec![(source, open())] }
    }

    /// Spans as people write them.
    fn spans(&self, spans: &[Span]) -> Option<String> {
        let zone = &self.settings.zone;
        let spans: Vec<_> = spans
            .iter()
            .map(|span| format!("{}-{}", zone.wall_time(span.start), zone.wall_time(span.end)))
            .collect();
        Some(if spans.is_empty() { "closed".to_owned() } else { spans.join(", ") })
    }
}
