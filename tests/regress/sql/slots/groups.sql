-- Group visits: several patients with one provider, in one room, at one time.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set slot_step_minutes = 60, booking_horizon_days = 3660;
update clinic.providers set buffer_minutes = 10;
update clinic.provider_availability set end_time = '18:00';
insert into clinic.rooms (name, room_type, capacity) values ('Gym', 'group', 3);
insert into clinic.appointment_types (name, duration_minutes, capacity, required_room_type) values ('Back school', 60, 12, 'group');

-- The first begins a session, the next join it; the room takes three.
select booking_id, room_id from book_slot('Back school', 1, 2, '2029-04-16 10:00', 'Ann', patient_id => 'ann');
select slot_start, room_id, is_overbooked, places_left, quality_score, compactness_score
  from find_slots('Back school', '2029-04-16', now => '2026-04-01', patient_id => 'ben', max_results => 3);
select slot_start, places_left from next_available('Back school', '2029-04-16', now => '2026-04-01', max_results => 2);
select booking_id from book_slot('Back school', 1, 2, '2029-04-16 10:00', 'Ben', patient_id => 'ben');
select session_id, session_seat, session_capacity, day_seat, group_session, group_room from clinic.bookings order by id;
select id, provider_id, room_id, appointment_type_id, during, capacity from clinic.sessions;
-- Nobody is in it twice; another type finds the provider busy.
call test.refused($$ select book_slot('Back school', 1, 2, '2029-04-16 10:00', 'Ann', patient_id => 'ann') $$);
call test.refused($$ select book_slot('Checkup', 1, 1, '2029-04-16 10:00', 'Cleo') $$);
call test.refused($$ insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 1, 1, 'Cleo', '[2029-04-16 10:30,)') $$);

-- A plain INSERT joins, too. Then it is full, whoever asks, and no override lifts that.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 2, 2, 'Cleo', '[2029-04-16 10:00,)') returning session_id, session_seat;
call test.refused($$ insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, override_reason)
  values (1, 2, 2, 'Dan', '[2029-04-16 10:00,)', 'please') $$);
call test.refused($$ select book_slot('Back school', 1, 2, '2029-04-16 10:00', 'Dan', override_reason => 'please') $$);
select code, sentence from explain_slots('Back school', slot_start => '2029-04-16 10:00', provider_id => 1, room_id => 2, now => '2026-04-01');
select count(*) from find_slots('Back school', '2029-04-16', now => '2026-04-01') where slot_start = '2029-04-16 10:00';

-- A place given up is offered again.
select booking_id from cancel_booking(1);
select session_id, session_seat from clinic.bookings where id = 1;
select count(*) from find_slots('Back school', '2029-04-16', now => '2026-04-01') where slot_start = '2029-04-16 10:00';
select booking_id from book_slot('Back school', 1, 2, '2029-04-16 10:00', 'Dan');
select id, session_seat from clinic.bookings where session_id > 0 order by 2;

-- Who moves away leaves the session; who moves to it joins.
select booking_id from reschedule_booking(2, '2029-04-16 14:00');
select id, session_id, session_seat, session_capacity from clinic.bookings where session_id > 0 order by 1;
select booking_id from reschedule_booking(2, '2029-04-16 10:00');
select id, session_id, session_seat from clinic.bookings where session_id > 0 order by 1;
select id, lower(during), capacity from clinic.sessions order by id;

-- A session is where its bookings are, and holds what it was begun with.
call test.refused($$ update clinic.sessions set during = '[2029-04-16 11:00,2029-04-16 12:00)' where id = 1 $$);
call test.refused($$ delete from clinic.sessions where id = 1 $$);
update clinic.rooms set capacity = 1 where id = 2;
call test.refused($$ select book_slot('Back school', 1, 2, '2029-04-16 10:00', 'Eve') $$);
update clinic.bookings set patient_name = 'Benjamin' where id = 2 returning session_id, session_seat;
-- A booking made while one patient was the most stays single.
select booking_id from book_slot('Back school', 1, 2, '2029-04-16 16:00', 'Fay');
update clinic.rooms set capacity = null where id = 2;
call test.refused($$ select book_slot('Back school', 1, 2, '2029-04-16 16:00', 'Gus') $$);
select session_id from clinic.bookings where patient_name = 'Fay';

-- Without a room.
insert into clinic.appointment_types (name, duration_minutes, capacity, needs_room) values ('Webinar', 30, 2, false);
select booking_id, room_id from book_slot('Webinar', 1, null, '2029-04-16 12:00', 'Ann');
select booking_id, room_id from book_slot('Webinar', 1, null, '2029-04-16 12:00', 'Ben');
call test.refused($$ select book_slot('Webinar', 1, null, '2029-04-16 12:00', 'Cleo') $$);

-- A repeated INSERT meets its own booking, though all places are taken by now; it begins no session elsewhere.
update clinic.bookings set request_id = 'r' where patient_name = 'Ben' and appointment_type_id = 3;
insert into clinic.bookings (request_id, provider_id, room_id, appointment_type_id, patient_name, during)
  select 'r', 1, null, 3, 'Ben', tstzrange(at, null) from unnest('{2029-04-16 12:00,2029-04-16 17:15}'::timestamptz[]) at
  on conflict (clinic_id, request_id) do nothing;
insert into clinic.bookings (request_id, provider_id, room_id, appointment_type_id, patient_name, during)
  values ('r', 1, null, 3, 'Ben', '[2029-04-16 17:15,)')
  on conflict (clinic_id, request_id) do update set during = excluded.during returning lower(during), session_seat;
select lower(s.during), count(b.id) from clinic.sessions s left join clinic.bookings b on b.session_id = s.id
  where s.appointment_type_id = 3 group by s.id order by 1;

-- Among equals one that has begun comes first, though others start earlier.
insert into clinic.scoring_profiles (appointment_type_id, preference_weight, compactness_weight, room_weight, overbooking_weight) values (2, 0, 0, 0, 1);
select status from book_slot('Back school', 1, 2, '2029-04-23 14:00', 'Ivy');
select slot_start, places_left, quality_score from find_slots('Back school', '2029-04-23', now => '2026-04-01', max_results => 2);
delete from clinic.scoring_profiles;

-- Bad capacities.
call test.refused($$ update clinic.appointment_types set capacity = 0, created_at = '2026-04-01' $$);
call test.refused($$ update clinic.appointment_types set capacity = null, created_at = '2026-04-01' $$);
call test.refused($$ update clinic.appointment_types set capacity = 1001, created_at = '2026-04-01' $$);
call test.refused($$ update clinic.rooms set capacity = 0, created_at = '2026-04-01' $$);
call test.refused($$ update clinic.sessions set capacity = 0, created_at = '2026-04-01' $$);
-- What a client gives counts for nothing.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, session_id, session_seat, session_capacity)
  values (1, 1, 1, 'Hal', '[2029-04-17 09:00,)', 1, 7, 99) returning id + session_id as single, session_seat, session_capacity;
rollback;
