//! How many overbooked bookings a provider may have on a day: what the rules allow, and ([`recommend`]) what the history
//! of no-shows supports.

pub mod recommend;

use crate::booking::clinic::OverbookingRule;
use crate::ids::{AppointmentTypeId, ProviderId};
use crate::rules::cascade::{Column, most_specific};

/// The limit of the most specific rule: provider + type > provider > type > global > 0. It wins even when its number
/// is the smaller one.
#[must_use]
pub fn limit(rules: &[OverbookingRule], provider: ProviderId, appointment_type: AppointmentTypeId) -> i32 {
    most_specific(rules, |rule| {
        [Column::of(rule.provider, provider), Column::of(rule.appointment_type, appointment_type)]
    })
    .map_or(0, |rule| rule.max_overbook)
}
