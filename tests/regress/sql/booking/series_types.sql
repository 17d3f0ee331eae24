-- Types in sequence: dose 2 so many days after dose 1, together or not at all.
\set SHOW_CONTEXT never
set timezone to 'UTC';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set time_zone = 'UTC', booking_horizon_days = 3660, slot_step_minutes = 60;
delete from clinic.provider_availability;
insert into clinic.providers (name) values ('Baer');
insert into clinic.appointment_types (name, duration_minutes) values ('Dose 1', 15), ('Dose 2', 30), ('Booster', 45);
-- Dr. Weber is there on Mondays, Baer on Thursdays.
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (1, 1, '10:00', '12:00'), (2, 4, '10:00', '12:00');
create function test.doses(min_days integer[], max_days integer[] default null, types text[] default '{Dose 1,Dose 2}', weeks integer default null)
  returns setof text language sql as $$
  select concat_ws(' ', nth || '.' || choice, appointment_type, to_char(slot_start, 'Dy MM-DD HH24:MI'), extract(epoch from slot_end - slot_start)::int / 60, 'p' || provider_id, 'due', to_char(due_date, 'MM-DD'), days_off_due)
  from find_series(appointment_types => $3, min_days => $1, max_days => $2, from_date => '2027-04-12', max_alternatives => 1, search_weeks => $4, now => '2027-04-01')
$$;
-- Three to four weeks later, with the same provider; exactly five days need two.
select * from test.doses('{21}', '{28}');
select * from test.doses('{3}');
-- Three in a row; a week without a place for the second gives way to the next.
select * from test.doses('{21,150}', '{28,180}', '{Dose 1,Dose 2,Booster}');
insert into clinic.time_off (during, reason) values ('[2027-05-03,2027-05-17)', 'Holidays');
select * from test.doses('{21}', '{28}');
select * from test.doses('{21}', '{28}', weeks => 0);
select * from test.doses('{1}');
-- Found and booked: one series, of two types.
with best as (
  select * from find_series(appointment_types => '{Dose 1,Dose 2}', min_days => '{21}', max_days => '{28}', from_date => '2027-04-12', max_alternatives => 0, now => '2027-04-01'))
select b.series_id, b.appointment_type, b.slot_start, b.slot_end, b.request_id
from (select array_agg(appointment_type order by nth) as types, array_agg(provider_id order by nth) as providers, array_agg(room_id order by nth) as rooms, array_agg(slot_start order by nth) as starts from best) s,
  lateral book_series(appointment_types => s.types, provider_ids => s.providers, room_ids => s.rooms, slot_starts => s.starts, patient_name => 'Ann', patient_id => 'ann', request_id => 'doses') b;
select appointment_type, slot_start, status from cancel_series(1, reason => 'no vaccine');
-- What it can't be.
select format('call test.refused(%L)', 'select * from find_series(' || args || ')') from unnest(array[
  $$appointment_types => '{Dose 1}', min_days => '{}'$$,
  $$appointment_types => '{}', min_days => '{}'$$,
  $$appointment_types => '{Dose 1,null}', min_days => '{21}'$$,
  $$appointment_types => '{Dose 1,Dose 9}', min_days => '{21}'$$,
  $$appointment_types => '{Dose 1,Dose 2}'$$,
  $$appointment_types => '{Dose 1,Dose 2}', min_days => '{21,21}'$$,
  $$appointment_types => '{Dose 1,Dose 2}', min_days => '{21}', max_days => '{}'$$,
  $$appointment_types => '{Dose 1,Dose 2}', min_days => '{21}', max_days => '{20}'$$,
  $$appointment_types => '{Dose 1,Dose 2}', min_days => '{0}'$$,
  $$appointment_types => '{Dose 1,Dose 2}', min_days => '{21}', max_days => '{2147483647}'$$,
  $$appointment_types => '{Dose 1,Dose 2}', min_days => '{21}', count => 3$$,
  $$'Dose 1', appointment_types => '{Dose 1,Dose 2}', min_days => '{21}'$$,
  $$appointment_types => '{Dose 1,Dose 2}', min_days => '{21}', weekday => 1$$,
  $$'Dose 1', 2, min_days => '{21}'$$]) args \gexec
select format('call test.refused(%L)', 'select * from book_series(provider_ids => ''{1}'', room_ids => ''{1}'', slot_starts => ''{2027-05-24 10:00}'', patient_name => ''A'', ' || args || ')') from unnest(array[
  $$appointment_types => '{}'$$,
  $$appointment_types => '{Dose 1,Dose 2}'$$,
  $$appointment_types => '{Dose 1}', appointment_type => 'Dose 1'$$,
  $$appointment_types => '{Dose 9}'$$]) args \gexec
rollback;
