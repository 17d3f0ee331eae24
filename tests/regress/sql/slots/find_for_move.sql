-- booking_id: where a booking can go, as reschedule_booking takes it. It doesn't stand in its own way.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660, slot_step_minutes = 15;
update clinic.providers set buffer_minutes = 0, max_daily_appointments = 1;
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.appointment_types (name, duration_minutes) values ('Other', 30);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during)
  values (1, 1, 1, 'p1', 'Ann', '[2035-04-16 10:00, 2035-04-16 11:00)');
savepoint booked;

-- A new booking of hers has no place that day: the cap is reached. Hers can go to its own time in another room, to times
-- that overlap it, and lasts an hour.
select count(*) from find_slots('Checkup', '2035-04-16', patient_id => 'p1');
select slot_start, slot_end, room_id, is_overbooked from find_slots(from_date => '2035-04-16', all_rooms => true, booking_id => 1)
order by slot_start, room_id;
select test.times(array_agg(slot_start)) from find_slots('Checkup', '2035-04-16', patient_id => 'p1', booking_id => 1);
select test.times(array_agg(slot_start)) from find_slots(appointment_type_id => 1, from_date => '2035-04-16', room_id => 1, booking_id => 1);
select slot_start, room_id from next_available(from_date => '2035-04-10', max_results => 3, booking_id => 1);
-- Why not there? Where it is nothing is in the way; on another day the cap is asked for.
select * from explain_slots(slot_start => '2035-04-16 10:00', booking_id => 1);
select room_id, code, sentence from explain_slots(slot_start => '2035-04-16 11:15', booking_id => 1);
update clinic.providers set max_daily_appointments = 0;
select local_date, local_time, room_id, code from explain_slots(on_date => '2035-04-16', booking_id => 1);
select distinct code from explain_slots(on_date => '2035-04-23', booking_id => 1);
select test.times(array_agg(slot_start)) from find_slots(from_date => '2035-04-23', booking_id => 1);
rollback to booked;

-- Of its own time only the room is asked for: neither clock, nor hours, nor the disabled type.
update clinic.clinics set booking_horizon_days = 1;
update clinic.appointment_types set enabled = false;
select slot_start, room_id from find_slots(from_date => '2035-04-16', all_rooms => true, booking_id => 1);
select distinct code from explain_slots(on_date => '2035-04-16', booking_id => 1);
rollback to booked;
-- The patient is in the house: other rooms.
update clinic.bookings set status = 'arrived';
select slot_start, room_id from find_slots(from_date => '2035-04-16', all_rooms => true, booking_id => 1);
insert into clinic.time_off (room_id, during) values (2, '[2035-04-16, 2035-04-17)');
select * from find_slots(from_date => '2035-04-16', all_rooms => true, booking_id => 1);
select local_time, provider_id, room_id, code, blocking_id from explain_slots(on_date => '2035-04-16', booking_id => 1);
call test.refused($$select explain_slots(slot_start => '2035-04-16 09:00', booking_id => 1)$$);
rollback to booked;

-- An overbooked booking is offered normal places as one, and others as what it is.
insert into clinic.overbooking_rules (max_overbook) values (1);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked)
  values (1, 2, 1, 'Bo', '[2035-04-16 10:00,)', true);
update clinic.providers set max_daily_appointments = 2;
select to_char(slot_start, 'HH24:MI') as start, room_id, is_overbooked from find_slots(from_date => '2035-04-16', all_rooms => true, room_id => 2, booking_id => 2)
order by 1;
select count(*) from find_slots(from_date => '2035-04-16', include_overbooked => false, booking_id => 2) where is_overbooked;
-- A normal one is never offered one of those.
select count(*) from find_slots(from_date => '2035-04-16', booking_id => 1) where is_overbooked;
rollback to booked;

-- A series in which one visit is moved along.
update clinic.providers set max_daily_appointments = 20;
select nth, slot_start, slot_end from find_series(count => 2, from_date => '2035-04-16', weekday => 1, preferred_from => '10:00', preferred_until => '10:00', max_alternatives => 0, booking_id => 1);
-- A refused move says where to look.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 2, 1, 'Cy', '[2035-04-16 11:00,)');
call test.refused($$select reschedule_booking(1, '2035-04-16 10:30')$$);
select code, blocking_id from explain_slots(provider_id => 1, room_id => 1, slot_start => '2035-04-16 10:30+02', booking_id => 1);
rollback to booked;

-- Found is what can be moved to, and the other way round, its present place apart.
create procedure pg_temp.compare() language plpgsql as $$
declare
  found text[]; moved text[]; place record;
begin
  select array_agg(format('%s %s %s', slot_start, provider_id, room_id) order by slot_start, provider_id, room_id) into found
  from find_slots(from_date => '2035-04-16', to_date => '2035-04-23', all_rooms => true, booking_id => 1);
  for place in
    select start, p.id as provider, r.id as room
    from generate_series(timestamptz '2035-04-16 08:00', '2035-04-23 13:00', '15 minutes') start, clinic.providers p, clinic.rooms r
    where start::time between '08:00' and '13:00' and extract(isodow from start) in (1, 2) order by 1, 2, 3
  loop
    begin
      perform reschedule_booking(1, place.start, place.provider, place.room);
      moved := moved || format('%s %s %s', place.start, place.provider, place.room);
      raise exception using errcode = 'P9998';
    exception when sqlstate 'P9998' or sqlstate '23P01' or sqlstate '23514' then
    end;
  end loop;
  raise info 'found %, moved %, but not found: %', cardinality(found), cardinality(moved),
    (select array_agg(x) from unnest(moved) x where x <> all (found));
  raise info 'found, but not moved: %', (select array_agg(x) from unnest(found) x where x <> all (moved));
end $$;
insert into clinic.providers (name, buffer_minutes, max_daily_appointments) values ('Berg', 15, 1);
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '10:00', '12:00'), (2, 2, '08:00', '09:30');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values
  (2, 2, 1, 'p2', 'Di', '[2035-04-16 11:00,)'), (1, 2, 1, 'p1', 'Ann', '[2035-04-23 11:00,)');
call pg_temp.compare();
update clinic.rooms set turnover_minutes = 10;
update clinic.providers set buffer_minutes = 25, enabled = id = 1;
call pg_temp.compare();
update clinic.bookings set status = 'checked-in' where id = 1;
update clinic.clinics set minimum_notice_minutes = 525600;

-- Bad input.
call test.refused($$select find_slots(from_date => '2035-04-16', booking_id => 99)$$);
call test.refused($$select find_slots('Other', '2035-04-16', booking_id => 1)$$);
call test.refused($$select find_slots('Nonesuch', '2035-04-16', booking_id => 1)$$);
call test.refused($$select find_slots(from_date => '2035-04-16', patient_id => 'p2', booking_id => 1)$$);
call test.refused($$select find_slots(from_date => '2035-04-16', provider_id => 2, booking_id => 1)$$);
call test.refused($$select next_available(booking_id => 99)$$);
call test.refused($$select find_slots(from_date => '2035-04-16')$$);
update clinic.bookings set status = 'fulfilled' where id = 1;
call test.refused($$select find_slots(from_date => '2035-04-16', booking_id => 1)$$);
insert into clinic.clinics (name, time_zone) values ('Other clinic', 'UTC');
call test.refused($$select find_slots(from_date => '2035-04-16', clinic_id => 2, booking_id => 1)$$);
rollback to booked;

-- Hours were shortened since, or it was shifted off the grid: with its provider and time it can have another room.
update clinic.provider_availability set start_time = '09:00', end_time = '09:45';
select slot_start, room_id from find_slots(from_date => '2035-04-16', all_rooms => true, booking_id => 1);
select slot_start, room_id from next_available(from_date => '2035-04-16', max_results => 1, booking_id => 1);
select slot_start, room_id from reschedule_booking(1, '2035-04-16 10:00', room_id => 2);
rollback to booked;
update clinic.provider_availability set end_time = '10:00';
update clinic.clinics set slot_step_minutes = 30;
select slot_start, room_id from find_slots(from_date => '2035-04-16', all_rooms => true, booking_id => 1);
select code from explain_slots(slot_start => '2035-04-16 10:00', room_id => 2, booking_id => 1);
-- What has come there meanwhile is seen, be it long after all hours.
insert into clinic.providers (name) values ('Berg');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values ((select max(id) from clinic.providers), 2, 1, 'Eve', '[2035-04-16 10:45,)');
select slot_start, room_id from find_slots(from_date => '2035-04-16', provider_id => 1, all_rooms => true, booking_id => 1) where slot_start >= '2035-04-16 10:00';
rollback to booked;
select booking_id from shift_bookings(1, '2035-04-16 09:00', '2035-04-16 12:00', '20 minutes');
select slot_start, room_id from find_slots(from_date => '2035-04-16', all_rooms => true, room_id => 2, booking_id => 1)
where slot_start = '2035-04-16 10:20';
select code from explain_slots(slot_start => '2035-04-16 10:20', room_id => 2, booking_id => 1);
rollback;
