-- A place of a group visit that somebody gives up: it is told of, though the others are still there, and filled from the waitlist.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
update clinic.providers set buffer_minutes = 0;
insert into clinic.rooms (name, room_type) values ('Gym', 'gym');
insert into clinic.appointment_types (name, duration_minutes, capacity, required_room_type) values ('Class', 60, 3, 'gym');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during)
  select 1, 2, 2, lower(name), name, '[2035-04-16 10:00,)' from unnest('{Ann,Ben,Cem}'::text[]) name;
select join_waitlist('Class', 'Dora', '2035-04-16', '2035-04-16', 'dora', 'tel. 4', priority => 3) as dora,
  join_waitlist('Class', 'Emil', '2035-04-16', '2035-04-16', 'emil', 'tel. 5', priority => 2) as emil,
  join_waitlist('Class', 'Fay', '2035-04-16', '2035-04-16', 'fay', 'tel. 6', priority => 1) as fay,
  join_waitlist('Checkup', 'Gus', '2035-04-16', '2035-04-16', 'gus', 'tel. 7', latest_time => '10:00', earliest_time => '10:00') as gus;
create temp view freed as select booking_id as booking, provider_id as provider, room_id as room, to_char(slot_start, 'HH24:MI') || to_char(slot_end, '-HH24:MI') as place, cause
  from clinic.freed_places order by id;
create temp view told as select e.booking_id as booking, e.payload ->> 'cause' as cause,
  (select string_agg(w.patient_name, ' ' order by nth) from jsonb_array_elements(e.payload -> 'candidates') with ordinality c (candidate, nth)
   join clinic.waitlist w on w.id = (candidate ->> 'waitlist_id')::bigint) as candidates
from clinic.events e where e.kind = 'freed' order by e.id;
create temp view offered as select patient_name as patient, status, withdrawn_reason as reason from clinic.offers order by id;
savepoint ready;

-- Who could come if Ben didn't; then he doesn't. A checkup isn't possible beside the others.
select patient_name, slot_start, room_id from find_backfill(2);
select candidate_count from cancel_booking(2);
select * from freed;
select * from told;
-- One place, offered to two: who accepts first has it, the other's offer is withdrawn, as nothing is left.
select patient_name from offer_backfill(2, max_offers => 2);
select booking_id > 0 as booked, slot_start, patient_name from accept_offer(1);
select * from offered;
select session_seat, patient_name, status from clinic.bookings where session_id > 0 order by 1;
rollback to ready;

-- Two places, offered to three: the third offer stays until both are taken, also by plain SQL.
select count(*) from cancel_booking(2) one, cancel_booking(3) other;
select patient_name from offer_backfill(2, max_offers => 3);
select patient_name from accept_offer((select min(id) from clinic.offers));
select * from offered;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 2, 2, 'Hal', '[2035-04-16 10:00,)');
select * from offered;
rollback to ready;

-- Held for who is asked: others find the class full meanwhile.
select count(*) from cancel_booking(2);
select patient_name from offer_backfill(2, max_offers => 1, reserve => true);
select code from explain_slots('Class', slot_start => '2035-04-16 10:00', provider_id => 1, room_id => 2);
select patient_name, status from accept_offer((select max(id) from clinic.offers));
select session_seat, patient_name, status from clinic.bookings where session_id > 0 order by 1;
rollback to ready;

-- Who moves away frees a place, too; who takes it in the same statement leaves nothing to tell of.
select status from reschedule_booking(1, '2035-04-16 09:00');
select * from freed;
rollback to ready;
insert into clinic.bookings (id, provider_id, room_id, appointment_type_id, patient_name, during) values (99, 1, 2, 2, 'Ida', '[2035-04-16 11:00,)');
select count(*) from swap_bookings(1, 99);
select * from freed;
rollback to ready;
-- The class is called off: so many places as it had.
update clinic.bookings set status = 'cancelled' where session_id > 0;
select * from freed;
-- Where a class takes fewer by now, nothing is free before enough have left.
rollback to ready;
update clinic.sessions set capacity = 2;
select count(*) from cancel_booking(1);
select * from freed;
select count(*) from cancel_booking(2);
select * from freed;
rollback;
