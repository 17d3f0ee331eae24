//! The quality score of a slot: components in [0, 1], weighted. Pure arithmetic; which slots exist is no
//! business of this module.

use crate::booking::clinic::{ScoringProfile, Weights};
use crate::booking::place::Pauses;
use crate::ids::{AppointmentTypeId, ProviderId};
use crate::rules::cascade::{Column, most_specific};
use crate::time::calendar::{TimesOfDay, WallTime};
use crate::time::interval::{MICROS_PER_MINUTE, Span};

/// A component falls from 1 to 0 over this distance.
const FADE_MICROS: i64 = 480 * MICROS_PER_MINUTE;

/// Where there is nothing to compare with.
pub(crate) const NEUTRAL: f64 = 0.5;

/// Score of a room when the provider uses only other rooms that day.
const OTHER_ROOM: f64 = 0.3;

/// A number in [0, 1] as ten-thousandths: the score as it is shown and ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(u16);

impl Score {
    /// `value` rounded to 4 decimals, halves up; below 0 is 0, above 1 is 1.
    #[must_use]
    pub fn new(value: f64) -> Self {
        // A little more than half makes decimal halves (0.35 × 0.975 = 0.34125) go up as they do in SQL's numeric,
        // although binary fractions may fall a hair short of them. A cast to an integer cuts off, saturates, and
        // makes NaN 0.
        Self(((value * 10_000.0 + (0.5 + 1e-9)) as u16).min(10_000))
    }

    /// The best there is: 1.
    pub const BEST: Self = Self(10_000);

    /// So many ten-thousandths; more than all are all.
    #[must_use]
    pub const fn of_ten_thousandths(number: u16) -> Self {
        if number < Self::BEST.0 { Self(number) } else { Self::BEST }
    }

    /// The number of ten-thousandths, 0 to 10,000.
    #[must_use]
    pub const fn ten_thousandths(self) -> u16 {
        self.0
    }

    /// The number itself, 0 to 1.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 10_000.0
    }
}

/// The components of a slot's score, each in [0, 1], not rounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Components {
    /// How well it meets the patient's preferred time: [`preference`].
    pub preference: f64,
    /// How little idle time it leaves the provider: [`compactness`].
    pub compactness: f64,
    /// Whether the provider stays in a room: [`room`].
    pub room: f64,
    /// 1 normal, 0 overbooked: [`overbooking`].
    pub overbooking: f64,
    /// Whether it is with whom the patient saw last: [`continuity`].
    pub continuity: f64,
    /// How little of the provider's week is booked: [`load`].
    pub load: f64,
}

impl Weights {
    /// Without any scoring profile: 40/35/15/10, and nothing for continuity and load.
    pub const BUILT_IN: Self = Self {
        preference: 0.40,
        compactness: 0.35,
        room: 0.15,
        overbooking: 0.10,
        continuity: 0.0,
        load: 0.0,
    };

    /// The same proportions with sum 1. The built-in ones where a weight is negative or not finite, or all are zero,
    /// which the table refuses.
    #[must_use]
    pub fn normalized(self) -> Self {
        let Self { preference, compactness, room, overbooking, continuity, load } = self;
        let all = [preference, compactness, room, overbooking, continuity, load];
        let sum: f64 = all.iter().sum();
        let is_valid = all.iter().all(|weight| *weight >= 0.0);
        if !is_valid || sum <= 0.0 || !sum.is_finite() {
            return Self::BUILT_IN;
        }
        Self {
            preference: preference / sum,
            compactness: compactness / sum,
            room: room / sum,
            overbooking: overbooking / sum,
            continuity: continuity / sum,
            load: load / sum,
        }
    }

    /// The quality score: Σ weight × component. The weights are [`normalized`](Self::normalized).
    #[must_use]
    pub fn quality(&self, components: &Components) -> Score {
        Score::new(
            self.preference * components.preference
                + self.compactness * components.compactness
                + self.room * components.room
                + self.overbooking * components.overbooking
                + self.continuity * components.continuity
                + self.load * components.load,
        )
    }
}

/// The weights for a provider and type, normalized: of the most specific profile, provider + type > provider > type >
/// clinic > built-in.
#[must_use]
pub fn weights_for(
    profiles: &[ScoringProfile],
    provider: ProviderId,
    appointment_type: AppointmentTypeId,
) -> Weights {
    let profile = most_specific(profiles, |profile| {
        [Column::of(profile.provider, provider), Column::of(profile.appointment_type, appointment_type)]
    });
    profile.map_or(Weights::BUILT_IN, |profile| profile.weights).normalized()
}

/// 1 inside the preferred time, falling linearly to 0 at 480 minutes from its nearer edge; 0.5 without one. Distance
/// doesn't go round midnight: 23:00 is far from 01:00.
#[must_use]
pub fn preference(preferred: TimesOfDay, time: WallTime) -> f64 {
    if preferred == TimesOfDay::default() {
        return NEUTRAL;
    }
    if preferred.contains(time) {
        return 1.0;
    }
    let (from, until) = preferred.ends();
    let distance = |edge: WallTime| (time.micros() - edge.micros()).abs();
    fade(distance(from).min(distance(until)))
}

/// Another booking of the provider on the slot's date.
#[derive(Clone, Copy, Debug)]
pub struct Neighbor {
    /// The appointment.
    pub during: Span,
    /// When the provider is busy with it.
    pub busy: Span,
}

/// 1 next to another booking of the day, falling linearly to 0 at 480 idle minutes; 0.5 on an empty day. `pauses` are
/// what the slot itself needs beside it.
#[must_use]
pub fn compactness(slot: Span, pauses: Pauses, day: impl IntoIterator<Item = Neighbor>) -> f64 {
    let needed = pauses.around(slot);
    let idle = day.into_iter().map(|other| {
        if other.during.overlaps(slot) {
            0
        } else if other.during.start < slot.start {
            needed.start.micros_since(other.busy.end).max(0)
        } else {
            other.busy.start.micros_since(needed.end).max(0)
        }
    });
    idle.min().map_or(NEUTRAL, fade)
}

/// 1 if the provider uses this room that day, 0.3 if only others, 0.5 if none yet.
#[must_use]
pub const fn room(uses_this_room: bool, uses_any_room: bool) -> f64 {
    match (uses_this_room, uses_any_room) {
        (true, _) => 1.0,
        (false, true) => OTHER_ROOM,
        (false, false) => NEUTRAL,
    }
}

/// 1 for a normal slot, 0 for an overbooked one.
#[must_use]
pub const fn overbooking(is_overbooked: bool) -> f64 {
    if is_overbooked { 0.0 } else { 1.0 }
}

/// 1 with the provider whom the patient saw last, 0 with another; 0.5 where that isn't known.
#[must_use]
pub fn continuity(last_seen: Option<ProviderId>, provider: ProviderId) -> f64 {
    match last_seen {
        Some(last_seen) if last_seen == provider => 1.0,
        Some(_) => 0.0,
        None => NEUTRAL,
    }
}

/// 1 for the provider with the least booked week, and so much less as more is booked of another's. Both in percent of the
/// opening time.
#[must_use]
pub fn load(booked_percent: i64, least_percent: i64) -> f64 {
    1.0 - (booked_percent - least_percent).clamp(0, 100) as f64 / 100.0
}

fn fade(distance_micros: i64) -> f64 {
    (1.0 - distance_micros as f64 / FADE_MICROS as f64).max(0.0)
}
