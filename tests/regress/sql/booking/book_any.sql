-- book_slot() and hold_slot() without a room or a provider choose the best that can be had; and lengths other than the type's.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.providers (name) values ('Berg');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '12:00');
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');

-- The best: with Adler beside the first booking, who stays in the room; then what is left.
select provider_name, room_name, slot_start from book_slot('Checkup', slot_start => '2031-04-14 09:00', patient_name => 'A');
select provider_name, room_name from book_slot('Checkup', slot_start => '2031-04-14 09:40', patient_name => 'B');
select provider_name, room_name from book_slot('Checkup', slot_start => '2031-04-14 09:40', patient_name => 'C');
-- Off the grid as well; by room; by provider; held.
select provider_name, room_name from book_slot('Checkup', room_id => 1, slot_start => '2031-04-14 10:23', patient_name => 'D');
select provider_name, room_name from book_slot('Checkup', provider_id => 2, slot_start => '2031-04-14 10:23', patient_name => 'E');
select provider_name, room_name, status from hold_slot('Checkup', slot_start => '2031-04-14 11:15');
-- What is chosen is what find_slots() has as the best at that time, if anything: each is booked and taken back.
create function pg_temp.chosen(at timestamptz) returns bigint[] language plpgsql as $$
declare
  chosen bigint[];
begin
  select array[provider_id, room_id] into chosen from book_slot('Checkup', slot_start => at, patient_name => 'X');
  raise exception using errcode = 'P9999';
exception when sqlstate 'P9999' then return chosen;
when check_violation or exclusion_violation then return null;
end $$;
select count(*) as starts, count(pg_temp.chosen(at)) as booked,
  count(*) filter (where pg_temp.chosen(at) is distinct from
    (select array[provider_id, room_id] from find_slots('Checkup', '2031-04-14', include_overbooked => false) where slot_start = at limit 1)) as differing
from generate_series(timestamptz '2031-04-14 09:00', '2031-04-14 11:45', '15 minutes') at;

-- The same request again gives the same booking, with or without what was chosen.
select booking_id, provider_id, room_id from book_slot('Checkup', slot_start => '2031-04-28 09:00', patient_name => 'R', request_id => 'r');
select booking_id, provider_id, room_id from book_slot('Checkup', slot_start => '2031-04-28 09:00', patient_name => 'R', request_id => 'r');
select booking_id, provider_id, room_id from book_slot('Checkup', 1, slot_start => '2031-04-28 09:00', patient_name => 'R', request_id => 'r');
call test.refused($$select from book_slot('Checkup', 2, slot_start => '2031-04-28 09:00', patient_name => 'R', request_id => 'r')$$);

-- Nobody can: what is against each. The least grave decides the SQLSTATE.
call test.refused($$select from book_slot('Checkup', slot_start => '2031-04-14 09:40', patient_name => 'N')$$);
call test.refused($$select from book_slot('Checkup', provider_id => 1, slot_start => '2031-04-14 09:00', patient_name => 'N')$$);
call test.refused($$select from book_slot('Checkup', room_id => 1, slot_start => '2031-04-15 09:00', patient_name => 'N')$$);
-- Rules can be overridden, collisions can't; what needs no override is preferred.
select provider_name, room_name from book_slot('Checkup', slot_start => '2031-04-15 09:00', patient_name => 'N', override_reason => 'house call');
update clinic.providers set max_daily_appointments = 0 where id = 1;
select provider_name, room_name from book_slot('Checkup', slot_start => '2031-05-05 09:00', patient_name => 'N', override_reason => 'house call');
select provider_name, room_name from book_slot('Checkup', slot_start => '2031-05-05 09:00', patient_name => 'N', override_reason => 'house call');
select slot_start, provider_id, override_reason from clinic.bookings where patient_name = 'N' order by id;
update clinic.providers set max_daily_appointments = 20;
call test.refused($$select from book_slot('Checkup', slot_start => '2031-04-14 09:40', patient_name => 'N', override_reason => 'urgent')$$);
-- Overbooked: only where a provider is busy, and in a free room.
insert into clinic.overbooking_rules (max_overbook) values (1);
insert into clinic.rooms (name, room_type) values ('Room 3', 'exam');
select provider_name, room_name, is_overbooked from book_slot('Checkup', slot_start => '2031-05-05 09:00', patient_name => 'O', is_overbooked => true);
call test.refused($$select from book_slot('Checkup', slot_start => '2031-05-12 09:00', patient_name => 'O', is_overbooked => true)$$);

-- Lengths. The first needs to 10:30, so 10:30 is closed to the next; the buffer follows it.
select slot_start, slot_end from book_slot('Checkup', 1, 1, '2031-05-19 09:00', 'L', duration_minutes => 90, request_id => 'long');
select slot_start, slot_end from book_slot('Checkup', 1, 1, '2031-05-19 09:00', 'L', duration_minutes => 90, request_id => 'long');
call test.refused($$select from book_slot('Checkup', 1, 1, '2031-05-19 09:00', 'L', duration_minutes => 60, request_id => 'long')$$);
call test.refused($$select from book_slot('Checkup', 1, 1, '2031-05-19 10:30', 'M')$$);
call test.refused($$select from book_slot('Checkup', 1, 1, '2031-05-19 11:00', 'M', duration_minutes => 61)$$);
select slot_start, slot_end, status from hold_slot('Checkup', 1, 1, '2031-05-19 11:00', duration_minutes => 60);
select slot_start, slot_end from book_series('Checkup', '{1,1}', '{1,1}', '{2031-05-26 09:00,2031-06-02 09:00}', 'S', duration_minutes => 45);
call test.refused($$select from book_slot('Checkup', 1, 1, '2031-05-19 10:30', 'M', duration_minutes => 0)$$);
call test.refused($$select from hold_slot('Checkup', 1, 1, '2031-05-19 10:30', duration_minutes => 1441)$$);
rollback;
