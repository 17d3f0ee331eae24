-- Freed time: whatever gives up a provider's time tells of it, by a row of freed_places and an event with who could take it.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
update clinic.providers set buffer_minutes = 0;
insert into clinic.providers (name, buffer_minutes) values ('Berg', 0);
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '12:00');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values
  (1, 1, 1, 'p1', 'Ann', '[2035-04-16 09:00,)'), (1, 1, 1, 'p2', 'Ben', '[2035-04-16 10:00,)'), (1, 1, 1, 'p3', 'Cem', '[2035-04-16 11:00,)');
select join_waitlist('Checkup', 'Dora Dor', '2035-04-16', '2035-04-20', 'p4', 'tel. 4', priority => 2);
select join_waitlist('Checkup', booking_id => 3, priority => 1);
create temp view freed as select booking_id as booking, provider_id as provider, room_id as room, to_char(slot_start, 'DD. HH24:MI') || to_char(slot_end, '-HH24:MI') as place,
  cause, is_overbooked as overbooked, freed_at = now() as now from clinic.freed_places order by id;
create temp view told as select e.booking_id as booking, e.kind, e.payload ->> 'cause' as cause, to_char((e.payload ->> 'slot_start')::timestamptz, 'DD. HH24:MI') as at,
  (select string_agg(coalesce(w.patient_name, b.patient_name), ' ' order by nth)
   from jsonb_array_elements(e.payload -> 'candidates') with ordinality c (candidate, nth)
   left join clinic.waitlist w on w.id = (candidate ->> 'waitlist_id')::bigint
   left join clinic.bookings b on b.id = (candidate ->> 'former_booking_id')::bigint) as candidates
from clinic.events e where e.kind = 'freed' order by e.id;
savepoint ready;

-- Cancelled: by function and by plain SQL, which here frees two places at once; either patient could take the other's.
select candidate_count from cancel_booking(1);
update clinic.bookings set status = 'cancelled' where id in (2, 3);
select * from freed;
select * from told;
-- An event has ids, times and scores: no name, no contact, no key of a patient. It comes after the one of the change.
select kind, payload from clinic.events where booking_id = 1 order by id;
select count(*) from clinic.events where payload::text ~ 'Dora|Cem|tel|"p[0-9]"';
rollback to ready;
select setval('clinic.bookings_id_seq', 3) \g /dev/null
-- Each way to free time.
select status from reschedule_booking(1, '2035-04-16 09:30');
select status from reschedule_booking(2, '2035-04-23 09:00');
update clinic.bookings set during = '[2035-04-23 11:00,)' where id = 3;
update clinic.bookings set provider_id = 2, room_id = 2 where id = 1;
update clinic.bookings set during = '[2035-04-16 09:40, 2035-04-16 09:50)' where id = 1;
select * from freed;
select * from told;
rollback to ready;
select setval('clinic.bookings_id_seq', 3) \g /dev/null
update clinic.bookings set status = 'noshow' where id = 1;
update clinic.bookings set status = 'entered-in-error' where id = 2;
delete from clinic.waitlist where booking_id = 3;
delete from clinic.bookings where id = 3;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values
  (1, 1, 1, 'X', '[2035-04-23 09:00,)'), (1, 1, 1, 'Y', '[2035-04-23 10:00,)');
update clinic.bookings set status = 'proposed' where id = 4;
update clinic.bookings set status = 'waitlist' where id = 5;
select * from freed;
select * from told;
rollback to ready;
select setval('clinic.bookings_id_seq', 3) \g /dev/null
-- Accepting an earlier time frees the later one, and the chain goes on.
update clinic.waitlist set status = 'left' where id = 1;
insert into clinic.waitlist (patient_name, patient_id, appointment_type_id, from_date, to_date, earliest_time) values ('Last', 'p9', 1, '2035-04-16', '2035-04-16', '11:00');
select count(*) from cancel_booking(1);
select patient_name from offer_backfill(1);
select booking_id from accept_offer(1);
select * from freed;
select * from told;
rollback to ready;
select setval('clinic.bookings_id_seq', 3) \g /dev/null

-- What frees nothing: another room, another type, another patient, an arrival; what never took time; what is over.
update clinic.bookings set room_id = 2 where id = 1;
insert into clinic.appointment_types (name, duration_minutes) values ('Other', 30);
update clinic.bookings set appointment_type_id = 2, patient_name = 'Ada' where id = 1;
update clinic.bookings set status = 'checked-in' where id = 2;
update clinic.bookings set status = 'fulfilled' where id = 3;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status) values
  (1, 1, 1, 'Asks', '[2035-04-23 09:00,)', 'proposed'), (1, 1, 1, 'Off', '[2035-04-23 09:00,)', 'cancelled');
update clinic.bookings set status = 'cancelled' where id = 4;
delete from clinic.bookings where id in (4, 5);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'Past', '[2020-04-23 09:00,)');
update clinic.bookings set status = 'noshow' where patient_name = 'Past';
delete from clinic.bookings where patient_name = 'Past';
select * from freed;
rollback to ready;
select setval('clinic.bookings_id_seq', 3) \g /dev/null
-- What is going on just now: the rest of it.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values
  (1, 1, 1, 'Now', tstzrange(now() - interval '10 minutes', now() + interval '20 minutes'));
update clinic.bookings set status = 'noshow' where patient_name = 'Now';
select slot_start - now() as starts_in, slot_end - now() as ends_in, cause from clinic.freed_places;
rollback to ready;
select setval('clinic.bookings_id_seq', 3) \g /dev/null

-- A place that the same statement fills again isn't free; of a longer one the rest is.
with off as (update clinic.bookings set status = 'cancelled' where id = 1 returning id)
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) select 1, 1, 1, 'Instead', '[2035-04-16 09:20,2035-04-16 09:30)' from off;
select * from freed;
rollback to ready;
select setval('clinic.bookings_id_seq', 3) \g /dev/null
with off as (update clinic.bookings set status = 'cancelled' where id = 1 returning id)
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) select 1, 2, 1, 'Instead', '[2035-04-16 09:00,2035-04-16 10:00)' from off;
select * from freed;
rollback to ready;
select setval('clinic.bookings_id_seq', 3) \g /dev/null
-- All an hour later, in an order that meets nobody: 09:00 alone is free.
update clinic.bookings set during = tstzrange(slot_start + interval '1 hour', slot_end + interval '1 hour') where id = 3;
update clinic.bookings set during = tstzrange(slot_start + interval '1 hour', slot_end + interval '1 hour') where id = 2;
update clinic.bookings set during = tstzrange(slot_start + interval '1 hour', slot_end + interval '1 hour') where id = 1;
select * from freed;
rollback to ready;
select setval('clinic.bookings_id_seq', 3) \g /dev/null
-- An upsert is an update; an insert of a booking that is there already changes nothing.
insert into clinic.bookings (id, provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 1, 'Ann', '[2035-04-23 09:00,)')
  on conflict (id) do update set during = excluded.during;
insert into clinic.bookings (id, provider_id, room_id, appointment_type_id, patient_name, during) values (2, 1, 1, 1, 'Ann', '[2035-04-23 11:00,)')
  on conflict (id) do nothing;
select * from freed;
rollback to ready;
select setval('clinic.bookings_id_seq', 3) \g /dev/null

-- A hold that is given back frees its place at once; one that ran out when the transaction ends, as far as nobody else came.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status, hold_expires_at) values
  (1, 1, 1, 'Held', '[2035-04-23 09:00,)', 'pending', now() + interval '1 hour'), (1, 1, 1, 'Held', '[2035-04-23 10:00,)', 'pending', now()),
  (1, 1, 1, 'Held', '[2035-04-23 11:00,)', 'pending', now());
update clinic.waitlist set to_date = '2035-04-30' where id = 1;
select count(*) from cancel_booking(4);
select * from freed;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values
  (1, 1, 1, 'Newcomer', '[2035-04-23 10:00,2035-04-23 10:10)'), (1, 1, 1, 'Another', '[2035-04-23 10:20,2035-04-23 10:25)');
select * from freed;
select expire_holds();
select * from freed;
set constraints all immediate;
select * from freed;
select * from told;
rollback to ready;
select setval('clinic.bookings_id_seq', 3) \g /dev/null

-- Overbooked: a normal booking gives up nothing while the one beside it is there; an overbooked place is one of its own.
insert into clinic.overbooking_rules (max_overbook) values (1);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked) values (1, 2, 1, 'Beside', '[2035-04-16 09:10,2035-04-16 09:20)', true);
savepoint beside;
update clinic.bookings set status = 'cancelled' where id = 1;
select * from freed;
update clinic.bookings set status = 'cancelled' where id = 4;
select * from freed;
rollback to beside;
update clinic.bookings set status = 'cancelled' where id = 4;
select * from freed;
rollback to ready;
select setval('clinic.bookings_id_seq', 3) \g /dev/null

-- Nobody fits, ten at most, and the clinic's rules hold, as time off.
update clinic.waitlist set status = 'left';
update clinic.bookings set status = 'cancelled' where id = 1;
select payload -> 'candidates' as candidates from clinic.events where kind = 'freed';
rollback to ready;
select setval('clinic.bookings_id_seq', 3) \g /dev/null
insert into clinic.waitlist (patient_name, appointment_type_id, from_date, to_date) select 'W' || n, 1, '2035-04-16', '2035-04-16' from generate_series(1, 20) n;
update clinic.bookings set status = 'cancelled' where id = 1;
select jsonb_array_length(payload -> 'candidates') from clinic.events where kind = 'freed';
rollback to ready;
select setval('clinic.bookings_id_seq', 3) \g /dev/null
insert into clinic.time_off (during) values ('[2035-04-16 09:20, 2035-04-16 09:25)');
update clinic.bookings set status = 'cancelled' where id = 1;
select payload -> 'candidates' as candidates from clinic.events where kind = 'freed';
rollback to ready;
select setval('clinic.bookings_id_seq', 3) \g /dev/null
-- Of very many places the first hundred are told with candidates: the others have no such key.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  select 1, 1, 1, 'M', tstzrange(d, d + interval '10 minutes') from generate_series(timestamptz '2035-05-01', '2035-05-31', '6 hours') d;
update clinic.bookings set status = 'cancelled' where patient_name = 'M';
select payload ? 'candidates' as has_candidates, count(*) from clinic.events where kind = 'freed' group by 1 order by 1;
rollback to ready;
select setval('clinic.bookings_id_seq', 3) \g /dev/null

-- Without events the place is written down all the same.
set local pg_clinic.events = off;
update clinic.bookings set status = 'cancelled' where id = 1;
select * from freed;
select count(*) from clinic.events where kind = 'freed';
rollback to ready;
select setval('clinic.bookings_id_seq', 3) \g /dev/null
-- Switched off, nobody is told; the change is made.
alter table clinic.bookings disable trigger tell_freed_by_change;
select status from cancel_booking(1);
select count(*) from freed;
alter table clinic.bookings enable trigger tell_freed_by_change;
rollback to ready;
select setval('clinic.bookings_id_seq', 3) \g /dev/null
-- Nothing of it refuses a change: neither a table that is gone, nor a trigger of the app's.
savepoint whole;
alter table clinic.freed_places rename to gone;
update clinic.bookings set status = 'cancelled' where id = 1;
rollback to whole;
create function clinic.fails() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
create trigger fails before insert on clinic.freed_places for each row execute function clinic.fails();
update clinic.bookings set status = 'cancelled' where id = 1;
select status from clinic.bookings where id = 1;
rollback to ready;
select setval('clinic.bookings_id_seq', 3) \g /dev/null

-- Whoever may write bookings frees them: the trigger reads and writes as the owner of the table.
create role test_canceller;
grant usage on schema clinic to test_canceller;
grant select, update on clinic.bookings to test_canceller;
set local role test_canceller;
update clinic.bookings set status = 'cancelled' where id = 1;
reset role;
select * from told;
rollback to ready;
select setval('clinic.bookings_id_seq', 3) \g /dev/null

-- The constraints.
create procedure pg_temp.insert_refused(given jsonb) language plpgsql as $$
begin
  call test.violates(format('insert into clinic.freed_places (clinic_id, booking_id, provider_id, room_id, slot_start, slot_end, cause)
    select clinic_id, booking_id, provider_id, room_id, slot_start, slot_end, cause from jsonb_populate_record(null::clinic.freed_places, %L)',
    '{"clinic_id": 1, "booking_id": 1, "provider_id": 1, "room_id": 1, "slot_start": "2035-01-01", "slot_end": "2035-01-02", "cause": "moved"}' || given));
end $$;
call pg_temp.insert_refused('{"booking_id": null}');
call pg_temp.insert_refused('{"cause": "lost"}');
call pg_temp.insert_refused('{"slot_end": "2035-01-01"}');
call pg_temp.insert_refused('{"slot_end": "infinity"}');

-- Who could take any place, of no booking: half an hour that opened.
insert into clinic.availability_overrides (provider_id, on_date, start_time, end_time) values (1, '2035-04-19', '15:00', '15:30');
select source, patient_name, slot_start, slot_end, provider_id, room_id from find_backfill(provider_id => 1, room_id => 2, slot_start => '2035-04-19 15:00', slot_end => '2035-04-19 15:30');
call test.refused('select find_backfill()');
call test.refused('select find_backfill(1, provider_id => 1)');
call test.refused('select find_backfill(provider_id => 1)');
call test.refused('select find_backfill(provider_id => 1, room_id => 1, slot_start => ''2035-04-19 15:00'')');
call test.refused('select find_backfill(provider_id => 1, room_id => 1, slot_start => ''2035-04-19 15:00'', slot_end => ''2035-04-19 15:00'')');
call test.refused('select find_backfill(provider_id => 1, room_id => 1, slot_start => ''2035-04-19 15:00'', slot_end => ''2035-04-20 15:01'')');
call test.refused('select find_backfill(provider_id => 1, room_id => 1, slot_start => ''-infinity'', slot_end => ''2035-04-20 15:01'')');
call test.refused('select find_backfill(provider_id => 9, room_id => 1, slot_start => ''2035-04-19 15:00'', slot_end => ''2035-04-19 15:30'')');
call test.refused('select find_backfill(provider_id => 1, room_id => 9, slot_start => ''2035-04-19 15:00'', slot_end => ''2035-04-19 15:30'')');
rollback;
