-- Step, minimum notice and booking horizon by type, and by provider and type: the narrowest that is set wins.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
insert into clinic.providers (name) values ('Berg');
update clinic.providers set buffer_minutes = 0;
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '12:00');
insert into clinic.appointment_types (name, duration_minutes) values ('Short', 30), ('Long', 45);
create function pg_temp.starts(type text, now timestamptz default '2026-04-01') returns table (provider text, starts text) language sql as $$
  select provider_name, test.times(array_agg(slot_start)) from find_slots(type, '2026-04-13', now => now) group by 1 order by 1
$$;

-- Step: the 30 minutes every 30, the 45 minutes every 45, in one clinic and with the same provider.
update clinic.clinics set slot_step_minutes = 15;
update clinic.appointment_types set slot_step_minutes = duration_minutes where name in ('Short', 'Long');
select * from pg_temp.starts('Short');
select * from pg_temp.starts('Long');
select * from pg_temp.starts('Checkup');
-- With one provider otherwise.
insert into clinic.provider_types (appointment_type_id, provider_id, slot_step_minutes) values (3, 1, null), (3, 2, 60);
select * from pg_temp.starts('Long');
-- Off the grid: every so many minutes, with this provider.
select sentence from explain_slots('Long', slot_start => '2026-04-13 09:15', room_id => 1, now => '2026-04-01') where code = 'off_grid' order by 1;

-- Notice: an hour for the type, none with Berg.
update clinic.appointment_types set minimum_notice_minutes = 60 where name = 'Long';
update clinic.provider_types set minimum_notice_minutes = 0 where provider_id = 2;
select * from pg_temp.starts('Long', '2026-04-13 09:40');
select * from pg_temp.starts('Short', '2026-04-13 09:40');
select sentence from explain_slots('Long', slot_start => '2026-04-13 10:30', room_id => 1, provider_id => 1, now => '2026-04-13 09:40');
-- What the type says can be less than what the clinic says, too.
update clinic.clinics set minimum_notice_minutes = 1440;
select * from pg_temp.starts('Long', '2026-04-13 09:40');
select * from pg_temp.starts('Short', '2026-04-13 09:40');
update clinic.clinics set minimum_notice_minutes = 0;

-- Horizon: one week for the clinic, two for the type, four with Berg.
update clinic.clinics set booking_horizon_days = 7;
update clinic.appointment_types set booking_horizon_days = 14 where name = 'Long';
update clinic.provider_types set booking_horizon_days = 28 where provider_id = 2;
select provider_name, max(local_date) from find_slots('Long', '2026-04-13', '2026-06-30', now => '2026-04-13') group by 1 order by 1;
select max(local_date) from find_slots('Short', '2026-04-13', '2026-06-30', now => '2026-04-13');
select provider_name, max(local_date) from next_available('Long', '2026-04-13', max_results => 100, now => '2026-04-13') group by 1 order by 1;
select provider_name, local_date from find_series('Long', 4, from_date => '2026-04-20', now => '2026-04-13') where choice = 1;
select count(*) from find_series('Short', 4, from_date => '2026-04-20', now => '2026-04-13');
select sentence from explain_slots('Long', slot_start => '2026-05-04 09:00', room_id => 1, provider_id => 1, now => '2026-04-13');

-- Booking is judged alike; what is booked stays.
update clinic.provider_types set booking_horizon_days = 3660 where provider_id = 2;
call test.violates($$ select book_slot('Long', 1, 1, '2029-04-16 09:00', 'Ann') $$);
select booking_id, slot_start from book_slot('Long', 2, 1, '2029-04-16 09:00', 'Ann');
select booking_id, slot_start from reschedule_booking(1, '2029-04-16 10:00');
update clinic.provider_types set booking_horizon_days = 0;
call test.violates($$ select reschedule_booking(1, '2029-04-16 11:00') $$);
select booking_id, room_id from reschedule_booking(1, '2029-04-16 10:00', room_id => 2);

-- Bad input changes nothing.
call test.violates($$ update clinic.appointment_types set slot_step_minutes = 0 $$);
call test.violates($$ update clinic.appointment_types set minimum_notice_minutes = -1 $$);
call test.violates($$ update clinic.appointment_types set booking_horizon_days = 3661 $$);
call test.violates($$ update clinic.provider_types set slot_step_minutes = 1441 $$);
call test.violates($$ update clinic.provider_types set minimum_notice_minutes = 525601 $$);
call test.violates($$ update clinic.provider_types set booking_horizon_days = -1 $$);
rollback;
