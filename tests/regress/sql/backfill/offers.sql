-- offer_backfill, accept_offer, decline_offer, expire_offers: a freed place goes to the first who says yes.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.providers (name) values ('Berg');
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '12:00');
insert into clinic.appointment_types (name, duration_minutes) values ('Short', 15);
-- Booking 1 frees its place. Ann, Ben and Cem wait; Dan (booking 2, on the 23rd) wants an earlier time; Eve's own booking (3) was
-- cancelled.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, contact, during, status) values
  (1, 1, 1, 'p1', 'Canceller', null, '[2035-04-16 09:00,)', 'cancelled'), (1, 1, 1, 'p2', 'Dan', 'tel. 2', '[2035-04-23 09:00,)', 'booked'),
  (1, 1, 1, 'p3', 'Eve', 'tel. 3', '[2035-04-23 10:00,)', 'cancelled');
insert into clinic.waitlist (patient_id, patient_name, contact, appointment_type_id, from_date, to_date, priority, booking_id) values
  ('p4', 'Ann', 'tel. 4', 1, '2035-04-16', '2035-04-16', 3, null), (null, 'Ben', null, 1, '2035-04-16', '2035-04-16', 2, null),
  ('p5', 'Cem', null, 1, '2035-04-16', '2035-04-16', 0, null), (null, 'Dan', 'tel. 2', 1, '2035-04-16', '2035-04-23', 1, 2);
create temp view offer as select id, freed_place_id as place, to_char(slot_start, 'DD. HH24:MI') as at, source, waitlist_id as entry, former_booking_id as former, patient_name as name, status, withdrawn_reason as why,
  answered_at = now() as answered_now, accepted_booking_id as booked from clinic.offers order by id;
savepoint free;

-- To the best n, 3 by default, for two hours. The best who have no offer yet come next; then there is nobody left.
select offer_id, source, waitlist_id as entry, former_booking_id as former, patient_id, patient_name, contact, score, expires_at - now() as ttl from offer_backfill(1);
select offer_id, source, patient_name, expires_at - now() as ttl from offer_backfill(1, max_offers => 1, ttl => '1 day');
select offer_id, source, waitlist_id as entry, former_booking_id as former, patient_name, contact, score, expires_at - now() as ttl from offer_backfill(1, 9, '30 days');
select * from offer_backfill(1);
select * from offer;
-- A declined one isn't made again; one that expired is.
select decline_offer(2), decline_offer(2);
update clinic.offers set expires_at = now() where id in (3, 4);
-- One whose time is over isn't open any more, whether or not expire_offers() was there.
select decline_offer(3), (select status from clinic.offers where id = 3);
select offer_id, patient_name from offer_backfill(1);
select * from offer;
-- The waitlist and the bookings know nothing of offers that weren't accepted.
select count(*) filter (where status = 'waiting') from clinic.waitlist;

-- Accepting books, takes the patient off the waitlist, and withdraws the offers that don't fit any more.
select booking_id, patient_id, patient_name, contact, provider_id, room_id, appointment_type_id as type, slot_start, slot_end, status from accept_offer(1);
select * from offer;
select id, patient_name, status, placed_booking_id from clinic.waitlist order by id;
select version, reason from clinic.booking_history where booking_id = 4;
-- Twice is fine: it gives the booking, as it is now.
select booking_id, status from accept_offer(1);
update clinic.bookings set status = 'checked-in' where id = 4;
select booking_id, status from accept_offer(1);
select count(*) from clinic.bookings;
-- For the others the place is taken; declined and expired ones are closed as well.
call test.refused('select accept_offer(5)');
call test.refused('select accept_offer(2)');
call test.refused('select accept_offer(3)');
select decline_offer(5), decline_offer(1), decline_offer(3);
-- The place was given away: nobody can be offered any of it. If who got it cancels, it is free again, and who had offers may get others.
select * from offer_backfill(1);
update clinic.bookings set status = 'cancelled' where id = 4;
select patient_name from offer_backfill(4);
-- The events: one for each status that an offer takes, with ids alone.
-- Which of the offers that an answer closes comes first is left to PostgreSQL.
select booking_id, kind, payload - 'expires_at' as payload from clinic.events where kind in ('offered', 'accepted', 'declined', 'expired', 'withdrawn')
order by kind in ('accepted', 'withdrawn'), case when kind in ('accepted', 'withdrawn') then (payload ->> 'offer_id')::bigint end, id limit 15;
select distinct payload ? 'expires_at' as has_expiry from clinic.events where kind = 'offered';
rollback to free;

-- Accepting as one who wants an earlier time moves that booking; nothing else changes.
select setval('clinic.offers_id_seq', 1, false), setval('clinic.freed_places_id_seq', 1, false), setval('clinic.bookings_id_seq', 3) \g /dev/null
select count(*) from offer_backfill(1, 9);
select booking_id, patient_id, patient_name, slot_start, slot_end, status from accept_offer(3);
select * from offer;
select id, patient_name, status, placed_booking_id from clinic.waitlist where status <> 'waiting';
select reason, before ->> 'during' as before from clinic.booking_history where booking_id = 2 and operation = 'update';
select count(*) from clinic.bookings;
rollback to free;

-- As one whose own booking was cancelled: a new booking, that one stays cancelled.
select setval('clinic.offers_id_seq', 1, false), setval('clinic.freed_places_id_seq', 1, false), setval('clinic.bookings_id_seq', 3) \g /dev/null
select count(*) from offer_backfill(1, 9);
select booking_id, patient_id, patient_name, contact, slot_start, slot_end from accept_offer(5);
select id, status from clinic.bookings order by id;
rollback to free;

-- The place is booked by others meanwhile: the offers are withdrawn, and made anew once the place is free again.
select setval('clinic.offers_id_seq', 1, false), setval('clinic.freed_places_id_seq', 1, false), setval('clinic.bookings_id_seq', 3) \g /dev/null
select count(*) from offer_backfill(1, 9);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'Quick', '[2035-04-16 09:15,)');
call test.refused('select accept_offer(1)');
call test.refused('select accept_offer(3)');
select status, why, count(*) from offer group by 1, 2;
update clinic.bookings set status = 'cancelled' where id = 4;
select count(*) from offer_backfill(1, 9);
rollback to free;
-- So for a patient who is busy by then, a provider who is closed, a type that is disabled.
select setval('clinic.offers_id_seq', 1, false), setval('clinic.freed_places_id_seq', 1, false), setval('clinic.bookings_id_seq', 3) \g /dev/null
select count(*) from offer_backfill(1, 9);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values (2, 2, 2, 'p4', 'Ann', '[2035-04-16 09:15,)');
call test.violates('select accept_offer(1)');
select booking_id from accept_offer(2);
rollback to free;
select setval('clinic.offers_id_seq', 1, false), setval('clinic.freed_places_id_seq', 1, false), setval('clinic.bookings_id_seq', 3) \g /dev/null
select count(*) from offer_backfill(1, 9);
insert into clinic.availability_overrides (provider_id, on_date) values (1, '2035-04-16');
call test.violates('select accept_offer(1)');
call test.violates('select accept_offer(3)');
delete from clinic.availability_overrides;
update clinic.appointment_types set enabled = false where id = 1;
call test.violates('select accept_offer(1)');
-- It stops new bookings; the later one is there already, and moves.
select booking_id, slot_start from accept_offer(3);
rollback to free;
-- The later booking was cancelled.
select setval('clinic.offers_id_seq', 1, false), setval('clinic.freed_places_id_seq', 1, false), setval('clinic.bookings_id_seq', 3) \g /dev/null
select count(*) from offer_backfill(1, 9);
update clinic.bookings set status = 'cancelled' where id = 2;
call test.refused('select accept_offer(3)');
-- Then Dan is one whose own booking was cancelled; the offer of the earlier time has ended, so he gets another.
select source, patient_name from find_backfill(1) where patient_name = 'Dan';
select source, patient_name from offer_backfill(1);
rollback to free;

-- A patient who was offered two places gets one: by the waitlist, or by an own cancellation.
select setval('clinic.offers_id_seq', 1, false), setval('clinic.freed_places_id_seq', 1, false), setval('clinic.bookings_id_seq', 3) \g /dev/null
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during, status) values (1, 1, 1, 'p9', 'Other', '[2035-04-16 11:00,)', 'cancelled');
select count(*) from offer_backfill(1, 9);
select count(*) from offer_backfill(4, 9);
select id, freed_place_id, patient_name from clinic.offers where patient_name in ('Ann', 'Dan', 'Eve') order by patient_name, id;
savepoint offered;
select booking_id from accept_offer(1);
call test.refused('select accept_offer(7)');
rollback to offered;
select booking_id from accept_offer(3);
call test.refused('select accept_offer(9)');
rollback to offered;
select booking_id from accept_offer(6);
call test.refused('select accept_offer(12)');
-- Nor are they candidates any more.
update clinic.bookings set status = 'cancelled' where id = 3;
select string_agg(patient_name, ' ') from find_backfill(4);
-- A patient who has left the waitlist is offered nothing any more.
rollback to free;
select setval('clinic.offers_id_seq', 1, false), setval('clinic.freed_places_id_seq', 1, false), setval('clinic.bookings_id_seq', 3) \g /dev/null
select count(*) from offer_backfill(1, 1);
select leave_waitlist(1);
select status, withdrawn_reason from clinic.offers where id = 1;
call test.refused('select accept_offer(1)');
rollback to free;

-- Another type, as an argument or by the clinic's setting: what is booked is what the patient waits for.
select setval('clinic.offers_id_seq', 1, false), setval('clinic.freed_places_id_seq', 1, false), setval('clinic.bookings_id_seq', 3) \g /dev/null
update clinic.waitlist set appointment_type_id = 2 where id = 1;
select patient_name from offer_backfill(1, 1);
select patient_name from offer_backfill(1, 1, same_type_only => false);
select appointment_type_id as type, slot_start, slot_end from accept_offer(2);
rollback to free;
-- The notice floor, likewise: 2035 is far, but not 9,999,999 minutes far.
select count(*) from offer_backfill(1, notice_minutes => 9999999);
rollback to free;

-- An overbooked place: beside a normal booking it is taken as overbooked, by a booking that moves, too.
select setval('clinic.offers_id_seq', 1, false), setval('clinic.freed_places_id_seq', 1, false), setval('clinic.bookings_id_seq', 3) \g /dev/null
insert into clinic.overbooking_rules (max_overbook) values (1);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked) values
  (1, 1, 1, 'Normal', '[2035-04-16 09:00,)', false), (1, 2, 1, 'Beside', '[2035-04-16 09:00,)', true);
update clinic.bookings set status = 'cancelled' where id = 5;
select count(*) from offer_backfill(5, 9);
savepoint offered;
select booking_id, room_id, is_overbooked from accept_offer(1);
rollback to offered;
select booking_id, room_id, is_overbooked from accept_offer(3);
rollback to offered;
update clinic.bookings set status = 'cancelled' where id = 4;
select room_id, is_overbooked from accept_offer(1);
rollback to free;

-- An expired hold holds nothing: its place can be offered.
select setval('clinic.offers_id_seq', 1, false), setval('clinic.freed_places_id_seq', 1, false), setval('clinic.bookings_id_seq', 3) \g /dev/null
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status, hold_expires_at) values
  (1, 1, 1, 'Held', '[2035-04-16 11:00,)', 'pending', now());
select patient_name from offer_backfill(4, 1);
select patient_name, slot_start, slot_end from accept_offer(1);
rollback to free;

-- It expires when the place begins at the latest, at any time from now to 30 days.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status)
  select 1, 1, 1, 'Soon', tstzrange(date_trunc('minute', now()) + interval '50 minutes', null), 'cancelled';
insert into clinic.availability_overrides (provider_id, on_date, start_time, end_time)
  select 1, today + n, '00:00', '24:00' from (select (now() at time zone 'Europe/Berlin')::date) t (today), generate_series(-1, 1) n;
update clinic.waitlist set from_date = '2020-01-01' where id in (1, 2);
select ttl, (select expires_at = slot_start from offer_backfill((select max(id) from clinic.bookings), 1, ttl::interval)) as until_start from unnest('{2 hours,48 minutes}'::text[]) ttl;
rollback to free;
call test.refused('select * from offer_backfill(1, ttl => ''0'')');
call test.refused('select * from offer_backfill(1, ttl => ''-1 hour'')');
call test.refused('select * from offer_backfill(1, ttl => ''30 days 1 second'')');
call test.refused('select * from offer_backfill(1, ttl => ''1 month'')');
-- Refused: what still holds its place, what isn't there, what makes no sense.
call test.refused('select * from offer_backfill(2)');
call test.refused('select * from offer_backfill(99)');
call test.refused('select * from offer_backfill(null)');
call test.refused('select * from offer_backfill(1, provider_id => 1)');
call test.refused('select * from offer_backfill(1, 0)');
call test.refused('select * from offer_backfill(1, notice_minutes => -1)');
call test.refused('select accept_offer(99)');
call test.refused('select accept_offer(null)');
call test.refused('select decline_offer(99)');
call test.refused('select decline_offer(null)');
-- NULL means the default.
select count(*), min(expires_at - now()) as ttl from offer_backfill(1, null, null, null, null, null);

-- expire_offers closes what is over, and says how many; so does run_due_jobs.
select expire_offers();
update clinic.offers set expires_at = now() where patient_name <> 'Ann';
select expire_offers();
select name, status, answered_now from offer order by name;
select expire_offers();
update clinic.offers set expires_at = now() where patient_name = 'Ann';
savepoint late;
select changed from run_due_jobs() where job = 'expire_offers';
select name, status from offer where name = 'Ann';
rollback to late;
-- Too late, before and after anybody closed it.
select format('call test.refused(%L)', 'select accept_offer(' || id || ')') from clinic.offers where patient_name in ('Ann', 'Ben') order by patient_name \gexec

-- Neither place nor offer of another clinic can be had.
select init_clinic('Second clinic', 'Europe/Berlin');
call test.refused('select expire_offers()');
set local pg_clinic.clinic_id = 2;
select expire_offers(), expire_offers(1);
call test.refused('select * from offer_backfill(1)');
call test.refused('select accept_offer(1)');
call test.refused('select decline_offer(1)');
set local pg_clinic.clinic_id = 1;

-- The constraints, which hold for plain SQL, too.
delete from clinic.offers;
delete from clinic.freed_places;
insert into clinic.freed_places (clinic_id, id, booking_id, provider_id, room_id, slot_start, slot_end, cause)
  values (1, 1, 1, 1, 1, '2035-04-16 09:00', '2035-04-16 09:30', 'cancelled');
create procedure pg_temp.insert_refused(given jsonb) language plpgsql as $$
begin
  call test.violates(format('insert into clinic.offers (clinic_id, freed_place_id, slot_start, slot_end, withdrawn_reason, hold_booking_id, source, waitlist_id, former_booking_id,
      patient_name, score, status, expires_at, answered_at, accepted_booking_id)
    select clinic_id, freed_place_id, slot_start, slot_end, withdrawn_reason, hold_booking_id, source, waitlist_id, former_booking_id, patient_name, score, status, expires_at, answered_at, accepted_booking_id
    from jsonb_populate_record(null::clinic.offers, %L)',
    '{"clinic_id": 1, "freed_place_id": 1, "slot_start": "2035-04-16 09:00", "slot_end": "2035-04-16 09:30", "source": "waitlist", "waitlist_id": 1, "patient_name": "A", "score": 1, "status": "offered", "expires_at": "2035-01-01"}' || given));
end $$;
call pg_temp.insert_refused('{"source": "friend"}');
call pg_temp.insert_refused('{"source": "own_cancellation"}');
call pg_temp.insert_refused('{"source": "earlier_time"}');
call pg_temp.insert_refused('{"former_booking_id": 2}');
call pg_temp.insert_refused('{"score": 1.1}');
call pg_temp.insert_refused('{"status": "maybe", "answered_at": "2034-01-01"}');
call pg_temp.insert_refused('{"status": "declined"}');
call pg_temp.insert_refused('{"answered_at": "2034-01-01"}');
call pg_temp.insert_refused('{"status": "accepted", "answered_at": "2034-01-01"}');
call pg_temp.insert_refused('{"accepted_booking_id": 2}');
call pg_temp.insert_refused('{"freed_place_id": 99}');
call pg_temp.insert_refused('{"hold_booking_id": 99}');
call pg_temp.insert_refused('{"slot_end": "2035-04-16 09:00"}');
call pg_temp.insert_refused('{"status": "withdrawn", "answered_at": "2034-01-01"}');
call pg_temp.insert_refused('{"status": "withdrawn", "answered_at": "2034-01-01", "withdrawn_reason": "bored"}');
call pg_temp.insert_refused('{"withdrawn_reason": "filled"}');
call pg_temp.insert_refused('{"waitlist_id": 99}');
call pg_temp.insert_refused('{"waitlist_id": null}');
select count(*) from offer_backfill(1, 9);
call pg_temp.insert_refused('{}');
call pg_temp.insert_refused('{"waitlist_id": 4, "source": "earlier_time", "former_booking_id": 2}');
call pg_temp.insert_refused('{"waitlist_id": null, "source": "own_cancellation", "former_booking_id": 3}');
-- An app's own row doesn't get in the way of offers: a patient who has one gets no other.
delete from clinic.offers;
insert into clinic.offers (clinic_id, freed_place_id, source, waitlist_id, patient_name, score, expires_at, slot_start, slot_end)
  values (1, 1, 'waitlist', 2, 'Ben', 1, '2035-01-01', '2035-04-16 09:00', '2035-04-16 09:30');
select patient_name from offer_backfill(1, 2);
rollback;
