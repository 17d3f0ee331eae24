-- Windows by the clock of another zone: a provider who works from elsewhere.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set time_zone = 'Europe/Madrid', booking_horizon_days = 3660, slot_step_minutes = 60;
update clinic.appointment_types set duration_minutes = 60;
update clinic.providers set buffer_minutes = 0;
delete from clinic.provider_availability;
create function pg_temp.starts(from_date date, to_date date) returns text language sql as $$
  select coalesce(string_agg(to_char(slot_start at time zone 'Europe/Madrid', 'DD Mon HH24:MI'), ', ' order by slot_start), 'none')
  from find_slots('Checkup', from_date, to_date, now => '2026-06-20')
$$;

-- 06:00 to 10:00 in Guayaquil, where the clocks never change: later in Madrid's summer.
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time, time_zone)
  values (1, 3, '06:00', '10:00', 'America/Guayaquil');
select pg_temp.starts('2027-02-10', '2027-02-10') as winter, pg_temp.starts('2027-07-14', '2027-07-14') as summer;
-- The session's zone changes nothing.
select count(distinct starts) as answers from unnest('{UTC,America/Sao_Paulo,Pacific/Kiritimati,Asia/Kathmandu}'::text[]) as zone,
  lateral (select set_config('timezone', zone, true), string_agg(extract(epoch from slot_start)::text, ',' order by slot_start) as starts
    from find_slots('Checkup', '2027-07-14', now => '2026-06-20')) as s;
set local timezone to 'Europe/Berlin';

-- Far east a Thursday begins on Madrid's Wednesday, far west it ends on Madrid's Friday. Dates are the clinic's where they are
-- asked for and replaced, and the window's own in its weekday and its weeks.
update clinic.provider_availability set time_zone = 'Pacific/Kiritimati', day_of_week = 4, start_time = '06:00', end_time = '08:00';
select pg_temp.starts('2027-02-08', '2027-02-14');
update clinic.provider_availability set time_zone = 'Pacific/Niue', start_time = '22:00', end_time = '24:00';
select pg_temp.starts('2027-02-08', '2027-02-14');
update clinic.provider_availability set every_weeks = 2, valid_from = '2027-02-01';
select pg_temp.starts('2027-02-01', '2027-02-28');
update clinic.provider_availability set every_weeks = 1, valid_until = '2027-02-11';
select pg_temp.starts('2027-02-01', '2027-02-28');
insert into clinic.availability_overrides (provider_id, on_date, start_time, end_time) values (1, '2027-02-12', '14:00', '15:00');
select pg_temp.starts('2027-02-01', '2027-02-28');
select code, sentence from explain_slots('Checkup', slot_start => '2027-02-13 10:00 Europe/Madrid', now => '2026-06-20');

-- A name that is none.
call test.violates($$update clinic.provider_availability set time_zone = 'CEST'$$);
call test.violates($$update clinic.provider_availability set time_zone = 'Mars/Olympus'$$);
call test.violates($$update clinic.provider_availability set time_zone = ''$$);
-- A zone that got in without its CHECK.
alter table clinic.provider_availability drop constraint provider_availability_time_zone;
update clinic.provider_availability set time_zone = 'Mars/Olympus';
call test.refused($$select * from find_slots('Checkup', '2027-02-12', now => '2026-06-20')$$);
rollback;
