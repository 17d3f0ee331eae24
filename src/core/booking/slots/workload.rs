//! How much of each provider's week is booked. Only clinics that weigh it pay for it.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use crate::booking::clinic::{Clinic, Provider, ScoringProfile, TimeOffScope, opening};
use crate::booking::score;
use crate::time::calendar::add_days;
use crate::time::interval::{Span, subtract, union};

/// The score of each provider's load, week by week.
pub(super) struct Workloads {
    is_weighed: bool,
    /// By the Monday: a score for each provider.
    weeks: BTreeMap<NaiveDate, Vec<f64>>,
}

impl Workloads {
    /// Of a clinic, nothing worked out yet.
    pub(super) fn of(clinic: &Clinic) -> Self {
        Self { is_weighed: is_weighed(&clinic.scoring_profiles), weeks: BTreeMap::new() }
    }

    /// Works out the week of a date, if it matters.
    pub(super) fn prepare(&mut self, clinic: &Clinic, date: NaiveDate) {
        if self.is_weighed {
            self.weeks.entry(monday(date)).or_insert_with_key(|monday| scores(clinic, *monday));
        }
    }

    /// The score of a provider on a date that was prepared; 0.5 where no profile weighs it.
    pub(super) fn score(&self, provider: usize, date: NaiveDate) -> f64 {
        match self.is_weighed {
            true => self.weeks.get(&monday(date)).map_or(score::NEUTRAL, |scores| scores[provider]),
            false => score::NEUTRAL,
        }
    }
}

/// The dates whose rows a question about some dates needs: whole weeks where some profile weighs how much of a week is
/// booked.
#[must_use]
pub fn weighed_dates(profiles: &[ScoringProfile], from: NaiveDate, to: NaiveDate) -> (NaiveDate, NaiveDate) {
    match is_weighed(profiles) {
        true => (monday(from), add_days(monday(to), 6)),
        false => (from, to),
    }
}

fn is_weighed(profiles: &[ScoringProfile]) -> bool {
    profiles.iter().any(|profile| profile.weights.load > 0.0)
}

fn monday(date: NaiveDate) -> NaiveDate {
    add_days(date, -i64::from(date.weekday().num_days_from_monday()))
}

/// Of those who can be booked the one with the least has 1.
fn scores(clinic: &Clinic, monday: NaiveDate) -> Vec<f64> {
    let percents: Vec<_> =
        clinic.providers.iter().map(|provider| booked_percent(clinic, provider, monday)).collect();
    let is_eligible =
        |provider: &Provider| provider.enabled && clinic.appointment_type.is_done_by(provider.id);
    let eligible = clinic.providers.iter().zip(&percents).filter(|(provider, _)| is_eligible(provider));
    let least = eligible.map(|(_, percent)| *percent).min().unwrap_or_default();
    percents.into_iter().map(|percent| score::load(percent, least)).collect()
}

/// How much of the provider's opening time of a week, time off left out, is booked: whole percents, rounded down. A provider
/// who has none is as good as booked out.
fn booked_percent(clinic: &Clinic, provider: &Provider, monday: NaiveDate) -> i64 {
    let zone = &clinic.settings.zone;
    let open = union((0..7).flat_map(|day| opening(zone, provider, None, add_days(monday, day))).collect());
    let is_off = |scope| scope == TimeOffScope::Clinic || scope == TimeOffScope::Provider(provider.id);
    let off = clinic.time_off.iter().filter(|row| is_off(row.scope)).map(|row| row.during);
    let open = subtract(&open, &union(off.collect()));
    let booked = clinic.occupied.iter().filter(|booking| booking.provider == provider.id);
    let free = subtract(&open, &union(booked.map(|booking| booking.during).collect()));
    let micros = |spans: &[Span]| spans.iter().map(|span| span.micros()).sum::<i64>();
    let (open, free) = (micros(&open), micros(&free));
    // A week has too few microseconds for an overflow.
    if open == 0 { 100 } else { (open - free) * 100 / open }
}
