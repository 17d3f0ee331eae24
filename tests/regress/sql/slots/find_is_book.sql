-- find = book: one predicate. What find_slots offers can be booked, what it doesn't offer is refused, and explain_slots
-- gives reasons exactly for what is refused. Tried with every provider, room and start of an eventful day, as either kind.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.providers (name, max_daily_appointments) values ('Berg', 2);
insert into clinic.rooms (name, room_type, turnover_minutes) values ('Room 2', 'exam', 10), ('Lab', 'lab', 0);
update clinic.appointment_types set required_room_type = 'exam';
insert into clinic.overbooking_rules (provider_id, max_overbook) values (null, 1), (2, 2);
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '10:00', '13:00');
insert into clinic.time_off (room_id, during) values (1, '[2035-04-16 11:10, 2035-04-16 11:20)');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during, is_overbooked) values
  (1, 1, 1, 'p1', 'A', '[2035-04-16 09:30,)', false), (2, 2, 1, 'p2', 'B', '[2035-04-16 10:15,)', false),
  (2, 1, 1, 'p3', 'C', '[2035-04-16 10:15,)', true), (2, 2, 1, 'p4', 'D', '[2035-04-16 12:00,)', false);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, status, hold_expires_at, during) values
  (1, 2, 1, 'pending', now() - interval '1 minute', '[2035-04-16 11:00,)');

-- Every place: on the grid from 08:45 to 13:00, and off it (every 5 minutes in the middle).
create temp table place as
  select p.id as provider_id, r.id as room_id, slot_start, overbooked
  from clinic.providers p, clinic.rooms r, (values (true), (false)) k (overbooked), (
    select generate_series('2035-04-16 08:45'::timestamptz, '2035-04-16 13:00', '15 minutes')
    union select generate_series('2035-04-16 10:00'::timestamptz, '2035-04-16 11:00', '5 minutes')) s (slot_start);

-- Whether book_slot takes it, and nothing stays.
create function pg_temp.can_book(place place) returns text language plpgsql as $$
begin
  perform book_slot('Checkup', place.provider_id, place.room_id, place.slot_start, 'N', 'p1', is_overbooked => place.overbooked);
  raise exception 'undo' using errcode = 'P9999';
exception
  when sqlstate 'P9999' then return 'yes';
  when exclusion_violation or check_violation then return 'no';
end $$;
create temp view tried as
  select place.*, pg_temp.can_book(place) as booked,
    exists (select from find_slots('Checkup', date '2035-04-16', all_rooms => true, patient_id => 'p1') f
      where (f.provider_id, f.room_id, f.slot_start) = (place.provider_id, place.room_id, place.slot_start)
        and f.is_overbooked = place.overbooked) as found,
    e.reasons, e.off_grid
  from place, lateral (
    select count(*) filter (where code <> 'off_grid') as reasons, count(*) filter (where code = 'off_grid') as off_grid
    from explain_slots('Checkup', slot_start => place.slot_start, provider_id => place.provider_id, room_id => place.room_id,
      is_overbooked => place.overbooked, patient_id => 'p1')) e;
create temp table outcome as select * from tried;

-- No line may say anything else than: booked = explained by nothing, and found = booked and on the grid.
select * from outcome where (booked = 'yes') <> (reasons = 0) or found <> (booked = 'yes' and off_grid = 0);
-- All kinds occurred.
select overbooked, booked, found, off_grid > 0 as is_off_grid, count(*) from outcome group by 1, 2, 3, 4 order by 1, 2, 3, 4;
rollback;
