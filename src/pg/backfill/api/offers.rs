//! Offers in a freed place: made to the best candidates, taken back, closed when their time is over.

use chrono::NaiveDate;
use pg_clinic_core::booking::backfill::offer::{
    self, DEFAULT_OFFERS, DEFAULT_TTL_MICROS, EarlierOffer, MAX_TTL_DAYS, OfferStatus,
};
use pg_clinic_core::booking::backfill::patient::Patient;
use pg_clinic_core::booking::backfill::{Source, score};
use pg_clinic_core::booking::place::{MAX_DURATION, MAX_PAUSE, days_between};
use pg_clinic_core::locks::Days;
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY, Span};
use pgrx::pg_sys;

use super::find::{count, notice};
use crate::pg::backfill::load::{Found, Query, find};
use crate::pg::backfill::place::{Place, PlaceKey};
use crate::pg::backfill::stored::StoredPlace;
use crate::pg::backfill::writes::{expire, request};
use crate::pg::booking::writes::change::Locked;
use crate::pg::platform::access::{self, Privilege};
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::attribution::Attribution;
use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::row;
use crate::pg::platform::session;
use crate::pg::platform::signatures::{
    Bigint, Boolean, DoublePrecision, Integer, Interval, Required, Rows, Text, Timestamptz, signatures,
};
use crate::pg::platform::spi::{self, Access, Spi, instant_param, param, statements};

sql_functions! {
    pg_clinic_offer_backfill, pg_finfo_pg_clinic_offer_backfill => offer_backfill;
    pg_clinic_withdraw_offers, pg_finfo_pg_clinic_withdraw_offers => withdraw_offers;
    pg_clinic_expire_offers, pg_finfo_pg_clinic_expire_offers => expire_offers;
}

signatures! {
    /// Arguments of `offer_backfill`.
    OfferBackfill = offer_backfill(
        booking_id: Bigint = null, max_offers: Integer = 3, ttl: Interval = "02:00:00",
        same_type_only: Boolean = null, notice_minutes: Integer = null, clinic_id: Bigint = null,
        provider_id: Bigint = null, room_id: Bigint = null, slot_start: Timestamptz = null,
        slot_end: Timestamptz = null, reserve: Boolean = false,
    ) -> table OfferRow {
        offer_id: Bigint,
        source: Text,
        waitlist_id: Bigint,
        former_booking_id: Bigint,
        patient_id: Text,
        patient_name: Text,
        contact: Text,
        slot_start: Timestamptz,
        slot_end: Timestamptz,
        score: DoublePrecision,
        expires_at: Timestamptz,
    };
    /// Arguments of `withdraw_offers`.
    WithdrawOffers = withdraw_offers(booking_id: Required<Bigint>, clinic_id: Bigint = null) -> Bigint;
    /// Arguments of `expire_offers`.
    ExpireOffers = expire_offers(clinic_id: Bigint = null) -> Bigint;
}

/// Offers `o` of a provider's places at some time.
macro_rules! offers_there {
    ($columns:literal, $more:literal) => {
        concat!(
            "select ",
            $columns,
            " from clinic.freed_places f
             join clinic.offers o on o.clinic_id = f.clinic_id and o.freed_place_id = f.id
             where f.clinic_id = $1 and f.provider_id = $2 and f.slot_start < $4 and f.slot_end > $3
               and f.slot_start > $3::timestamptz - interval '24 hours'",
            $more
        )
    };
}

statements! {
    /// The offers of a place so far.
    EARLIER_OFFERS(INT8OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID) = offers_there!(
        "o.source, coalesce(o.waitlist_id, o.former_booking_id) as candidate_id, o.patient_id, o.patient_name, o.contact, o.status",
        ""
    );
    /// Lapsed offers of a place give way to new ones.
    LAPSE(INT8OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID) = concat!(
        "update clinic.offers set status = 'expired', answered_at = $5
         where clinic_id = $1 and id in (",
        offers_there!("o.id", " and o.status = 'offered' and o.expires_at <= $5"), ")"
    );
    /// The new offer; none where somebody else made one, or (under REPEATABLE READ) has made one we can't see: then 40001.
    OFFER(INT8OID, INT8OID, TEXTOID, INT8OID, INT8OID, TEXTOID, TEXTOID, TEXTOID, FLOAT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID,
          TIMESTAMPTZOID, INT8OID) =
        "insert into clinic.offers (clinic_id, freed_place_id, source, waitlist_id, former_booking_id, patient_id,
           patient_name, contact, score, expires_at, slot_start, slot_end, hold_booking_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict do nothing returning id";
    /// Open offers of what a booking gave up, and their holds.
    OPEN(INT8OID, INT8OID) =
        "select o.id, o.slot_start, o.hold_booking_id
         from clinic.freed_places f join clinic.offers o on o.clinic_id = f.clinic_id and o.freed_place_id = f.id
         where f.clinic_id = $1 and f.booking_id = $2 and o.status = 'offered' order by o.id";
    /// Taken back.
    WITHDRAW(INT8OID, INT8ARRAYOID, TIMESTAMPTZOID) =
        "with due as materialized (
           select id from clinic.offers where clinic_id = $1 and id = any ($2) and status = 'offered' order by id for no key update)
         update clinic.offers set status = 'withdrawn', withdrawn_reason = 'by_desk', answered_at = $3
         where clinic_id = $1 and id in (select id from due) returning id";
}

row! {
    struct EarlierOfferRow {
        source: Source as "clinic.offers",
        candidate_id: i64,
        patient_id: Option<String>,
        patient_name: Option<String>,
        contact: Option<String>,
        status: OfferStatus as "clinic.offers",
    }
}

row! {
    struct OpenRow {
        id: i64,
        slot_start: Instant,
        hold_booking_id: Option<i64>,
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
    let key =
        PlaceKey::read(given.booking_id, given.provider_id, given.room_id, given.slot_start, given.slot_end)?;
    let notice = notice(given.notice_minutes)?;
    let (same_type_only, now, access) = (given.same_type_only, session::now(), Access::Latest);
    let mut rows = Rows::<OfferRow>::new(args);
    let _attribution = Attribution::function("offer_backfill", None);
    access::require(c"offers", Privilege::Insert)?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, given.clinic_id, access)?;
        let stored = StoredPlace::to_offer(spi, opened.clinic, key, now)?;
        queue(&opened, stored.place.during)?;
        let mut offering = Offering {
            spi,
            opened: &opened,
            stored,
            earlier: Vec::new(),
            ttl,
            reserve: given.reserve.unwrap_or(false),
        };
        offering.earlier = offering.earlier_offers(now)?;
        let mut made = 0;
        loop {
            // Each patient with an offer takes at most one of the places.
            let max_results = max_offers.saturating_add(offering.earlier.len());
            let place = offering.stored.place.clone();
            let query = Query { place, max_results, same_type_only, notice, now, access };
            let found = find(spi, &opened, &query)?;
            offering.require_current(&query, &found)?;
            let before = made;
            for found in &found {
                if made == max_offers {
                    break;
                }
                if let Some(row) = offering.make(&query, found)? {
                    rows.push(row);
                    made += 1;
                    // The time held is nobody else's: look again.
                    if offering.reserve {
                        break;
                    }
                }
            }
            if !offering.reserve || made == max_offers || made == before {
                return Ok(());
            }
        }
    })?;
    Ok(rows.done())
}

/// Waits for its turn on the days of a place, and of an appointment that would begin before it, prepared for even earlier: whoever books there meanwhile
/// sees the offers, or is seen.
fn queue(opened: &Opened, place: Span) -> Result<()> {
    let zone = opened.settings(place.start, place.end)?.zone;
    let earliest = place.start - MAX_DURATION - MAX_PAUSE;
    let days: Vec<NaiveDate> = days_between(&zone, earliest, place.end);
    session::keep_time_zone(opened.clinic);
    session::queue_for_days(&Days::of(opened.clinic, days));
    Ok(())
}

/// Offers of a place under way.
struct Offering<'a> {
    spi: &'a Spi,
    opened: &'a Opened,
    stored: StoredPlace,
    /// Offers that rule out another.
    earlier: Vec<EarlierOffer>,
    ttl: i64,
    reserve: bool,
}

impl Offering<'_> {
    /// Lets offers of the place lapse whose time is over, and gives those that rule out another.
    fn earlier_offers(&self, now: Instant) -> Result<Vec<EarlierOffer>> {
        let Place { provider, during, .. } = &self.stored.place;
        let there = [
            param(self.opened.clinic),
            param(*provider),
            instant_param(during.start),
            instant_param(during.end),
        ];
        self.spi.run(&LAPSE, &[&there[..], &[instant_param(now)]].concat())?;
        let rows: Vec<EarlierOfferRow> = self.spi.rows(&EARLIER_OFFERS, Access::Latest, &there)?;
        let offers = rows.into_iter().map(|row| EarlierOffer {
            source: row.source,
            id: row.candidate_id,
            patient: Patient::of(
                row.patient_id.as_deref(),
                row.patient_name.as_deref(),
                row.contact.as_deref(),
            ),
            status: row.status,
        });
        Ok(offers.filter(EarlierOffer::rules_out_another).collect())
    }

    /// A transaction with one snapshot sees a place as free that was taken since. Offers are made only where the newest rows
    /// give the same candidates: looked up, but not followed, because a foreign key to a row that can't be seen fails.
    fn require_current(&self, query: &Query, found: &[Found]) -> Result<()> {
        if !session::has_one_snapshot() {
            return Ok(());
        }
        let newest = session::with_latest_snapshot(|| {
            let newest = Query { access: Access::Snapshot, place: query.place.clone(), ..*query };
            find(self.spi, self.opened, &newest)
        })?;
        let is_current = |found: &Found| newest.iter().any(|newest| newest.candidate == found.candidate);
        if found.iter().all(is_current) {
            return Ok(());
        }
        Err(ClinicError::new(
            SqlState::Serialization,
            "who could take the place has changed since the transaction began",
        )
        .hint("Try the transaction again."))
    }

    /// Stores an offer, unless the candidate has one.
    fn make(&mut self, query: &Query, found: &Found) -> Result<Option<OfferRow>> {
        let patient =
            Patient::of(found.patient.as_deref(), found.patient_name.as_deref(), found.contact.as_deref());
        if self.earlier.iter().any(|offer| offer.was_made_to(&found.candidate, patient.as_ref())) {
            return Ok(None);
        }
        let (spi, clinic) = (self.spi, self.opened.clinic);
        let place = self.stored.store(spi, clinic)?;
        let expires_at = offer::expiry(query.now, self.ttl, found.slot.start);
        let hold = if self.reserve { Some(self.hold(found, expires_at)?) } else { None };
        let params = [
            param(clinic),
            param(place),
            param(found.candidate.source.as_str()),
            found.waitlist.and_then(param),
            found.former_booking.and_then(param),
            found.patient.as_deref().and_then(param),
            found.patient_name.as_deref().and_then(param),
            found.contact.as_deref().and_then(param),
            param(score(found.candidate.distance_days).as_f64()),
            instant_param(expires_at),
            instant_param(found.slot.start),
            instant_param(found.slot.end),
            hold.and_then(param),
        ];
        let id: Option<i64> = spi.value(&OFFER, Access::Latest, &params)?;
        self.earlier.push(EarlierOffer {
            source: found.candidate.source,
            id: found.candidate.id,
            patient,
            status: OfferStatus::Offered,
        });
        Ok(id.map(|id| offer_row(id, found, expires_at)))
    }

    /// Holds the time for the candidate until the offer ends. The hold has no patient: the patient may have bookings then.
    fn hold(&self, found: &Found, expires_at: Instant) -> Result<i64> {
        let (spi, opened) = (self.spi, self.opened);
        if let (Source::EarlierTime, Some(later)) = (found.candidate.source, found.former_booking)
            && Place::of_booking(spi, opened.clinic, later, Access::Latest)?.during.overlaps(found.slot)
        {
            return Err(ClinicError::new(SqlState::WrongState, "the place can't be reserved")
                .detail(format!("It overlaps booking {later}, which would be moved there."))
                .hint("Offer it without reserve."));
        }
        let mut request = request(spi, opened, &self.stored.place, found.slot.start, found.appointment_type)?;
        request.wanted.duration = Some(found.slot.whole_minutes());
        request.hold_expires_at = Some(expires_at);
        request.book(spi, opened)
    }
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
        slot_start: found.slot.start.into(),
        slot_end: found.slot.end.into(),
        score: score(found.candidate.distance_days).as_f64().into(),
        expires_at: expires_at.into(),
    }
}

/// Takes back what is open of a booking's places.
fn withdraw_offers(args: &Args) -> Result<pg_sys::Datum> {
    let WithdrawOffers { booking_id, clinic_id } = WithdrawOffers::read(args)?;
    let _attribution = Attribution::function("withdraw_offers", None);
    access::require(c"offers", Privilege::Update)?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Latest)?;
        let clinic = opened.clinic;
        let open: Vec<OpenRow> = spi.rows(&OPEN, Access::Latest, &[param(clinic), param(booking_id)])?;
        if open.is_empty() {
            StoredPlace::require_known(spi, clinic, booking_id)?;
            return Ok(pg_sys::Datum::from(0i64));
        }
        let mut holds: Vec<i64> = open.iter().filter_map(|offer| offer.hold_booking_id).collect();
        holds.sort_unstable();
        let holds =
            holds.into_iter().map(|hold| Locked::lock(spi, clinic, hold)).collect::<Result<Vec<_>>>()?;
        let starts = || open.iter().map(|offer| offer.slot_start);
        if let (Some(first), Some(last)) = (starts().min(), starts().max()) {
            let zone = opened.settings(first, last)?.zone;
            session::keep_time_zone(clinic);
            session::queue_for_days(&Days::of(clinic, starts().map(|start| zone.local_date(start))));
        }
        let ids: Vec<i64> = open.iter().map(|offer| offer.id).collect();
        let params = [param(clinic), param(ids), instant_param(session::now())];
        let withdrawn = spi.execute(&WITHDRAW, Access::Latest, &params, 0)?.len();
        for hold in holds {
            crate::pg::backfill::writes::release(spi, &hold)?;
        }
        Ok(pg_sys::Datum::from(withdrawn as i64))
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
