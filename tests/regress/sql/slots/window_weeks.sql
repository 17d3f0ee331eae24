-- Windows of alternate weeks, and of some weeks of the month.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660, slot_step_minutes = 60;
delete from clinic.provider_availability;
create function pg_temp.dates(from_date date, to_date date) returns text language sql as $$
  select string_agg(to_char(slot_start, 'DD Mon'), ', ' order by slot_start)
  from find_slots('Checkup', from_date, to_date, now => '2026-06-20')
$$;

-- Every second Sunday from a Tuesday on: the first is the Sunday of that week. Over a year of 53 weeks it goes on every 14 days.
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time, every_weeks, valid_from)
  values (1, 7, '09:00', '10:00', 2, '2026-06-23');
select pg_temp.dates('2026-06-20', '2026-08-10');
select pg_temp.dates('2026-12-20', '2027-01-31');
-- All windows of one valid_from share their weeks: a Monday's is not before it, so two weeks after that week.
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time, every_weeks, valid_from)
  values (1, 1, '09:00', '10:00', 2, '2026-06-23');
select pg_temp.dates('2026-06-20', '2026-08-10');
-- The other weeks: a week later. Every third, until a date.
update clinic.provider_availability set valid_from = '2026-06-30';
select pg_temp.dates('2026-06-20', '2026-08-10');
update clinic.provider_availability set every_weeks = 3, valid_until = '2026-07-24';
select pg_temp.dates('2026-06-20', '2026-08-10');
-- A two-weekly series finds them, and an override still replaces them.
update clinic.provider_availability set every_weeks = 2, valid_from = '2026-06-23', valid_until = null;
select nth, due_date, slot_start from find_series('Checkup', 4, every_weeks => 2, from_date => '2026-12-20', weekday => 7, now => '2026-06-20')
where choice = 1;
insert into clinic.availability_overrides (provider_id, on_date) values (1, '2026-07-12');
select pg_temp.dates('2026-06-20', '2026-08-10');
-- Why not: closed in the weeks between; it can't be booked either.
select code, sentence from explain_slots('Checkup', slot_start => '2026-07-05 09:00', now => '2026-06-20');
call test.refused($$select book_slot('Checkup', 1, 1, '2030-07-14 09:00', 'Ann')$$);
select slot_start from book_slot('Checkup', 1, 1, '2030-07-07 09:00', 'Ann');

-- The first, third and last Thursday; the fifth where there is one.
delete from clinic.provider_availability;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time, weeks_of_month)
  values (1, 4, '09:00', '10:00', '{1,3,-1}');
select pg_temp.dates('2026-07-01', '2026-08-31');
update clinic.provider_availability set weeks_of_month = '{5}';
select pg_temp.dates('2026-07-01', '2026-12-31');
-- Both: of the first Thursdays those of alternate weeks.
update clinic.provider_availability set weeks_of_month = '{1}', every_weeks = 2, valid_from = '2026-07-01';
select pg_temp.dates('2026-07-01', '2026-12-31');

-- What can't be meant.
call test.violates('update clinic.provider_availability set every_weeks = 0');
call test.violates('update clinic.provider_availability set every_weeks = 53');
call test.violates('update clinic.provider_availability set valid_from = null');
call test.violates($$update clinic.provider_availability set valid_from = '-infinity'$$);
call test.violates($$update clinic.provider_availability set weeks_of_month = '{}'$$);
call test.violates($$update clinic.provider_availability set weeks_of_month = '{0}'$$);
call test.violates($$update clinic.provider_availability set weeks_of_month = '{6}'$$);
call test.violates($$update clinic.provider_availability set weeks_of_month = '{-2}'$$);
call test.violates($$update clinic.provider_availability set weeks_of_month = '{1,null}'$$);
rollback;
