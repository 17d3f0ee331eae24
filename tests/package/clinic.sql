-- What a new user types: a clinic, and where its first patient can go.
set client_min_messages = warning;
create extension pg_clinic cascade;
select init_clinic('Downtown Clinic', 'Europe/Berlin');
insert into clinic.providers (name) values ('Dr. Adams');
insert into clinic.rooms (name, room_type) values ('Room 1', 'exam');
insert into clinic.appointment_types (name, duration_minutes, required_room_type) values ('General Checkup', 30, 'exam');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time)
  select 1, day, '08:00', '17:00' from generate_series(1, 7) as day;
select slot_start as first_slot from next_available('General Checkup') limit 1 \gset
select 'booked ' || local_time || ' with ' || provider_name
  from book_slot('General Checkup', 1, 1, :'first_slot', 'Ada Lovelace');
select 'found ' || count(*) from find_slots('General Checkup', current_date + 1, max_results => 3);
