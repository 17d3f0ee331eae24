-- find_series(): the same time of day, later beginnings, and every rhythm.
\set SHOW_CONTEXT never
set timezone to 'UTC';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set time_zone = 'UTC', booking_horizon_days = 3660, slot_step_minutes = 30;
delete from clinic.provider_availability;
update clinic.providers set buffer_minutes = 0;
insert into clinic.appointment_types (name, duration_minutes) values ('Therapy', 60);
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (1, 1, '09:00', '17:00');
-- Others have week 1 at 14:00, week 2 at 11:00, week 3 at 16:00, week 4 at 09:00: 10:00 and 12:00 to 13:00 are free in all.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
select 1, 1, 2, 'x', tstzrange(d::timestamptz, null) from unnest(array['2027-04-12 14:00', '2027-04-19 11:00', '2027-04-26 16:00', '2027-05-03 09:00']) d;
create function test.series(preferred_from time default null, preferred_until time default null) returns text language sql as $$
  select string_agg(to_char(slot_start, 'MM-DD HH24:MI'), ', ' order by nth) from find_series('Therapy', 4, from_date => '2027-04-12', weekday => 1, preferred_from => $1, preferred_until => $2,
    max_alternatives => 0, now => '2027-04-01')
$$;
-- No wish; in the morning; at 10:00; at 12:30.
select test.series();
select test.series(preferred_until => '12:00');
select test.series(preferred_from => '10:00', preferred_until => '10:00');
select test.series(preferred_from => '12:30', preferred_until => '12:30');
-- 12:30 is taken in week 2: the nearest that all have.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 2, 'x', '[2027-04-19 12:30,2027-04-19 13:00)');
select test.series(preferred_from => '12:30', preferred_until => '12:30');
-- Every time of day is free in some week only: two times of day, not four.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values
  (1, 1, 2, 'x', '[2027-04-12 09:00,2027-04-12 13:30)'), (1, 1, 2, 'x', '[2027-05-03 13:00,2027-05-03 16:00)');
select test.series();

-- Rhythms. Workdays from 10:00 to 12:00, an hour each.
delete from clinic.bookings;
delete from clinic.provider_availability;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) select 1, d, '10:00', '12:00' from generate_series(1, 5) d;
create function test.dates(due_dates date[]) returns text language sql as $$ select string_agg(to_char(d, 'Dy MM-DD'), ', ' order by d) from unnest(due_dates) d $$;
-- Daily on workdays; Tuesdays and Wednesdays; the same every two weeks; 1st and 3rd Thursday; the last Friday of every other month; every 8 weeks.
select test.dates(array_agg(due_date)), count(distinct local_time) as times from find_series('Therapy', 7, weekdays => '{1,2,3,4,5}', from_date => '2027-04-15', max_alternatives => 0, now => '2027-04-01');
select test.dates(array_agg(due_date)) from find_series('Therapy', 4, weekdays => '{2,3}', from_date => '2027-04-15', max_alternatives => 0, now => '2027-04-01');
select test.dates(array_agg(due_date)) from find_series('Therapy', 4, every_weeks => 2, weekdays => '{2,3}', from_date => '2027-04-12', max_alternatives => 0, now => '2027-04-01');
select test.dates(array_agg(due_date)) from find_series('Therapy', 4, weekday => 4, weeks_of_month => '{1,3}', from_date => '2027-04-12', max_alternatives => 0, now => '2027-04-01');
select test.dates(array_agg(due_date)) from find_series('Therapy', 3, weekdays => '{5}', every_months => 2, weeks_of_month => '{-1}', from_date => '2027-04-12', max_alternatives => 0, now => '2027-04-01');
select test.dates(array_agg(due_date)) from find_series('Therapy', 3, every_weeks => 8, weekday => 1, from_date => '2027-04-12', max_alternatives => 0, now => '2027-04-01');
-- By dates: Saturday's is moved by a day, or there is none.
select nth, due_date, local_date, local_time from find_series('Therapy', due_dates => '{2027-04-14,2027-04-24,2027-05-20}', max_alternatives => 0, now => '2027-04-01');
select nth, due_date, local_date, local_time from find_series('Therapy', due_dates => '{2027-04-14,2027-04-24,2027-05-20}', max_alternatives => 0, flexible_days => 0, now => '2027-04-01');

-- The first two weeks are full: the series that starts later is found, unless it is not looked for.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  select 1, 1, 2, 'x', tstzrange(d + h * interval '1 hour', null) from generate_series(timestamptz '2027-04-12', '2027-04-23', '1 day') d, generate_series(10, 11) h where extract(isodow from d) < 6;
select test.dates(array_agg(local_date)) from find_series('Therapy', 3, from_date => '2027-04-12', max_alternatives => 0, now => '2027-04-01');
select test.dates(array_agg(local_date)) from find_series('Therapy', 3, from_date => '2027-04-12', search_weeks => 1, max_alternatives => 0, now => '2027-04-01');
select test.dates(array_agg(local_date)) from find_series('Therapy', 3, weekdays => '{2,4}', from_date => '2027-04-12', max_alternatives => 0, now => '2027-04-01');
-- Nowhere up to the horizon; not an hour longer than the day; and the one who got farthest is told.
update clinic.clinics set booking_horizon_days = 60;
select count(*) from find_series('Therapy', 8, from_date => '2027-04-12', now => '2027-04-01');
select count(*) from find_series('Therapy', 3, duration_minutes => 121, from_date => '2027-04-12', now => '2027-04-01');
select count(*) from find_series('Therapy', 3, duration_minutes => 120, from_date => '2027-04-12', max_alternatives => 0, now => '2027-04-01');
select count(*) from find_series('Therapy', 3, from_date => '2027-06-12', now => '2027-04-01');

-- Narrowed as find_slots() is.
insert into clinic.providers (name, specialty, buffer_minutes) values ('Berg', 'Physiotherapy', 0);
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) select 2, d, '08:00', '12:00' from generate_series(1, 5) d;
select string_agg(distinct provider_name, ' ') as providers, string_agg(distinct room_name, ' ') as rooms, min(local_time), max(local_time), count(*) > 10 as some
from find_series('Therapy', 3, from_date => '2027-05-03', specialty => 'physiotherapy', room_ids => '{2}', earliest_time => '08:30', latest_time => '09:00', max_alternatives => 100, now => '2027-04-01');

-- Bad input.
call test.refused($$select from find_series('Therapy', 3, weekday => 1, weekdays => '{1}')$$);
call test.refused($$select from find_series('Therapy', 3, weekdays => '{}')$$);
call test.refused($$select from find_series('Therapy', 3, weekdays => '{8}')$$);
call test.refused($$select from find_series('Therapy', 3, weekdays => '{1,2}', flexible_days => 1)$$);
call test.refused($$select from find_series('Therapy', 3, weeks_of_month => '{1}')$$);
call test.refused($$select from find_series('Therapy', 3, weekday => 1, every_months => 1)$$);
call test.refused($$select from find_series('Therapy', 3, weekday => 1, every_months => 13, weeks_of_month => '{1}')$$);
call test.refused($$select from find_series('Therapy', 3, weekday => 1, weeks_of_month => '{}')$$);
call test.refused($$select from find_series('Therapy', 3, weekday => 1, weeks_of_month => '{1,6}')$$);
call test.refused($$select from find_series('Therapy', 3, weekday => 1, every_weeks => 1, weeks_of_month => '{1}')$$);
call test.refused($$select from find_series('Therapy', 2, due_dates => '{2027-04-14}')$$);
call test.refused($$select from find_series('Therapy', due_dates => '{}')$$);
call test.refused($$select from find_series('Therapy', due_dates => '{2027-04-14,2027-04-14}')$$);
call test.refused($$select from find_series('Therapy', due_dates => '{2027-04-14,infinity}')$$);
call test.refused($$select from find_series('Therapy', due_dates => '{2027-04-14,2200-01-01}')$$);
call test.refused($$select from find_series('Therapy', due_dates => '{2027-04-14}', weekday => 1)$$);
call test.refused($$select from find_series('Therapy', due_dates => '{2027-04-14}', every_weeks => 1)$$);
call test.refused($$select from find_series('Therapy', 3, search_weeks => -1)$$);
call test.refused($$select from find_series('Therapy', 3, search_weeks => 523)$$);
call test.refused($$select from find_series('Therapy', 3, provider_ids => '{1,99}', from_date => '2190-01-01')$$);
-- A Monday without a place: the series is looked for later, moves off the date, or leaves it out and goes on. A list ends sooner.
insert into clinic.time_off (during, reason) values ('[2029-04-02,2029-04-03)', 'Easter Monday');
create function test.mondays(flexible_days integer, max_left_out integer, due_dates date[] default null) returns text language sql as $$
  select string_agg(to_char(slot_start, 'Dy MM-DD'), ', ' order by nth) from find_series('Therapy', case when $3 is null then 3 end, from_date => '2029-03-26',
    weekday => case when $3 is null then 1 end, flexible_days => $1, max_left_out => $2, due_dates => $3, max_alternatives => 0, now => '2029-03-01')
$$;
select test.mondays(0, 0);
select test.mondays(0, 1);
select test.mondays(0, 1, '{2029-03-26,2029-04-02,2029-04-09}');
select test.mondays(0, 0, '{2029-03-26,2029-04-02,2029-04-09}');
select test.mondays(0, 1, '{2029-04-02}');
call test.refused($$select from find_series('Therapy', 3, max_left_out => -1)$$);
call test.refused($$select from find_series('Therapy', 3, max_left_out => 53)$$);
call test.refused($$select from find_series(appointment_types => '{Therapy,Therapy}', min_days => '{7}', max_left_out => 1)$$);
rollback;
