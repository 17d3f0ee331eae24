-- plan_absence and apply_absence: a doctor is away, a pipe bursts; everybody has the best place elsewhere, or a reason.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660, slot_step_minutes = 30;
insert into clinic.providers (name, buffer_minutes) values ('Berg', 0), ('Clark', 0);
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam'), ('Room 3', 'exam'), ('Lab', 'lab');
insert into clinic.appointment_types (name, duration_minutes, required_room_type) values ('Blood test', 30, 'lab'), ('Long', 60, null);
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time)
  select p, d, '09:00', '12:00' from generate_series(2, 3) p, generate_series(1, 5) d;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, contact, during) values
  (2, 1, 1, 'p1', 'Ann', '+49 1', '[2035-04-17 09:00,)'), (2, 1, 1, 'p2', 'Ben', null, '[2035-04-17 10:00,)'),
  (2, 4, 2, 'p3', 'Cem', null, '[2035-04-17 10:30,)'), (2, 1, 3, 'p4', 'Dora', null, '[2035-04-17 11:00,)'),
  (3, 2, 1, 'p5', 'Eve', null, '[2035-04-17 10:00,)');
create temp view planned as select booking_id, patient_name, old_slot_start, slot_start, provider_name, room_name, code, sentence from
  plan_absence(provider_id => 2, during => '[2035-04-17, 2035-04-18)');
create temp view place as select id, provider_id, room_id, during, status, day_seat from clinic.bookings order by id;

-- Berg is away for a day. Clark has all but 10:00: what wants that has the next free.
select * from planned;
select * from plan_absence(2, null, '[2035-04-17, 2035-04-17 09:30)', 7);
-- It books nothing, and needs no time off; with it it is the same.
select count(*) from planned join clinic.bookings b on b.id = booking_id and lower(during) = old_slot_start and provider_id = 2;
insert into clinic.time_off (provider_id, during) values (2, '[2035-04-17, 2035-04-18)');
select * from planned;
-- As it is planned it can be booked, all in one step, one version and one event each.
create temp table chosen as select array_agg(booking_id) as bookings, array_agg(slot_start) as starts, array_agg(provider_id) as providers, array_agg(room_id) as rooms
  from plan_absence(provider_id => 2, during => '[2035-04-17, 2035-04-18)') where slot_start is not null;
savepoint before;
select booking_id, slot_start, provider_name, room_name, is_moved, refusal from chosen, apply_absence(bookings, starts, providers, rooms) order by booking_id;
select booking_id, version, reason from clinic.booking_history where operation = 'update' order by booking_id;
select booking_id, kind, payload ->> 'slot_start' as slot_start, payload -> 'old_place' ->> 'slot_start' as was from clinic.events where kind <> 'booked' order by booking_id;
select * from planned;
rollback to before;
-- Somebody took one of the places meanwhile: none moves …
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (3, 2, 1, 'Quick', '[2035-04-17 09:00,)');
call test.refused('select apply_absence(bookings, starts, providers, rooms) from chosen');
select * from place;
-- … or each that can.
select booking_id, slot_start, provider_name, is_moved, refusal from chosen, apply_absence(bookings, starts, providers, rooms, all_or_none => false) order by booking_id;
select * from place;
-- Planned again, the rest has another place.
select * from planned;
rollback to before;

-- One was cancelled meanwhile.
update clinic.bookings set status = 'cancelled' where id = 2;
call test.refused('select apply_absence(bookings, starts, providers, rooms) from chosen');
select booking_id, status, is_moved, refusal from chosen, apply_absence(bookings, starts, providers, rooms, false) order by booking_id;
rollback to before;

-- A full day takes no more, and nobody goes far: who has no place has a reason.
update clinic.providers set max_daily_appointments = 2 where id = 3;
update clinic.provider_availability set valid_until = '2035-04-17', valid_from = '2035-04-17' where provider_id = 3;
update clinic.provider_availability set valid_until = '2035-04-17' where provider_id = 2;
select * from planned;
select booking_id, slot_start, provider_name, code, sentence from plan_absence(2, during => '[2035-04-17, 2035-04-18)', flexible_days => 0);
update clinic.providers set enabled = false where id = 3;
select * from planned;
select booking_id, sentence from plan_absence(2, during => '[2035-04-17, 2035-04-18)', flexible_days => 0);
select booking_id, sentence from plan_absence(2, during => '[2035-04-17, 2035-04-18)', flexible_days => 1);
rollback to before;

-- A patient who is here already stays on the day; hours off the grid are kept where they can be; a hold is planned, too.
update clinic.bookings set status = 'arrived' where id = 1;
update clinic.bookings set during = '[2035-04-17 10:05, 2035-04-17 10:25)' where id = 2;
update clinic.bookings set during = '[2035-04-17 11:00, 2035-04-17 11:30)' where id = 5;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, during, status, hold_expires_at) values (2, 2, 1, '[2035-04-17 09:30,)', 'pending', now() + interval '1 hour');
select booking_id, status, slot_start, slot_end, provider_name, quality_score from plan_absence(2, during => '[2035-04-17, 2035-04-18)');
update clinic.provider_availability set valid_from = '2035-04-18' where provider_id = 3;
select booking_id, status, slot_start, provider_name, sentence from plan_absence(2, during => '[2035-04-17, 2035-04-18)');
rollback to before;

-- A pipe bursts in Room 1 from 09:30 to 11:30: those in it move next door, at their time, with their doctor; who has
-- begun before is touched as well.
delete from clinic.time_off;
select booking_id, old_slot_start, old_room_name, slot_start, provider_name, room_name from plan_absence(room_id => 1, during => '[2035-04-17 09:15, 2035-04-17 11:30)');
-- With the other rooms taken, at another time in it, or elsewhere.
insert into clinic.time_off (room_id, during) select r, '[2035-04-17 00:00, 2035-04-18 00:00)' from generate_series(2, 3) r;
select booking_id, old_slot_start, slot_start, provider_name, room_name from plan_absence(room_id => 1, during => '[2035-04-17 09:15, 2035-04-17 11:30)');
-- Only one other hour is left, and two want it.
update clinic.time_off set during = '[2035-04-17 00:00, 2035-04-17 11:00)' where room_id = 3;
update clinic.rooms set enabled = false where id = 4;
select booking_id, old_slot_start, slot_start, provider_name, room_name, code from plan_absence(room_id => 1, during => '[2035-04-17 00:00, 2035-04-17 24:00)', flexible_days => 0);
rollback to before;

-- An overbooked booking goes beside another, or to a free place, as reschedule_booking() has it.
delete from clinic.time_off;
insert into clinic.overbooking_rules (max_overbook) values (1);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked) values (2, 3, 1, 'Over', '[2035-04-17 10:00,)', true);
update clinic.provider_availability set valid_from = '2035-04-17', valid_until = '2035-04-17' where provider_id = 3;
update clinic.provider_availability set valid_until = '2035-04-01' where provider_id = 2;
create temp table beside as select booking_id, patient_name, slot_start, provider_id, room_id, is_overbooked, code
  from plan_absence(2, during => '[2035-04-17 09:45, 2035-04-17 10:15)', flexible_days => 0);
select * from beside;
select a.booking_id, a.slot_start, a.provider_name, a.is_overbooked, a.is_moved from (select array_agg(booking_id) b, array_agg(slot_start) s, array_agg(provider_id) p, array_agg(room_id) r
  from beside where slot_start is not null) c, apply_absence(b, s, p, r) a order by 1;
rollback to before;

-- Bad input.
call test.refused($$select plan_absence(2, 1, '[2035-04-17, 2035-04-18)')$$);
call test.refused($$select plan_absence(during => '[2035-04-17, 2035-04-18)')$$);
call test.refused($$select plan_absence(9, during => '[2035-04-17, 2035-04-18)')$$);
call test.refused($$select plan_absence(room_id => 9, during => '[2035-04-17, 2035-04-18)')$$);
call test.refused($$select plan_absence(2)$$);
call test.refused($$select plan_absence(2, during => '[2035-04-17,)')$$);
call test.refused($$select plan_absence(2, during => '[2035-04-17,infinity)')$$);
call test.refused($$select plan_absence(2, during => 'empty')$$);
call test.refused($$select plan_absence(2, during => '[2035-04-17,2035-04-17]')$$);
call test.refused($$select plan_absence(2, during => '[2035-04-17, 2035-04-18)', flexible_days => -1)$$);
call test.refused($$select plan_absence(2, during => '[2035-04-17, 2035-04-18)', flexible_days => 61)$$);
call test.refused($$select plan_absence(2, during => '[2035-04-17, 2035-04-18)', clinic_id => 9)$$);
call test.refused($$select apply_absence('{1,2}', '{2035-04-18 09:00}', '{3}', '{1}')$$);
call test.refused($$select apply_absence('{1,1}', '{2035-04-18 09:00,2035-04-18 10:00}', '{3,3}', '{1,1}')$$);
call test.refused($$select apply_absence('{1,99}', '{2035-04-18 09:00,2035-04-18 10:00}', '{3,3}', '{1,1}')$$);
call test.refused($$select apply_absence('{1,2}', '{2035-04-18 09:00,2035-04-18 10:00}', '{3,9}', '{1,1}')$$);
call test.refused($$select apply_absence('{1,2}', '{2035-04-18 09:00,2035-04-18 10:00}', '{3,3}', '{1,9}')$$);
call test.refused($$select apply_absence('{1,2}', '{2035-04-18 09:00,2035-04-18 09:15}', '{3,3}', '{1,2}')$$);
call test.refused($$select apply_absence('{1,2}', '{2035-04-18 09:00,infinity}', '{3,3}', '{1,2}')$$);
call test.refused($$select apply_absence('{1,null}', '{2035-04-18 09:00,2035-04-18 09:15}', '{3,3}', '{1,2}')$$);
call test.refused($$select apply_absence(array_agg(i), array_agg(timestamptz '2035-04-18 09:00'), array_agg(3::bigint), array_agg(1::bigint)) from generate_series(1::bigint, 1001) i$$);
select count(*) from apply_absence('{}', '{}', null, null);
call test.refused($$select apply_absence('{1}', null, null, null)$$);
-- A plan of a month is too much at once.
update clinic.providers set max_daily_appointments = 1000 where id = 2;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  select 2, 1, 1, 'many', tstzrange(at, at + interval '1 minute')
  from generate_series(timestamptz '2036-01-01 22:00', timestamptz '2036-01-01 22:00' + interval '200 minutes', interval '1 minute') at;
call test.refused($$select plan_absence(2, during => '[2036-01-01, 2036-02-01)')$$);
rollback;
