-- Weekly availability: weekdays, validity, joined windows, and windows past midnight.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

create temp view free as select slot_start::date as date, test.times(array_agg(slot_start)) as starts
  from find_slots('Checkup', '2026-04-13', '2026-04-27', now => '2026-04-01') group by 1;
delete from clinic.provider_availability;
-- Nobody is open without a window.
select * from free;

-- ISO weekdays: 1 is Monday the 13th, 7 is Sunday the 19th.
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time)
  select 1, day, '09:00', '09:30' from generate_series(1, 7) day;
select date, extract(isodow from date) as isodow, starts from free where date < '2026-04-20' order by 1;

-- valid_from and valid_until are both included; open where null. Mondays are the 13th, 20th and 27th.
delete from clinic.provider_availability;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time, valid_from, valid_until) values
  (1, 1, '09:00', '09:30', null, '2026-04-20'), (1, 1, '11:00', '11:30', '2026-04-20', null),
  (1, 1, '13:00', '13:30', '2026-04-20', '2026-04-20'), (1, 1, '15:00', '15:30', '2026-04-14', '2026-04-19'),
  (1, 1, '17:00', '17:30', 'infinity', null), (1, 1, '18:00', '18:30', null, '-infinity'),
  (1, 1, '19:00', '19:30', '-infinity', 'infinity');
select * from free order by 1;

-- Windows that touch or overlap are joined: a slot may cross from one into the next, and the grid begins once, at 09:05.
-- Without joining 09:35 would end outside the first.
delete from clinic.provider_availability;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values
  (1, 1, '09:05', '10:00'), (1, 1, '10:00', '10:30'), (1, 1, '10:20', '11:00'), (1, 1, '10:25', '10:50');
select * from free where date = '2026-04-13';
-- Ones that don't touch each have their own grid.
update clinic.provider_availability set start_time = '10:01' where start_time = '10:00';
select * from free where date = '2026-04-13';

-- An end not after the start is on the next day. Monday 23:00 to 00:30: the tail belongs to Tuesday's question.
delete from clinic.provider_availability;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (1, 1, '23:00', '00:30');
select * from free order by 1;
select slot_start from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');
select slot_start from find_slots('Checkup', date '2026-04-14', now => '2026-04-01');
-- Its validity is that of the date it starts on: valid until Monday, it still has its tail.
update clinic.provider_availability set valid_from = '2026-04-13', valid_until = '2026-04-13';
select * from free order by 1;
-- It joins with the next day's window: from 23:00 to 01:00 without a break, on one grid from 23:00 on. Tuesday's own
-- window begins its grid at 00:20, so that is a start as well.
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (1, 2, '00:20', '01:00');
select slot_start from find_slots('Checkup', '2026-04-13', '2026-04-14', now => '2026-04-01') order by 1;

-- To midnight, by either name, and round the clock.
delete from clinic.provider_availability;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (1, 1, '23:15', '24:00');
select * from free where date < '2026-04-20';
update clinic.provider_availability set end_time = '00:00';
select * from free where date < '2026-04-20';
update clinic.provider_availability set start_time = '00:00', end_time = '00:00';
select slot_start::date, count(*), min(slot_start)::time, max(slot_start)::time
from find_slots('Checkup', '2026-04-13', '2026-04-14', now => '2026-04-01') group by 1;
-- Every day round the clock: no seam at midnight.
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (1, 2, '00:00', '24:00');
select slot_start::date, count(*), min(slot_start)::time, max(slot_start)::time
from find_slots('Checkup', '2026-04-13', '2026-04-14', now => '2026-04-01') group by 1 order by 1;
rollback;
