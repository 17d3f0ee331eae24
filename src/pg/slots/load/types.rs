//! Appointment types, by id or by name.

use crate::pg::platform::unused::{is_unused, is_unused_index};
use chrono::NaiveDate;
use pg_clinic_core::booking::clinic::{AppointmentType, ProviderType, RoomNeeds};
use pg_clinic_core::booking::lookup::{by_name, id_in};
use pg_clinic_core::booking::place::Pauses;
use pg_clinic_core::booking::terms::{OwnPauses, OwnTerms};
use pg_clinic_core::ids::{AppointmentTypeId, ProviderId};
use pg_clinic_core::text::named;
use pg_clinic_core::time::calendar::add_days;
use pg_clinic_core::time::interval::{Instant, Minutes};

use super::moving::Booked;
use super::{hours, stock};
use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::TypeKey;
use crate::pg::platform::rows::{PartOfDay, row};
use crate::pg::platform::spi::{Access, Spi, param, statements};

/// The columns of [`TypeRow`], read from their table.
macro_rules! type_columns {
    () => {
        "select id, name, duration_minutes, required_room_type, required_equipment, required_skills, enabled,
           slot_step_minutes, minimum_notice_minutes, booking_horizon_days, before_minutes, after_minutes,
           room_before_minutes, room_after_minutes, needs_room, capacity
         from clinic.appointment_types"
    };
}
pub(crate) use type_columns;

statements! {
    /// What the enabled types but one need of a room, of those that need anything.
    OTHER_NEEDS(INT8OID, INT8OID) =
        "select required_room_type, required_equipment from clinic.appointment_types
         where clinic_id = $1 and id <> $2 and enabled and needs_room
           and (required_room_type is not null or required_equipment <> '{}')";
    /// An appointment type by id, or those of a name but for case.
    APPOINTMENT_TYPES(INT8OID, INT8OID, TEXTOID) = concat!(
        type_columns!(),
        " where clinic_id = $1 and (id = $2 or lower(name) = lower($3)) order by id"
    );
    /// What is said of the providers who do some types.
    PROVIDER_TYPES(INT8OID, INT8ARRAYOID) =
        "select provider_id, appointment_type_id, enabled, duration_minutes, slot_step_minutes, minimum_notice_minutes,
           booking_horizon_days, before_minutes, after_minutes, room_before_minutes, room_after_minutes
         from clinic.provider_types
         where clinic_id = $1 and appointment_type_id = any ($2) order by provider_id";
    /// Whether appointments of a type need a room.
    NEEDS_ROOM(INT8OID, INT8OID) = "select needs_room from clinic.appointment_types where clinic_id = $1 and id = $2";
    /// The type of a booking.
    TYPE_OF(INT8OID, INT8OID) = "select appointment_type_id from clinic.bookings where clinic_id = $1 and id = $2";
}

row! {
    struct NeedsRow {
        required_room_type: Option<String>,
        required_equipment: Vec<String>,
    }
}

row! {
    /// An appointment type.
    pub struct TypeRow {
        id: i64,
        name: String,
        duration_minutes: PartOfDay,
        required_room_type: Option<String>,
        required_equipment: Vec<String>,
        required_skills: Vec<String>,
        enabled: bool,
        slot_step_minutes: Option<PartOfDay>,
        minimum_notice_minutes: Option<i32>,
        booking_horizon_days: Option<i32>,
        before_minutes: Option<i32>,
        after_minutes: Option<i32>,
        room_before_minutes: Option<i32>,
        room_after_minutes: Option<i32>,
        needs_room: bool,
        capacity: i32,
    }
}

row! {
    struct ProviderTypeRow {
        provider_id: i64,
        appointment_type_id: i64,
        enabled: bool,
        duration_minutes: Option<PartOfDay>,
        slot_step_minutes: Option<PartOfDay>,
        minimum_notice_minutes: Option<i32>,
        booking_horizon_days: Option<i32>,
        before_minutes: Option<i32>,
        after_minutes: Option<i32>,
        room_before_minutes: Option<i32>,
        room_after_minutes: Option<i32>,
    }
}

impl From<TypeRow> for AppointmentType {
    /// Nothing is said of its providers yet: see [`with_providers`].
    fn from(row: TypeRow) -> Self {
        Self {
            id: AppointmentTypeId(row.id),
            name: row.name,
            enabled: row.enabled,
            duration: row.duration_minutes.0,
            capacity: row.capacity,
            needs: row.needs_room.then_some(RoomNeeds {
                room_type: row.required_room_type,
                equipment: row.required_equipment,
            }),
            required_skills: row.required_skills,
            own: OwnTerms {
                slot_step: row.slot_step_minutes.map(|minutes| minutes.0),
                minimum_notice: row.minimum_notice_minutes.map(Minutes),
                booking_horizon_days: row.booking_horizon_days,
                pauses: own_pauses(
                    row.before_minutes,
                    row.after_minutes,
                    row.room_before_minutes,
                    row.room_after_minutes,
                ),
            },
            providers: Vec::new(),
            hours: Vec::new(),
            resources: Vec::new(),
        }
    }
}

/// Types with what is said of the providers who do them, and with their hours.
pub fn with_providers(
    spi: &Spi,
    clinic: i64,
    rows: Vec<TypeRow>,
    access: Access,
) -> Result<Vec<AppointmentType>> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut types: Vec<AppointmentType> = rows.into_iter().map(AppointmentType::from).collect();
    let params = [param(clinic), param(ids)];
    let rows: Vec<ProviderTypeRow> = spi.rows_of("provider_types", &PROVIDER_TYPES, access, &params)?;
    for row in rows {
        let of = types.iter_mut().find(|kind| kind.id.0 == row.appointment_type_id);
        of.into_iter().for_each(|kind| {
            kind.providers.push(ProviderType {
                provider: ProviderId(row.provider_id),
                enabled: row.enabled,
                duration: row.duration_minutes.map(|minutes| minutes.0),
                own: OwnTerms {
                    slot_step: row.slot_step_minutes.map(|minutes| minutes.0),
                    minimum_notice: row.minimum_notice_minutes.map(Minutes),
                    booking_horizon_days: row.booking_horizon_days,
                    pauses: own_pauses(
                        row.before_minutes,
                        row.after_minutes,
                        row.room_before_minutes,
                        row.room_after_minutes,
                    ),
                },
            });
        });
    }
    hours::of_types(spi, clinic, access, &mut types)?;
    stock::of_types(spi, clinic, access, &mut types)?;
    Ok(types)
}

/// One of them.
fn with_its_providers(spi: &Spi, clinic: i64, row: TypeRow, access: Access) -> Result<AppointmentType> {
    let found = with_providers(spi, clinic, vec![row], access)?.pop();
    found.ok_or_else(|| ClinicError::new(SqlState::Internal, "a type is lost"))
}

/// The last date on which an appointment of a type can be booked, with whoever can be booked longest.
pub fn horizon(spi: &Spi, opened: &Opened, key: &TypeKey, now: Instant, access: Access) -> Result<NaiveDate> {
    let usual = opened.booking_horizon_days();
    let days = match find_type(spi, opened.clinic, key, access)? {
        Some(row) => with_its_providers(spi, opened.clinic, row, access)?.longest_horizon_days(usual),
        // Whoever searches next says that there is none.
        None => usual,
    };
    Ok(add_days(opened.today(now)?, days.into()))
}

/// What a row says of the time beside an appointment.
#[must_use]
pub fn own_pauses(
    before: Option<i32>,
    after: Option<i32>,
    room_before: Option<i32>,
    room_after: Option<i32>,
) -> OwnPauses {
    OwnPauses {
        before: before.map(Minutes),
        after: after.map(Minutes),
        room_before: room_before.map(Minutes),
        room_after: room_after.map(Minutes),
    }
}

/// What an appointment of a type takes at most, whoever does it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Longest {
    /// Its length.
    pub duration: Minutes,
    /// The time beside it, without buffers and turnovers.
    pub pauses: Pauses,
}

/// The most that an appointment of a type may take; nothing where there is no such type.
pub fn longest(spi: &Spi, clinic: i64, key: &TypeKey) -> Result<Longest> {
    let Some(row) = find_type(spi, clinic, key, Access::Latest)? else { return Ok(Longest::default()) };
    let found = with_its_providers(spi, clinic, row, Access::Latest)?;
    let own = found.providers.iter().map(|row| row.own.or(found.own)).chain([found.own]);
    let pauses = own.map(|own| own.pauses.of_provider().max(own.pauses.of_room()));
    Ok(Longest {
        duration: found.providers.iter().filter_map(|row| row.duration).fold(found.duration, Minutes::max),
        pauses: pauses.fold(Pauses::default(), Pauses::max),
    })
}

/// How long before an appointment of a type something is taken, at most.
pub fn longest_before(spi: &Spi, clinic: i64, key: &TypeKey) -> Result<Minutes> {
    let nobody_prepares =
        is_unused_index("appointment_types", "appointment_types_before_idx")? && is_unused("provider_types");
    match nobody_prepares {
        true => Ok(Minutes(0)),
        false => Ok(longest(spi, clinic, key)?.pauses.before),
    }
}

/// Where a booking of a type goes for which no room is named: where it is, unless it needs no room.
pub fn room_kept(spi: &Spi, clinic: i64, appointment_type: i64, room: Option<i64>) -> Result<Option<i64>> {
    let Some(room) = room else { return Ok(None) };
    let needs_room: Option<bool> =
        spi.value(&NEEDS_ROOM, Access::Latest, &[param(clinic), param(appointment_type)])?;
    Ok(Some(room).filter(|_| needs_room.unwrap_or(true)))
}

/// The type that a key means, enabled or not; `None` where there is none. A name that several have but for case is refused.
pub fn find_type(spi: &Spi, clinic: i64, key: &TypeKey, access: Access) -> Result<Option<TypeRow>> {
    let (id, name) = match key {
        TypeKey::Id(id) => (param(*id), None),
        TypeKey::Name(name) => (None, param(name.as_str())),
        TypeKey::OfBooking(booking) => {
            let id: Option<i64> = spi.value(&TYPE_OF, access, &[param(clinic), param(*booking)])?;
            (id.and_then(param), None)
        }
    };
    let mut rows: Vec<TypeRow> = spi.rows(&APPOINTMENT_TYPES, access, &[param(clinic), id, name])?;
    let found = match key {
        TypeKey::Id(_) | TypeKey::OfBooking(_) => (!rows.is_empty()).then_some(0),
        TypeKey::Name(name) => {
            by_name(name, rows.iter().map(|row| row.name.as_str())).map_err(|_| ambiguous(name, &rows))?
        }
    };
    Ok(found.map(|index| rows.swap_remove(index)))
}

/// The type that a key means, enabled or not; one that is missing is refused.
pub fn any_type(spi: &Spi, clinic: i64, key: &TypeKey, access: Access) -> Result<AppointmentType> {
    let row = find_type(spi, clinic, key, access)?.ok_or_else(|| missing(clinic, key))?;
    with_its_providers(spi, clinic, row, access)
}

/// The type that a key means; one that is missing or disabled is refused.
pub fn appointment_type(spi: &Spi, clinic: i64, key: &TypeKey, access: Access) -> Result<AppointmentType> {
    match find_type(spi, clinic, key, access)? {
        Some(row) if row.enabled => with_its_providers(spi, clinic, row, access),
        Some(row) => Err(ClinicError::new(
            SqlState::WrongState,
            format!("{} is disabled", named(&row.name, "appointment type", row.id)),
        )
        .hint("Enable it in clinic.appointment_types, or ask for another type.")),
        None => Err(missing(clinic, key)),
    }
}

/// What the enabled types but this one need of a room, of those that don't suit every room.
pub fn other_needs(spi: &Spi, clinic: i64, of: AppointmentTypeId, access: Access) -> Result<Vec<RoomNeeds>> {
    let rows: Vec<NeedsRow> = spi.rows(&OTHER_NEEDS, access, &[param(clinic), param(of.0)])?;
    let needs =
        |row: NeedsRow| RoomNeeds { room_type: row.required_room_type, equipment: row.required_equipment };
    Ok(rows.into_iter().map(needs).collect())
}

/// The type of a booking on the move, which lasts as long as the booking does. It may be disabled: that stops new bookings.
/// Another type than the booking's is refused.
pub fn type_on_the_move(
    spi: &Spi,
    clinic: i64,
    key: &TypeKey,
    booked: &Booked,
    access: Access,
) -> Result<AppointmentType> {
    let row = find_type(spi, clinic, key, access)?.ok_or_else(|| missing(clinic, key))?;
    if row.id != booked.appointment_type {
        let message = format!("booking {} is of another appointment type", booked.id);
        return Err(ClinicError::new(SqlState::InvalidArgument, message)
            .detail(format!(
                "It is of appointment type {}, not of {}.",
                booked.appointment_type,
                named(&row.name, "appointment type", row.id)
            ))
            .hint("Leave the type out: it is the booking's."));
    }
    Ok(with_its_providers(spi, clinic, row, access)?.lasting(booked.during.whole_minutes()))
}

fn missing(clinic: i64, key: &TypeKey) -> ClinicError {
    let (what, id) = match key {
        TypeKey::Id(id) => (id.to_string(), None),
        TypeKey::Name(name) => (format!("\"{name}\""), id_in(name)),
        TypeKey::OfBooking(booking) => (format!("of booking {booking}"), None),
    };
    ClinicError::new(SqlState::NotFound, format!("appointment type {what} does not exist"))
        .detail(format!("Clinic {clinic} has no such row in clinic.appointment_types."))
        .hint(match id {
            Some(id) => format!("Pass appointment_type_id => {id} for the type with that id."),
            None => "select id, name from clinic.appointment_types lists those there are.".to_owned(),
        })
}

fn ambiguous(name: &str, rows: &[TypeRow]) -> ClinicError {
    let types: Vec<_> = rows.iter().map(|row| named(&row.name, "appointment type", row.id)).collect();
    let (last, others) = types.split_last().map_or(("", &[][..]), |(last, others)| (last.as_str(), others));
    ClinicError::new(SqlState::InvalidArgument, format!("appointment type \"{name}\" is ambiguous"))
        .detail(format!("{} and {last} differ from it in case only.", others.join(", ")))
        .hint("Pass the name as it is written, or appointment_type_id.")
}
