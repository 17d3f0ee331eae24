//! Answers to offers: accepted by whoever comes first, or declined.
//!
//! The days of the place are locked before the offer: whoever books there holds them while the offers are withdrawn that no
//! longer fit.

use pg_clinic_core::booking::backfill::Source;
use pg_clinic_core::booking::backfill::offer::{self, Closed, OfferStatus, WaitlistStatus, WithdrawnReason};
use pg_clinic_core::booking::reason::BookingKind;
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::time::interval::{Instant, Span};
use pgrx::pg_sys;

use crate::pg::backfill::follow::Accepting;
use crate::pg::backfill::freed::net;
use crate::pg::backfill::load::has_later;
use crate::pg::backfill::stored::StoredPlace;
use crate::pg::backfill::writes::{release, request};
use crate::pg::booking::writes::change::{Locked, Target};
use crate::pg::booking::writes::place::queue;
use crate::pg::booking::writes::row::{BookingRow, push_booking};
use crate::pg::platform::access::{self, Privilege};
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::attribution::Attribution;
use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::TypeKey;
use crate::pg::platform::rows::row;
use crate::pg::platform::session;
use crate::pg::platform::signatures::{Bigint, Boolean, Required, Rows, signatures};
use crate::pg::platform::spi::{self, Access, Spi, instant_param, param, statements};
use crate::pg::slots::load::types::room_kept;

sql_functions! {
    pg_clinic_accept_offer, pg_finfo_pg_clinic_accept_offer => accept_offer;
    pg_clinic_decline_offer, pg_finfo_pg_clinic_decline_offer => decline_offer;
}

signatures! {
    /// Arguments of `accept_offer`.
    AcceptOffer = accept_offer(offer_id: Required<Bigint>, clinic_id: Bigint = null) -> table BookingRow;
    /// Arguments of `decline_offer`.
    DeclineOffer = decline_offer(offer_id: Required<Bigint>, clinic_id: Bigint = null) -> Boolean;
}

statements! {
    /// What of an offer never changes, and its hold.
    OFFERED(INT8OID, INT8OID) =
        "select o.freed_place_id, o.slot_start, o.slot_end, o.source, o.waitlist_id, o.former_booking_id, o.hold_booking_id,
           o.patient_id, o.patient_name, o.contact, coalesce(w.appointment_type_id, b.appointment_type_id) as appointment_type_id
         from clinic.offers o
         left join clinic.waitlist w on w.clinic_id = o.clinic_id and w.id = o.waitlist_id
         left join clinic.bookings b on b.clinic_id = o.clinic_id and b.id = o.former_booking_id
         where o.clinic_id = $1 and o.id = $2";
    /// How it stands, locked.
    LOCK_OFFER(INT8OID, INT8OID) =
        "select status, withdrawn_reason, expires_at, accepted_booking_id
         from clinic.offers where clinic_id = $1 and id = $2 for no key update";
    /// A waitlist entry, locked, and whether its wish is open.
    LOCK_WAITING(INT8OID, INT8OID) =
        "select w.status, w.placed_booking_id, w.booking_id,
           exists (select from clinic.waiting v where v.clinic_id = w.clinic_id and v.waitlist_id = w.id) as waits
         from clinic.waitlist w where w.clinic_id = $1 and w.id = $2 for no key update of w";
    /// Accepted.
    ACCEPT(INT8OID, INT8OID, INT8OID, TIMESTAMPTZOID) =
        "update clinic.offers set status = 'accepted', accepted_booking_id = $3, answered_at = $4
         where clinic_id = $1 and id = $2";
    /// The patient waits no more.
    PLACED(INT8OID, INT8OID, INT8OID) =
        "update clinic.waitlist set status = 'placed', placed_booking_id = $3 where clinic_id = $1 and id = $2";
    /// The hold becomes the patient's booking.
    TAKE_HOLD(INT8OID, INT8OID, TEXTOID, TEXTOID, TEXTOID) =
        "update clinic.bookings set status = 'booked', hold_expires_at = null, patient_id = $3, patient_name = $4, contact = $5
         where clinic_id = $1 and id = $2 returning id";
    /// The patient doesn't want the place.
    DECLINE(INT8OID, INT8OID, TIMESTAMPTZOID) =
        "update clinic.offers set status = 'declined', answered_at = $3
         where clinic_id = $1 and id = $2 and status = 'offered' returning id";
}

row! {
    struct OfferedRow {
        freed_place_id: i64,
        slot_start: Instant,
        slot_end: Instant,
        source: Source as "clinic.offers",
        waitlist_id: Option<i64>,
        former_booking_id: Option<i64>,
        hold_booking_id: Option<i64>,
        patient_id: Option<String>,
        patient_name: Option<String>,
        contact: Option<String>,
        appointment_type_id: Option<i64>,
    }
}

row! {
    struct LockedOfferRow {
        status: OfferStatus as "clinic.offers",
        withdrawn_reason: Option<WithdrawnReason> as "clinic.offers",
        expires_at: Instant,
        accepted_booking_id: Option<i64>,
    }
}

row! {
    struct WaitingRow {
        status: WaitlistStatus as "clinic.waitlist",
        placed_booking_id: Option<i64>,
        booking_id: Option<i64>,
        waits: bool,
    }
}

/// An offer, locked: behind the rows that accepting changes, and behind the days of the place.
struct Offer {
    id: i64,
    row: OfferedRow,
    now: LockedOfferRow,
    place: StoredPlace,
    slot: Span,
    hold: Option<Locked>,
    /// The wish that accepting fulfills.
    wish: Option<WaitingRow>,
    /// The later booking that accepting moves, and where to.
    moves: Option<(Locked, Target)>,
}

/// Books the place for the first who accepts.
fn accept_offer(args: &Args) -> Result<pg_sys::Datum> {
    let AcceptOffer { offer_id, clinic_id } = AcceptOffer::read(args)?;
    let mut rows = Rows::new(args);
    let _attribution = Attribution::function("accept_offer", None);
    let _accepting = Accepting::offer(offer_id);
    access::require(c"offers", Privilege::Update)?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Latest)?;
        let offer = Offer::lock(spi, &opened, offer_id, true)?;
        if let Some(booked) = offer.now.accepted_booking_id {
            return push_booking(spi, opened.clinic, booked, &mut rows);
        }
        let now = session::now();
        if let Err(why) = offer.require_open(now) {
            // What settled it, if that can be said.
            if why == Closed::Withdrawn(Some(WithdrawnReason::Settled)) {
                offer.require_unplaced(spi, opened.clinic, now)?;
            }
            return Err(offer.closed(why));
        }
        offer.require_unplaced(spi, opened.clinic, now)?;
        offer.require_earlier()?;
        // A hold that ends and a booking that takes its place are one change.
        let booked = net(spi, || offer.take(spi, &opened))?;
        let clinic = param(opened.clinic);
        spi.run(&ACCEPT, &[clinic, param(offer.id), param(booked), instant_param(now)])?;
        if let Some(waitlist) = offer.row.waitlist_id {
            spi.run(&PLACED, &[clinic, param(waitlist), param(booked)])?;
        }
        push_booking(spi, opened.clinic, booked, &mut rows)
    })?;
    Ok(rows.done())
}

impl Offer {
    fn lock(spi: &Spi, opened: &Opened, id: i64, is_accepted: bool) -> Result<Self> {
        let clinic = opened.clinic;
        let unknown = || {
            ClinicError::new(SqlState::NotFound, format!("offer {id} does not exist"))
                .detail(format!("Clinic {clinic} has no such row in clinic.offers."))
        };
        let key = [param(clinic), param(id)];
        let row: Option<OfferedRow> = spi.row(&OFFERED, Access::Latest, &key)?;
        let row = row.ok_or_else(unknown)?;
        let place = StoredPlace::read(spi, clinic, row.freed_place_id)?;
        let slot = Span::new(row.slot_start, row.slot_end).ok_or_else(unknown)?;
        let later = row.former_booking_id.filter(|_| row.source == Source::EarlierTime);
        // Rows of bookings in the order of their ids.
        let mut bookings: Vec<i64> = row.hold_booking_id.into_iter().chain(later).collect();
        bookings.sort_unstable();
        let (mut hold, mut moved) = (None, None);
        for booking in bookings {
            let locked = Locked::lock(spi, clinic, booking)?;
            if Some(booking) == later { moved = Some(locked) } else { hold = Some(locked) }
        }
        let wish = match row.waitlist_id.filter(|_| is_accepted) {
            Some(entry) => spi.row(&LOCK_WAITING, Access::Latest, &[param(clinic), param(entry)])?,
            None => None,
        };
        let moves = match moved {
            Some(locked) => {
                let target = Target {
                    start: slot.start,
                    provider: place.place.provider,
                    room: room_kept(spi, clinic, locked.appointment_type, place.place.room)?,
                    may_overbook: place.place.kind == BookingKind::Overbooked,
                };
                Some((locked, target))
            }
            None => None,
        };
        match &moves {
            Some((locked, target)) => target.queue(spi, opened, locked)?,
            None => {
                let of_type = row.appointment_type_id.or(place.place.appointment_type).unwrap_or_default();
                let (duration, of_type) = (Some(slot.whole_minutes()), TypeKey::Id(of_type));
                queue(spi, opened, slot.start, duration, &of_type, Some(&[place.place.provider]))?;
            }
        }
        let now = spi.row(&LOCK_OFFER, Access::Latest, &key)?.ok_or_else(unknown)?;
        Ok(Self { id, row, now, place, slot, hold, wish, moves })
    }

    fn require_open(&self, now: Instant) -> std::result::Result<(), Closed> {
        offer::require_open(self.now.status, self.now.withdrawn_reason, self.now.expires_at, now)
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
                let Some(row) = &self.wish else { return Ok(()) };
                if row.status == WaitlistStatus::Left {
                    return Err(self
                        .closed(Closed::Withdrawn(Some(WithdrawnReason::Settled)))
                        .detail(format!("Waitlist entry {entry} has left the list.")));
                }
                let detail = match (row.status, row.placed_booking_id) {
                    (WaitlistStatus::Placed, Some(booked)) => {
                        format!("Waitlist entry {entry} was placed by booking {booked}.")
                    }
                    (WaitlistStatus::Waiting, _) if !row.waits && row.booking_id.is_none() => {
                        format!(
                            "Since waitlist entry {entry} was made, the patient has got a booking within its dates."
                        )
                    }
                    _ => return Ok(()),
                };
                Err(self.closed(Closed::Placed).detail(detail))
            }
            (None, Some(former)) if has_later(spi, clinic, Access::Latest, former, now)? => Err(self
                .closed(Closed::Placed)
                .detail(format!("There is a later booking than {former}, which was cancelled."))),
            _ => Ok(()),
        }
    }

    /// The booking that is to be moved is later, still.
    fn require_earlier(&self) -> Result<()> {
        match &self.moves {
            Some((later, _)) if !later.occupies() || later.during.start <= self.slot.start => Err(self
                .closed(Closed::Withdrawn(Some(WithdrawnReason::Settled)))
                .detail(format!("Booking {} isn't later than the place.", later.id))),
            _ => Ok(()),
        }
    }

    /// Gives the patient the place, and the id of the booking.
    fn take(&self, spi: &Spi, opened: &Opened) -> Result<i64> {
        let is_held =
            |hold: &&Locked| hold.status == Status::Pending && !hold.is_expired_hold(session::now());
        let hold = self.hold.as_ref().filter(is_held);
        match (&self.moves, hold) {
            (Some((locked, target)), hold) => {
                if let Some(hold) = hold {
                    release(spi, hold)?;
                }
                target.take(spi, opened, locked, &None)?;
                Ok(locked.id)
            }
            (None, Some(hold)) => {
                let text = |text: &Option<String>| text.as_deref().and_then(param);
                let row = &self.row;
                if let Some(patient) = &row.patient_id {
                    hold.place().require_free_patient(spi, opened, hold, patient)?;
                }
                let patient = [text(&row.patient_id), text(&row.patient_name), text(&row.contact)];
                hold.update(spi, &TAKE_HOLD, &patient)?;
                Ok(hold.id)
            }
            (None, None) => self.book(spi, opened),
        }
    }

    /// Books the place anew.
    fn book(&self, spi: &Spi, opened: &Opened) -> Result<i64> {
        let row = &self.row;
        let place = &self.place.place;
        let appointment_type = row.appointment_type_id.or(place.appointment_type).unwrap_or_default();
        let mut request = request(spi, opened, place, self.slot.start, appointment_type)?;
        request.wanted.patient = row.patient_id.clone();
        request.patient_name = row.patient_name.clone();
        request.contact = row.contact.clone();
        request.book(spi, opened)
    }
}

fn decline_offer(args: &Args) -> Result<pg_sys::Datum> {
    let DeclineOffer { offer_id, clinic_id } = DeclineOffer::read(args)?;
    let _attribution = Attribution::function("decline_offer", None);
    access::require(c"offers", Privilege::Update)?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Latest)?;
        let offer = Offer::lock(spi, &opened, offer_id, false)?;
        let now = session::now();
        if offer.require_open(now).is_err() {
            return Ok(pg_sys::Datum::from(false));
        }
        let params = [param(opened.clinic), param(offer_id), instant_param(now)];
        let declined = spi.execute(&DECLINE, Access::Latest, &params, 0)?;
        if let Some(hold) = &offer.hold {
            release(spi, hold)?;
        }
        Ok(pg_sys::Datum::from(!declined.is_empty()))
    })
}
