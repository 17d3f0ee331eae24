//! Sites, and the ways between them.

use pg_clinic_core::booking::sites::Sites;
use pg_clinic_core::ids::{RoomId, SiteId};
use pg_clinic_core::time::interval::Minutes;

use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Spi, param, statements};
use crate::pg::platform::unused::is_unused;

statements! {
    /// Whether a site is there.
    SITE(INT8OID, INT8OID) = "select true from clinic.sites where clinic_id = $1 and id = $2";
    /// The ways.
    WAYS(INT8OID) = "select from_site_id, to_site_id, minutes from clinic.site_travel where clinic_id = $1";
    /// Sites and their rooms.
    ROOMS(INT8OID) =
        "select s.id, s.name, r.id as room_id from clinic.sites s
         left join clinic.rooms r on r.clinic_id = s.clinic_id and r.site_id = s.id
         where s.clinic_id = $1";
    /// The longest way.
    LONGEST(INT8OID) = "select coalesce(max(minutes), 0) from clinic.site_travel where clinic_id = $1";
}

row! {
    struct WayRow {
        from_site_id: i64,
        to_site_id: i64,
        minutes: i32,
    }
}

row! {
    struct RoomRow {
        id: i64,
        name: String,
        room_id: Option<i64>,
    }
}

/// Refuses a site that isn't there.
pub fn require(spi: &Spi, clinic: i64, site: i64, access: Access) -> Result<()> {
    let found: Option<bool> = spi.value(&SITE, access, &[param(clinic), param(site)])?;
    match found {
        Some(_) => Ok(()),
        None => Err(ClinicError::new(SqlState::NotFound, format!("site {site} does not exist"))
            .detail(format!("Clinic {clinic} has no such row in clinic.sites."))),
    }
}

/// The ways between sites, and which rooms are where; nothing where no way takes time.
pub fn ways(spi: &Spi, clinic: i64, access: Access) -> Result<Sites> {
    let ways: Vec<WayRow> = spi.rows_of("site_travel", &WAYS, access, &[param(clinic)])?;
    let mut sites = Sites::default();
    if ways.is_empty() {
        return Ok(sites);
    }
    for way in ways {
        sites.travel.insert((SiteId(way.from_site_id), SiteId(way.to_site_id)), Minutes(way.minutes));
    }
    for row in spi.rows::<RoomRow>(&ROOMS, access, &[param(clinic)])? {
        sites.of_rooms.extend(row.room_id.map(|room| (RoomId(room), SiteId(row.id))));
        sites.names.insert(SiteId(row.id), row.name);
    }
    Ok(sites)
}

/// How long the longest way takes. So far from a booking others of the provider matter to it.
pub fn longest_way(spi: &Spi, clinic: i64) -> Result<Minutes> {
    if is_unused("site_travel") {
        return Ok(Minutes(0));
    }
    let longest: Option<i32> = spi.value(&LONGEST, Access::Latest, &[param(clinic)])?;
    Ok(Minutes(longest.unwrap_or(0)))
}
