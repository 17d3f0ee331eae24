-- slot_start and slot_end, starts_at and ends_at: the ends of during, for clients that read no ranges.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
-- Also where a trigger derives the end, and after a change.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'A', '[2035-04-16 09:00,)')
  returning slot_start, slot_end;
update clinic.bookings set during = '[2035-04-16 10:00,)' returning slot_start, slot_end;
update clinic.bookings set patient_name = 'B' returning slot_start, slot_end;
select count(*) from reschedule_booking(1, '2035-04-16 11:00');
select during, slot_start, slot_end from clinic.bookings;
-- They are read only.
call test.refused($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, slot_start)
  values (1, 1, 1, 'C', '[2035-04-16 09:00,)', '2035-04-16 09:00')$$);
call test.refused($$update clinic.bookings set slot_start = '2035-04-16 09:00'$$);
-- The history has them.
select version, after ->> 'slot_start' as slot_start, after ->> 'slot_end' as slot_end from clinic.booking_history order by version;

-- Time off may be open at either end, or given an infinite one: then they are null.
insert into clinic.time_off (during) values ('[2035-04-17 09:00,2035-04-17 10:00)'), ('[2035-04-18 09:00,)'), ('(,2035-04-01 09:00)'), ('(,)'),
  ('[2035-04-18 09:00,infinity)'), ('[-infinity,2035-04-01 09:00)');
select during, starts_at, ends_at from clinic.time_off order by id;

-- Shifts have them; an assignment has them if it is of a visit.
insert into clinic.staff (name) values ('Ann');
insert into clinic.shifts (during, created_at) values ('[2035-04-16 09:00,2035-04-16 12:00)', '2035-01-01') returning starts_at, ends_at;
insert into clinic.clients (name) values ('Zoe');
insert into clinic.visits (client_id, on_date) values (1, '2035-04-16');
insert into clinic.assignments (staff_id, shift_id, visit_id, during) values (1, 1, null, null), (1, null, 1, '[2035-04-16 13:00,2035-04-16 13:30)');
select shift_id, visit_id, starts_at, ends_at from clinic.assignments order by id;

-- A table made like ours has them as plain columns, unless INCLUDING GENERATED; COPY leaves them out.
create temp table alike (like clinic.bookings);
insert into alike select * from clinic.bookings;
select slot_start, slot_end from alike;
copy clinic.shifts to stdout;
select count(*) from clinic.shifts s where (s.starts_at, s.ends_at) is distinct from (lower(during), upper(during));
rollback;
