-- Offers follow the place: filled otherwise, called on again, too late or taken back, they are withdrawn, with an event.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660, slot_step_minutes = 30, backfill_same_type_only = false;
update clinic.providers set buffer_minutes = 0;
insert into clinic.appointment_types (name, duration_minutes) values ('Long', 60);
insert into clinic.providers (name, buffer_minutes) values ('Berg', 0);
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '12:00');
insert into clinic.bookings (id, provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values
  (101, 1, 1, 2, 'X', 'Xaver', '[2035-04-16 10:00,)'), (102, 1, 1, 1, 'L', 'Later', '[2035-04-23 09:00,)'), (103, 2, 2, 1, 'Y', 'Yann', '[2035-04-16 09:00,)');
select join_waitlist('Checkup', 'Ann', '2035-04-16', '2035-04-16', patient_id => 'A', priority => 3), join_waitlist('Checkup', 'Bob', '2035-04-16', '2035-04-16', patient_id => 'B', priority => 2),
  join_waitlist('Checkup', 'Cy', '2035-04-16', '2035-04-16', patient_id => 'C', earliest_time => '10:30', priority => 1), join_waitlist('Checkup', booking_id => 102) \g /dev/null
create view pg_temp.offer as select o.patient_name as name, to_char(o.slot_start, 'HH24:MI') as at, o.status, withdrawn_reason as why, (select string_agg(kind || coalesce(' ' || (payload ->> 'withdrawn_reason'), ''), ', ' order by id)
  from clinic.events e where (payload ->> 'offer_id')::bigint = o.id) as events from clinic.offers o order by o.id;
savepoint whole;
update clinic.bookings set status = 'cancelled' where id = 101;
select patient_name, slot_start, slot_end from offer_backfill(101, 9);
savepoint offered;

-- Filled in its first half, by hand: by whichever way. Who would come in the second half keeps the offer.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'Hand', '[2035-04-16 10:00,)');
select * from pg_temp.offer;
rollback to offered;
select status from book_slot('Checkup', 1, 1, '2035-04-16 10:00', 'Hand');
select name, at, status, why from pg_temp.offer;
rollback to offered;
select status from reschedule_booking(103, '2035-04-16 10:00', provider_id => 1, room_id => 1);
select name, at, status, why from pg_temp.offer;
rollback to offered;
select status from hold_slot('Checkup', 1, 1, '2035-04-16 10:00', 'Hold');
select name, at, status, why from pg_temp.offer;
rollback to offered;
-- The room alone, and the provider alone.
update clinic.bookings set room_id = 1, during = '[2035-04-16 10:30,)' where id = 103;
select name, at, status, why from pg_temp.offer;
rollback to offered;
update clinic.bookings set provider_id = 1, during = '[2035-04-16 10:30,)' where id = 103;
select name, at, status, why from pg_temp.offer;
rollback to offered;
-- With a buffer after it, what begins when the appointment ends is in the way, too.
update clinic.providers set buffer_minutes = 10 where id = 1;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 2, 1, 'Next', '[2035-04-16 10:30,)');
select name, at, status, why from pg_temp.offer;
rollback to offered;
-- What is beside it, another day, another status or name: nothing.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status) values
  (1, 1, 1, 'Before', '[2035-04-16 09:30,)', 'booked'), (2, 2, 1, 'Other', '[2035-04-16 10:00,)', 'booked'), (1, 1, 1, 'Off', '[2035-04-16 10:00,)', 'cancelled');
update clinic.bookings set patient_name = 'Yannick' where id = 103;
select distinct status from pg_temp.offer;
rollback to offered;

-- Called on again.
update clinic.bookings set status = 'booked' where id = 101;
select name, status, why from pg_temp.offer;
select format('call test.refused(%L)', 'select accept_offer(' || id || ')') from clinic.offers where patient_name = 'Ann' \gexec
rollback to offered;
-- One accepts: who fits beside keeps the offer, and may accept, too.
select patient_name, slot_start from accept_offer((select id from clinic.offers where patient_name = 'Ann'));
select patient_name, slot_start from accept_offer((select id from clinic.offers where patient_name = 'Cy'));
select * from pg_temp.offer;
rollback to offered;
-- The later booking that was to be moved is moved by hand: elsewhere the offer stays, there it is settled.
update clinic.bookings set during = '[2035-04-23 10:00,)' where id = 102;
select status from pg_temp.offer where name = 'Later';
update clinic.bookings set during = '[2035-04-16 10:00,)' where id = 102;
select name, status, why from pg_temp.offer;
rollback to offered;
-- Taken back by the desk: once.
select withdraw_offers(101), withdraw_offers(101);
select name, status, why from pg_temp.offer;
select format('call test.refused(%L)', 'select accept_offer(' || min(id) || ')') from clinic.offers \gexec
call test.refused('select withdraw_offers(99)');
call test.refused('select withdraw_offers(null)');
rollback to offered;
-- Too late: nobody answered before the appointment would have begun; or in time.
update clinic.offers set slot_start = '2015-01-01', expires_at = '2015-01-01' where patient_name in ('Ann', 'Bob');
update clinic.offers set expires_at = now() where patient_name = 'Cy';
select expire_offers();
select * from pg_temp.offer;
rollback to offered;

-- What a booking gave up by moving is offered as what a cancelled one did; a deleted one's, too. A booking that gave nothing up holds its place.
update clinic.bookings set during = '[2035-04-23 10:00,)' where id = 103;
select patient_name, slot_start from offer_backfill(103);
delete from clinic.bookings where id = 103;
select patient_name, slot_start from offer_backfill(103, 9);
select withdraw_offers(103);
call test.refused('select * from offer_backfill(102)');
rollback to whole;
-- Time that nobody gave up: by provider, room and time.
select patient_name, slot_start from offer_backfill(provider_id => 2, room_id => 2, slot_start => '2035-04-16 11:00', slot_end => '2035-04-16 12:00', max_offers => 2);
select patient_name, slot_start from offer_backfill(provider_id => 2, room_id => 2, slot_start => '2035-04-16 11:00', slot_end => '2035-04-16 12:00', max_offers => 1);
select booking_id, cause, slot_start, slot_end from clinic.freed_places;
select distinct booking_id from clinic.events where kind = 'offered';
select patient_name, provider_name, slot_start from accept_offer((select min(id) from clinic.offers));
call test.refused('select * from offer_backfill(provider_id => 2, room_id => 2, slot_start => ''2035-04-16 11:00'', slot_end => ''2035-04-16 11:00'')');
rollback to whole;

-- Reserved: the time is held for each until the offer ends; the next gets what is left.
update clinic.bookings set status = 'cancelled' where id = 101;
select patient_name, slot_start, expires_at - now() as ttl from offer_backfill(101, 2, reserve => true);
select b.patient_id, b.patient_name, b.status, b.slot_start, b.hold_expires_at = o.expires_at as same_end from clinic.offers o join clinic.bookings b on b.id = o.hold_booking_id order by o.id;
call test.violates($$select book_slot('Checkup', 1, 1, '2035-04-16 10:00', 'Quick')$$);
savepoint reserved;
-- Accepted, the hold becomes the booking; declined or taken back it is free again, and told.
select booking_id = (select hold_booking_id from clinic.offers where patient_name = 'Ann') as same, patient_id, patient_name, status, slot_start, hold_expires_at from accept_offer((select id from clinic.offers where patient_name = 'Ann'));
select name, at, status, why from pg_temp.offer;
rollback to reserved;
select decline_offer((select id from clinic.offers where patient_name = 'Ann'));
select name, at, status, why from pg_temp.offer;
select slot_start, slot_end, cause from clinic.freed_places order by id;
select patient_name, slot_start from offer_backfill(101, 1, reserve => true);
rollback to reserved;
select withdraw_offers(101);
select count(*) from clinic.bookings where status = 'pending';
rollback to whole;
-- For a booking that moves: hold and move end in one change, which frees its old time alone.
delete from clinic.waitlist where booking_id is null;
update clinic.bookings set status = 'cancelled' where id = 101;
select patient_name, slot_start from offer_backfill(101, 1, reserve => true);
select booking_id, slot_start from accept_offer((select max(id) from clinic.offers));
select booking_id, cause, slot_start, slot_end from clinic.freed_places order by id;
rollback to whole;
-- Not where the place overlaps the booking that would move.
delete from clinic.waitlist where booking_id is null;
update clinic.bookings set during = '[2035-04-16 11:00,)' where id = 102;
update clinic.bookings set during = '[2035-04-16 10:45, 2035-04-16 11:00)' where id = 101;
update clinic.bookings set status = 'cancelled' where id = 101;
call test.refused('select * from offer_backfill(101, reserve => true)');
select patient_name, slot_start from offer_backfill(101);
rollback;
