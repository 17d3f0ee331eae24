//! The places among which a series is chosen.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::booking::clinic::Clinic;
use crate::booking::score::Score;
use crate::booking::slots::{LimitExceeded, Slot};
use crate::ids::{ProviderId, RoomId};
use crate::time::calendar::WallTime;
use crate::time::interval::{Instant, Minutes};

/// Most places among which a series is chosen: 128 MB.
pub const MAX_PLACES: usize = 4_000_000;

/// A place of a provider on a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// When.
    pub start: Instant,
    /// The same on the clinic's wall clock.
    pub time: WallTime,
    /// Where; `None` = in no room.
    pub room: Option<RoomId>,
    /// The slot's quality score.
    pub quality: Score,
}

/// Places by date and provider, each list best first.
#[derive(Clone, Debug, Default)]
pub struct Places {
    by_day: BTreeMap<(NaiveDate, ProviderId), Vec<Place>>,
    len: usize,
}

impl Places {
    /// Adds slots of a clinic, found best first, of dates that it hasn't yet.
    ///
    /// # Errors
    /// [`LimitExceeded`] where there would be more than [`MAX_PLACES`].
    pub fn add(
        &mut self,
        clinic: &Clinic,
        best_first: impl Iterator<Item = Slot>,
    ) -> Result<(), LimitExceeded> {
        let zone = &clinic.settings.zone;
        for slot in best_first {
            let date = zone.local_date(slot.start);
            let place = Place {
                start: slot.start,
                time: zone.wall_time(slot.start),
                room: clinic.rooms[slot.room].id,
                quality: slot.quality,
            };
            self.insert(date, clinic.providers[slot.provider].id, place)?;
        }
        Ok(())
    }

    /// Adds a place that is no better than those that the provider has on the date.
    ///
    /// # Errors
    /// [`LimitExceeded`] where there would be more than [`MAX_PLACES`].
    pub fn insert(
        &mut self,
        date: NaiveDate,
        provider: ProviderId,
        place: Place,
    ) -> Result<(), LimitExceeded> {
        if self.len >= MAX_PLACES {
            return Err(LimitExceeded { what: "places to choose from", limit: MAX_PLACES });
        }
        self.len += 1;
        self.by_day.entry((date, provider)).or_default().push(place);
        Ok(())
    }

    /// Forgets the dates before one.
    pub fn forget_before(&mut self, date: NaiveDate) {
        let kept = self.by_day.split_off(&(date, ProviderId(i64::MIN)));
        self.len = kept.values().map(Vec::len).sum();
        self.by_day = kept;
    }

    /// The places on some dates, both included, by date and provider.
    pub(super) fn within(
        &self,
        (first, last): (NaiveDate, NaiveDate),
    ) -> impl Iterator<Item = (NaiveDate, ProviderId, &[Place])> {
        let range = (first, ProviderId(i64::MIN))..=(last, ProviderId(i64::MAX));
        self.by_day.range(range).map(|((date, provider), places)| (*date, *provider, places.as_slice()))
    }
}

/// A place of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The clinic's date.
    pub date: NaiveDate,
    /// With whom.
    pub provider: ProviderId,
    /// When and where.
    pub place: Place,
}

impl Chosen {
    /// Its end, for appointments of a length.
    #[must_use]
    pub fn end(&self, duration: Minutes) -> Instant {
        self.place.start + duration
    }
}
