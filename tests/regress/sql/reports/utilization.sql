-- utilization(): booked minutes / open minutes, by provider or room and date.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
set extra_float_digits to 0;
begin;
call test.clinic();
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.appointment_types (name, duration_minutes) values ('Surgery', 60);
insert into clinic.overbooking_rules (max_overbook) values (3);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status, is_overbooked) values
  (1, 1, 1, 'A', '[2026-04-13 09:00,)', 'fulfilled', false),
  -- Beside A for 15 of its 30 minutes: booked once.
  (1, 2, 1, 'B', '[2026-04-13 09:15,)', 'booked', true),
  -- Neither takes time.
  (1, 1, 1, 'C', '[2026-04-13 10:00,)', 'noshow', false), (1, 1, 1, 'D', '[2026-04-13 10:30,)', 'cancelled', false),
  -- Half an hour of it after closing.
  (1, 1, 2, 'E', '[2026-04-13 11:30,)', 'booked', false);
-- 180 open; A and B are 45, E 30 of its 60.
select * from utilization('2026-04-13', now => '2026-04-01');
select * from utilization('2026-04-13', group_by => 'room', now => '2026-04-01');
select * from utilization('2026-04-13', '2026-04-13', 'room', null, 2, '2026-04-01');
-- A hold takes time until it expires.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, during, status, hold_expires_at)
  values (1, 1, 1, '[2026-04-13 10:10,)', 'pending', '2035-01-01 12:00');
select grouped_name, booked_minutes from utilization('2026-04-13', now => '2035-01-01 11:59');
select grouped_name, booked_minutes from utilization('2026-04-13', now => '2035-01-01 12:00');
-- Time off takes opening away; what is booked in it is outside.
insert into clinic.time_off (provider_id, during) values (1, '[2026-04-13 09:00, 2026-04-13 10:00)');
select * from utilization('2026-04-13', now => '2026-04-01');
-- Nothing is open: no utilization. Dates with neither opening nor bookings have no row.
insert into clinic.availability_overrides (provider_id, on_date) values (1, '2026-04-13');
select * from utilization('2026-04-10', '2026-04-19', now => '2026-04-01');
delete from clinic.time_off;
delete from clinic.availability_overrides;
-- Totals are sums divided, not rates averaged.
select grouped_name, sum(booked_minutes) / sum(open_minutes) as utilization
from utilization('2026-04-01', '2026-04-30', now => '2026-04-01') where grouped_by = 'provider' group by 1;

-- A night is one date, whatever date its bookings start on; so is what of them is outside the opening.
delete from clinic.provider_availability;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (1, 1, '20:00', '02:00');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status) values
  (1, 1, 1, 'F', '[2026-04-20 23:45,)', 'booked'), (1, 1, 2, 'G', '[2026-04-21 01:30,)', 'booked');
select local_date, during from clinic.bookings where patient_name in ('F', 'G') order by 2;
select * from utilization('2026-04-20', now => '2026-04-01');
select * from utilization('2026-04-21', now => '2026-04-01');

-- Open round the clock: a booking across midnight is within the opening of two dates, for whichever of them is asked.
savepoint midnight;
delete from clinic.bookings;
delete from clinic.provider_availability;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) select 1, day, '00:00', '24:00' from generate_series(1, 7) day;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status) values
  (1, 1, 1, 'N', '[2026-04-20 23:45,)', 'booked');
select local_date, booked_minutes, outside_minutes from utilization('2026-04-20', '2026-04-21', now => '2026-04-01');
select local_date, booked_minutes, outside_minutes from utilization('2026-04-20', now => '2026-04-01');
select local_date, booked_minutes, outside_minutes from utilization('2026-04-21', now => '2026-04-01');
select local_date, booked_minutes, outside_minutes from utilization('2026-04-20', group_by => 'room', now => '2026-04-01');
-- The next date's time off is outside.
insert into clinic.time_off (provider_id, during) values (1, '[2026-04-21 00:05, 2026-04-21 01:00)');
select local_date, booked_minutes, outside_minutes from utilization('2026-04-20', now => '2026-04-01');
select local_date, booked_minutes, outside_minutes from utilization('2026-04-20', '2026-04-21', now => '2026-04-01');
-- A window past midnight has bookings of the next date that end a date later.
delete from clinic.time_off;
delete from clinic.bookings;
update clinic.provider_availability set start_time = '23:50', end_time = '23:40' where day_of_week = 1;
delete from clinic.provider_availability where day_of_week = 2;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status) values
  (1, 1, 2, 'O', '[2026-04-21 23:30,)', 'booked');
select local_date, booked_minutes, outside_minutes from utilization('2026-04-20', now => '2026-04-01');
select local_date, booked_minutes, outside_minutes from utilization('2026-04-20', '2026-04-22', now => '2026-04-01');
rollback to midnight;

-- The days on which clocks change: 23 and 25 hours, and bookings in the hour that comes twice.
delete from clinic.provider_availability;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (1, 7, '00:00', '24:00');
update clinic.providers set max_daily_appointments = 50;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values
  -- From 01:45 to 03:45 on the wall, an hour.
  (1, 1, 2, 'H', '[2026-03-29 01:45+01,)'),
  (1, 1, 1, 'I', '[2026-10-25 02:15+02,)'), (1, 1, 1, 'J', '[2026-10-25 02:15+01,)'),
  -- Runs past midnight, out of the opening.
  (1, 1, 2, 'K', '[2026-10-25 23:30+01,)');
select local_date, open_minutes, booked_minutes, outside_minutes, utilization
from utilization('2026-03-28', '2026-03-30', now => '2026-03-01');
select local_date, open_minutes, booked_minutes, outside_minutes, utilization
from utilization('2026-10-24', '2026-10-26', now => '2026-03-01');

-- Against counting single minutes in SQL, over both changes: provider and room.
delete from clinic.bookings;
delete from clinic.provider_availability;
insert into clinic.providers (name, buffer_minutes, max_daily_appointments) values ('Baer', 0, 100);
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time)
  select 1, day, time '22:30', time '03:30' from generate_series(1, 7) day union all
  select 2, day, time '01:10', time '04:50' from generate_series(1, 7) day;
insert into clinic.time_off (provider_id, room_id, during) values
  (1, null, '[2026-03-29 00:10, 2026-03-29 00:40)'), (null, 1, '[2026-10-25 00:00+02, 2026-10-25 01:30+01)');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  select 1 + n % 2, 1 + n % 2, 1, 'P', tstzrange(start + n * interval '47 minutes', null, '[)')
  from unnest(array['2026-03-28 20:00+01', '2026-10-24 20:00+02']::timestamptz[]) start, generate_series(0, 40) n;
create temp view minute as
  select at, (at at time zone 'Europe/Berlin')::time as wall, (at at time zone 'Europe/Berlin')::date as date
  from unnest(array['2026-03-27 12:00', '2026-10-23 12:00']::timestamptz[]) start,
    lateral generate_series(start, start + interval '5 days', interval '1 minute') at;
create temp view open_minute as
  select 1 as provider, at, case when wall < '12:00' then date - 1 else date end as local_date from minute
  where (wall >= '22:30' or wall < '03:30') and not exists (
    select from clinic.time_off o where o.provider_id = 1 and o.during @> at)
  union all
  select 2, at, date from minute where wall >= '01:10' and wall < '04:50';
-- Minutes of 02:00 to 03:00 come twice in autumn; the wall's minutes are all there are, so the views need no exception.
create temp view expected as
  select provider, local_date, count(*) as open,
    count(*) filter (where exists (select from clinic.bookings b where b.provider_id = provider and b.during @> at)) as booked
  from open_minute group by 1, 2;
with found as (
  select grouped_id as provider, local_date, open_minutes as open, booked_minutes as booked
  from utilization('2026-03-28', '2026-03-30', now => '2026-03-01') where open_minutes > 0 and grouped_by = 'provider'
  union all
  select grouped_id, local_date, open_minutes, booked_minutes
  from utilization('2026-10-24', '2026-10-26', now => '2026-03-01') where open_minutes > 0 and grouped_by = 'provider')
select count(*) as days, sum(f.open) as open, sum(f.booked) as booked,
  count(*) filter (where f.open <> e.open or f.booked <> e.booked) as wrong
from found f join expected e using (provider, local_date);
-- Nothing is lost: what is booked is either in the opening or outside.
select u.minutes - b.minutes as lost from
  (select sum(booked_minutes + outside_minutes) as minutes from utilization('2026-03-26', '2026-11-10', now => '2026-03-01') where grouped_by = 'all') u,
  (select sum(extract(epoch from upper(during) - lower(during)) / 60) as minutes from clinic.bookings) b;
select u.minutes - b.minutes as lost from
  (select sum(booked_minutes + outside_minutes) as minutes from utilization('2026-03-26', '2026-11-10', 'room', now => '2026-03-01') where grouped_by = 'all') u,
  (select sum(extract(epoch from upper(during) - lower(during)) / 60) as minutes from clinic.bookings) b;
-- By weekday, week, month and hour: the dates' rows added up, and the hours' minutes counted. The row of all is the same for each.
create temp table word as select unnest('{weekday,week,month}'::text[]) as word;
create temp table shown as select w.word, u.* from word w, utilization('2026-03-26', '2026-11-10', w.word, now => '2026-03-01') u;
create temp table naive as select word, case word when 'weekday' then trim(to_char(local_date, 'Day')) when 'week' then to_char(local_date, 'IYYY-"W"IW') else to_char(local_date, 'YYYY-MM') end as name,
    sum(open_minutes) as open, sum(booked_minutes) as booked, sum(overbooked_minutes) as overbooked, sum(outside_minutes) as outside
  from word, utilization('2026-03-26', '2026-11-10', now => '2026-03-01') where grouped_by = 'provider' group by 1, 2;
select word, count(*) as rows, count(*) filter (where open = open_minutes and booked = booked_minutes and overbooked = overbooked_minutes and outside = outside_minutes
  and abs(coalesce(utilization_percent, 0) - coalesce(100 * booked / nullif(open, 0), 0)) <= 0.005) as equal
from naive full join (select * from shown where grouped_by <> 'all') s using (word) where grouped_name is not distinct from name group by 1 order by 1;
select count(distinct (open_minutes, booked_minutes, outside_minutes, utilization)) as totals from
  (select * from shown union all select 'hour', u.* from utilization('2026-03-26', '2026-11-10', 'hour', now => '2026-03-01') u
   union all select 'provider', u.* from utilization('2026-03-26', '2026-11-10', now => '2026-03-01') u) t where grouped_by = 'all';
create temp view hour_expected as
  select to_char(at at time zone 'Europe/Berlin', 'HH24:00') as grouped_name, count(*) as open,
    count(*) filter (where exists (select from clinic.bookings b where b.provider_id = provider and b.during @> at)) as booked
  from open_minute where local_date between '2026-03-28' and '2026-03-30' group by 1;
select grouped_by, grouped_id, grouped_name, open_minutes, booked_minutes, outside_minutes, utilization, utilization_percent, open = open_minutes and booked = booked_minutes as equal
from utilization('2026-03-28', '2026-03-30', 'hour', now => '2026-03-01') left join hour_expected using (grouped_name) order by grouped_id nulls first;
-- The week of one provider, of one room.
select grouped_name, open_minutes, booked_minutes, utilization_percent from utilization('2026-03-28', '2026-03-30', 'week', provider_id => 2, now => '2026-03-01');
select grouped_name, open_minutes, booked_minutes, utilization_percent from utilization('2026-03-28', '2026-03-30', 'week', room_id => 2, now => '2026-03-01');
-- Names as the other reports have them.
update clinic.bookings set status = 'noshow';
select count(*) as groups, bool_and(exists (select from no_show_rates('2026-03-20', '2026-11-20', word, '2027-01-01') n where n.grouped_id = u.grouped_id and n.grouped_name = u.grouped_name)) as same_names
from (select * from word union select 'hour') w, lateral (select * from utilization('2026-03-28', '2026-10-26', word, now => '2026-03-01') where grouped_by <> 'all') u
where exists (select from no_show_rates('2026-03-20', '2026-11-20', word, '2027-01-01') n where n.grouped_id = u.grouped_id);
rollback;
