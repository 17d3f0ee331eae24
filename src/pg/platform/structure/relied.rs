//! What is relied on, and by whom. Whatever else an owner drops or alters is his own affair; check_clinic() lists it.

use pg_clinic_core::shipped::{self, Kind, Thing};

use super::What;

/// What somebody is about to do with a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Read it: a row with an unknown word would be left out in silence.
    Read,
    /// Write it by a function, which expects our triggers to do their part.
    Write,
    /// Give a booking a place: nobody else may be there.
    Place,
    /// Say which place a booking could have: what is found can be booked.
    Find,
}

/// Constraints of words by which queries choose rows.
const READ: &[&str] = &["bookings.bookings_status", "offers.offers_status", "waitlist.waitlist_status"];

/// What decides between functions that write the same thing at the same time.
const WRITTEN: &[&str] = &[
    "assignment_history.assignment_history_version",
    "assignments.assignments_key",
    "assignments.assignments_visit_key",
    "booking_history.booking_history_version",
    "exceptions.exceptions_key",
    "locks.locks_visit_key",
    "offers.offers_former_booking_key",
    "offers.offers_waitlist_key",
    "plan_assignments.plan_assignments_key",
    "plan_assignments.plan_assignments_visit_key",
    "rule_overrides.rule_overrides_one",
    "shifts.shifts_template_key",
    "visits.visits_key",
    "waitlist.waitlist_booking_key",
    "waitlist.waitlist_request",
];

/// What keeps bookings apart: constraints, and columns whose NULL would slip past them.
const PLACED: &[&str] = &[
    "bookings.bookings_pkey",
    "bookings.bookings_request",
    "bookings.bookings_provider",
    "bookings.bookings_room",
    "bookings.bookings_patient",
    "bookings.bookings_person",
    "bookings.bookings_day_seat",
    "bookings.bookings_overbook_seat",
    "bookings.bookings_daily_cap",
    "bookings.bookings_overbook_cap",
    "bookings.bookings_seats",
    "bookings.bookings_session_fkey",
    "bookings.bookings_session_seat",
    "bookings.bookings_session_cap",
    "bookings.bookings_session",
    "bookings.bookings_during",
    "bookings.bookings_provider_busy",
    "bookings.bookings_room_busy",
    "bookings.bookings_status",
    "bookings.bookings_hold",
    "bookings.bookings_request_id",
    "bookings.clinic_id",
    "bookings.id",
    "bookings.provider_id",
    "bookings.appointment_type_id",
    "bookings.during",
    "bookings.status",
    "bookings.is_overbooked",
    "bookings.provider_busy",
    "bookings.local_date",
    "bookings.session_id",
];

/// Triggers without which rows would be wrong or unrecorded: these may not be switched off either.
const FILLING: &[&str] = &[
    "assignments.record_assignment",
    "bookings.assign_resources_by_change",
    "bookings.assign_resources_by_insert",
    "bookings.fill_booking",
    "bookings.record_booking",
];

/// Triggers that an owner may do without: they only tell of what has happened.
const OPTIONAL: &[&str] =
    &["bookings.tell_freed_by_change", "bookings.tell_freed_by_delete", "bookings.tell_freed_by_lapse"];

/// A table of ours by its name, with the name that lasts.
pub(super) fn known(table: &str) -> Option<&'static str> {
    shipped::things()
        .iter()
        .find(|thing| thing.kind == Kind::Table && thing.object == table)
        .map(|thing| thing.object)
}

/// Whether a need asks for anything of a table.
pub(super) fn matters(need: Need, table: &str) -> bool {
    let is_of_table = |object: &&str| object.split_once('.').is_some_and(|(of, _)| of == table);
    need != Need::Read || READ.iter().any(is_of_table)
}

/// Whether a thing that isn't as shipped is in the way of a need.
pub(super) fn is_relied_on(need: Need, thing: Thing, what: What) -> bool {
    let is_in = |list: &[&str]| list.contains(&thing.object);
    match (thing.kind, need) {
        (Kind::Trigger, Need::Find) => is_in(FILLING),
        (Kind::Trigger, Need::Write) if what == What::Disabled => is_in(FILLING),
        (Kind::Trigger, Need::Write) => !is_in(OPTIONAL),
        (Kind::Trigger, Need::Read | Need::Place) => false,
        (_, Need::Read) => is_in(READ),
        (_, Need::Write) => is_in(READ) || is_in(WRITTEN),
        (_, Need::Place | Need::Find) => is_in(PLACED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A constraint that is renamed in sql/schema is renamed here.
    #[test]
    fn lists_name_shipped_things() {
        for name in [READ, WRITTEN, PLACED, FILLING, OPTIONAL].into_iter().flatten() {
            assert!(shipped::things().iter().any(|thing| thing.object == *name), "{name} isn't shipped");
        }
    }
}
