-- A group visit moves as one: all who are in it, or none.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
update clinic.providers set buffer_minutes = 0;
insert into clinic.providers (name, buffer_minutes) values ('Berg', 0);
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '18:00');
update clinic.provider_availability set end_time = '18:00';
insert into clinic.rooms (name, room_type, capacity) values ('Gym', 'gym', null), ('Small gym', 'gym', 3);
insert into clinic.appointment_types (name, duration_minutes, capacity, required_room_type) values ('Class', 60, 4, 'gym');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during)
  select 1, 2, 2, lower(name), name, '[2035-04-16 10:00,)' from unnest('{Ann,Ben,Cem}'::text[]) name;
update clinic.sessions set capacity = 6;
create temp view members as select id, session_id as session, session_seat as seat, session_capacity as of, provider_id as provider, room_id as room, lower(during) as at, status
  from clinic.bookings order by id;
create temp view sessions as select id, provider_id as provider, room_id as room, lower(during) as at, capacity from clinic.sessions order by id;
savepoint ready;

-- To the afternoon: the session keeps its id and its capacity, its place of before is free, and history and events tell one change each.
select booking_id, slot_start, provider_id, room_id from reschedule_session(1, '2035-04-16 15:00');
select * from members;
select * from sessions;
select booking_id, cause, slot_start from clinic.freed_places order by id;
select booking_id, count(*) from clinic.booking_history where reason = 'reschedule_session' group by 1 order by 1;
select booking_id, kind from clinic.events where kind = 'rescheduled' order by id;
-- Into its own time, to another provider, and to a smaller room, which takes three.
select booking_id, slot_start, provider_id, room_id from reschedule_session(1, '2035-04-16 15:30', room_id => 3);
select booking_id, provider_id, room_id from reschedule_session(1, '2035-04-16 15:30', 2);
select * from sessions;
call test.refused($$select book_slot('Class', 2, 3, '2035-04-16 15:30', 'Dan')$$);
select count(*) from reschedule_session(1, '2035-04-16 15:30');
rollback to ready;

-- One alone moves away, and begins another.
select status from reschedule_booking(2, '2035-04-16 15:00');
select * from members;
-- The rest follow: they join that one.
select booking_id from reschedule_session(1, '2035-04-16 15:00');
select * from members;
select * from sessions;
rollback to ready;

-- Refused: what is there, a full session, a member who is over; then nothing has moved.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'Eve', '[2035-04-16 15:30,)');
call test.refused($$select reschedule_session(1, '2035-04-16 15:00')$$);
call test.refused($$select reschedule_session(1, '2035-04-16 19:00')$$);
select count(*) from reschedule_session(1, '2035-04-16 18:00', override_reason => 'evening class');
select lower(during) as at, count(*) from clinic.bookings where session_id > 0 group by 1;
rollback to ready;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  select 1, 3, 2, name, '[2035-04-16 15:00,)' from unnest('{Flo,Gil}'::text[]) name;
call test.refused($$select reschedule_session(1, '2035-04-16 15:00', room_id => 3)$$);
update clinic.bookings set status = 'fulfilled' where id = 1;
call test.refused($$select reschedule_session(1, '2035-04-16 16:00')$$);
select * from members;
rollback to ready;
call test.refused($$update clinic.sessions set during = '[2035-04-16 15:00,2035-04-16 16:00)'$$);
call test.refused($$select reschedule_session(7, '2035-04-16 15:00')$$);
call test.refused($$select reschedule_session(1, '2035-04-16 15:00', 9)$$);
call test.refused($$select reschedule_session(1, '2035-04-16 15:00', room_id => 9)$$);
call test.refused($$select reschedule_session(1, 'infinity')$$);
call test.refused($$select reschedule_session(1, '2035-04-16 15:00', override_reason => ' ')$$);
call test.refused($$select reschedule_session(null, '2035-04-16 15:00')$$);
-- A provider or room that is disabled takes nobody more, and the class can go elsewhere.
update clinic.providers set enabled = false where id = 1;
update clinic.rooms set enabled = false where id = 2;
call test.refused($$select book_slot('Class', 1, 2, '2035-04-16 10:00', 'Dan')$$);
select code from explain_slots('Class', slot_start => '2035-04-16 10:00', provider_id => 1, room_id => 2, is_overbooked => false) order by 1;
select booking_id, provider_id, room_id from reschedule_session(1, '2035-04-16 10:00', 2, 3);
update clinic.bookings set status = 'cancelled';
call test.refused($$select reschedule_session(1, '2035-04-16 15:00')$$);
rollback to ready;

-- Whoever is away: a plan tears no class apart. Others of the day are planned, and with none of them there is nothing to solve.
select booking_id, slot_start, code, sentence from plan_absence(1, during => '[2035-04-16, 2035-04-17)', now => '2035-04-01');
select status from book_slot('Checkup', 1, 1, '2035-04-16 12:00', 'Dan');
select patient_name, provider_id, code from plan_absence(1, during => '[2035-04-16, 2035-04-17)', now => '2035-04-01');
rollback;
