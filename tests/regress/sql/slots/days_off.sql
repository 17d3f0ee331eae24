-- Time off by dates: the days begin and end by the clinic's clock, whatever the client's is.
\set SHOW_CONTEXT never
set timezone to 'Pacific/Kiritimati';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
delete from clinic.provider_availability;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) select 1, d, '00:00', '24:00' from generate_series(1, 7) d;

-- From a client far away: the same two days, as from one at the desk.
insert into clinic.time_off (provider_id, from_date, to_date, reason) values (1, '2026-04-14', '2026-04-15', 'congress') returning during;
set timezone to 'Europe/Berlin';
select during, starts_at, ends_at, from_date, to_date from clinic.time_off;
select slot_start::date as date, count(*), min(slot_start)::time as first, max(slot_end)::time as last
from find_slots('Checkup', '2026-04-13', '2026-04-16', now => '2026-04-01') group by 1 order by 1;
select code, sentence from explain_slots('Checkup', slot_start => '2026-04-15 23:30', now => '2026-04-01');

-- Days of 23 and 25 hours, and the dates moved: during follows, also where it is written.
update clinic.time_off set from_date = '2026-03-29', to_date = '2026-03-29' returning during, ends_at - starts_at as length;
update clinic.time_off set from_date = '2026-10-25', to_date = '2026-10-25' returning during, ends_at - starts_at as length;
update clinic.time_off set during = '[2026-01-01, 2026-01-02)' returning during;
-- Without dates during is what is written.
update clinic.time_off set from_date = null, to_date = null, during = '[2026-01-01, 2026-01-02)' returning during, from_date;
-- Of a room, of staff, and of the whole clinic.
insert into clinic.staff (name) values ('Ana');
insert into clinic.time_off (room_id, staff_id, from_date, to_date) values (1, null, '2026-04-13', '2026-04-13'), (null, 1, '2026-04-13', '2026-04-13'), (null, null, '2026-04-13', '2026-04-13')
returning room_id, staff_id, during;
-- By the clock of each clinic: around the world, midnights that come twice or never, and dates that never were.
delete from clinic.time_off;
create procedure pg_temp.off(zone text, from_date date, to_date date) language plpgsql as $$
declare clinic bigint; off tstzrange;
begin
  insert into clinic.clinics (name, time_zone) values (zone || from_date, zone) returning id into clinic;
  insert into clinic.time_off (clinic_id, from_date, to_date) values (clinic, $2, $3) returning during into off;
  raise info '% % to %: % to % UTC, %', zone, $2, $3, lower(off) at time zone 'UTC', upper(off) at time zone 'UTC', upper(off) - lower(off);
end $$;
call pg_temp.off('UTC', '2026-04-13', '2026-04-13');
call pg_temp.off('Pacific/Kiritimati', '2026-04-13', '2026-04-13');
call pg_temp.off('America/Los_Angeles', '2026-04-13', '2026-04-14');
call pg_temp.off('America/Havana', '2026-03-08', '2026-03-08');
call pg_temp.off('America/Havana', '2026-11-01', '2026-11-01');
call pg_temp.off('Pacific/Apia', '2011-12-29', '2011-12-31');
call pg_temp.off('UTC', '1900-01-01', '2199-12-31');
call test.violates($$call pg_temp.off('Pacific/Apia', '2011-12-30', '2011-12-30')$$);

-- What can't be meant.
set local pg_clinic.clinic_id = 1;
call test.violates($$insert into clinic.time_off (from_date, to_date) values ('2026-04-15', '2026-04-14')$$);
call test.violates($$insert into clinic.time_off (from_date) values ('2026-04-15')$$);
call test.violates($$insert into clinic.time_off (to_date) values ('2026-04-15')$$);
call test.violates($$insert into clinic.time_off (from_date, to_date) values ('-infinity', '2026-04-15')$$);
call test.violates($$insert into clinic.time_off (from_date, to_date) values ('2026-04-15', 'infinity')$$);
call test.violates($$insert into clinic.time_off (from_date, to_date) values ('1899-12-31', '1900-01-01')$$);
call test.violates($$insert into clinic.time_off (from_date, to_date) values ('5874897-12-31', '5874897-12-31')$$);
call test.violates($$insert into clinic.time_off (clinic_id, from_date, to_date) values (99, '2026-04-15', '2026-04-15'); set constraints all immediate$$);
call test.violates('insert into clinic.time_off default values');

-- The clinic's time zone stays while there are such days.
insert into clinic.time_off (from_date, to_date) values ('2026-04-15', '2026-04-15');
call test.refused($$update clinic.clinics set time_zone = 'America/New_York' where id = 1$$);
delete from clinic.time_off where clinic_id = 1;
update clinic.clinics set time_zone = 'America/New_York' where id = 1;
rollback;
