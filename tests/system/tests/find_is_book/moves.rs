//! Bookings on the move, whatever has become of the settings since they were made.

use pg_clinic_system_tests::{Chance, Result, ensure, fail};

use crate::clinic::{Clinic, Place, Question, Slots};
use crate::session::Session;
use crate::{Tally, codes_of};

/// Slots and other places that each booking is moved to, and plain updates of it.
const SLOTS_TRIED: usize = 3;
const PLACES_TRIED: usize = 6;
const UPDATES_TRIED: usize = 4;

/// A booking that reschedule_booking() takes.
#[derive(Debug)]
struct Movable {
    clinic: i64,
    id: i64,
    /// Where it is.
    place: Place,
    status: String,
    needs_room: bool,
}

pub fn check(session: &mut Session<'_>, clinic: &Clinic, chance: &mut Chance, tally: &mut Tally) -> Result {
    for booking in movable(session, clinic)? {
        let question = clinic.question(chance);
        let slots = Slots::of(session, &booking.find(&question))?;
        for _ in 0..SLOTS_TRIED.min(slots.len()) {
            let slot = slots.any(chance);
            ensure!(!booking.is_at(slot), "{booking:?} is offered the place that it has: {slot:?}");
            if let Err(refusal) = session.attempt(&booking.move_to(slot))? {
                fail!("{booking:?} can't be moved to {slot:?}, which is offered: {refusal:?}");
            }
            tally.moved += 1;
        }
        for _ in 0..PLACES_TRIED {
            let place = booking.any_place(session, clinic, chance, &slots)?;
            let place = Place { room: place.room.filter(|_| booking.needs_room), ..place };
            compare(session, &booking, &question, &place, &slots, tally)?;
        }
        for _ in 0..UPDATES_TRIED {
            update(session, &booking, clinic, chance, tally)?;
        }
    }
    Ok(())
}

/// A move is refused for exactly what is explained, and offered exactly where it isn't refused.
fn compare(
    session: &mut Session<'_>,
    booking: &Movable,
    question: &Question,
    place: &Place,
    slots: &Slots,
    tally: &mut Tally,
) -> Result {
    let rows = session.query(&booking.explain(place))?;
    let mut explained: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    explained.sort_unstable();
    let is_off_grid = explained.iter().any(|code| code == "off_grid");
    explained.retain(|code| code != "off_grid");
    match session.attempt(&booking.move_to(place))? {
        Ok(()) => {
            tally.moved += 1;
            ensure!(explained.is_empty(), "moved {booking:?} to {place:?} although {explained:?}");
        }
        Err(refusal) => {
            tally.moves_refused += 1;
            let reported = codes_of(&refusal)?;
            ensure!(
                reported == explained,
                "{booking:?} isn't moved to {place:?}: {refusal:?}, explained as {explained:?}"
            );
        }
    }
    if session.value::<bool>(&question.is_asked_for(place))? {
        let is_offered = slots.offered(place).is_some();
        let is_present = booking.is_at(place) && booking.status != "noshow";
        let expected = !is_off_grid && explained.is_empty() && !is_present;
        // Where it is, it may stand outside every window by now: then there is no grid to be on.
        let has_grid = !booking.keeps_time(place) || session.value(&booking.is_open(place))?;
        ensure!(
            is_offered == expected || (!has_grid && !is_offered),
            "{place:?} is offered to {booking:?}: {is_offered}, explained as {explained:?}, off the grid: {is_off_grid}"
        );
    }
    Ok(())
}

/// A plain UPDATE of some of its parts: what belongs to them is today's, the rest as it was.
fn update(
    session: &mut Session<'_>,
    booking: &Movable,
    clinic: &Clinic,
    chance: &mut Chance,
    tally: &mut Tally,
) -> Result {
    let mut parts = Vec::new();
    if chance.percent(40) {
        parts.push(format!("provider_id = {}", chance.one_of(&clinic.providers)));
    }
    if chance.percent(40) {
        let room =
            if chance.percent(80) { chance.one_of(&clinic.rooms).to_string() } else { "null".to_owned() };
        parts.push(format!("room_id = {room}"));
    }
    if chance.percent(40) {
        parts.push(format!("appointment_type_id = {}", chance.one_of(&clinic.types)));
    }
    if chance.percent(40) {
        let shift = chance.one_of(&[0, 5, -30, 1440, 10080]);
        parts.push(format!(
            "during = tstzrange(lower(during) + interval '{shift} minutes', upper(during) + interval '{shift} minutes')"
        ));
    }
    parts.push(format!("patient_name = 'Pat {}'", chance.between(1, 9)));
    let differs = format!(
        "with was as materialized (select * from clinic.bookings where id = {0}),
           made as (update clinic.bookings set {1} where id = {0} returning *)
         select concat_ws(', ',
           case when made.provider_busy is distinct from case
             when made.provider_id <> was.provider_id or made.local_date <> was.local_date
               then tstzrange(lower(made.during) - b.before, upper(made.during) + greatest(p.buffer_minutes * interval '1 minute', b.after))
             when made.appointment_type_id <> was.appointment_type_id
               then tstzrange(lower(made.during) - b.before, greatest(upper(made.provider_busy), upper(made.during) + b.after))
             else tstzrange(lower(made.during) - (lower(was.during) - lower(was.provider_busy)),
                            upper(made.during) + (upper(was.provider_busy) - upper(was.during))) end
             then 'provider_busy' end,
           case when made.room_busy is distinct from case
             when made.room_id is null then null
             when made.room_id is distinct from was.room_id or made.local_date <> was.local_date
               then tstzrange(lower(made.during) - b.room_before, upper(made.during) + greatest(r.turnover_minutes * interval '1 minute', b.room_after))
             when made.appointment_type_id <> was.appointment_type_id
               then tstzrange(lower(made.during) - b.room_before, greatest(upper(made.room_busy), upper(made.during) + b.room_after))
             else tstzrange(lower(made.during) - (lower(was.during) - lower(was.room_busy)),
                            upper(made.during) + (upper(was.room_busy) - upper(was.during))) end
             then 'room_busy' end,
           case when (made.provider_id, made.local_date) = (was.provider_id, was.local_date)
             and (made.day_seat, made.day_capacity, made.overbook_seat, made.overbook_limit)
               is distinct from (was.day_seat, was.day_capacity, was.overbook_seat, was.overbook_limit) then 'seat' end,
           case when made.local_date <> (lower(made.during) at time zone c.time_zone)::date then 'local_date' end)
         from clinic.providers p, clinic.clinics c, was, made
         left join clinic.rooms r on r.id = made.room_id
         join clinic.appointment_types t on t.id = made.appointment_type_id
         left join clinic.provider_types o on o.provider_id = made.provider_id and o.appointment_type_id = t.id
         cross join lateral (select
           coalesce(o.before_minutes, t.before_minutes, 0) * interval '1 minute' as before,
           coalesce(o.after_minutes, t.after_minutes, 0) * interval '1 minute' as after,
           coalesce(o.room_before_minutes, t.room_before_minutes, o.before_minutes, t.before_minutes, 0) * interval '1 minute' as room_before,
           coalesce(o.room_after_minutes, t.room_after_minutes, o.after_minutes, t.after_minutes, 0) * interval '1 minute' as room_after) b
         where p.id = made.provider_id and c.id = made.clinic_id",
        booking.id,
        parts.join(", ")
    );
    let told = format!(
        "do $$ declare wrong text; begin {differs} into strict wrong; if wrong <> '' then raise exception 'wrong: %', wrong using errcode = 'P9999'; end if; end $$"
    );
    match session.attempt(&told)? {
        Ok(()) => tally.updated += 1,
        Err(refusal) => ensure!(
            matches!(&*refusal.sqlstate, "23P01" | "23514") && refusal.constraint.is_some(),
            "{booking:?} after set {}: {refusal:?}",
            parts.join(", ")
        ),
    }
    Ok(())
}

/// Bookings that can go somewhere else.
fn movable(session: &mut Session<'_>, clinic: &Clinic) -> Result<Vec<Movable>> {
    let rows = session.query(&format!(
        "select id, provider_id, room_id, quote_literal(lower(during)::text), is_overbooked, status,
           appointment_type_id
         from clinic.bookings
         where clinic_id = {} and status in ('pending', 'booked', 'arrived', 'noshow')
           and (hold_expires_at is null or hold_expires_at > now()) order by id limit 5",
        clinic.id
    ))?;
    let movable = |row: &postgres::Row| Movable {
        clinic: clinic.id,
        id: row.get(0),
        place: Place {
            provider: row.get(1),
            room: row.get(2),
            start: format!("timestamptz {}", row.get::<_, String>(3)),
            is_overbooked: row.get(4),
        },
        status: row.get(5),
        needs_room: !clinic.roomless.contains(&row.get(6)),
    };
    Ok(rows.iter().map(movable).collect())
}

impl Movable {
    fn find(&self, question: &Question) -> String {
        format!(
            "select provider_id, room_id, quote_literal(slot_start::text), is_overbooked
             from find_slots(from_date => current_date + {}, to_date => current_date + {}, all_rooms => true,
               clinic_id => {}, booking_id => {})",
            question.from, question.to, self.clinic, self.id
        )
    }

    fn explain(&self, place: &Place) -> String {
        let (Place { provider, start, .. }, room) = (place, place.room());
        format!(
            "select code from explain_slots(provider_id => {provider}, room_id => {room}, slot_start => {start},
               clinic_id => {}, booking_id => {})",
            self.clinic, self.id
        )
    }

    fn move_to(&self, place: &Place) -> String {
        let (Place { provider, start, .. }, room) = (place, place.room());
        format!(
            "select reschedule_booking({}, {start}, {provider}, {room}, clinic_id => {})",
            self.id, self.clinic
        )
    }

    /// Whether the provider is open at the place's start.
    fn is_open(&self, place: &Place) -> String {
        format!(
            "select exists (select from provider_openings(({0} at time zone c.time_zone)::date - 1, ({0} at time zone c.time_zone)::date,
               provider_id => {1}, clinic_id => {2}) o where {0} >= o.starts_at and {0} < o.ends_at)
             from clinic.clinics c where c.id = {2}",
            place.start, place.provider, self.clinic
        )
    }

    fn keeps_time(&self, place: &Place) -> bool {
        (place.provider, &place.start) == (self.place.provider, &self.place.start)
    }

    fn is_at(&self, place: &Place) -> bool {
        (place.provider, place.room, &place.start)
            == (self.place.provider, self.place.room, &self.place.start)
    }

    /// A place beside where it is, near a slot, or anywhere. Who is in the house changes rooms only.
    fn any_place(
        &self,
        session: &mut Session<'_>,
        clinic: &Clinic,
        chance: &mut Chance,
        slots: &Slots,
    ) -> Result<Place> {
        let room = Some(*chance.one_of(&clinic.rooms));
        if self.status == "arrived" {
            return Ok(Place { room, ..self.place.clone() });
        }
        if !clinic.groups.is_empty() && chance.percent(15) {
            let group = chance.one_of(&clinic.groups);
            let room = group.room.or(room);
            return Ok(Place { room, is_overbooked: self.place.is_overbooked, ..group.clone() });
        }
        let provider = *chance.one_of(&clinic.providers);
        let start = match chance.between(1, 10) {
            1..=4 => self.place.start.clone(),
            5..=7 if slots.len() > 0 => {
                let shift = chance.one_of(&[0, 0, 1, 5, -60]);
                format!("({} + interval '{shift} minutes')", slots.any(chance).start)
            }
            _ => clinic.instant(chance),
        };
        // Written as the slots' are, so that it can be looked up among them.
        let start: String = session.value(&format!("select quote_literal(({start})::text)"))?;
        let start = format!("timestamptz {start}");
        Ok(Place { provider, room, start, is_overbooked: self.place.is_overbooked })
    }
}
