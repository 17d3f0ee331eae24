-- Visits without a room: by phone or video, or at the patient's home.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.providers set buffer_minutes = 10;
update clinic.clinics set slot_step_minutes = 30, booking_horizon_days = 3660;
update clinic.rooms set turnover_minutes = 30;
update clinic.provider_availability set end_time = '18:00';
insert into clinic.appointment_types (name, duration_minutes, needs_room) values ('Phone call', 20, false);
select slot_start, slot_end, room_id, room_name, room_score, quality_score
  from find_slots('Phone call', '2029-04-16', now => '2026-04-01', max_results => 2);

-- A room that is busy is in nobody's way; the provider's time is.
select booking_id, slot_start, room_id from book_slot('Checkup', 1, 1, '2029-04-16 10:00', 'Ann');
insert into clinic.providers (name, buffer_minutes) values ('Berg', 0);
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '10:00', '11:00');
select provider_id, test.times(array_agg(slot_start)) from find_slots('Phone call', '2029-04-16', now => '2026-04-01', latest_time => '11:30', all_rooms => true)
  where not is_overbooked group by 1 order by 1;
select booking_id, provider_id, room_id, room_name, slot_start from book_slot('Phone call', 2, null, '2029-04-16 10:00', 'Ben', request_id => 'r1');
select booking_id, room_id from book_slot('Phone call', 2, null, '2029-04-16 10:00', 'Ben', request_id => 'r1');
select room_id, room_busy, provider_busy from clinic.bookings where id = 2;
call test.refused($$ select book_slot('Phone call', 2, null, '2029-04-16 10:00', 'Cleo') $$);
call test.refused($$ select book_slot('Phone call', 2, null, '2029-04-16 20:00', 'Cleo') $$);
call test.refused($$ select book_slot('Phone call', null, null, '2029-04-16 05:00', 'Cleo') $$);
select code, room_id, sentence from explain_slots('Phone call', slot_start => '2029-04-16 10:00', provider_id => 2, now => '2026-04-01');

-- In a room, if that is what the client names: then it keeps the room as any other visit does.
select room_id, test.times(array_agg(slot_start)) from find_slots('Phone call', '2029-04-16', room_id => 1, provider_id => 2, now => '2026-04-01')
  group by 1;
select booking_id, room_id, room_name from book_slot('Phone call', 1, 1, '2029-04-16 11:00', 'Cleo');
select room_busy from clinic.bookings where id = 3;
call test.refused($$ select book_slot('Checkup', 2, 1, '2029-04-16 11:00', 'Dan') $$);

-- By plain INSERT, too. What needs a room can't be without.
insert into clinic.bookings (provider_id, appointment_type_id, patient_name, during)
  values (1, 2, 'Dan', '[2029-04-16 14:00,)') returning id, room_id, room_busy, slot_end;
call test.refused($$ insert into clinic.bookings (provider_id, appointment_type_id, patient_name, during)
  values (1, 1, 'Eve', '[2029-04-16 15:00,)') $$);
call test.refused($$ update clinic.bookings set room_id = null where id = 1 $$);
call test.refused($$ update clinic.bookings set appointment_type_id = 1 where id = 4 $$);
call test.refused($$ select book_series('Checkup', '{1}', array[null::bigint], '{2029-04-16 15:00}', patient_name => 'Eve') $$);

-- It moves without one; one that has a room gives it up, unless the client names it.
select booking_id, room_id, slot_start from reschedule_booking(4, '2029-04-16 15:00');
select booking_id, room_id, slot_start from reschedule_booking(3, '2029-04-16 11:30');
select booking_id, room_id, slot_start from reschedule_booking(3, '2029-04-16 11:30', room_id => 1);
select room_id, count(*) > 0 as is_offered from find_slots(booking_id => 3, from_date => '2029-04-16', now => '2026-04-01') group by 1;

-- A type that needs a room from now on: what is booked stays as it is, and can move on its day. It has none on another.
update clinic.appointment_types set needs_room = true where id = 2;
select booking_id, room_id, slot_start from reschedule_booking(4, '2029-04-16 16:00');
call test.refused($$ select reschedule_booking(4, '2029-04-23 16:00') $$);
select booking_id, room_id, slot_start from reschedule_booking(4, '2029-04-23 16:00', room_id => 1);
select booking_id, room_id from cancel_booking(2);
call test.refused($$ select reopen_booking(2) $$);
update clinic.appointment_types set needs_room = false where id = 2;
select booking_id, status, room_id from reopen_booking(2);

-- What it frees is a place without a room: for those who need none.
select join_waitlist('Phone call', 'Fay', '2029-04-16', '2029-04-16', contact => '1') is not null as joined,
  join_waitlist('Checkup', 'Gus', '2029-04-16', '2029-04-16', contact => '2') is not null as joined;
select booking_id, candidate_count, candidates -> 0 ->> 'patient_name' as first, candidates -> 0 -> 'room_id' as room_id from cancel_booking(2);
select provider_id, room_id, slot_start from clinic.freed_places where booking_id = 2 order by id desc limit 1;
select patient_name, provider_id, room_id, slot_start from find_backfill(2, now => '2026-04-01');
select patient_name, provider_id, room_id from find_backfill(provider_id => 2, slot_start => '2029-04-16 10:00', slot_end => '2029-04-16 10:20', now => '2026-04-01');
select offer_id, patient_name, slot_start from offer_backfill(2, notice_minutes => 0, reserve => true);
select id, room_id, status from clinic.bookings where id > 4 order by id;
select status, room_id, patient_name from accept_offer(1);
-- In a place with a room, those who need none leave it free.
select booking_id, candidate_count from cancel_booking(1);
select join_waitlist('Phone call', 'Hal', '2029-04-16', '2029-04-16', contact => '3') is not null as joined;
select patient_name, room_id from find_backfill(1, same_type_only => false, now => '2026-04-01') order by 1;

-- A series, a delay, an absence, the day's sheet.
select nth, provider_id, room_id, slot_start from find_series('Phone call', 2, from_date => '2029-05-07', now => '2026-04-01') where choice = 1;
select booking_id, room_id, slot_start from book_series('Phone call',
  (select array_agg(provider_id order by nth) from find_series('Phone call', 2, from_date => '2029-05-07', now => '2026-04-01') where choice = 1),
  (select array_agg(room_id order by nth) from find_series('Phone call', 2, from_date => '2029-05-07', now => '2026-04-01') where choice = 1),
  (select array_agg(slot_start order by nth) from find_series('Phone call', 2, from_date => '2029-05-07', now => '2026-04-01') where choice = 1),
  patient_name => 'Ida') order by slot_start;
select booking_id, room_id, slot_start from reschedule_series((select max(id) from clinic.series), slot_time => '10:30') order by slot_start;
select booking_id, room_id, slot_start from shift_bookings(1, '2029-05-07', '2029-05-08', '10 minutes');
select booking_id, old_room_id, room_id, slot_start, code from plan_absence(provider_id => 1, during => '[2029-05-07,2029-05-08)');
create temp table plan as select * from plan_absence(provider_id => 1, during => '[2029-05-07,2029-05-08)');
select booking_id, is_moved, room_id, slot_start from apply_absence((select array_agg(booking_id) from plan),
  (select array_agg(slot_start) from plan), (select array_agg(provider_id) from plan), (select array_agg(room_id) from plan));
select kind, starts_at, provider_id, room_id, patient_name from day_sheet('2029-05-14') where kind = 'booking';
select kind, starts_at, room_id, patient_name from day_sheet('2029-05-14', group_by => 'room') where kind = 'booking';
select grouped_name, open_minutes > 0 as open, booked_minutes from utilization('2029-05-14', group_by => 'room') order by 1 nulls first;

-- Settings without effect are refused.
call test.violates($$ update clinic.appointment_types set required_room_type = 'exam' where id = 2 $$);
call test.violates($$ update clinic.appointment_types set required_equipment = '{ecg}' where id = 2 $$);
rollback;
