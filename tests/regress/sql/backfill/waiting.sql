-- clinic.waiting: the open entries of the waitlist, with names.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
insert into clinic.appointment_types (name, duration_minutes) values ('Talk', 60);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'Bob', '[2026-04-13 09:00,)');
insert into clinic.waitlist (patient_id, patient_name, contact, appointment_type_id, provider_id, from_date, to_date, weekdays, earliest_time, latest_time, priority, booking_id, status, created_at) values
  ('p1', 'Ada', 'ada@example.org', 1, 1, '2026-04-01', '2026-04-30', '{1,2}', '09:00', '12:00', 2, null, 'waiting', '2026-03-31 23:30+00'),
  (null, 'Bob', null, 1, null, '2026-04-01', '2026-04-12', null, null, null, 0, 1, 'waiting', '2026-03-01'),
  (null, 'Cid', null, 2, null, '2026-04-01', '2026-04-30', null, null, null, 0, null, 'left', '2026-03-01');
-- Dates and times of day are the clinic's, not the session's.
set timezone to 'UTC';
\x
select * from clinic.waiting order by waitlist_id;
\x
-- Every open entry, each once, as in the table.
select (select count(*) from clinic.waiting) as rows, count(*) as open, count(*) filter (where v.waitlist_id is null) as missing,
  count(*) filter (where (v.clinic_id, v.patient_id, v.patient_name, v.contact, v.appointment_type_id, v.provider_id, v.from_date, v.to_date, v.weekdays, v.earliest_time, v.latest_time, v.priority, v.booking_id, v.waiting_since)
    is distinct from (w.clinic_id, w.patient_id, w.patient_name, w.contact, w.appointment_type_id, w.provider_id, w.from_date, w.to_date, w.weekdays, w.earliest_time, w.latest_time, w.priority, w.booking_id, w.created_at)) as other
from clinic.waitlist w left join clinic.waiting v on v.waitlist_id = w.id where w.status = 'waiting';
select leave_waitlist(1);
select waitlist_id from clinic.waiting;
rollback;
