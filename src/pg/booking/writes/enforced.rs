//! Rules for whoever writes (`clinics.enforce_rules`): a place that a plain INSERT or UPDATE takes is judged as book_slot and
//! reschedule_booking judge it.

use chrono::NaiveDate;
use pg_clinic_core::booking::clinic::{Clinic, Moving};
use pg_clinic_core::booking::place::days_between;
use pg_clinic_core::booking::reason::{Blocker, BookingKind, Code, Refusal, Severity};
use pg_clinic_core::booking::slots;
use pg_clinic_core::time::interval::Span;
use pg_clinic_core::time::zone::Zone;

use super::refusal;
use crate::pg::booking::load::Place;
use crate::pg::platform::clinic;
use crate::pg::platform::error::Result;
use crate::pg::platform::requests::TypeKey;
use crate::pg::platform::session;
use crate::pg::platform::spi::{Access, Spi};
use crate::pg::slots::load::sites::longest_way;
use crate::pg::slots::load::types::{any_type, appointment_type};
use crate::pg::slots::load::{self, Providers, Rooms, Wanted};

/// The local dates whose bookings matter to a place beside those that it touches: the ways between sites reach them.
pub fn days(spi: &Spi, clinic: i64, zone: &Zone, during: Span) -> Result<Vec<NaiveDate>> {
    let way = longest_way(spi, clinic)?;
    Ok(days_between(zone, during.start - way, during.end + way))
}

/// Refuses what a rule is against, unless the row says why that is set aside. Collisions and caps are the constraints'.
/// `before` is the booking as it was, in the same clinic.
pub fn require(spi: &Spi, place: &Place, during: Span, before: Option<Moving>) -> Result<()> {
    let access = Access::Latest;
    let opened = clinic::open(spi, Some(place.clinic), access)?;
    let key = TypeKey::Id(place.appointment_type);
    let is_kept = before.is_some_and(|before| before.appointment_type.0 == place.appointment_type);
    let of_type = match is_kept {
        true => any_type(spi, opened.clinic, &key, access)?,
        false => appointment_type(spi, opened.clinic, &key, access)?,
    };
    let is_usual = of_type.duration == during.whole_minutes();
    let wanted = Wanted {
        clinic: Some(place.clinic),
        appointment_type: key,
        duration: (!is_usual && before.is_none()).then(|| during.whole_minutes()),
        providers: Providers::one(place.provider),
        rooms: Rooms::of_place(place.room),
        site: None,
        patient: place.patient.clone(),
        now: session::now(),
        except_booking: Some(place.booking),
        access,
    };
    let types = [of_type.lasting(during.whole_minutes())];
    let date = opened.today(during.start)?;
    let loaded = load::snapshot_for(spi, &opened, &wanted, &types, before, (date, date), Some(during.start))?;
    let kind = BookingKind::of(place.is_overbooked);
    let mut refusals = slots::refusals(&loaded.clinic, 0, 0, during.start, kind, wanted.now);
    // A constraint is to say what collides, as ON CONFLICT … DO NOTHING passes over that and no other error. With another
    // type the judge isn't told the pauses that the booking keeps, and to it a minute is whole: there it may see what isn't.
    let is_exact = during.micros() == during.whole_minutes().micros() && (before.is_none() || is_kept);
    if is_exact && refusals.iter().any(|refusal| is_constraints(&loaded.clinic, refusal)) {
        return Ok(());
    }
    refusals.retain(|refusal| is_enforced(refusal, is_exact, place.is_overridden));
    if refusals.is_empty() {
        return Ok(());
    }
    Err(refusal::error(&loaded, &wanted, during.start, kind, &refusals, &[]))
}

/// Whether a constraint refuses the same. None keeps a normal booking from beside an overbooked one.
fn is_constraints(clinic: &Clinic, refusal: &Refusal) -> bool {
    let is_beside_overbooked = refusal.code == Code::ProviderBusy
        && matches!(refusal.blocker, Some(Blocker::Booking(id))
            if clinic.occupied.iter().any(|booking| booking.id == id && booking.is_overbooked));
    refusal.code.severity() == Severity::Collision && !is_beside_overbooked
}

fn is_enforced(refusal: &Refusal, is_exact: bool, is_overridden: bool) -> bool {
    let is_lifted = is_overridden && refusal.code.can_be_overridden();
    match refusal.code.severity() {
        Severity::Rule => !is_lifted,
        Severity::Collision => is_exact,
        Severity::Cap => false,
    }
}
