-- Public holidays close what isn't marked open.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660, slot_step_minutes = 60;
update clinic.appointment_types set duration_minutes = 60;
delete from clinic.provider_availability;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) select 1, d, '09:00', '12:00' from generate_series(1, 7) d;
create function pg_temp.starts(from_date date, to_date date) returns table (date date, starts text) language sql as $$
  select slot_start::date, string_agg(to_char(slot_start, 'HH24'), ' ' order by slot_start) from find_slots('Checkup', from_date, to_date, now => '2026-06-20') group by 1 order by 1
$$;

-- Once, and every year: before that year, too.
insert into clinic.holidays (on_date, name) values ('2027-03-29', 'Easter Monday');
insert into clinic.holidays (on_date, name, is_yearly) values ('2027-12-25', 'Christmas Day', true), ('2028-02-29', 'Leap day', true);
select * from pg_temp.starts('2027-03-28', '2027-03-30');
select * from pg_temp.starts('2028-03-29', '2028-03-29');
select * from pg_temp.starts('2026-12-24', '2026-12-26');
select * from pg_temp.starts('2028-12-24', '2028-12-26');
-- The leap day in leap years only.
select * from pg_temp.starts('2027-02-27', '2027-03-01');
select * from pg_temp.starts('2028-02-28', '2028-03-01');
-- Why not, at a start and for a day; it can't be booked, but with a reason.
select code, sentence from explain_slots('Checkup', slot_start => '2026-12-25 10:00', now => '2026-06-20');
select code, sentence from explain_slots('Checkup', on_date => '2026-12-25', now => '2026-06-20');
call test.refused($$select book_slot('Checkup', 1, 1, '2034-12-25 09:00', 'Ann')$$);
select slot_start from book_slot('Checkup', 1, 1, '2034-12-25 09:00', 'Ann', override_reason => 'emergency');
-- The next after it is the day after; a weekly series says where it stops.
select slot_start from next_available('Checkup', from_date => '2026-12-25', now => '2026-06-20', max_results => 1);

-- What is marked open: windows, and the overrides of a date.
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time, open_on_holidays) select 1, d, '10:00', '11:00', true from generate_series(1, 7) d;
select * from pg_temp.starts('2026-12-24', '2026-12-26');
select code, sentence from explain_slots('Checkup', slot_start => '2026-12-25 11:00', now => '2026-06-20');
insert into clinic.availability_overrides (provider_id, on_date, start_time, end_time) values (1, '2026-12-25', '14:00', '16:00');
select * from pg_temp.starts('2026-12-24', '2026-12-26');
select code, sentence from explain_slots('Checkup', slot_start => '2026-12-25 11:00', now => '2026-06-20');
delete from clinic.availability_overrides;
delete from clinic.provider_availability where open_on_holidays;
-- A night that begins the evening before goes on; one of the holiday doesn't begin. By the clinic's date, also of a window of another clock.
update clinic.provider_availability set start_time = '22:00', end_time = '02:00';
select * from pg_temp.starts('2026-12-24', '2026-12-26');
update clinic.provider_availability set start_time = '18:00', end_time = '20:00', time_zone = 'America/New_York';
select * from pg_temp.starts('2026-12-24', '2026-12-26');
update clinic.provider_availability set start_time = '09:00', end_time = '12:00', time_zone = null;
-- Reports know them; what is booked stays.
select local_date, starts_at, ends_at from provider_openings('2026-12-24', '2026-12-26');
select grouped_name, open_minutes from utilization('2026-12-24', '2026-12-26', now => '2026-06-20');
select code from explain_slots('Checkup', slot_start => '2034-12-25 09:00', booking_id => 1, now => '2034-12-01');
-- Each clinic has its own.
insert into clinic.clinics (name, time_zone) values ('Other', 'UTC');
insert into clinic.holidays (clinic_id, on_date, name) values (2, '2026-12-23', 'Festivus');
set local pg_clinic.clinic_id = 1;
select * from pg_temp.starts('2026-12-23', '2026-12-23');

-- What can't be meant.
call test.violates($$insert into clinic.holidays (on_date, name) values ('2027-12-25', 'Again')$$);
call test.violates($$insert into clinic.holidays (on_date, name) values ('infinity', 'Never')$$);
call test.violates($$insert into clinic.holidays (on_date, name) values ('2027-05-01', ' ')$$);
call test.violates($$insert into clinic.holidays (clinic_id, on_date, name) values (99, '2027-05-01', 'Labor Day'); set constraints all immediate$$);
rollback;
