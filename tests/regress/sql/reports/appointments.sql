-- clinic.appointments: a booking in one row of plain columns.
\set SHOW_CONTEXT never
set timezone to 'UTC';
set datestyle to iso;
begin;
call test.clinic();
select init_clinic('New York clinic', 'America/New_York');
set local pg_clinic.clinic_id = 1;
insert into clinic.overbooking_rules (max_overbook) values (1);
insert into clinic.appointment_types (name, duration_minutes) values ('Talk', 60);
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, request_id, patient_id, patient_name, contact, during, status, created_at) values
  (1, 1, 1, 'r1', 'p1', 'Ada', 'ada@example.org', '[2026-04-13 07:00,)', 'booked', '2026-04-01 10:00'),
  (1, 1, 1, null, null, 'Bob', null, '[2026-04-13 08:00,)', 'noshow', '2026-04-01 10:00');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked, created_at)
  values (1, 2, 2, 'Cid', '[2026-04-13 07:15,)', true, '2026-04-01 10:00');
-- A hold, one that has expired and that nobody has cancelled yet, and one that was cancelled.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, during, status, hold_expires_at, created_at) values
  (1, 1, 1, '[2026-04-13 09:00,)', 'pending', '2199-01-01', '2026-04-01 10:00'),
  (1, 1, 1, '[2026-04-13 10:00,)', 'pending', '2026-04-01', '2026-04-01 10:00'),
  (1, 1, 1, '[2026-04-13 11:00,)', 'cancelled', '2026-04-01', '2026-04-01 10:00');
update clinic.bookings set cancelled_at = '2026-04-02' where status = 'cancelled';
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, override_reason, created_at)
  values (1, 1, 1, 'Dot', '[2026-04-13 20:00,2026-04-13 20:12:30)', 'late', '2026-04-01 10:00');
-- Late on the 13th there is early on the 14th here, and in a fold both hours have the same wall-clock time.
insert into clinic.providers (clinic_id, id, name) values (2, 21, 'Ames');
insert into clinic.rooms (clinic_id, id, name, room_type) values (2, 22, 'Room', 'exam');
insert into clinic.appointment_types (clinic_id, id, name, duration_minutes) values (2, 23, 'Talk', 45);
insert into clinic.bookings (clinic_id, provider_id, room_id, appointment_type_id, patient_name, during, created_at) values
  (2, 21, 22, 23, 'Eve', '[2026-04-14 03:30,)', '2026-04-01 10:00'),
  (2, 21, 22, 23, 'Fay', '[2026-11-01 05:15,2026-11-01 05:45)', '2026-04-01 10:00'),
  (2, 21, 22, 23, 'Gus', '[2026-11-01 06:15,2026-11-01 06:45)', '2026-04-01 10:00');

select booking_id, clinic_id as clinic, slot_start, slot_end, local_date, local_time, duration_minutes, provider_name, room_name, appointment_type, patient_name
from clinic.appointments order by booking_id;
select booking_id, patient_name, status, is_overbooked, is_hold, hold_expires_at, occupies_time from clinic.appointments order by booking_id;
\x
select * from clinic.appointments where patient_name in ('Ada', 'Dot') order by booking_id;
\x
-- A row a booking, and every column as in the table.
select (select count(*) from clinic.appointments) = (select count(*) from clinic.bookings) as one_row_a_booking,
  count(*) filter (where a.booking_id is null) as missing,
  count(*) filter (where (a.clinic_id, a.local_date, a.provider_id, a.room_id, a.appointment_type_id, a.patient_id, a.patient_name, a.contact, a.status,
      a.is_overbooked, a.hold_expires_at, a.request_id, a.override_reason, a.overridden_by, a.cancelled_at, a.cancellation_reason, a.created_at)
    is distinct from (b.clinic_id, b.local_date, b.provider_id, b.room_id, b.appointment_type_id, b.patient_id, b.patient_name, b.contact, b.status,
      b.is_overbooked, b.hold_expires_at, b.request_id, b.override_reason, b.overridden_by, b.cancelled_at, b.cancellation_reason, b.created_at)) as other,
  count(*) filter (where tstzrange(a.slot_start, a.slot_end) <> b.during) as other_time,
  count(*) filter (where a.local_date <> (lower(b.during) at time zone c.time_zone)::date) as other_date
from clinic.bookings b join clinic.clinics c on c.id = b.clinic_id left join clinic.appointments a on a.booking_id = b.id;
-- No column is a range or a composite.
select attname, format_type(atttypid, null) from pg_attribute a join pg_type t on t.oid = atttypid join pg_class c on c.oid = attrelid
where c.oid in ('clinic.appointments'::regclass, 'clinic.cancelled_appointments'::regclass, 'clinic.waiting'::regclass, 'clinic.daily_utilization'::regclass)
  and attnum > 0 and typtype <> 'b';
-- A query that reads no name joins nothing.
create function pg_temp.tables_read(query text) returns text language plpgsql as $$
declare
  plan json;
begin
  execute 'explain (format json) ' || query into plan;
  return (select string_agg(distinct name[1], ' ') from regexp_matches(plan::text, '"Relation Name": "(\w+)"', 'g') name);
end $$;
select pg_temp.tables_read('select booking_id, status, duration_minutes from clinic.appointments');
select pg_temp.tables_read('select slot_start, provider_name from clinic.appointments');

-- Levels: a finder reads no view.
create role test_view_finder; create role test_view_reader;
select grant_clinic_access('test_view_finder', 'finder'), grant_clinic_access('test_view_reader', 'reader');
set local role test_view_finder;
call test.refused('select slot_start from clinic.appointments');
call test.refused('select slot_start from clinic.cancelled_appointments');
call test.refused('select waitlist_id from clinic.waiting');
call test.refused('select local_date from clinic.daily_utilization');
set local role test_view_reader;
select count(*) from clinic.appointments;
select count(*) from clinic.cancelled_appointments;
select count(*) from clinic.waiting;
select count(*) >= 0 as allowed from clinic.daily_utilization where local_date = current_date;
reset role;
-- Nobody writes through them.
call test.refused($$update clinic.appointments set status = 'cancelled'$$);
-- To give a column another type, drop the views that read it; upgrade_clinic() makes them again.
call test.violates('alter table clinic.bookings alter column contact type varchar');
drop view clinic.appointments, clinic.cancelled_appointments, clinic.waiting;
alter table clinic.bookings alter column contact type varchar;
alter table clinic.bookings alter column contact type text;
select upgrade_clinic();
select count(*) from clinic.appointments;
rollback;
