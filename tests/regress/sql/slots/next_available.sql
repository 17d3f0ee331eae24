-- next_available: the first slots at all, earliest first, forward to the horizon.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

insert into clinic.providers (name) values ('Berg');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 3, '10:00', '10:30');

-- From Tuesday on: Berg's Wednesday first, then Adler's Monday; five unless told otherwise.
select slot_start, provider_id, quality_score from next_available('Checkup', '2026-04-14', now => '2026-04-01');
select slot_start, provider_id from next_available(null, '2026-04-14', max_results => 2, now => '2026-04-01', appointment_type_id => 1);
-- Of one start the better first.
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '09:30');
select slot_start, provider_id, quality_score from next_available(
  'Checkup', '2026-04-20', max_results => 3, preferred_from => '09:00', preferred_until => '09:00', now => '2026-04-01');
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (2, 2, 1, 'A', '[2026-04-20 10:00,)');
select slot_start, provider_id, room_id, quality_score from next_available('Checkup', '2026-04-20', max_results => 3, now => '2026-04-01');
-- Filters.
select slot_start, provider_id from next_available('Checkup', '2026-04-14', provider_id => 1, max_results => 1, now => '2026-04-01');
select slot_start, room_id from next_available('Checkup', '2026-04-14', room_id => 2, max_results => 1, now => '2026-04-01');

-- It is the beginning of what find_slots gives for all those dates, put in order of time; here over half a year.
select (
    select jsonb_agg(to_jsonb(n) order by ordinality)
    from next_available('Checkup', '2026-04-01', max_results => 400, now => '2026-04-01') with ordinality n
  ) - 'ordinality' = (
    select jsonb_agg(to_jsonb(s) order by ordinality)
    from (select f.*, row_number() over (order by slot_start, quality_score desc, provider_id, room_id) as ordinality
      from find_slots('Checkup', '2026-04-01', '2026-12-31', now => '2026-04-01') f) s where ordinality <= 400
  ) - 'ordinality' as same;
-- No from_date, or one in the past: from now on.
select slot_start from next_available('Checkup', max_results => 1, now => '2026-04-13 10:01');
select slot_start from next_available('Checkup', '2020-01-01', max_results => 1, now => '2026-04-13 10:01');
-- The horizon ends the search: within 1 day of Thursday there is nothing, nor beyond it.
update clinic.clinics set booking_horizon_days = 1;
select count(*) from next_available('Checkup', now => '2026-04-16');
select count(*) from next_available('Checkup', '2026-04-20', now => '2026-04-16');
update clinic.clinics set booking_horizon_days = 4;
select slot_start from next_available('Checkup', now => '2026-04-16');
-- Far away: the only opening is on one date in two years.
update clinic.clinics set booking_horizon_days = 3660;
delete from clinic.provider_availability;
insert into clinic.availability_overrides (provider_id, on_date, start_time, end_time) values (1, '2028-06-01', '09:00', '09:30');
select slot_start from next_available('Checkup', now => '2026-04-16');
-- Nobody ever: no row, no error.
delete from clinic.availability_overrides;
select count(*) from next_available('Checkup', now => '2026-04-16');
-- Refused as by find_slots.
call test.refused($$select from next_available('Chekup')$$);
call test.refused($$select from next_available('Checkup', provider_id => 7)$$);
call test.refused($$select from next_available('Checkup', max_results => 0)$$);
call test.refused($$select from next_available(null)$$);
-- Beyond the horizon, too, what isn't there is told.
call test.refused($$select from next_available('Chekup', from_date => '2199-01-01')$$);
call test.refused($$select from next_available('Checkup', from_date => '2199-01-01', provider_id => 7)$$);
rollback;
