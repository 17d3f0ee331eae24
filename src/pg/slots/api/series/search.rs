//! The places of a series: read around one due date after the other, so that what is in between isn't read.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use pg_clinic_core::booking::series::{Appointment, NoPlace, Pattern, Places, Series, Stage};
use pg_clinic_core::booking::slots::{self, Order, Question};
use pg_clinic_core::ids::ProviderId;
use pg_clinic_core::time::calendar::{TimesOfDay, Weekdays};

use super::super::find::too_many;
use super::{FindSeries, SeriesPlace};
use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::Result;
use crate::pg::platform::session::check_for_cancel;
use crate::pg::platform::signatures::Rows;
use crate::pg::platform::spi;
use crate::pg::slots::load::{self, Loaded, Wanted};

/// What was looked for, or the appointment for which there is no place.
pub(super) type Found<T> = std::result::Result<T, NoPlace>;

/// The places of a type.
pub(super) struct Search<'a> {
    wanted: Wanted,
    opened: &'a Opened,
    preferred: TimesOfDay,
    acceptable: TimesOfDay,
    /// The snapshot read last: it has the names of providers and rooms.
    loaded: Option<Loaded>,
    /// What was found on the dates searched.
    pub places: Places,
    searched: BTreeSet<NaiveDate>,
}

impl<'a> Search<'a> {
    /// Before the first date.
    pub fn new(query: &FindSeries, wanted: Wanted, opened: &'a Opened) -> Self {
        Self {
            wanted,
            opened,
            preferred: TimesOfDay { from: query.preferred_from, until: query.preferred_until },
            acceptable: TimesOfDay { from: query.earliest_time, until: query.latest_time },
            loaded: None,
            places: Places::default(),
            searched: BTreeSet::new(),
        }
    }

    /// The best series of the first stage that has one; else the appointment that stopped the one that got farthest.
    pub fn best(&mut self, pattern: &Pattern, max_alternatives: usize) -> Result<Found<Series>> {
        let mut farthest = NoPlace { nth: 0, due: pattern.from };
        let mut is_first = true;
        for dues in pattern.stages() {
            check_for_cancel();
            let mut stage = Stage::new(pattern, dues);
            match self.search(pattern, &mut stage)? {
                Ok(()) => {
                    let series = stage.choose(&self.places, max_alternatives, &mut check_for_cancel);
                    return Ok(series.ok_or(farthest));
                }
                Err(no_place) if is_first || no_place.nth > farthest.nth => farthest = no_place,
                Err(_) => (),
            }
            is_first = false;
        }
        self.require_known(pattern.until)?;
        Ok(Err(farthest))
    }

    /// Where nothing was searched, unknown types, providers and rooms are reported nevertheless.
    pub fn require_known(&self, date: NaiveDate) -> Result<()> {
        if self.loaded.is_none() {
            spi::connect(|spi| load::snapshot(spi, self.opened, &self.wanted, date, date, None))?;
        }
        Ok(())
    }

    /// Forgets the dates before one.
    pub fn forget_before(&mut self, date: NaiveDate) {
        self.places.forget_before(date);
        self.searched = self.searched.split_off(&date);
    }

    /// Looks for places for each appointment in turn, as long as there are some.
    fn search(&mut self, pattern: &Pattern, stage: &mut Stage<'_>) -> Result<Found<()>> {
        if let Some((first, _)) = stage.dates(0) {
            self.forget_before(first);
        }
        for nth in 0..pattern.count {
            loop {
                if let Some((first, last)) = stage.dates(nth) {
                    self.find(first, last)?;
                }
                match stage.keep_possible(nth, &self.places) {
                    Ok(true) => break,
                    // The next dates took the stead of some that are left out.
                    Ok(false) => check_for_cancel(),
                    Err(no_place) => return Ok(Err(no_place)),
                }
            }
        }
        Ok(Ok(()))
    }

    /// Finds the places on the dates from one to another that weren't searched before.
    pub fn find(&mut self, first: NaiveDate, last: NaiveDate) -> Result<()> {
        let mut missing =
            first.iter_days().take_while(|date| *date <= last).filter(|date| !self.searched.contains(date));
        let Some(from) = missing.next() else { return Ok(()) };
        let to = missing.last().unwrap_or(from);
        // What was searched in between is searched again: seldom, and never more than the dates of an appointment.
        let loaded = spi::connect(|spi| load::snapshot(spi, self.opened, &self.wanted, from, to, None))?;
        let question = Question {
            from,
            to,
            now: self.wanted.now,
            preferred: self.preferred,
            acceptable: self.acceptable,
            weekdays: Weekdays::ALL,
            include_overbooked: false,
            all_rooms: false,
            max_results: None,
            order: Order::BestFirst,
        };
        let found = slots::find(&loaded.clinic, &question, &mut check_for_cancel).map_err(too_many)?;
        let zone = &loaded.clinic.settings.zone;
        let new = found.filter(|slot| !self.searched.contains(&zone.local_date(slot.start)));
        self.places.add(&loaded.clinic, new).map_err(too_many)?;
        self.searched.extend(from.iter_days().take_while(|date| *date <= to));
        self.loaded = Some(loaded);
        Ok(())
    }

    /// Answers a series of this type.
    pub fn push_all(&self, rows: &mut Rows<SeriesPlace>, series: &Series) -> Result<()> {
        if !series.left_out.is_empty() {
            let dates: Vec<_> = series.left_out.iter().map(ToString::to_string).collect();
            pgrx::notice!("left out for want of a place: {}", dates.join(", "));
        }
        let mut appointments = (1_i32..).zip(&series.appointments);
        appointments.try_for_each(|(nth, appointment)| self.push(rows, nth, appointment, series.provider))
    }

    /// Answers an appointment, counted from 1, of a series with a provider.
    pub fn push(
        &self,
        rows: &mut Rows<SeriesPlace>,
        nth: i32,
        appointment: &Appointment,
        provider: ProviderId,
    ) -> Result<()> {
        let Some(Loaded { clinic, .. }) = &self.loaded else { return Ok(()) };
        check_for_cancel();
        for (choice, chosen) in (1_i32..).zip(&appointment.choices) {
            rows.push(SeriesPlace {
                nth: nth.into(),
                choice: choice.into(),
                due_date: appointment.due.into(),
                slot_start: chosen.place.start.into(),
                slot_end: chosen.end(clinic.appointment_type.duration_with(chosen.provider)).into(),
                local_date: chosen.date.into(),
                local_time: chosen.place.time.into(),
                provider_id: chosen.provider.0.into(),
                provider_name: clinic.provider_name(chosen.provider).into(),
                room_id: chosen.place.room.map(|id| id.0).into(),
                room_name: chosen.place.room.and_then(|id| clinic.room_name(id)).into(),
                quality_score: chosen.place.quality.as_f64().into(),
                days_off_due: ((chosen.date - appointment.due).num_days() as i32).into(),
                is_series_provider: (chosen.provider == provider).into(),
                appointment_type: clinic.appointment_type.name.as_str().into(),
            });
        }
        Ok(())
    }
}
