-- An availability override replaces the windows that start on its date, for one provider.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

insert into clinic.providers (name) values ('Berg');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '09:30');
create temp view free as select provider_id, slot_start::date as date, test.times(array_agg(slot_start)) as starts
  from find_slots('Checkup', '2026-04-13', '2026-04-20', now => '2026-04-01') group by 1, 2;

-- Closed: no window.
insert into clinic.availability_overrides (provider_id, on_date) values (1, '2026-04-13');
select * from free order by 1, 2;
-- Another time; the weekly window is gone that date.
update clinic.availability_overrides set start_time = '14:00', end_time = '15:00';
select * from free where provider_id = 1 order by 2;
-- Several rows add up, and those that touch are joined; a "closed" among them adds nothing.
insert into clinic.availability_overrides (provider_id, on_date, start_time, end_time) values
  (1, '2026-04-13', '15:00', '15:15'), (1, '2026-04-13', '08:00', '08:30'), (1, '2026-04-13', null, null);
select * from free where provider_id = 1 and date = '2026-04-13';
-- A day that has no weekly window.
insert into clinic.availability_overrides (provider_id, on_date, start_time, end_time) values (1, '2026-04-15', '08:00', '08:30');
select * from free where provider_id = 1 order by 2;

-- It replaces the windows that *start* on the date: Sunday's night shift still has its tail on a closed Monday, and a
-- closed Sunday has no tail.
delete from clinic.availability_overrides;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (1, 7, '23:00', '01:00');
insert into clinic.availability_overrides (provider_id, on_date) values (1, '2026-04-13');
select slot_start from find_slots('Checkup', '2026-04-12', '2026-04-13', provider_id => 1, now => '2026-04-01') order by 1;
update clinic.availability_overrides set on_date = '2026-04-12';
select slot_start from find_slots('Checkup', '2026-04-12', '2026-04-13', provider_id => 1, now => '2026-04-01') order by 1 limit 1;
-- An override past midnight.
update clinic.availability_overrides set start_time = '23:30', end_time = '00:30';
select slot_start from find_slots('Checkup', '2026-04-12', '2026-04-13', provider_id => 1, now => '2026-04-01')
where slot_start < '2026-04-13 09:00' order by 1;
rollback;
