-- clinic.daily_utilization: utilization(), a row for each provider and date around today.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
begin;
call test.clinic();
-- Dates around today have no fixed names, so what is shown is relative to today.
create temp view today as select (now() at time zone time_zone)::date as today from clinic.clinics where id = 1;
delete from clinic.provider_availability;
insert into clinic.providers (name, buffer_minutes) values ('Berg', 0);
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
-- Open every day from 20:00 to 02:00, so that bookings of the small hours count to the date before; Berg is closed.
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) select 1, day, '20:00', '02:00' from generate_series(1, 7) day;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  select 1, 1, 1, 'A', tstzrange((today + n + time '21:00') at time zone 'Europe/Berlin', (today + n + time '22:00') at time zone 'Europe/Berlin')
  from today, unnest(array[-91, -90, -1, 0, 30, 31]) n
  union all
  select 1, 1, 1, 'B', tstzrange((today + 6 + time '00:30') at time zone 'Europe/Berlin', (today + 6 + time '01:00') at time zone 'Europe/Berlin') from today
  union all
  select 2, 2, 1, 'C', tstzrange((today + 5 + time '09:00') at time zone 'Europe/Berlin', (today + 5 + time '09:30') at time zone 'Europe/Berlin') from today;
select local_date - today as day, provider_id, provider_name, booked_minutes, outside_minutes, utilization is null as nothing_open
from clinic.daily_utilization, today where booked_minutes > 0 or outside_minutes > 0 order by 1, 2;
select min(local_date) - min(today) as first, max(local_date) - min(today) as last, count(*) as rows, count(distinct local_date) as dates
from clinic.daily_utilization, today;
-- It answers as the function does.
select count(*) as rows, count(*) filter (where v.provider_id is null or u.grouped_id is null) as missing,
  count(*) filter (where (v.provider_name, v.open_minutes, v.booked_minutes, v.overbooked_minutes, v.outside_minutes, v.utilization)
    is distinct from (u.grouped_name, u.open_minutes, u.booked_minutes, u.overbooked_minutes, u.outside_minutes, u.utilization)) as other
from today join lateral (select * from utilization(today - 90, today + 30) where grouped_by = 'provider') u on true
  full join clinic.daily_utilization v on v.local_date = u.local_date and v.provider_id = u.grouped_id;
-- So it does where a booking runs past midnight into the next date's opening.
savepoint midnight;
update clinic.provider_availability set start_time = '00:00', end_time = '24:00';
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  select 1, 1, 1, 'D', tstzrange((today + 10 + time '23:45') at time zone 'Europe/Berlin', null, '[)') from today;
select local_date - today as day, booked_minutes, outside_minutes from clinic.daily_utilization, today
where local_date - today in (10, 11) and provider_id = 1 order by 1;
rollback to midnight;
-- A date is computed alone.
create function pg_temp.calls(query text) returns text language plpgsql as $$
declare
  line text;
begin
  for line in execute 'explain (analyze, costs off, timing off, summary off) ' || query loop
    if line like '%Function Scan on utilization%' then return substring(line from 'loops=\d+'); end if;
  end loop;
end $$;
select pg_temp.calls('select * from clinic.daily_utilization');
select pg_temp.calls(format('select * from clinic.daily_utilization where local_date between %L and %L', today - 2, today)) from today;
-- Each clinic has its own today and its own providers.
select init_clinic('Kiritimati clinic', 'Pacific/Kiritimati');
insert into clinic.providers (clinic_id, id, name) values (2, 21, 'Ames');
insert into clinic.provider_availability (clinic_id, provider_id, day_of_week, start_time, end_time) select 2, 21, day, '09:00', '10:00' from generate_series(1, 7) day;
select clinic_id, provider_name, count(*), max(local_date) - (now() at time zone 'Pacific/Kiritimati')::date as last
from clinic.daily_utilization where clinic_id = 2 group by 1, 2;
rollback;
