-- override_reason sets a rule aside for one booking, kept forever with who did it; a collision it doesn't.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
-- book_slot knows no other "now" than the clock's, so these dates are years ahead.
update clinic.clinics set booking_horizon_days = 3660;

set local pg_clinic.actor = 'dr.adler';
insert into clinic.rooms (name, room_type, enabled) values ('Old room', 'store', false);
insert into clinic.appointment_types (name, duration_minutes, required_room_type, required_equipment) values ('Laser', 30, 'exam', '{laser}');
create temp view overridden as select id, lower(during)::time as starts, is_overbooked, override_reason, overridden_by, day_seat, day_capacity, overbook_seat, overbook_limit
  from clinic.bookings order by id;

-- Where no rule is broken there is nothing to override: the reason isn't kept.
select booking_id from book_slot('Checkup', 1, 1, '2035-04-16 09:00', 'A', override_reason => 'just so') \gset
select override_reason, overridden_by from clinic.bookings where id = :booking_id;
-- Closed, time off, a room that doesn't fit, disabled ones, too soon, beyond the horizon.
select booking_id from book_slot('Checkup', 1, 1, '2035-04-16 20:00', 'B', override_reason => 'emergency') \gset
select override_reason, overridden_by from clinic.bookings where id = :booking_id;
insert into clinic.time_off (provider_id, during) values (1, '[2035-04-16 10:00, 2035-04-16 10:30)');
select booking_id from book_slot('Checkup', 1, 1, '2035-04-16 10:00', 'C', override_reason => 'comes in') \gset
select override_reason from clinic.bookings where id = :booking_id;
select booking_id from book_slot('Laser', 1, 2, '2035-04-16 11:00', 'D', override_reason => 'laser is there today') \gset
select override_reason from clinic.bookings where id = :booking_id;
update clinic.providers set enabled = false;
select booking_id from book_slot('Checkup', 1, 1, '2035-04-17 11:00', 'E', override_reason => 'last day') \gset
select override_reason from clinic.bookings where id = :booking_id;
update clinic.providers set enabled = true;
select booking_id from book_slot('Checkup', 1, 1, '2020-04-13 11:00', 'F', override_reason => 'entered late') \gset
select override_reason from clinic.bookings where id = :booking_id;
select booking_id from book_slot('Checkup', 1, 1, '2199-04-15 11:00', 'G', override_reason => 'very early') \gset
select override_reason from clinic.bookings where id = :booking_id;
-- The daily cap and the overbooking limit, for this booking alone.
update clinic.providers set max_daily_appointments = 4;
select booking_id from book_slot('Checkup', 1, 1, '2035-04-16 12:00', 'H', override_reason => 'urgent') \gset
select override_reason from clinic.bookings where id = :booking_id;
insert into clinic.rooms (name, room_type) values ('Room 3', 'exam');
select booking_id, is_overbooked from book_slot('Checkup', 1, 3, '2035-04-16 09:00', 'I', is_overbooked => true, override_reason => 'twins');
select * from overridden;
call test.violates($$select book_slot('Checkup', 1, 1, '2035-04-16 14:00', 'J')$$);

-- Collisions: of provider, room, patient, and two overbooked ones; also together with a rule.
call test.refused($$select book_slot('Checkup', 1, 3, '2035-04-16 20:10', 'J', override_reason => 'urgent')$$);
insert into clinic.providers (name) values ('Berg');
call test.violates($$select book_slot('Checkup', 2, 1, '2035-04-16 20:10', 'J', override_reason => 'urgent')$$);
update clinic.bookings set patient_id = 'p1' where patient_name = 'B';
call test.violates($$select book_slot('Checkup', 2, 3, '2035-04-16 20:10', 'J', 'p1', override_reason => 'urgent')$$);
call test.violates($$select book_slot('Checkup', 1, 1, '2035-04-16 09:15', 'J', is_overbooked => true, override_reason => 'urgent')$$);
-- Nor can a free provider be overbooked by it.
insert into clinic.overbooking_rules (max_overbook) values (2);
call test.violates($$select book_slot('Checkup', 2, 3, '2035-04-16 15:00', 'J', is_overbooked => true, override_reason => 'urgent')$$);
-- It must say why.
call test.refused($$select book_slot('Checkup', 1, 1, '2035-04-16 15:00', 'J', override_reason => '')$$);
call test.refused($$select book_slot('Checkup', 1, 1, '2035-04-16 15:00', 'J', override_reason => ' ')$$);

-- History says the reason, and the base rule is as it was.
select actor, reason, operation, after ->> 'override_reason' as override_reason, after ->> 'overridden_by' as by
from clinic.booking_history where after ->> 'patient_name' in ('A', 'B') order by id;
select max_daily_appointments from clinic.providers where id = 1;
-- Later changes keep it; who makes them doesn't become the one who overrode.
set local pg_clinic.actor = 'someone else';
select booking_id from check_in_booking(2) \gset
select override_reason, overridden_by from clinic.bookings where id = :booking_id;
rollback;
