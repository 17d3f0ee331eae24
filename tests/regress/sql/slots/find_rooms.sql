-- Which rooms fit: enabled, of the type's room type, with all its equipment; and their turnover.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

insert into clinic.rooms (name, room_type, equipment, enabled) values
  ('Lab', 'lab', '{ecg,scale}', true), ('Surgery', 'surgery', '{ecg,laser,scale}', true), ('Old lab', 'lab', '{ecg,laser,scale}', false);
insert into clinic.appointment_types (name, duration_minutes, required_room_type, required_equipment) values
  ('Blood', 30, 'lab', '{}'), ('ECG', 30, null, '{scale,ecg}'), ('Laser', 30, null, '{laser}'),
  ('Laser lab', 30, 'lab', '{laser}'), ('Case', 30, 'Lab', '{}'), ('Other case', 30, null, '{ECG}');

-- Room type and equipment are compared as they are written: 'Lab' is no 'lab'.
select name, required_room_type as type, required_equipment as equipment, (
    select coalesce(string_agg(distinct room_name, ', ' order by room_name), 'none')
    from find_slots(name, date '2026-04-13', all_rooms => true, now => '2026-04-01')) as rooms
from clinic.appointment_types order by id;

-- Filters. A provider or room that doesn't fit gives nothing; one that isn't there is an error.
select count(*) from find_slots('Blood', date '2026-04-13', room_id => 1, now => '2026-04-01');
select count(*) from find_slots('Blood', date '2026-04-13', room_id => 2, provider_id => 1, now => '2026-04-01');
select count(*) from find_slots('Blood', date '2026-04-13', room_id => 4, now => '2026-04-01');
call test.refused($$select from find_slots('Blood', date '2026-04-13', room_id => 9, now => '2026-04-01')$$);
call test.refused($$select from find_slots('Blood', date '2026-04-13', provider_id => 9, now => '2026-04-01')$$);

-- Turnover: another provider's booking keeps the lab from 10:00 to 10:30 and 20 minutes more, and a slot there keeps it
-- 20 minutes itself: free are starts s with s + 50 min <= 10:00 (09:00), and from 10:50 on (11:00, 11:15, 11:30). The
-- provider has no part in it.
insert into clinic.providers (name) values ('Berg');
update clinic.rooms set turnover_minutes = 20 where name = 'Lab';
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (2, 2, 2, 'A', '[2026-04-13 10:00,)');
select test.times(array_agg(slot_start)) from find_slots('Blood', date '2026-04-13', now => '2026-04-01');
-- The booking keeps the turnover it was booked with; new slots need the new one: from 10:50 on, and until 10:00.
update clinic.rooms set turnover_minutes = 0 where name = 'Lab';
select test.times(array_agg(slot_start)) from find_slots('Blood', date '2026-04-13', now => '2026-04-01');
-- A disabled room keeps its bookings and gets no more.
update clinic.rooms set enabled = false where name = 'Lab';
select count(*) from find_slots('Blood', date '2026-04-13', now => '2026-04-01');
rollback;
