//! Places that can each be had, and yet be too many together: for a limit, for the stock of a resource, or for the ways between
//! sites. The bookings of a plan are put down one after the other, as applying it does, and who can't stay where the plan has it
//! takes its next place.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::fit::fits;
use super::{Absence, Affected, NoPlace, Place};
use crate::booking::clinic::{Clinic, Occupied, Resource, TimeOff};
use crate::booking::limits::{BookingLimit, Counted, LimitPer, LimitUse};
use crate::booking::reason::{Blocker, BookingKind};
use crate::booking::slots::refusals_of_move;
use crate::booking::together::placing_order;
use crate::ids::{AppointmentTypeId, ProviderId, ResourceId, TimeOffId};
use crate::time::interval::{Instant, Span};

/// How many other places of a booking are tried.
const MOST_TRIED: usize = 500;

/// A plan that is to be put down.
pub struct Jointly<'a> {
    /// What isn't there.
    pub absence: &'a Absence,
    /// The bookings.
    pub affected: &'a [Affected],
    /// The type of each.
    pub types: &'a [AppointmentTypeId],
    /// The places that each could have, the nearest first.
    pub places: &'a [Vec<Place>],
    /// The clock.
    pub now: Instant,
}

/// A booking that was put down.
struct Down {
    at: usize,
    place: Place,
    units: Vec<ResourceId>,
}

impl Jointly<'_> {
    /// Whether anything but provider, room, patient and the day's seats ties the bookings together.
    #[must_use]
    pub fn is_tied(clinic: &Clinic) -> bool {
        !clinic.limits.is_empty()
            || !clinic.appointment_type.resources.is_empty()
            || !clinic.sites.travel.is_empty()
    }

    /// Changes a plan so that all of it can be had. `load` gives the clinic around a booking, without it. Calls `checkpoint`
    /// often. Returns whether it changed anything.
    ///
    /// # Errors
    /// Those of `load`.
    pub fn hold<E>(
        &self,
        chosen: &mut [Result<usize, NoPlace>],
        load: &mut dyn FnMut(usize) -> Result<Clinic, E>,
        checkpoint: &mut dyn FnMut(),
    ) -> Result<bool, E> {
        let before = chosen.to_vec();
        // Who finds no place stays where it is, which may be in the way of those who were put down before. Each time at least
        // one more stays.
        while !self.put_down(chosen, load, checkpoint)? {}
        Ok(before != chosen)
    }

    /// Puts all down, and says whether all could go somewhere.
    fn put_down<E>(
        &self,
        chosen: &mut [Result<usize, NoPlace>],
        load: &mut dyn FnMut(usize) -> Result<Clinic, E>,
        checkpoint: &mut dyn FnMut(),
    ) -> Result<bool, E> {
        let mut order: Vec<usize> = (0..chosen.len()).filter(|at| chosen[*at].is_ok()).collect();
        order.sort_by_key(|at| {
            let (moving, place) = (&self.affected[*at].moving, self.place(*at, chosen));
            let keeps_day =
                place.is_some_and(|to| (to.provider, to.date) == (moving.provider, moving.local_date));
            let is_beside = moving.is_overbooked || place.is_some_and(|to| to.is_overbooked);
            placing_order(is_beside, keeps_day, moving.id.0)
        });
        let (count, mut down) = (order.len(), Vec::new());
        for at in order {
            checkpoint();
            let mut clinic = load(at)?;
            self.take_up(&mut clinic, at, chosen, &down);
            let Some(index) = self.place_of(at, &clinic, chosen, checkpoint) else {
                chosen[at] = Err(NoPlace::GoneToOthers);
                continue;
            };
            chosen[at] = Ok(index);
            let place = self.places[at][index];
            down.push(Down { at, place, units: self.units_of(at, &clinic, &place) });
        }
        Ok(down.len() == count)
    }

    fn place(&self, at: usize, chosen: &[Result<usize, NoPlace>]) -> Option<&Place> {
        chosen[at].as_ref().ok().map(|index| &self.places[at][*index])
    }

    /// The place that a booking can have: the plan's, else the nearest that goes with all others.
    fn place_of(
        &self,
        at: usize,
        clinic: &Clinic,
        chosen: &[Result<usize, NoPlace>],
        checkpoint: &mut dyn FnMut(),
    ) -> Option<usize> {
        let planned = *chosen[at].as_ref().ok()?;
        if self.can_be_had(clinic, &self.places[at][planned]) {
            return Some(planned);
        }
        let mut all: Vec<_> = (0..chosen.len()).map(|other| self.place(other, chosen)).collect();
        (0..self.places[at].len().min(MOST_TRIED)).find(|index| {
            checkpoint();
            let place = &self.places[at][*index];
            all[at] = Some(place);
            fits(self.affected, &all) && self.can_be_had(clinic, place)
        })
    }

    fn can_be_had(&self, clinic: &Clinic, place: &Place) -> bool {
        let provider = clinic.providers.iter().position(|row| row.id == place.provider);
        let room = clinic.rooms.iter().position(|row| row.id == place.room);
        provider.zip(room).is_some_and(|(provider, room)| {
            let (start, may_overbook) = (place.slot.start, place.is_overbooked);
            let (kind, refusals) = refusals_of_move(clinic, provider, room, start, may_overbook, self.now);
            refusals.is_empty() && (kind == BookingKind::Overbooked) == place.is_overbooked
        })
    }

    /// The clinic as a booking finds it: all that go elsewhere are taken up, and some are down again.
    fn take_up(&self, clinic: &mut Clinic, at: usize, chosen: &[Result<usize, NoPlace>], down: &[Down]) {
        let own = &self.affected[at];
        clinic.moving = Some(own.moving);
        let off = TimeOff { id: TimeOffId(0), scope: self.absence.of, during: self.absence.during };
        clinic.time_off.push(off);
        let taken_up: Vec<usize> = (0..chosen.len()).filter(|other| chosen[*other].is_ok()).collect();
        let ids: BTreeSet<_> = taken_up.iter().map(|other| self.affected[*other].moving.id).collect();
        clinic.occupied.retain(|booking| !ids.contains(&booking.id));
        let gives_back = |other: &&usize| !self.keeps_units(clinic, **other, chosen);
        let giving: BTreeSet<_> =
            taken_up.iter().filter(gives_back).map(|other| self.affected[*other].moving.id).collect();
        let is_kept = |by: &Blocker| !matches!(by, Blocker::Booking(id) if giving.contains(id));
        clinic.resources.iter_mut().for_each(|unit| unit.taken.retain(|(_, by)| is_kept(by)));
        for other in taken_up.into_iter().filter(|other| *other != at) {
            let moving = &self.affected[other].moving;
            self.count(clinic, at, other, (moving.provider, moving.local_date, moving.during), -1);
        }
        for Down { at: other, place, units } in down {
            self.count(clinic, at, *other, (place.provider, place.date, place.slot), 1);
            let of = &self.affected[*other];
            let by = Blocker::Booking(of.moving.id);
            let given = clinic.resources.iter_mut().filter(|unit| units.contains(&unit.id));
            given.for_each(|unit| unit.taken.push((place.slot, by)));
            clinic.occupied.push(Occupied {
                id: of.moving.id,
                provider: place.provider,
                room: place.room,
                is_overbooked: place.is_overbooked,
                is_same_patient: own.patient.is_some() && own.patient == of.patient,
                local_date: place.date,
                during: place.slot,
                provider_busy: place.provider_busy,
                room_busy: place.room_busy,
            });
        }
        clinic.occupied.sort_unstable_by_key(|booking| (booking.during.start, booking.id));
    }

    /// Who keeps its time keeps its units, unless another room may have others.
    fn keeps_units(&self, clinic: &Clinic, at: usize, chosen: &[Result<usize, NoPlace>]) -> bool {
        self.place(at, chosen).is_some_and(|place| self.keeps_units_at(clinic, at, place))
    }

    fn keeps_units_at(&self, clinic: &Clinic, at: usize, place: &Place) -> bool {
        let moving = &self.affected[at].moving;
        let are_at_sites = || clinic.resources.iter().any(|unit| unit.site.is_some());
        place.slot.start == moving.during.start && (place.room == moving.room || !are_at_sites())
    }

    /// Counts another booking at a place, or no longer.
    fn count(
        &self,
        clinic: &mut Clinic,
        at: usize,
        other: usize,
        (provider, local_date, during): (ProviderId, NaiveDate, Span),
        times: i64,
    ) {
        let (own, of) = (&self.affected[at], &self.affected[other]);
        let booking = Counted {
            provider,
            appointment_type: self.types[other],
            patient: of.patient.as_deref(),
            local_date,
            minutes: during.whole_minutes().0.into(),
            occupies: true,
            is_upcoming: during.end > self.now,
        };
        let concerns = |limit: &&BookingLimit| {
            limit.counts(&booking) && (limit.per != LimitPer::Patient || own.patient == of.patient)
        };
        let of_limit = |limit: &BookingLimit| LimitUse {
            limit: limit.id,
            provider,
            local_date,
            bookings: times,
            minutes: times * booking.minutes,
        };
        clinic.limit_use.extend(clinic.limits.iter().filter(concerns).map(of_limit));
    }

    /// The units that a booking is given at a place, of those that are free.
    fn units_of(&self, at: usize, clinic: &Clinic, place: &Place) -> Vec<ResourceId> {
        if self.keeps_units_at(clinic, at, place) {
            return Vec::new();
        }
        let room = clinic.rooms.iter().find(|room| room.id == place.room);
        let site = room.and_then(|room| room.site);
        let needs = clinic.appointment_type.resources.iter();
        let of_need = needs.flat_map(|need| {
            let is_free =
                |unit: &&Resource| unit.kind == need.kind && unit.can_be_at(site) && unit.is_free(place.slot);
            let quantity = usize::try_from(need.quantity).unwrap_or(0);
            clinic.resources.iter().filter(is_free).take(quantity).map(|unit| unit.id)
        });
        of_need.collect()
    }
}
