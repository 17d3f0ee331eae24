//! Offers of a freed place: made to the best candidates, accepted by the first.

use pg_clinic_core::booking::backfill::{self, Source};
use pg_clinic_core::booking::reason::Kind;
use pg_clinic_core::booking::slots;
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY, Minutes};
use pgrx::{IntoDatum, pg_sys};

use super::find::{count, notice};
use crate::pg::backfill::load::{Found, Query, find, freed, has_later};
use crate::pg::backfill::writes::expire;
use crate::pg::booking::writes::change::{Locked, Target};
use crate::pg::booking::writes::place::{Request, load_place, queue};
use crate::pg::booking::writes::row::push_booking;
use crate::pg::platform::args::{Args, ResultSet, instant, sql_functions, text};
use crate::pg::platform::attribution::Attribution;
use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::TypeKey;
use crate::pg::platform::session;
use crate::pg::platform::signatures::Rows;
use crate::pg::platform::spi::{self, Access, Spi, instant_param, param, statements};
use crate::pg::slots::load::Wanted;

sql_functions! {
    pg_clinic_offer_backfill, pg_finfo_pg_clinic_offer_backfill => offer_backfill;
    pg_clinic_accept_offer, pg_finfo_pg_clinic_accept_offer => accept_offer;
    pg_clinic_decline_offer, pg_finfo_pg_clinic_decline_offer => decline_offer;
    pg_clinic_expire_offers, pg_finfo_pg_clinic_expire_offers => expire_offers;
}

statements! {
    /// Who has been asked already, and not let the offer lapse.
    ASKED(INT8OID, INT8OID) =
        "select source, coalesce(waitlist_id, former_booking_id), patient_id from clinic.offers
         where clinic_id = $1 and booking_id = $2 and status in ('offered', 'declined')";
    /// To whom a place was given.
    GIVEN(INT8OID, INT8OID) =
        "select id, accepted_booking_id from clinic.offers
         where clinic_id = $1 and booking_id = $2 and status = 'accepted'";
    /// Lapsed offers of a place give way to new ones.
    LAPSE(INT8OID, INT8OID, TIMESTAMPTZOID) =
        "update clinic.offers set status = 'expired', answered_at = $3
         where clinic_id = $1 and booking_id = $2 and status = 'offered' and expires_at <= $3";
    /// The new offer; none where somebody else made one, or (under REPEATABLE READ) has made one we can't see: then 40001.
    OFFER(INT8OID, INT8OID, TEXTOID, INT8OID, INT8OID, TEXTOID, TEXTOID, TEXTOID, FLOAT8OID, TIMESTAMPTZOID) =
        "insert into clinic.offers (clinic_id, booking_id, source, waitlist_id, former_booking_id, patient_id,
           patient_name, contact, score, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing returning id";
    /// Whose place an offer is of.
    OFFERED(INT8OID, INT8OID) = "select booking_id from clinic.offers where clinic_id = $1 and id = $2";
    /// An offer, locked.
    LOCK_OFFER(INT8OID, INT8OID) =
        "select booking_id, source, waitlist_id, former_booking_id, patient_id, patient_name, contact, status,
           expires_at, accepted_booking_id
         from clinic.offers where clinic_id = $1 and id = $2 for no key update";
    /// What became of a waitlist entry, which is locked.
    LOCK_WAITING(INT8OID, INT8OID) =
        "select placed_booking_id from clinic.waitlist where clinic_id = $1 and id = $2 for no key update";
    /// The type a candidate is booked for.
    TYPE_OF(INT8OID, INT8OID, INT8OID) =
        "select coalesce(
           (select appointment_type_id from clinic.waitlist where clinic_id = $1 and id = $2),
           (select appointment_type_id from clinic.bookings where clinic_id = $1 and id = $3))";
    /// One wins, the others hear of it.
    ACCEPT(INT8OID, INT8OID, INT8OID, INT8OID, TIMESTAMPTZOID) =
        "update clinic.offers
         set status = case when id = $3 then 'accepted' else 'taken' end, answered_at = $5,
           accepted_booking_id = case when id = $3 then $4 end
         where clinic_id = $1 and booking_id = $2 and (id = $3 or status = 'offered')";
    /// The wait is over.
    PLACED(INT8OID, INT8OID, INT8OID) =
        "update clinic.waitlist set status = 'placed', placed_booking_id = $3 where clinic_id = $1 and id = $2";
    /// No, thanks.
    DECLINE(INT8OID, INT8OID, TIMESTAMPTZOID) =
        "update clinic.offers set status = 'declined', answered_at = $3
         where clinic_id = $1 and id = $2 and status = 'offered' returning id";
}

/// Offers that are made when nobody says how many.
const DEFAULT_OFFERS: usize = 3;
/// How long an offer stands when nobody says.
const DEFAULT_TTL_MICROS: i64 = Minutes(120).micros();
/// Longest time an offer stands.
const MAX_TTL_MICROS: i64 = 30 * MICROS_PER_DAY;

/// Offers a place to the best candidates not asked before.
fn offer_backfill(args: &Args) -> Result<pg_sys::Datum> {
    let booking_id: i64 = args.required(0, "booking_id")?;
    let wanted = count(args, 1, "max_offers", DEFAULT_OFFERS)?;
    let ttl = args.interval_micros(2, "ttl")?.unwrap_or(DEFAULT_TTL_MICROS);
    if ttl <= 0 || ttl > MAX_TTL_MICROS {
        return Err(ClinicError::new(
            SqlState::InvalidArgument,
            "ttl must be more than nothing and at most 30 days",
        ));
    }
    let (same_type_only, notice) = (args.opt(3), notice(args, 4)?);
    let now = session::now();
    let mut set = ResultSet::new(args);
    let offers = spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(5), Access::Latest)?;
        let clinic = opened.clinic;
        let locked = Locked::lock(spi, &opened, booking_id)?;
        if locked.occupies() {
            return Err(ClinicError::new(
                SqlState::WrongState,
                format!("booking {booking_id} still holds its place"),
            )
            .hint("Cancel it first; find_backfill() tells beforehand who could take it."));
        }
        require_not_given(spi, clinic, booking_id, Access::Latest)?;
        spi.run(&LAPSE, &[param(clinic), param(booking_id), instant_param(now)])?;
        let asked = spi.query(&ASKED, Access::Latest, &[param(clinic), param(booking_id)], |row| {
            Ok(Asked { source: row.get(0)?, id: row.get(1)?, patient: row.opt(2)? })
        })?;
        let query = Query {
            booking: booking_id,
            // Each who was asked takes at most one of the places.
            max_results: wanted.saturating_add(asked.len()),
            same_type_only,
            notice,
            now,
            access: Access::Latest,
        };
        let (freed, found) = find(spi, &opened, &query)?;
        require_current(spi, &opened, &query, &found)?;
        // A place that can't be booked any more is no offer.
        let expires_at = Instant(now.0 + ttl).min(freed.during.start);
        let mut offers = Vec::new();
        for found in found {
            if offers.len() == wanted {
                break;
            }
            if !asked.iter().any(|asked| asked.is(&found))
                && let Some(id) = offer(spi, clinic, booking_id, &found, expires_at)?
            {
                offers.push((id, found, expires_at));
            }
        }
        Ok(offers)
    })?;
    for (id, found, expires_at) in &offers {
        set.push([
            id.into_datum(),
            text(found.candidate.source.as_str()),
            found.waitlist.and_then(IntoDatum::into_datum),
            found.former_booking.and_then(IntoDatum::into_datum),
            found.patient.as_deref().and_then(text),
            found.patient_name.as_deref().and_then(text),
            found.contact.as_deref().and_then(text),
            backfill::score(found.candidate.distance_days).as_f64().into_datum(),
            instant(*expires_at),
        ]);
    }
    Ok(set.done())
}

/// Somebody who was asked.
struct Asked {
    source: String,
    id: i64,
    patient: Option<String>,
}

impl Asked {
    /// Whether it is the same claim, or the same patient with another.
    fn is(&self, found: &Found) -> bool {
        (self.source == found.candidate.source.as_str() && self.id == found.candidate.id)
            || (self.patient.is_some() && self.patient == found.patient)
    }
}

/// A place is given once. Who got it may cancel: then that booking's place is the one to offer.
fn require_not_given(spi: &Spi, clinic: i64, booking: i64, access: Access) -> Result<()> {
    let given = spi.first(&GIVEN, access, &[param(clinic), param(booking)], |row| {
        Ok((row.get::<i64>(0)?, row.get::<i64>(1)?))
    })?;
    match given {
        Some((offer, booked)) => Err(ClinicError::new(
            SqlState::WrongState,
            format!("the place of booking {booking} was given away already"),
        )
        .detail(format!("Offer {offer} of it was accepted, for booking {booked}."))
        .hint(format!("If that is cancelled, too: offer_backfill({booked})."))),
        None => Ok(()),
    }
}

/// A transaction with one snapshot sees a place as free that was taken since. Offers are made only where the newest rows give
/// the same candidates: looked up, but not followed, because a foreign key to a row that can't be seen fails.
fn require_current(spi: &Spi, opened: &Opened, query: &Query, found: &[Found]) -> Result<()> {
    if !session::has_one_snapshot() {
        return Ok(());
    }
    let (_, newest) = session::with_latest_snapshot(|| {
        require_not_given(spi, opened.clinic, query.booking, Access::Snapshot)?;
        find(spi, opened, &Query { access: Access::Snapshot, ..*query })
    })?;
    let is_current = |found: &Found| newest.iter().any(|newest| newest.candidate == found.candidate);
    if found.iter().all(is_current) {
        return Ok(());
    }
    Err(ClinicError::new(
        SqlState::Serialization,
        format!(
            "who could take the place of booking {} has changed since the transaction began",
            query.booking
        ),
    )
    .hint("Try the transaction again."))
}

/// Stores an offer, unless the candidate has one.
fn offer(spi: &Spi, clinic: i64, booking: i64, found: &Found, expires_at: Instant) -> Result<Option<i64>> {
    let params = [
        param(clinic),
        param(booking),
        param(found.candidate.source.as_str()),
        found.waitlist.and_then(param),
        found.former_booking.and_then(param),
        found.patient.as_deref().and_then(param),
        found.patient_name.as_deref().and_then(param),
        found.contact.as_deref().and_then(param),
        param(backfill::score(found.candidate.distance_days).as_f64()),
        instant_param(expires_at),
    ];
    spi.first(&OFFER, Access::Latest, &params, |row| row.get(0))
}

/// An offer. Locked, and so is the cancelled booking: of two who accept offers of one place the second waits.
struct Offer {
    id: i64,
    booking: i64,
    source: Source,
    waitlist: Option<i64>,
    former_booking: Option<i64>,
    patient: Option<String>,
    patient_name: Option<String>,
    contact: Option<String>,
    status: String,
    expires_at: Instant,
    accepted_booking: Option<i64>,
}

/// Books the place for the first who accepts.
fn accept_offer(args: &Args) -> Result<pg_sys::Datum> {
    let id: i64 = args.required(0, "offer_id")?;
    let mut rows = Rows::new(args);
    let _attribution = Attribution::function("accept_offer", None);
    spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(1), Access::Latest)?;
        let offer = Offer::lock(spi, &opened, id)?;
        if let Some(booked) = offer.accepted_booking {
            return push_booking(spi, opened.clinic, booked, &mut rows);
        }
        let now = session::now();
        offer.require_open(now)?;
        offer.require_unplaced(spi, opened.clinic, now)?;
        let booked = match (offer.source, offer.former_booking) {
            (Source::EarlierTime, Some(later)) => offer.take_later(spi, &opened, later)?,
            _ => offer.book(spi, &opened)?,
        };
        let clinic = param(opened.clinic);
        let params = [clinic, param(offer.booking), param(offer.id), param(booked), instant_param(now)];
        spi.run(&ACCEPT, &params)?;
        if let Some(waitlist) = offer.waitlist {
            spi.run(&PLACED, &[clinic, param(waitlist), param(booked)])?;
        }
        push_booking(spi, opened.clinic, booked, &mut rows)
    })?;
    Ok(rows.done())
}

impl Offer {
    fn lock(spi: &Spi, opened: &Opened, id: i64) -> Result<Self> {
        let clinic = opened.clinic;
        let unknown = || {
            ClinicError::new(SqlState::NotFound, format!("offer {id} does not exist"))
                .detail(format!("Clinic {clinic} has no such row in clinic.offers."))
        };
        let key = [param(clinic), param(id)];
        let place = spi.first(&OFFERED, Access::Latest, &key, |row| row.get::<i64>(0))?;
        Locked::lock(spi, opened, place.ok_or_else(unknown)?)?;
        let offer = spi.first(&LOCK_OFFER, Access::Latest, &key, |row| {
            let source: String = row.get(1)?;
            Ok(Self {
                id,
                booking: row.get(0)?,
                source: Source::parse(&source)
                    .ok_or_else(|| ClinicError::new(SqlState::Internal, format!("offer {id} is damaged")))?,
                waitlist: row.opt(2)?,
                former_booking: row.opt(3)?,
                patient: row.opt(4)?,
                patient_name: row.opt(5)?,
                contact: row.opt(6)?,
                status: row.get(7)?,
                expires_at: row.instant(8)?,
                accepted_booking: row.opt(9)?,
            })
        })?;
        offer.ok_or_else(unknown)
    }

    fn require_open(&self, now: Instant) -> Result<()> {
        let id = self.id;
        match self.status.as_str() {
            "taken" => Err(closed(format!("the place of offer {id} is already taken"))),
            "offered" if self.expires_at > now => Ok(()),
            "offered" | "expired" => Err(closed(format!("offer {id} has expired"))),
            status => Err(closed(format!("offer {id} was {status}"))),
        }
    }

    /// Who was offered several places gets one.
    fn require_unplaced(&self, spi: &Spi, clinic: i64, now: Instant) -> Result<()> {
        let placed = || closed(format!("the patient of offer {} has found another place", self.id));
        match (self.waitlist, self.former_booking) {
            (Some(entry), _) => {
                let key = [param(clinic), param(entry)];
                let booked =
                    spi.first(&LOCK_WAITING, Access::Latest, &key, |row| row.opt::<i64>(0))?.flatten();
                match booked {
                    Some(booked) => {
                        Err(placed()
                            .detail(format!("Waitlist entry {entry} was placed by booking {booked}.")))
                    }
                    None => Ok(()),
                }
            }
            (None, Some(former)) if has_later(spi, clinic, Access::Latest, former, now)? => {
                Err(placed().detail(format!("There is a later booking than {former}, which was cancelled.")))
            }
            _ => Ok(()),
        }
    }

    /// Moves the patient's later booking to the place.
    fn take_later(&self, spi: &Spi, opened: &Opened, later: i64) -> Result<i64> {
        let place = freed(spi, opened.clinic, self.booking, Access::Latest)?;
        let locked = Locked::lock(spi, opened, later)?;
        let target = Target {
            start: place.during.start,
            provider: place.provider,
            room: place.room,
            may_overbook: place.kind == Kind::Overbooked,
        };
        target.take(spi, opened, &locked, &None)?;
        Ok(later)
    }

    /// Books the place anew.
    fn book(&self, spi: &Spi, opened: &Opened) -> Result<i64> {
        let place = freed(spi, opened.clinic, self.booking, Access::Latest)?;
        let params =
            [param(opened.clinic), self.waitlist.and_then(param), self.former_booking.and_then(param)];
        let appointment_type = spi.first(&TYPE_OF, Access::Latest, &params, |row| row.get::<i64>(0))?;
        let mut request = Request {
            wanted: Wanted {
                clinic: Some(opened.clinic),
                appointment_type: TypeKey::Id(appointment_type.unwrap_or(place.appointment_type)),
                provider: Some(place.provider),
                room: Some(place.room),
                patient: self.patient.clone(),
                now: session::now(),
                except_booking: None,
                access: Access::Latest,
            },
            provider: place.provider,
            room: place.room,
            start: place.during.start,
            patient_name: self.patient_name.clone(),
            contact: self.contact.clone(),
            request_id: None,
            kind: Kind::Normal,
            override_reason: None,
            hold_expires_at: None,
        };
        queue(opened, request.start)?;
        if place.kind == Kind::Overbooked {
            let loaded = load_place(spi, opened, &request.wanted, request.start)?;
            let refusals =
                slots::refusals(&loaded.clinic, 0, 0, request.start, Kind::Normal, request.wanted.now);
            if !refusals.is_empty() {
                request.kind = Kind::Overbooked;
            }
        }
        request.book(spi, opened)
    }
}

/// The error for an offer that isn't open any more.
fn closed(message: String) -> ClinicError {
    ClinicError::new(SqlState::OfferClosed, message).hint("find_slots() gives places that are free.")
}

fn decline_offer(args: &Args) -> Result<pg_sys::Datum> {
    let id: i64 = args.required(0, "offer_id")?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(1), Access::Latest)?;
        Offer::lock(spi, &opened, id)?;
        let params = [param(opened.clinic), param(id), instant_param(session::now())];
        let declined = spi.execute(&DECLINE, Access::Latest, &params, 0)?.len();
        Ok((declined > 0).into_datum().unwrap_or(pg_sys::Datum::null()))
    })
}

fn expire_offers(args: &Args) -> Result<pg_sys::Datum> {
    spi::connect(|spi| {
        let clinic = clinic::open(spi, args.opt(0), Access::Latest)?.clinic;
        expire(spi, clinic).map(pg_sys::Datum::from)
    })
}
