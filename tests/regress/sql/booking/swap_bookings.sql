-- swap_bookings and reassign_bookings: places change hands, all or none.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.providers (name, buffer_minutes) values ('Berg', 0), ('Clark', 0);
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam'), ('Lab', 'lab'), ('Room 4', 'exam');
insert into clinic.appointment_types (name, duration_minutes, required_room_type) values ('Blood test', 15, 'lab');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '12:00'), (3, 1, '09:00', '12:00');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values
  (1, 1, 1, 'p1', 'A', '[2035-04-16 09:00,)'), (2, 2, 1, 'p2', 'B', '[2035-04-16 10:00, 2035-04-16 10:45)'),
  (2, 2, 1, 'p3', 'C', '[2035-04-16 11:00,)'), (3, 3, 2, 'p1', 'A', '[2035-04-16 10:00,)');
create temp view place as select id, provider_id, room_id, during, status, is_overbooked, day_seat, day_capacity, provider_busy from clinic.bookings order by id;

-- Each gets the other's place, and keeps its length: one version and one event each.
select booking_id, patient_name, provider_id, room_id, slot_start, slot_end from swap_bookings(1, 3);
select * from place;
select booking_id, version, reason, before ->> 'status' as was, before ->> 'provider_id' as from_provider, after ->> 'provider_id' as to_provider
from clinic.booking_history where operation = 'update' order by booking_id;
select booking_id, kind, payload ->> 'slot_start' as slot_start from clinic.events where kind <> 'booked' order by booking_id;
-- Nothing is free that wasn't: places of one length.
select booking_id, provider_id, slot_start, slot_end, cause from clinic.freed_places order by id;
-- And back: of one provider, in one day, of which both keep their seats.
select booking_id, provider_id, room_id, slot_start from swap_bookings(3, 1);
select booking_id, provider_id, slot_start, slot_end from swap_bookings(2, 3);
select * from place;
-- The longer one doesn't fit where the shorter one was: neither moves.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'D', '[2035-04-16 09:40,)');
call test.refused('select swap_bookings(1, 2)');
-- A room that isn't fit.
call test.refused('select swap_bookings(1, 4)');
-- The patient has another booking then.
call test.refused('select swap_bookings(3, 1)');
select * from place;
savepoint before;

-- Ann is here before her time, and Bob is late.
update clinic.bookings set status = 'checked-in' where id = 3;
select booking_id, status, slot_start from swap_bookings(3, 2);
-- Who is here stays on the date, whoever moves them, and what for.
update clinic.bookings set during = '[2035-04-23 09:00,2035-04-23 09:30)' where id = 1;
call test.refused('select swap_bookings(3, 1)');
call test.refused($$select shift_bookings(2, '2035-04-16', '2035-04-17', '7 days')$$);
call test.refused($$select apply_absence('{3}', '{2035-04-23 10:00}', '{2}', '{2}', override_reason => 'she insists')$$);
select booking_id, is_moved, refusal from apply_absence('{3}', '{2035-04-23 10:00}', '{2}', '{2}', all_or_none => false);
select booking_id, status, slot_start, provider_id from reassign_bookings(2, 1, '[2035-04-16 10:45,2035-04-16 12:00)');
-- A hold swaps, too, and stays one.
select status from hold_slot('Checkup', 2, 2, '2035-04-16 09:00');
select status, patient_name, hold_expires_at is not null as is_held, slot_start from swap_bookings((select max(id) from clinic.bookings), 3, override_reason => 'a nameless one');
rollback to before;

-- What is overbooked is so by its place.
insert into clinic.overbooking_rules (max_overbook) values (1);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked) values (3, 4, 1, 'O', '[2035-04-16 10:00,)', true);
select booking_id, provider_id, slot_start, is_overbooked from swap_bookings(2, (select max(id) from clinic.bookings));
select patient_name, provider_id, is_overbooked, day_seat, overbook_seat, overbook_limit from clinic.bookings where id = 2 or patient_name = 'O' order by id;
rollback to before;

-- Bad input: itself, one that isn't there, one of another clinic, what is over, two of one patient, no override.
call test.refused('select swap_bookings(1, 1)');
call test.refused('select swap_bookings(1, 99)');
call test.refused('select swap_bookings(1, null)');
call test.refused($$select swap_bookings(1, 2, override_reason => '')$$);
insert into clinic.clinics (name, time_zone) values ('Elsewhere', 'UTC');
insert into clinic.providers (clinic_id, name) values (2, 'Zorn');
insert into clinic.rooms (clinic_id, name, room_type) values (2, 'Z', 'exam');
insert into clinic.appointment_types (clinic_id, name, duration_minutes) values (2, 'Z', 30);
insert into clinic.bookings (clinic_id, provider_id, room_id, appointment_type_id, patient_name, during) values (2, 4, 5, 3, 'Z', '[2035-04-16 09:00,)');
call test.refused('select swap_bookings(1, (select id from clinic.bookings where clinic_id = 2), clinic_id => 1)');
set local pg_clinic.clinic_id = 1;
call test.refused('select reassign_bookings(2, 4, ''[2035-04-16, 2035-04-17)'')');
update clinic.bookings set status = 'fulfilled' where id = 1;
call test.refused('select swap_bookings(1, 2)');
update clinic.bookings set patient_id = 'p2' where id = 3;
call test.refused('select swap_bookings(3, 2)');
rollback to before;

-- Berg is ill: Clark takes the patients of the day. Times and rooms stay.
select booking_id, provider_name, room_id, slot_start, slot_end from reassign_bookings(2, 3, '[2035-04-16 10:30, 2035-04-17)');
select * from place;
select booking_id, kind from clinic.events where kind <> 'booked' and booking_id in (2, 3) order by id;
-- And back, of 11:00 on.
select booking_id, provider_name, slot_start from reassign_bookings(3, 2, '[2035-04-16 11:00, 2035-04-17)');
select booking_id from reassign_bookings(3, 2, '[2035-04-18, 2035-04-19)');
-- One of them has no place there: nobody goes. Not open then, another's booking, a full day.
call test.refused($$select reassign_bookings(2, 1, '[2035-04-16, 2035-04-17)')$$);
update clinic.providers set max_daily_appointments = 1 where id = 3;
call test.refused($$select reassign_bookings(2, 3, '[2035-04-16, 2035-04-17)')$$);
select booking_id, provider_id from reassign_bookings(2, 3, '[2035-04-16 10:30, 2035-04-17)', override_reason => 'Berg is ill');
select id, override_reason, day_seat, day_capacity from clinic.bookings where provider_id = 3 order by id;
-- Bad input.
call test.refused($$select reassign_bookings(2, 2, '[2035-04-16, 2035-04-17)')$$);
call test.refused($$select reassign_bookings(2, 9, '[2035-04-16, 2035-04-17)')$$);
call test.refused($$select reassign_bookings(9, 2, '[2035-04-16, 2035-04-17)')$$);
call test.refused($$select reassign_bookings(2, 3, '[2035-04-16,)')$$);
call test.refused($$select reassign_bookings(2, 3, '(,2035-04-16]')$$);
call test.refused($$select reassign_bookings(2, 3, '[2035-04-16, infinity)')$$);
call test.refused($$select reassign_bookings(2, 3, 'empty')$$);
call test.refused($$select reassign_bookings(2, 3, '[2035-04-16, 2035-04-16]')$$);
call test.refused($$select reassign_bookings(2, 3, '[1800-01-01, 1800-01-02)')$$);
call test.refused($$select reassign_bookings(2, 3, null)$$);
rollback;
