-- The clinic that every client finds: Dr. Adams is there on Mondays, Dr. Baker on Tuesdays for one patient a day.
-- Its zone has no daylight saving, so that the scenario can write times with their offset in every season.
\set ON_ERROR_STOP on
set client_min_messages to warning;
create extension pg_clinic cascade;
select init_clinic('Harbor Clinic', 'Asia/Kolkata');

insert into clinic.providers (name, max_daily_appointments) values ('Dr. Adams', 20), ('Dr. Baker', 1);
insert into clinic.rooms (name, room_type) values ('Room 1', 'exam');
insert into clinic.appointment_types (name, duration_minutes, required_room_type) values ('General Checkup', 30, 'exam');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values
  (1, 1, '09:00', '12:00'), (2, 2, '09:00', '12:00');

-- The dates of the scenario, as text: functions that book know no other "now" than the clock's.
create view public.scenario_dates as
  select to_char(monday, 'YYYY-MM-DD') as monday, to_char(monday + 1, 'YYYY-MM-DD') as tuesday,
    to_char(monday + 7, 'YYYY-MM-DD') as next_monday, to_char(monday + 14, 'YYYY-MM-DD') as third_monday
  from (select date_trunc('week', now() + interval '14 days')::date as monday) as first;
