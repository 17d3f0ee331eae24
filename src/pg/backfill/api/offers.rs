//! Offers of a freed place: made to the best candidates, accepted by the first.

use pg_clinic_core::booking::backfill::offer::{
    self, Closed, DEFAULT_OFFERS, DEFAULT_TTL_MICROS, EarlierOffer, MAX_TTL_DAYS, OfferStatus, WaitlistStatus,
};
use pg_clinic_core::booking::backfill::{Source, score};
use pg_clinic_core::booking::reason::BookingKind;
use pg_clinic_core::booking::slots;
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY};
use pgrx::pg_sys;

use super::find::{count, notice};
use crate::pg::backfill::load::{Found, Freed, Query, find, freed, has_later};
use crate::pg::backfill::writes::expire;
use crate::pg::booking::writes::change::{Locked, Target};
use crate::pg::booking::writes::place::{Request, load_place, queue};
use crate::pg::booking::writes::row::{BookingRow, push_booking};
use crate::pg::platform::access::{self, Privilege};
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::attribution::Attribution;
use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::TypeKey;
use crate::pg::platform::rows::row;
use crate::pg::platform::session;
use crate::pg::platform::signatures::{
    Bigint, Boolean, DoublePrecision, Integer, Interval, Required, Rows, Text, Timestamptz, signatures,
};
use crate::pg::platform::spi::{self, Access, Spi, instant_param, param, statements};
use crate::pg::slots::load::{Providers, Wanted};

sql_functions! {
    pg_clinic_offer_backfill, pg_finfo_pg_clinic_offer_backfill => offer_backfill;
    pg_clinic_accept_offer, pg_finfo_pg_clinic_accept_offer => accept_offer;
    pg_clinic_decline_offer, pg_finfo_pg_clinic_decline_offer => decline_offer;
    pg_clinic_expire_offers, pg_finfo_pg_clinic_expire_offers => expire_offers;
}

signatures! {
    /// Arguments of `offer_backfill`.
    OfferBackfill = offer_backfill(
        booking_id: Required<Bigint>, max_offers: Integer = 3, ttl: Interval = "02:00:00",
        same_type_only: Boolean = null, notice_minutes: Integer = null, clinic_id: Bigint = null,
    ) -> table OfferRow {
        offer_id: Bigint,
        source: Text,
        waitlist_id: Bigint,
        former_booking_id: Bigint,
        patient_id: Text,
        patient_name: Text,
        contact: Text,
        score: DoublePrecision,
        expires_at: Timestamptz,
    };
    /// Arguments of `accept_offer`.
    AcceptOffer = accept_offer(offer_id: Required<Bigint>, clinic_id: Bigint = null) -> table BookingRow;
    /// Arguments of `decline_offer`.
    DeclineOffer = decline_offer(offer_id: Required<Bigint>, clinic_id: Bigint = null) -> Boolean;
    /// Arguments of `expire_offers`.
    ExpireOffers = expire_offers(clinic_id: Bigint = null) -> Bigint;
}

statements! {
    /// The offers of a place so far.
    EARLIER_OFFERS(INT8OID, INT8OID) =
        "select source, coalesce(waitlist_id, former_booking_id) as candidate_id, patient_id, status from clinic.offers
         where clinic_id = $1 and booking_id = $2";
    /// The accepted offer of a place.
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
    /// The booking whose place is offered.
    OFFERED(INT8OID, INT8OID) = "select booking_id from clinic.offers where clinic_id = $1 and id = $2";
    /// An offer, locked.
    LOCK_OFFER(INT8OID, INT8OID) =
        "select booking_id, source, waitlist_id, former_booking_id, patient_id, patient_name, contact, status,
           expires_at, accepted_booking_id
         from clinic.offers where clinic_id = $1 and id = $2 for no key update";
    /// A waitlist entry, locked.
    LOCK_WAITING(INT8OID, INT8OID) =
        "select status, placed_booking_id from clinic.waitlist where clinic_id = $1 and id = $2 for no key update";
    /// The appointment type that a candidate is booked for.
    TYPE_OF(INT8OID, INT8OID, INT8OID) =
        "select coalesce(
           (select appointment_type_id from clinic.waitlist where clinic_id = $1 and id = $2),
           (select appointment_type_id from clinic.bookings where clinic_id = $1 and id = $3)) as appointment_type_id";
    /// One wins; the place of the others is taken.
    ACCEPT(INT8OID, INT8OID, INT8OID, INT8OID, TIMESTAMPTZOID) =
        "update clinic.offers
         set status = case when id = $3 then 'accepted' else 'taken' end, answered_at = $5,
           accepted_booking_id = case when id = $3 then $4 end
         where clinic_id = $1 and booking_id = $2 and (id = $3 or status = 'offered')";
    /// The patient waits no more.
    PLACED(INT8OID, INT8OID, INT8OID) =
        "update clinic.waitlist set status = 'placed', placed_booking_id = $3 where clinic_id = $1 and id = $2";
    /// The patient doesn't want the place.
    DECLINE(INT8OID, INT8OID, TIMESTAMPTZOID) =
        "update clinic.offers set status = 'declined', answered_at = $3
         where clinic_id = $1 and id = $2 and status = 'offered' returning id";
}

row! {
    struct EarlierOfferRow {
        source: Source as "clinic.offers",
        candidate_id: i64,
        patient_id: Option<String>,
        status: OfferStatus as "clinic.offers",
    }
}

row! {
    struct GivenRow {
        id: i64,
        accepted_booking_id: i64,
    }
}

row! {
    struct LockedOfferRow {
        booking_id: i64,
        source: Source as "clinic.offers",
        waitlist_id: Option<i64>,
        former_booking_id: Option<i64>,
        patient_id: Option<String>,
        patient_name: Option<String>,
        contact: Option<String>,
        status: OfferStatus as "clinic.offers",
        expires_at: Instant,
        accepted_booking_id: Option<i64>,
    }
}

row! {
    struct WaitingRow {
        status: WaitlistStatus as "clinic.waitlist",
        placed_booking_id: Option<i64>,
    }
}

/// Longest time that an offer holds.
const MAX_TTL_MICROS: i64 = MAX_TTL_DAYS * MICROS_PER_DAY;

/// Offers a place to the best candidates that have no offer of it.
fn offer_backfill(args: &Args) -> Result<pg_sys::Datum> {
    let given = OfferBackfill::read(args)?;
    let max_offers = count(given.max_offers, "max_offers", DEFAULT_OFFERS)?;
    let ttl = given.ttl.unwrap_or(DEFAULT_TTL_MICROS);
    if ttl <= 0 || ttl > MAX_TTL_MICROS {
        return Err(ClinicError::new(
            SqlState::InvalidArgument,
            format!("ttl must be more than nothing and at most {MAX_TTL_DAYS} days"),
        ));
    }
    let mut query = Query {
        booking: given.booking_id,
        max_results: max_offers,
        same_type_only: given.same_type_only,
        notice: notice(given.notice_minutes)?,
        now: session::now(),
        access: Access::Latest,
    };
    let mut rows = Rows::<OfferRow>::new(args);
    spi::connect(|spi| {
        let opened = clinic::open(spi, given.clinic_id, Access::Latest)?;
        let earlier = open_for_offers(spi, &opened, &query)?;
        // Each patient with an offer takes at most one of the places.
        query.max_results = max_offers.saturating_add(earlier.len());
        let (freed, found) = find(spi, &opened, &query)?;
        require_current(spi, &opened, &query, &found)?;
        let expires_at = offer::expiry(query.now, ttl, freed.during.start);
        let has_offer = |found: &Found| {
            earlier.iter().any(|offer| offer.was_made_to(&found.candidate, found.patient.as_deref()))
        };
        let mut offers = 0;
        for found in found.iter().filter(|found| !has_offer(found)) {
            if offers == max_offers {
                break;
            }
            if let Some(id) = offer(spi, opened.clinic, query.booking, found, expires_at)? {
                rows.push(offer_row(id, found, expires_at));
                offers += 1;
            }
        }
        Ok(())
    })?;
    Ok(rows.done())
}

/// Locks a cancelled booking, lets offers of its place lapse whose time is over, and gives those that rule out another.
fn open_for_offers(spi: &Spi, opened: &Opened, query: &Query) -> Result<Vec<EarlierOffer>> {
    let booking = query.booking;
    if Locked::lock(spi, opened.clinic, booking)?.occupies() {
        return Err(ClinicError::new(
            SqlState::WrongState,
            format!("booking {booking} still holds its place"),
        )
        .hint("Cancel it first; find_backfill() says beforehand who could take it."));
    }
    require_not_given(spi, opened.clinic, booking, Access::Latest)?;
    let key = [param(opened.clinic), param(booking)];
    spi.run(&LAPSE, &[key[0], key[1], instant_param(query.now)])?;
    let rows: Vec<EarlierOfferRow> = spi.rows(&EARLIER_OFFERS, Access::Latest, &key)?;
    let offers = rows.into_iter().map(|row| EarlierOffer {
        source: row.source,
        id: row.candidate_id,
        patient: row.patient_id,
        status: row.status,
    });
    Ok(offers.filter(EarlierOffer::rules_out_another).collect())
}

fn offer_row(id: i64, found: &Found, expires_at: Instant) -> OfferRow {
    OfferRow {
        offer_id: id.into(),
        source: found.candidate.source.as_str().into(),
        waitlist_id: found.waitlist.into(),
        former_booking_id: found.former_booking.into(),
        patient_id: found.patient.as_deref().into(),
        patient_name: found.patient_name.as_deref().into(),
        contact: found.contact.as_deref().into(),
        score: score(found.candidate.distance_days).as_f64().into(),
        expires_at: expires_at.into(),
    }
}

/// A place is given once. A patient who got it may cancel: then that booking's place is the one to offer.
fn require_not_given(spi: &Spi, clinic: i64, booking: i64, access: Access) -> Result<()> {
    let given: Option<GivenRow> = spi.row(&GIVEN, access, &[param(clinic), param(booking)])?;
    match given {
        Some(GivenRow { id: offer, accepted_booking_id: booked }) => Err(ClinicError::new(
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
        param(score(found.candidate.distance_days).as_f64()),
        instant_param(expires_at),
    ];
    spi.value(&OFFER, Access::Latest, &params)
}

/// An offer. Locked, and so is the cancelled booking: of two who accept offers of one place the second waits.
struct Offer {
    id: i64,
    row: LockedOfferRow,
}

/// Books the place for the first who accepts.
fn accept_offer(args: &Args) -> Result<pg_sys::Datum> {
    let AcceptOffer { offer_id, clinic_id } = AcceptOffer::read(args)?;
    let mut rows = Rows::new(args);
    let _attribution = Attribution::function("accept_offer", None);
    spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Latest)?;
        let offer = Offer::lock(spi, &opened, offer_id)?;
        if let Some(booked) = offer.row.accepted_booking_id {
            return push_booking(spi, opened.clinic, booked, &mut rows);
        }
        let now = session::now();
        offer::require_open(offer.row.status, offer.row.expires_at, now).map_err(|why| offer.closed(why))?;
        offer.require_unplaced(spi, opened.clinic, now)?;
        let booked = offer.take(spi, &opened)?;
        let clinic = param(opened.clinic);
        let params =
            [clinic, param(offer.row.booking_id), param(offer.id), param(booked), instant_param(now)];
        spi.run(&ACCEPT, &params)?;
        if let Some(waitlist) = offer.row.waitlist_id {
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
        let booking: Option<i64> = spi.value(&OFFERED, Access::Latest, &key)?;
        Locked::lock(spi, opened.clinic, booking.ok_or_else(unknown)?)?;
        let row = spi.row(&LOCK_OFFER, Access::Latest, &key)?;
        Ok(Self { id, row: row.ok_or_else(unknown)? })
    }

    /// The error for an offer that isn't open any more.
    fn closed(&self, why: Closed) -> ClinicError {
        ClinicError::refused("offer_closed", "offers", why.message(self.id))
            .hint("find_slots() gives places that are free.")
    }

    /// A patient who was offered several places gets one.
    fn require_unplaced(&self, spi: &Spi, clinic: i64, now: Instant) -> Result<()> {
        match (self.row.waitlist_id, self.row.former_booking_id) {
            (Some(entry), _) => {
                let key = [param(clinic), param(entry)];
                let row: Option<WaitingRow> = spi.row(&LOCK_WAITING, Access::Latest, &key)?;
                let placed = row.filter(|row| row.status == WaitlistStatus::Placed);
                match placed.and_then(|row| row.placed_booking_id) {
                    Some(booked) => Err(self
                        .closed(Closed::Placed)
                        .detail(format!("Waitlist entry {entry} was placed by booking {booked}."))),
                    None => Ok(()),
                }
            }
            (None, Some(former)) if has_later(spi, clinic, Access::Latest, former, now)? => Err(self
                .closed(Closed::Placed)
                .detail(format!("There is a later booking than {former}, which was cancelled."))),
            _ => Ok(()),
        }
    }

    /// Gives the patient the place, and the id of the booking.
    fn take(&self, spi: &Spi, opened: &Opened) -> Result<i64> {
        let place = freed(spi, opened.clinic, self.row.booking_id, Access::Latest)?;
        match (self.row.source, self.row.former_booking_id) {
            (Source::EarlierTime, Some(later)) => take_later(spi, opened, &place, later),
            _ => self.book(spi, opened, &place),
        }
    }

    /// Books the place anew.
    fn book(&self, spi: &Spi, opened: &Opened, place: &Freed) -> Result<i64> {
        let row = &self.row;
        let params =
            [param(opened.clinic), row.waitlist_id.and_then(param), row.former_booking_id.and_then(param)];
        let appointment_type: Option<i64> = spi.value(&TYPE_OF, Access::Latest, &params)?;
        let mut request = Request {
            wanted: Wanted {
                clinic: Some(opened.clinic),
                appointment_type: TypeKey::Id(appointment_type.unwrap_or(place.appointment_type)),
                duration: None,
                providers: Providers::one(place.provider),
                rooms: Some(vec![place.room]),
                patient: row.patient_id.clone(),
                now: session::now(),
                except_booking: None,
                access: Access::Latest,
            },
            start: place.during.start,
            patient_name: row.patient_name.clone(),
            contact: row.contact.clone(),
            request_id: None,
            kind: BookingKind::Normal,
            override_reason: None,
            hold_expires_at: None,
            series: None,
        };
        queue(opened, request.start)?;
        if place.kind == BookingKind::Overbooked {
            let loaded = load_place(spi, opened, &request.wanted, request.start)?;
            let refusals =
                slots::refusals(&loaded.clinic, 0, 0, request.start, BookingKind::Normal, request.wanted.now);
            if !refusals.is_empty() {
                request.kind = BookingKind::Overbooked;
            }
        }
        request.book(spi, opened)
    }
}

/// Moves the patient's later booking to the place.
fn take_later(spi: &Spi, opened: &Opened, place: &Freed, later: i64) -> Result<i64> {
    let locked = Locked::lock(spi, opened.clinic, later)?;
    let target = Target {
        start: place.during.start,
        provider: place.provider,
        room: place.room,
        may_overbook: place.kind == BookingKind::Overbooked,
    };
    target.take(spi, opened, &locked, &None)?;
    Ok(later)
}

fn decline_offer(args: &Args) -> Result<pg_sys::Datum> {
    let DeclineOffer { offer_id, clinic_id } = DeclineOffer::read(args)?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Latest)?;
        let Offer { row, .. } = Offer::lock(spi, &opened, offer_id)?;
        let now = session::now();
        if offer::require_open(row.status, row.expires_at, now).is_err() {
            return Ok(pg_sys::Datum::from(false));
        }
        let params = [param(opened.clinic), param(offer_id), instant_param(now)];
        let declined = spi.execute(&DECLINE, Access::Latest, &params, 0)?;
        Ok(pg_sys::Datum::from(!declined.is_empty()))
    })
}

fn expire_offers(args: &Args) -> Result<pg_sys::Datum> {
    let ExpireOffers { clinic_id } = ExpireOffers::read(args)?;
    let _owner = access::job_on(c"offers", Privilege::Update)?;
    spi::connect(|spi| {
        let clinic = clinic::open(spi, clinic_id, Access::Latest)?.clinic;
        expire(spi, clinic).map(|outcome| pg_sys::Datum::from(outcome.changed))
    })
}
