//! How good a slot is, in whole numbers.

use super::*;

impl Oracle<'_> {
    pub(super) fn slot(&self, provider: usize, room: usize, start: Instant, is_overbooked: bool) -> Expected {
        // Components in units of 1/4800, so that sums are exact.
        let components = [
            self.preference(start),
            self.compactness(provider, start),
            self.room(provider, room, start),
            if is_overbooked { 0 } else { 4800 },
            match self.clinic.last_seen {
                None => 2400,
                Some(id) => i64::from(id == self.clinic.providers[provider].id) * 4800,
            },
            self.load(provider, start),
        ];
        let weights = self.weights(&self.clinic.providers[provider]);
        let sum: i64 = weights.iter().zip(components).map(|(weight, component)| weight * component).sum();
        Expected {
            start,
            end: instant(self.slot_minutes(provider, start).end),
            provider,
            room,
            is_overbooked,
            quality: ten_thousandths(sum, weights.iter().sum::<i64>() * 4800),
            components: components.map(|component| ten_thousandths(component, 4800)),
            places: self.places(provider, room, start).filter(|_| !is_overbooked),
        }
    }

    fn places(&self, provider: usize, room: usize, start: Instant) -> Option<(i64, bool)> {
        let (provider_id, room) = (self.clinic.providers[provider].id, &self.clinic.rooms[room]);
        for group in self.groups(&self.slot_minutes(provider, start)) {
            if group.provider == provider_id && group.room == room.id {
                return Some(((i64::from(group.capacity) - group.members.len() as i64).max(0), true));
            }
        }
        let mut most = i64::from(self.clinic.appointment_type.capacity);
        if let Some(capacity) = room.capacity {
            most = most.min(capacity.into());
        }
        (most > 1).then_some((most, false))
    }

    fn weights(&self, provider: &Provider) -> [i64; 6] {
        let kind = self.clinic.appointment_type.id;
        let wanted =
            [(Some(provider.id), Some(kind)), (Some(provider.id), None), (None, Some(kind)), (None, None)];
        for (of_provider, of_kind) in wanted {
            for profile in &self.clinic.scoring_profiles {
                if profile.provider == of_provider && profile.appointment_type == of_kind {
                    let w = profile.weights;
                    let all = [w.preference, w.compactness, w.room, w.overbooking, w.continuity, w.load];
                    return all.map(|weight| weight as i64);
                }
            }
        }
        [40, 35, 15, 10, 0, 0]
    }

    fn preference(&self, start: Instant) -> i64 {
        let question = &self.case.question;
        if question.preferred.from.is_none() && question.preferred.until.is_none() {
            return 2400;
        }
        let minutes =
            |time: Option<WallTime>, default: i64| time.map_or(default, |time| time.micros() / MINUTE);
        let (from, until) = (minutes(question.preferred.from, 0), minutes(question.preferred.until, 24 * 60));
        let time = i64::from(to_local(self.case.tz, start).num_seconds_from_midnight()) / 60;
        let is_preferred = |time: i64| {
            if from <= until { from <= time && time <= until } else { time >= from || time <= until }
        };
        // The nearest preferred minute of the same day.
        let distance =
            (0..=24 * 60).filter(|other| is_preferred(*other)).map(|other| (time - other).abs()).min();
        (480 - distance.unwrap()).max(0) * 10
    }

    fn load(&self, provider: usize, start: Instant) -> i64 {
        if self.clinic.scoring_profiles.iter().all(|profile| profile.weights.load == 0.0) {
            return 2400;
        }
        let monday = self.date(start).week(Weekday::Mon).first_day();
        let can = |index: &usize| {
            let (row, said) = (&self.clinic.providers[*index], &self.clinic.appointment_type.providers);
            row.enabled && (said.is_empty() || said.iter().any(|of| of.provider == row.id && of.enabled))
        };
        let all = 0..self.clinic.providers.len();
        let least = all.filter(can).map(|index| self.booked_percent(index, monday)).min().unwrap_or(0);
        (100 - (self.booked_percent(provider, monday) - least).max(0)) * 48
    }

    fn booked_percent(&self, index: usize, monday: NaiveDate) -> i64 {
        if let Some(known) = self.booked_percents.borrow().get(&(index, monday)) {
            return *known;
        }
        let provider = &self.clinic.providers[index];
        let booked: HashSet<_> =
            self.bookings_of(provider).flat_map(|booking| minutes(booking.during)).collect();
        let concerns = |scope| scope == TimeOffScope::Clinic || scope == TimeOffScope::Provider(provider.id);
        let off = self.clinic.time_off.iter().filter(|off| concerns(off.scope));
        let off: HashSet<_> = off.flat_map(|off| minutes(off.during)).collect();
        let days = (0..7).map(|day| monday + Days::new(day));
        let mut open: BTreeSet<_> = days.flat_map(|day| self.opening_for_any(provider, day)).collect();
        open.retain(|at| !off.contains(at));
        let percent = match open.len() {
            0 => 100,
            all => 100 * open.iter().filter(|at| booked.contains(at)).count() as i64 / all as i64,
        };
        self.booked_percents.borrow_mut().insert((index, monday), percent);
        percent
    }

    fn compactness(&self, provider: usize, start: Instant) -> i64 {
        let end = instant(self.slot_minutes(provider, start).end);
        let needed = self.provider_minutes(provider, start);
        let provider = &self.clinic.providers[provider];
        let mut best = None;
        for booking in self.bookings_of(provider).filter(|booking| booking.local_date == self.date(start)) {
            let idle = if booking.during.end <= start {
                needed.start - minute(booking.provider_busy.end)
            } else if booking.during.start >= end {
                minute(booking.provider_busy.start) - needed.end
            } else {
                0
            };
            best = best.max(Some((480 - idle.max(0)).max(0) * 10));
        }
        best.unwrap_or(2400)
    }

    fn room(&self, provider: usize, room: usize, start: Instant) -> i64 {
        let date = self.date(start);
        let used: Vec<_> = self
            .bookings_of(&self.clinic.providers[provider])
            .filter(|booking| booking.local_date == date)
            .filter_map(|booking| booking.room)
            .collect();
        let Some(id) = self.clinic.rooms[room].id else { return 4800 };
        match used.contains(&id) {
            true => 4800,
            false if used.is_empty() => 2400,
            false => 1440,
        }
    }
}

/// Rounded half up.
fn ten_thousandths(numerator: i64, denominator: i64) -> i64 {
    (2 * 10_000 * numerator + denominator) / (2 * denominator)
}
