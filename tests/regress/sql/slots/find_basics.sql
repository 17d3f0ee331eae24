-- find_slots on an empty day: the grid, the columns, the order, and the ways to call it.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

-- Open 09:00 to 12:00, 30 minutes each, a start every 15: 09:00 … 11:30, eleven of them. All alike on an empty day:
-- 0.40 × 0.5 + 0.35 × 0.5 + 0.15 × 0.5 + 0.10 × 1 = 0.55; so they come by start.
select * from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');

-- By id, the same.
select test.times(array_agg(slot_start)) from find_slots(null, date '2026-04-13', now => '2026-04-01', appointment_type_id => 1);
-- All arguments named, and all arguments but the first NULL: NULL means the default. Today is a Monday here.
select test.times(array_agg(slot_start)) from find_slots(
  appointment_type => 'Checkup', from_date => '2026-04-13', to_date => '2026-04-13', provider_id => 1, room_id => 1,
  preferred_from => '09:00', preferred_until => '12:00', max_results => 100, all_rooms => true,
  include_overbooked => false, patient_id => 'p', now => '2026-04-01', clinic_id => 1);
select test.times(array_agg(slot_start)) from find_slots(
  'Checkup', null, null, null, null, null, null, null, null, null, null, '2026-04-13 00:00', null);
-- "Today" is the clinic's: at 23:00 UTC on Sunday it is Monday in Berlin, whatever the session's zone.
set local timezone to 'America/New_York';
select test.times(array_agg(slot_start)) from find_slots('Checkup', now => '2026-04-12 23:00+00');
select test.times(array_agg(slot_start)) from find_slots('Checkup', now => '2026-04-12 21:00+00');
set local timezone to 'Europe/Berlin';

-- Several dates: Monday and the Monday after, both included; nobody works in between.
select slot_start::date, count(*) from find_slots('Checkup', '2026-04-13', '2026-04-20', now => '2026-04-01')
group by 1 order by 1;

-- The step is the clinic's; a slot of 60 minutes must end by 12:00.
update clinic.clinics set slot_step_minutes = 25;
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');
update clinic.appointment_types set duration_minutes = 60;
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');
-- A slot may fill the opening exactly, but no more.
update clinic.appointment_types set duration_minutes = 180;
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');
update clinic.appointment_types set duration_minutes = 181;
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');

-- It works on the rows of the moment: no cache. And like any table function.
update clinic.appointment_types set duration_minutes = 60;
update clinic.providers set enabled = false;
select count(*) from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');
update clinic.providers set enabled = true;
select d, s.n from (values (date '2026-04-12'), ('2026-04-13')) as days (d)
  left join lateral (select count(*) as n from find_slots('Checkup', d, now => '2026-04-01')) s on true order by d;
rollback;
