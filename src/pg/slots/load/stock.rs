//! Resources in stock: what types hold, and when units can't be had.

use std::collections::BTreeMap;

use pg_clinic_core::booking::clinic::{AppointmentType, Resource, ResourceNeed};
use pg_clinic_core::booking::reason::Blocker;
use pg_clinic_core::booking::slots::ToLoad;
use pg_clinic_core::ids::{BookingId, ResourceId, SiteId, TimeOffId};
use pg_clinic_core::time::interval::{Instant, Span, TIME};

use super::Wanted;
use crate::pg::platform::error::Result;
use crate::pg::platform::rows::{Unbounded, row};
use crate::pg::platform::spi::{Access, Spi, instant_param, param, statements};
use crate::pg::platform::unused::is_unused_index;

statements! {
    /// What appointments of some types hold.
    NEEDS(INT8OID, INT8ARRAYOID) =
        "select appointment_type_id, kind, quantity from clinic.type_resources
         where clinic_id = $1 and appointment_type_id = any ($2) order by kind";
    /// Units of some kinds that can be given out, and those that a booking has already.
    UNITS(INT8OID, TEXTARRAYOID, INT8OID) =
        "select id, kind, site_id from clinic.resources r
         where clinic_id = $1 and kind = any ($2) and (enabled or exists (
           select from clinic.booking_resources b
           where b.clinic_id = r.clinic_id and b.resource_id = r.id and b.booking_id = $3))
         order by site_id is null, id";
    /// Whether any unit is at a site.
    AT_SITES() = "select exists (select from clinic.resources where site_id is not null)";
    /// Who holds units at some time: bookings but one, and no holds that have run out.
    HELD(INT8OID, INT8ARRAYOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID, TIMESTAMPTZOID) =
        "select h.resource_id, h.booking_id as by, lower(h.busy) as starts_at, upper(h.busy) as ends_at
         from clinic.booking_resources h
         join clinic.bookings b on b.clinic_id = h.clinic_id and b.id = h.booking_id
         where h.clinic_id = $1 and h.resource_id = any ($2) and h.busy && tstzrange($3, $4)
           and h.booking_id is distinct from $5 and (b.hold_expires_at is null or b.hold_expires_at > $6)";
    /// Time off of units. An open end reads as NULL.
    OFF(INT8OID, INT8ARRAYOID, TIMESTAMPTZOID, TIMESTAMPTZOID) =
        "select resource_id, id as by, lower(during) as starts_at, upper(during) as ends_at from clinic.time_off
         where clinic_id = $1 and resource_id = any ($2) and during && tstzrange($3, $4)";
}

row! {
    struct NeedRow {
        appointment_type_id: i64,
        kind: String,
        quantity: i32,
    }
}

row! {
    struct UnitRow {
        id: i64,
        kind: String,
        site_id: Option<i64>,
    }
}

row! {
    struct TakenRow {
        resource_id: i64,
        by: i64,
        starts_at: Option<Unbounded>,
        ends_at: Option<Unbounded>,
    }
}

impl TakenRow {
    fn during(&self) -> Option<Span> {
        // NULL is an open end, and i64's ends are the infinities.
        let start = self.starts_at.as_ref().map_or(TIME.start, |at| Instant(at.0)).max(TIME.start);
        let end = self.ends_at.as_ref().map_or(TIME.end, |at| Instant(at.0)).min(TIME.end);
        Span::new(start, end)
    }
}

/// Fills in what types hold.
pub fn of_types(spi: &Spi, clinic: i64, access: Access, types: &mut [AppointmentType]) -> Result<()> {
    let ids: Vec<i64> = types.iter().map(|kind| kind.id.0).collect();
    let needs: Vec<NeedRow> = spi.rows_of("type_resources", &NEEDS, access, &[param(clinic), param(ids)])?;
    for need in needs {
        let of = types.iter_mut().find(|kind| kind.id.0 == need.appointment_type_id);
        of.into_iter().for_each(|kind| {
            kind.resources.push(ResourceNeed { kind: need.kind.clone(), quantity: need.quantity });
        });
    }
    Ok(())
}

/// Whether any unit is at a site, so that rooms differ in what they have.
pub fn are_at_sites(spi: &Spi) -> Result<bool> {
    if is_unused_index("resources", "resources_site_idx")? {
        return Ok(false);
    }
    Ok(spi.value(&AT_SITES, Access::Latest, &[])?.unwrap_or(false))
}

/// The units of all kinds that some types hold, with when they can't be had in reach.
pub fn units(
    spi: &Spi,
    clinic: i64,
    wanted: &Wanted,
    types: &[AppointmentType],
    reach: &ToLoad,
) -> Result<Vec<Resource>> {
    let kinds = types.iter().flat_map(|kind| &kind.resources).map(|need| need.kind.clone());
    let kinds: Vec<String> = kinds.collect();
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    let except = || wanted.except_booking.and_then(param);
    let units: Vec<UnitRow> = spi.rows(&UNITS, wanted.access, &[param(clinic), param(kinds), except()])?;
    let ids: Vec<i64> = units.iter().map(|unit| unit.id).collect();
    let in_reach = || [param(clinic), param(ids.clone()), instant_param(reach.lo), instant_param(reach.hi)];
    let held = [&in_reach()[..], &[except(), instant_param(wanted.now)]].concat();
    let held: Vec<TakenRow> = spi.rows_of("booking_resources", &HELD, wanted.access, &held)?;
    let off: Vec<TakenRow> = spi.rows_of("time_off", &OFF, wanted.access, &in_reach())?;
    let mut taken: BTreeMap<i64, Vec<(Span, Blocker)>> = BTreeMap::new();
    let held = held.iter().map(|row| (row, Blocker::Booking(BookingId(row.by))));
    let off = off.iter().map(|row| (row, Blocker::TimeOff(TimeOffId(row.by))));
    for (row, by) in held.chain(off) {
        let during = row.during().map(|during| (during, by));
        taken.entry(row.resource_id).or_default().extend(during);
    }
    let unit = |row: UnitRow| Resource {
        id: ResourceId(row.id),
        kind: row.kind,
        site: row.site_id.map(SiteId),
        taken: taken.remove(&row.id).unwrap_or_default(),
    };
    Ok(units.into_iter().map(unit).collect())
}
