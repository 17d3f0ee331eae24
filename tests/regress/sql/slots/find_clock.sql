-- Minimum notice and booking horizon.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

-- From 10:00 on the slot at 10:00 is just early enough; a second later it isn't.
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-13 10:00');
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-13 10:00:01');
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-14');
-- Notice of 90 minutes: at 09:15 from 10:45 on. Notice counts elapsed minutes: a day before.
update clinic.clinics set minimum_notice_minutes = 90;
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-13 09:15');
update clinic.clinics set minimum_notice_minutes = 1440;
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-12 11:15');

-- Horizon of 7 days: today and the 7 after, whatever the time of day.
update clinic.clinics set minimum_notice_minutes = 0, booking_horizon_days = 7;
select slot_start::date as date, count(*) from find_slots('Checkup', '2026-04-06', '2026-05-06', now => '2026-04-13 09:00') group by 1 order by 1;
select slot_start::date as date, count(*) from find_slots('Checkup', '2026-04-06', '2026-05-06', now => '2026-04-12 23:59:59') group by 1 order by 1;
-- Today is the clinic's date: 22:30 UTC on Sunday is Monday in Berlin.
select slot_start::date as date, count(*) from find_slots('Checkup', '2026-04-06', '2026-05-06', now => '2026-04-12 22:30+00') group by 1 order by 1;
-- 0: only today.
update clinic.clinics set booking_horizon_days = 0;
select slot_start::date as date, count(*) from find_slots('Checkup', '2026-04-06', '2026-05-06', now => '2026-04-13 08:00') group by 1 order by 1;
-- A date that is over or too far is no error, just empty.
select count(*) from find_slots('Checkup', date '2020-04-13', now => '2026-04-13');
select count(*) from find_slots('Checkup', date '2036-04-14', now => '2026-04-13');
rollback;
