-- find_backfill: who could take a place, in which order, and everybody who could not.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.providers (name) values ('Berg'), ('Celik');
delete from clinic.provider_availability;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time)
  select provider, day, '09:00', '12:00' from generate_series(1, 2) provider, generate_series(1, 5) day;
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam'), ('Room 3', 'exam');
insert into clinic.appointment_types (name, duration_minutes, required_room_type, enabled) values
  ('Long', 60, null, true), ('Lab', 15, 'lab', true), ('Short', 15, null, true), ('Gone', 15, null, false);
-- The place: Monday, 16 April 2035, 09:00 to 09:30 with Adler. At 09:40, when the buffer ends, the next one comes.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values
  (1, 1, 1, 'p1', 'Canceller', '[2035-04-16 09:00,)'), (1, 1, 1, 'p2', 'Next', '[2035-04-16 09:40,)');
create function pg_temp.wait(who text, first date default '2035-04-16', last date default '2035-04-16', patient text default null,
  type bigint default 1, prio integer default 0, since timestamptz default '2035-01-01', provider bigint default null,
  days integer[] default null, earliest time default null, latest time default null, booking bigint default null)
returns bigint language sql as $$
  insert into clinic.waitlist (patient_name, from_date, to_date, patient_id, appointment_type_id, priority, created_at, provider_id,
    weekdays, earliest_time, latest_time, booking_id)
  values (who, first, last, patient, type, prio, since, provider, days, earliest, latest, booking) returning id
$$;
-- A booking with Berg that was cancelled on 2 January, a minute after it was made.
create function pg_temp.cancelled(who text, at timestamptz, type bigint default 1) returns void language sql as $$
  insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during, status, cancelled_at, created_at)
  values (2, 2, type, 'id of ' || who, who, tstzrange(at, null), 'cancelled', '2035-01-02 10:01', '2035-01-02 10:00');
$$;
-- One that wasn't.
create function pg_temp.booked(who text, at timestamptz, made timestamptz default '2035-01-01', status text default 'booked')
returns bigint language sql as $$
  insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during, status, created_at)
  values (2, 2, 1, 'id of ' || who, who, tstzrange(at, null), status, made) returning id;
$$;
create function pg_temp.who(booking bigint default 1) returns text language sql as $$
  select coalesce(string_agg(patient_name, ' '), 'nobody') from find_backfill(booking, 99)
$$;
-- The first column of a call is of no interest.
create procedure pg_temp.do(statement text) language plpgsql as $$ begin execute statement; end $$;
-- Back to here, ids too.
create procedure pg_temp.restart() language sql as $$
  select setval(pg_get_serial_sequence('clinic.bookings', 'id'), 2), setval(pg_get_serial_sequence('clinic.waitlist', 'id'), 1, false)
$$;
\set again 'rollback to empty; call pg_temp.restart();'
savepoint empty;

-- Nobody waits: no row.
select * from find_backfill(1);

-- The waitlist. The dates: those inside the range have distance 0, then it grows by the day up to 7.
call pg_temp.do($$select pg_temp.wait('inside', '2035-04-10', '2035-04-20'), pg_temp.wait('first', '2035-04-16', '2035-04-20'),
  pg_temp.wait('last', '2035-04-10', '2035-04-16'), pg_temp.wait('1-after', '2035-04-17', '2035-04-30'), pg_temp.wait('1-before', '2035-04-01', '2035-04-15'),
  pg_temp.wait('6', '2035-04-22', '2035-04-30'), pg_temp.wait('7-after', '2035-04-23', '2035-04-30'), pg_temp.wait('7-before', '2035-04-01', '2035-04-09'),
  pg_temp.wait('8-after', '2035-04-24', '2035-04-30'), pg_temp.wait('8-before', '2035-04-01', '2035-04-08')$$);
select patient_name, score, distance_days, sentence from find_backfill(1);
:again

-- Patients who don't fit: another type, another provider, weekday or time of day; one who has left.
call pg_temp.do($$select pg_temp.wait('fits'), pg_temp.wait('long', type => 2),
  pg_temp.wait('Adler', provider => 1), pg_temp.wait('Berg', provider => 2),
  pg_temp.wait('Tuesdays', days => '{2,3}'), pg_temp.wait('Mondays', days => '{1,7}'),
  pg_temp.wait('from-9', earliest => '09:00'), pg_temp.wait('from-9:01', earliest => '09:01'),
  pg_temp.wait('until-9', latest => '09:00'), pg_temp.wait('until-8:59', latest => '08:59'),
  pg_temp.wait('9-only', earliest => '09:00', latest => '09:00')$$);
update clinic.waitlist set status = 'left' where id = pg_temp.wait('left');
update clinic.waitlist set status = 'left' where patient_name = 'left';
select pg_temp.who();
:again

-- All columns of a row.
call pg_temp.do($$insert into clinic.waitlist (patient_id, patient_name, contact, appointment_type_id, from_date, to_date, priority, created_at)
  values ('p9', 'Ann', 'tel. 9', 1, '2035-04-18', '2035-04-18', 3, '2035-02-01 08:00')$$);
select source, waitlist_id, former_booking_id, patient_id, patient_name, contact, appointment_type_id from find_backfill(1);
select provider_id, room_id, slot_start, slot_end, local_date, local_time, score, distance_days, priority, waiting_since, sentence from find_backfill(1);
:again

-- The patient is busy at that time, with anybody; just before or after is fine. The canceller is no candidate.
call pg_temp.do($$select pg_temp.booked('A', '2035-04-16 09:00'), pg_temp.booked('B', '2035-04-16 09:40'),
  pg_temp.wait('busy', patient => 'id of A'), pg_temp.wait('soon-after', patient => 'id of B'),
  pg_temp.wait('canceller', patient => 'p1'), pg_temp.wait('next', patient => 'p2'), pg_temp.wait('unknown')$$);
select pg_temp.who();
-- An expired hold keeps no patient busy.
update clinic.bookings set status = 'pending', hold_expires_at = now() where patient_name = 'A';
select pg_temp.who();
:again

-- Own cancellations: of the type, at most 7 days away, by a patient who is known and has no later booking.
call pg_temp.do($$select pg_temp.cancelled('same-day', '2035-04-16 11:00'), pg_temp.cancelled('1', '2035-04-17 09:00'), pg_temp.cancelled('7', '2035-04-23 09:00'),
  pg_temp.cancelled('8', '2035-04-24 09:00'), pg_temp.cancelled('7-before', '2035-04-09 09:00'), pg_temp.cancelled('8-before', '2035-04-08 09:00'),
  pg_temp.cancelled('other-type', '2035-04-16 11:00', 2)$$);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during, status) values
  (2, 2, 1, null, 'no id', '[2035-04-16 11:00,)', 'cancelled'), (2, 2, 1, 'p1', 'Canceller again', '[2035-04-17 11:00,)', 'cancelled'),
  (2, 2, 1, 'n', 'noshow', '[2035-04-17 11:00,)', 'noshow'), (2, 2, 1, 'e', 'error', '[2035-04-17 11:00,)', 'entered-in-error');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during, status, hold_expires_at) values
  (2, 2, 1, 'h', 'lapsed', '[2035-04-17 11:00,)', 'cancelled', now());
update clinic.bookings set cancelled_at = '2035-01-02 10:01' where patient_name = 'no id';
select source, former_booking_id as former, waitlist_id, patient_name, score, distance_days as days, waiting_since, sentence from find_backfill(1);
:again
-- A later booking of the type: later in time, or made since. One that doesn't take place is none, nor one of another type.
call pg_temp.do($$select pg_temp.cancelled(who, '2035-04-17 09:00') from unnest('{none,later,before,made-since,later-cancelled,later-noshow,other-type,expired}'::text[]) who$$);
call pg_temp.do($$select pg_temp.booked('later', '2035-04-27 10:00'), pg_temp.booked('before', '2035-04-10 09:00'),
  pg_temp.booked('made-since', '2035-04-10 10:00', '2035-01-02 10:02'), pg_temp.booked('later-cancelled', '2035-05-28 10:00', status => 'cancelled'),
  pg_temp.booked('later-noshow', '2035-05-27 10:00', status => 'noshow'), pg_temp.booked('other-type', '2035-04-27 11:00'),
  pg_temp.booked('expired', '2035-05-11 11:00')$$);
update clinic.bookings set appointment_type_id = 2 where patient_name = 'other-type' and status = 'booked';
update clinic.bookings set status = 'pending', hold_expires_at = now() where patient_name = 'expired' and status = 'booked';
select pg_temp.who();
:again

-- Patients who want an earlier time, than a booking that can still be moved.
call pg_temp.do($$select pg_temp.wait(who, patient => 'id of ' || who, booking => pg_temp.booked(who, at))
  from (values ('next-day', timestamptz '2035-04-17 09:00'), ('same-day', '2035-04-16 10:00'), ('at-that-time', '2035-04-16 09:10'), ('same-time', '2035-04-18 09:00'),
    ('before', '2035-04-13 09:00'), ('here-already', '2035-04-18 10:00'), ('expired', '2035-04-18 11:00'), ('cancelled', '2035-04-19 09:00'),
    ('other-type', '2035-04-19 10:00')) as later (who, at)$$);
update clinic.bookings set during = '[2035-04-16 09:00,)', provider_id = 3, room_id = 3 where patient_name = 'same-time';
update clinic.bookings set status = 'arrived' where patient_name = 'here-already';
update clinic.bookings set status = 'pending', hold_expires_at = now() where patient_name = 'expired';
update clinic.bookings set status = 'cancelled' where patient_name = 'cancelled';
update clinic.bookings set appointment_type_id = 4 where patient_name = 'other-type';
select source, waitlist_id as entry, former_booking_id as former, patient_name, slot_start, slot_end, sentence from find_backfill(1) where source = 'earlier_time';
:again
-- It keeps its length: 45 minutes don't fit, 20 do, where 30 wouldn't any more.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values
  (2, 2, 1, 'p7', 'forty-five', '[2035-04-17 09:00, 2035-04-17 09:45)'), (2, 2, 1, 'p8', 'twenty', '[2035-04-17 10:00, 2035-04-17 10:20)');
call pg_temp.do($$select pg_temp.wait('forty-five', booking => 3), pg_temp.wait('twenty', booking => 4), pg_temp.wait('thirty')$$);
select patient_name, slot_end from find_backfill(1);
update clinic.bookings set status = 'cancelled' where id = 1;
update clinic.bookings set during = '[2035-04-16 09:30,)' where id = 2;
select patient_name, slot_end from find_backfill(1);
-- It isn't in its own way: with a longer buffer only the next one can still come at 09:00.
update clinic.bookings set during = '[2035-04-16 09:40,)' where id = 2;
update clinic.providers set buffer_minutes = 45;
call pg_temp.do($$select pg_temp.wait('next', booking => 2)$$);
select pg_temp.who();
:again

-- Settings and arguments: only patients of the same type or all, who then get what they wait for. Lab needs another room, Long
-- doesn't fit, Gone is disabled.
call pg_temp.do($$select pg_temp.wait('same'), pg_temp.wait('long', type => 2), pg_temp.wait('lab', type => 3), pg_temp.wait('short', type => 4),
  pg_temp.wait('gone', type => 5), pg_temp.cancelled('short-too', '2035-04-16 11:00', 4)$$);
select pg_temp.who();
select patient_name, appointment_type_id, slot_end from find_backfill(1, same_type_only => false);
update clinic.clinics set backfill_same_type_only = false;
select pg_temp.who();
select patient_name from find_backfill(1, same_type_only => true);
-- The type of the place is disabled: nobody of that type.
update clinic.appointment_types set enabled = false where id = 1;
select pg_temp.who();
select count(*) from find_backfill(1, same_type_only => true);
-- It fits when the next one is gone.
delete from clinic.bookings where id = 2;
select pg_temp.who();
:again
-- The notice floor: the clinic's, or the argument's, which can't undercut the minimum notice of every booking.
call pg_temp.do($$select pg_temp.wait('Ann')$$);
select minutes, (select count(*) from find_backfill(1, notice_minutes => minutes, now => '2035-04-16 08:00')) from unnest('{0,59,60,61,null}'::int[]) minutes;
update clinic.clinics set backfill_notice_minutes = 61;
select minutes, (select count(*) from find_backfill(1, notice_minutes => minutes, now => '2035-04-16 08:00')) from unnest('{0,59,60,61,null}'::int[]) minutes;
update clinic.clinics set minimum_notice_minutes = 60, backfill_notice_minutes = 0;
select at, (select count(*) from find_backfill(1, notice_minutes => 0, now => at::timestamptz)) from unnest('{2035-04-16 08:00,2035-04-16 08:01,2035-04-16 10:00}'::text[]) at;
:again

-- The place itself: taken again, closed, time off, disabled. Then nobody can take it.
call pg_temp.do($$select pg_temp.wait('Ann')$$);
update clinic.bookings set status = 'cancelled' where id = 1;
savepoint free;
select pg_temp.who();
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'Quick', '[2035-04-16 09:00,)');
select pg_temp.who();
rollback to free;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (2, 1, 1, 'Quick', '[2035-04-16 09:05,)');
select pg_temp.who();
rollback to free;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status, hold_expires_at)
  values (1, 1, 1, null, '[2035-04-16 09:00,)', 'pending', '2035-04-15 12:00');
select pg_temp.who();
select patient_name from find_backfill(1, now => '2035-04-15 12:00');
rollback to free;
update clinic.providers set enabled = false where id = 1;
select pg_temp.who();
rollback to free;
update clinic.rooms set enabled = false where id = 1;
select pg_temp.who();
rollback to free;
update clinic.appointment_types set required_equipment = '{ecg}' where id = 1;
select pg_temp.who();
rollback to free;
insert into clinic.availability_overrides (provider_id, on_date) values (1, '2035-04-16');
select pg_temp.who();
rollback to free;
insert into clinic.time_off (during) values ('[2035-04-16 09:20, 2035-04-16 09:25)');
select pg_temp.who();
rollback to free;
update clinic.providers set max_daily_appointments = 1 where id = 1;
select pg_temp.who();
rollback to free;
update clinic.clinics set booking_horizon_days = 10;
select pg_temp.who();
rollback to free;
-- The type has grown meanwhile.
update clinic.appointment_types set duration_minutes = 31 where id = 1;
select pg_temp.who();
:again

-- An overbooked place stays one while the normal booking beside it is there, and is a normal one without.
insert into clinic.overbooking_rules (max_overbook) values (1);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked) values (1, 2, 1, 'Beside', '[2035-04-16 09:00,)', true);
call pg_temp.do($$select pg_temp.wait('Ann')$$);
select pg_temp.who(1) as normal_one, pg_temp.who(3) as overbooked_one;
update clinic.bookings set status = 'cancelled' where id = 1;
select pg_temp.who(1) as normal_one, pg_temp.who(3) as overbooked_one;
update clinic.bookings set status = 'cancelled' where id = 3;
select pg_temp.who(1) as normal_one, pg_temp.who(3) as overbooked_one;
:again

-- The order: score, priority, source, who waits longest, id. Each patient once, with the best claim that fits.
call pg_temp.do($$select pg_temp.wait('e3', since => '2035-01-05'), pg_temp.wait('e4', since => '2035-01-05'), pg_temp.wait('e2', since => '2035-01-04'),
  pg_temp.wait('e1', prio => 1, since => '2035-01-06'), pg_temp.wait('e9', '2035-04-17', '2035-04-17', prio => 9),
  pg_temp.wait('e5', booking => pg_temp.booked('e5', '2035-04-20 09:00')), pg_temp.cancelled('e6', '2035-04-16 11:00'),
  pg_temp.wait('e0', prio => 2, patient => 'one'), pg_temp.wait('e0 again', prio => 2, patient => 'one'), pg_temp.wait('e6 again', '2035-04-18', '2035-04-18', patient => 'id of e6')$$);
select pg_temp.who();
select patient_name, score, priority, source, waiting_since, waitlist_id from find_backfill(1);
-- The first few; null means the default, 10.
select string_agg(patient_name, ' ') from find_backfill(1, max_results => 3);
select string_agg(patient_name, ' ') from find_backfill(1, 1);
call pg_temp.do($$select pg_temp.wait('x' || n) from generate_series(1, 9) n$$);
select count(*) from find_backfill(1);
select count(*) from find_backfill(1, null);
select count(*) from find_backfill(1, 99);
:again
-- At that time the patient has a booking: waiting for a second one fails, but that one can be moved here.
call pg_temp.do($$select pg_temp.wait('Ann', patient => 'id of Ann', prio => 5), pg_temp.wait('Ann', patient => 'id of Ann', booking => pg_temp.booked('Ann', '2035-04-16 09:10'))$$);
select source, patient_name, priority from find_backfill(1);
:again

-- Before it is cancelled it says who would be there, and changes nothing.
call pg_temp.do($$select pg_temp.wait('Ann')$$);
select pg_temp.who(1) as first, pg_temp.who(2) as second;
select count(*) from clinic.bookings where status = 'booked';
-- It runs where nothing may be written, and is declared so.
set local transaction_read_only = on;
select patient_name from find_backfill(1);
select provolatile, proparallel, proretset, prorows from pg_proc where proname = 'find_backfill';
:again

-- Refused.
call test.refused('select find_backfill(null)');
call test.refused('select find_backfill(99)');
call test.refused('select find_backfill(1, 0)');
call test.refused('select find_backfill(1, -1)');
call test.refused('select find_backfill(1, notice_minutes => -1)');
call test.refused('select find_backfill(1, clinic_id => 9)');
call test.refused('select find_backfill(1, now => ''infinity'')');
call test.violates('update clinic.clinics set backfill_notice_minutes = -1');

-- Two clinics: neither sees who waits in the other.
call pg_temp.do($$select pg_temp.wait('Ann')$$);
select init_clinic('Second clinic', 'Europe/Berlin');
call test.refused('select find_backfill(1)');
call test.refused('select find_backfill(1, clinic_id => 2)');
insert into clinic.providers (clinic_id, id, name) values (2, 21, 'Ames');
insert into clinic.rooms (clinic_id, id, name, room_type) values (2, 21, 'Room 1', 'exam');
insert into clinic.appointment_types (clinic_id, id, name, duration_minutes) values (2, 21, 'Checkup', 30);
insert into clinic.provider_availability (clinic_id, provider_id, day_of_week, start_time, end_time) values (2, 21, 1, '09:00', '12:00');
update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.bookings (clinic_id, id, provider_id, room_id, appointment_type_id, patient_name, during) values (2, 21, 21, 21, 21, 'Z', '[2035-04-16 09:00,)');
insert into clinic.waitlist (clinic_id, id, patient_name, appointment_type_id, from_date, to_date) values (2, 21, 'Zoe', 21, '2035-04-16', '2035-04-16');
select clinic_id, (select string_agg(patient_name, ' ') from find_backfill(booking_id, clinic_id => clinic.clinic_id)) from (values (1, 1), (2, 21)) clinic (clinic_id, booking_id);
rollback;

-- The README's example: an app's own trigger on what became free.
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
create table clinic.calls (to_call text, contact text, place tstzrange, why text);
create function clinic.note_calls() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into clinic.calls
    select patient_name, contact, tstzrange(slot_start, slot_end), sentence
    from public.find_backfill(clinic_id => new.clinic_id, max_results => 2, provider_id => new.provider_id,
      room_id => new.room_id, slot_start => new.slot_start, slot_end => new.slot_end);
  return null;
end $$;
revoke execute on function clinic.note_calls() from public;
create trigger note_calls after insert on clinic.freed_places
  for each row execute function clinic.note_calls();
select join_waitlist('Checkup', 'Wanda', '2035-04-16', '2035-04-20', contact => 'tel. 5');
select booking_id from book_slot('Checkup', 1, 1, '2035-04-16 09:00', 'Ann');
-- A scheduler has no right to the app's table: the function has its owner's.
create role test_caller;
select grant_clinic_access('test_caller', 'scheduler');
set local role test_caller;
update clinic.bookings set status = 'cancelled' where id = 1;
reset role;
select * from clinic.calls;
select kind, payload -> 'candidates' as candidates from clinic.events order by id;
rollback;
