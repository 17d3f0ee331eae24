-- Preparation and clean-up by type, and by provider and type: they keep the provider, and the room, beside the appointment.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
insert into clinic.providers (name) values ('Berg');
update clinic.providers set buffer_minutes = 0, max_daily_appointments = 100;
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
update clinic.provider_availability set start_time = '08:00', end_time = '16:00';
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '08:00', '16:00');
update clinic.clinics set slot_step_minutes = 5, booking_horizon_days = 3660;
insert into clinic.appointment_types (name, duration_minutes, before_minutes, after_minutes) values
  ('Hour', 60, 15, 0), ('Half', 30, 15, 30), ('Consultation', 30, null, null), ('Endoscopy', 30, 0, 20);
-- Runs of starts, 5 minutes apart: first-last.
create function pg_temp.runs(type text, provider bigint default 1, room bigint default null) returns text language sql as $$
  select string_agg(to_char(a, 'HH24:MI') || '-' || to_char(b, 'HH24:MI'), '  ' order by a) from (
    select min(s) as a, max(s) as b from (
      select s, s - row_number() over (order by s) * interval '5 minutes' as island
      from (select distinct slot_start as s from find_slots(type, '2029-04-16', provider_id => provider, room_id => room)) x) y group by island) z
$$;
create temp view taken as select id, provider_busy, room_busy from clinic.bookings order by id;

-- 15 minutes before: after a meeting that ends at 13:50 from 14:05 on, before it until 11:50. It may be prepared before opening.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 1, 4, 'meeting', '[2029-04-16 12:50, 2029-04-16 13:50)');
select pg_temp.runs('Hour');
delete from clinic.bookings;
-- 15 before and 30 after: a visit from 14:00 to 14:30 leaves starts until 12:45, and from 15:15 on.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 3, 'visit', '[2029-04-16 14:00,)');
select * from taken;
select pg_temp.runs('Half');
delete from clinic.bookings;
-- Only the endoscopy is cleaned up after: the next consultation begins as the one before ends, or 20 minutes after the endoscopy.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values
  (1, 1, 4, 'consultation', '[2029-04-16 10:00,)'), (1, 1, 5, 'endoscopy', '[2029-04-16 11:00,)');
select pg_temp.runs('Consultation');

-- The longer of clean-up and buffer counts, of the room the longer of clean-up and turnover.
update clinic.providers set buffer_minutes = 25 where id = 1;
update clinic.rooms set turnover_minutes = 10 where id = 1;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values
  (1, 1, 5, 'both', '[2029-04-23 10:00,)'), (1, 1, 4, 'buffer', '[2029-04-23 12:00,)');
select * from taken where id > 4;
-- The room's own, and less with one provider. Where nothing is said of the room it is kept as long as the provider.
update clinic.appointment_types set room_before_minutes = 5, room_after_minutes = 40 where name = 'Half';
insert into clinic.provider_types (appointment_type_id, provider_id, before_minutes, after_minutes) values (3, 1, null, null), (3, 2, 0, 5);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values
  (1, 1, 3, 'Adler', '[2029-04-30 10:00,)'), (2, 2, 3, 'Berg', '[2029-04-30 10:00,)');
select * from taken where id > 6;
-- Another's room is kept as well: at 10:30 Berg finds room 1 still taken.
select sentence from explain_slots('Consultation', slot_start => '2029-04-30 10:30', provider_id => 2, room_id => 1);
select sentence from explain_slots('Hour', slot_start => '2029-04-30 09:00', provider_id => 1, room_id => 1);
call test.refused($$ select book_slot('Half', 1, 1, '2029-04-30 09:30', 'Ann') $$);
-- By constraint: a raw INSERT, too.
call test.refused($$ insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 2, 4, 'raw', '[2029-04-30 09:16,)') $$);
call test.refused($$ insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (2, 1, 4, 'raw', '[2029-04-30 11:09,)') $$);

-- What is booked keeps what it was given, at another time of the day and whatever the settings are now.
update clinic.appointment_types set before_minutes = 60, after_minutes = 60 where name = 'Half';
select booking_id, slot_start from reschedule_booking(7, '2029-04-30 13:00');
select * from taken where id = 7;
-- On another day it has those of now.
select booking_id, slot_start from reschedule_booking(7, '2029-05-07 13:00');
select * from taken where id = 7;
-- Of another type it has that type's, and keeps its buffer.
update clinic.bookings set appointment_type_id = 2 where id = 7;
select * from taken where id = 7;
update clinic.providers set buffer_minutes = 5 where id = 1;
update clinic.bookings set appointment_type_id = 5 where id = 6;
select * from taken where id = 6;

-- No gap is long enough for all three.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 1, 4, 'long', '[2029-05-14 09:00, 2029-05-14 12:00)'), (1, 1, 4, 'long', '[2029-05-14 13:10, 2029-05-14 16:00)');
select code, sentence from explain_slots('Half', '2029-05-14', provider_id => 1, room_id => 2) where slot_start is null;
-- On the sheet the time beside a booking is no gap.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (2, 2, 2, 'Iris', '[2029-05-14 10:00,)');
select kind, starts_at, ends_at from day_sheet('2029-05-14', provider_id => 2);

-- Over midnight: prepared for on the day before, and seen from there.
insert into clinic.appointment_types (name, duration_minutes, before_minutes) values ('Night', 60, 1440);
update clinic.provider_availability set day_of_week = 1, start_time = '00:00', end_time = '24:00' where provider_id = 2;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (2, 2, 6, 'Jo', '[2029-05-22 01:00,)');
select * from taken where id = (select max(id) from clinic.bookings);
select max(slot_start), count(*) from find_slots('Consultation', '2029-05-21', provider_id => 2, room_id => 2);
select sentence from explain_slots('Consultation', slot_start => '2029-05-21 22:00', provider_id => 2, room_id => 2);
call test.refused($$ select book_slot('Consultation', 2, 2, '2029-05-21 22:00', 'Kim') $$);
select booking_id, slot_start from book_slot('Consultation', 2, 2, '2029-05-21 00:30', 'Kim');
-- The other way: what comes before an appointment is seen by it.
call test.refused($$ select book_slot('Night', 2, 1, '2029-05-22 00:00', 'Lea', override_reason => 'closed') $$);

-- Bad input changes nothing.
call test.violates($$ update clinic.appointment_types set before_minutes = -1 $$);
call test.violates($$ update clinic.appointment_types set after_minutes = 1441 $$);
call test.violates($$ update clinic.appointment_types set room_before_minutes = 1441 $$);
call test.violates($$ update clinic.appointment_types set room_after_minutes = -1 $$);
call test.violates($$ update clinic.provider_types set before_minutes = -1 $$);
call test.violates($$ update clinic.provider_types set room_after_minutes = 1441 $$);
rollback;
