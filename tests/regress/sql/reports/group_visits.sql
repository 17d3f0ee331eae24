-- A group visit in what the front desk looks at: its patients have one session_id, the board draws it once, and its hour counts once.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
update clinic.providers set buffer_minutes = 0;
insert into clinic.rooms (name, room_type) values ('Gym', 'gym');
insert into clinic.appointment_types (name, duration_minutes, capacity, required_room_type) values ('Class', 60, 4, 'gym');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  select 1, 2, 2, name, '[2035-04-16 10:00,)' from unnest('{Ann,Ben,Cem}'::text[]) name;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'Eve', '[2035-04-16 09:00,)');
select kind, starts_at, minutes, appointment_type, patient_name, session_id from day_sheet('2035-04-16');
select kind, starts_at, patient_name, session_id from day_sheet('2035-04-16', group_by => 'room', room_id => 2) where kind = 'booking';
\pset format unaligned
select day_board('2035-04-16', now => '2035-04-16 08:00');
select count(*) as names from regexp_matches(day_board_svg('2035-04-16', now => '2035-04-16 08:00'), 'Ann, Ben, Cem', 'g');
\pset format aligned
select booked_minutes, utilization from utilization('2035-04-16', '2035-04-16') where booked_minutes > 0;
rollback;
