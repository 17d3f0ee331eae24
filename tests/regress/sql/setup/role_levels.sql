-- The levels of grant_clinic_access(): what each may do, and may not.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, contact, during)
  values (1, 1, 1, 'p1', 'Secret Name', 'secret@example.org', '[2035-04-16 09:00,)');
insert into clinic.time_off (provider_id, during, reason) values (1, '[2035-04-16 11:30, 2035-04-16 12:00)', 'secret illness');
create role test_nobody;
create role test_finder;
create role test_reader;
create role test_scheduler;
create role test_admin;
select grant_clinic_access('test_finder', 'finder');
select grant_clinic_access('test_reader', 'reader');
select grant_clinic_access('test_scheduler', 'scheduler');
select grant_clinic_access('test_admin', 'admin');

-- Each statement as each role: ok, or the SQLSTATE. Nothing stays.
set local client_min_messages to error;
create function test.as_each_role(statement text) returns text language plpgsql as $$
declare
  result text := '';
  outcome text;
  role text;
begin
  foreach role in array '{test_nobody,test_finder,test_reader,test_scheduler,test_admin}'::text[] loop
    begin
      perform set_config('role', role, true);
      execute statement;
      raise exception 'undo' using errcode = 'P9999';
    exception when sqlstate 'P9999' then outcome := 'ok'; when others then outcome := sqlstate; end;
    perform set_config('role', 'none', true);
    result := result || rpad(outcome, 7);
  end loop;
  return result;
end $$;
create function pg_temp.may(statements text[]) returns table ("nobody finder reader schedu admin" text, statement text) language sql as $$
  select test.as_each_role(statement), statement from unnest(statements) with ordinality s (statement, n) order by n
$$;

-- Finding: by everyone who has a level. Whether a patient has a booking is for readers.
select * from pg_temp.may(array[
  $$select * from find_slots('Checkup', date '2035-04-16')$$,
  $$select * from find_slots('Checkup', date '2035-04-16', patient_id => 'p1')$$,
  $$select * from find_slots(from_date => '2035-04-16', booking_id => 1)$$,
  $$select * from find_slots(null, date '2035-04-16', appointment_type_id => 1)$$,
  $$select * from next_available('Checkup')$$,
  $$select * from next_available('Checkup', patient_id => 'p1')$$,
  $$select * from find_series('Checkup', 1, from_date => '2035-04-16')$$,
  $$select * from find_series('Checkup', 1, from_date => '2035-04-16', patient_id => 'p1')$$,
  $$select * from explain_slots('Checkup', '2035-04-16')$$,
  $$select * from explain_slots('Checkup', '2035-04-16', patient_id => 'p1')$$,
  $$select * from provider_openings('2035-04-16')$$,
  $$select * from room_openings('2035-04-16')$$,
  $$select * from utilization('2035-04-16')$$,
  'select current_clinic()']);
-- Reading. A finder sees who and what can be booked, no booking.
select * from pg_temp.may(array[
  'select * from clinic.providers',
  'select * from clinic.access_levels',
  'select count(*) from clinic.bookings',
  'select id from clinic.bookings',
  'select * from clinic.bookings',
  'select during from clinic.time_off',
  'select id from clinic.staff',
  'select * from clinic.provider_availability',
  'select * from clinic.booking_history',
  'select * from clinic.schema_version']);
-- Booking, by function and by plain SQL.
select * from pg_temp.may(array[
  $$select book_slot('Checkup', 1, 1, '2035-04-16 10:00', 'A', request_id => 'r')$$,
  $$select book_series('Checkup', '{1}', '{1}', '{2035-04-16 10:00}', 'A', request_id => 'r')$$,
  $$select hold_slot('Checkup', 1, 1, '2035-04-16 10:00', ttl => '1 hour')$$,
  $$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'A', '[2035-04-16 10:00,)')$$,
  'select cancel_booking(1)',
  $$select reschedule_booking(1, '2035-04-16 10:00')$$,
  'select check_in_booking(1)',
  'select complete_booking(1)',
  $$update clinic.bookings set contact = 'new'$$]);
-- Writing history outside the functions, deleting and truncating: by nobody but the owner.
select * from pg_temp.may(array[
  $$insert into clinic.booking_history (clinic_id, booking_id, version, changed_at, actor, reason, operation, after) values (1, 1, 9, now(), 'a', 'r', 'insert', '{}')$$,
  $$update clinic.booking_history set actor = 'someone else'$$,
  'delete from clinic.booking_history',
  'truncate clinic.booking_history',
  'delete from clinic.bookings',
  'truncate clinic.bookings',
  'alter table clinic.bookings disable trigger record_booking',
  'drop trigger record_booking on clinic.bookings',
  'drop schema clinic cascade',
  'create table clinic.mine ()']);
-- Consuming events: by roles that book; nobody writes one outside the functions. Pruning: by admins. Jobs: by roles that book.
select * from pg_temp.may(array[
  'select * from clinic.events',
  'select * from claim_events()',
  'select ack_events(null, array[1])',
  'select prune_events()',
  $$insert into clinic.events (clinic_id, booking_id, kind) values (1, 1, 'booked')$$,
  $$update clinic.events set kind = 'booked'$$,
  $$update clinic.events set payload = '{}'$$,
  'truncate clinic.events',
  'select mark_no_shows()',
  'select expire_holds()',
  'select * from run_due_jobs()']);
-- The waitlist, who takes a freed place, and offers: read by readers, written by who books, deleted by nobody.
savepoint freed;
insert into clinic.bookings (id, provider_id, room_id, appointment_type_id, patient_name, during, status)
  values (2, 1, 1, 1, 'Cancelled', '[2035-04-16 10:30,)', 'cancelled');
insert into clinic.waitlist (patient_name, appointment_type_id, from_date, to_date) values ('Secret Name', 1, '2035-04-16', '2035-04-16');
insert into clinic.offers (clinic_id, id, freed_place_id, source, waitlist_id, patient_name, score, expires_at, slot_start, slot_end)
  values (1, 1, test.freed_place(2), 'waitlist', 1, 'Secret Name', 1, now() + interval '1 hour', '2035-04-16 10:30', '2035-04-16 11:00');
select * from pg_temp.may(array[
  'select * from clinic.waitlist',
  'select * from clinic.offers',
  'select * from find_backfill(1)',
  $$select join_waitlist('Checkup', 'W')$$,
  'select leave_waitlist(1)',
  'select * from offer_backfill(2)',
  'select accept_offer(1)',
  'select decline_offer(1)',
  'select expire_offers()',
  'delete from clinic.waitlist',
  'delete from clinic.offers']);
rollback to freed;
-- Planning and the record: by schedulers; nobody writes its history. Who works here and by which rules: by admins.
savepoint rostered;
insert into clinic.staff (name) values ('Ana');
insert into clinic.shifts (provider_id, during) values (1, '[2035-04-16 08:00, 2035-04-16 12:00)');
insert into clinic.plans (kind, from_date, to_date) values ('roster', '2035-04-16', '2035-04-16');
insert into clinic.assignments (staff_id, shift_id) values (1, 1);
select * from pg_temp.may(array[
  'select * from clinic.staff',
  'select * from clinic.assignments',
  'select * from clinic.assignment_history',
  'select * from rule_kinds()', 'select clinic_help()',
  $$select * from effective_settings(1, 1, 1)$$, $$select * from effective_rules(1, '2035-04-16', 1, 1)$$,
  $$select generate_shifts('2035-04-16')$$,
  $$insert into clinic.shifts (during) values ('[2035-04-16 08:00, 2035-04-16 12:00)')$$,
  $$insert into clinic.shift_requests (staff_id, on_date, is_wanted) values (1, '2035-04-16', true)$$,
  'insert into clinic.preferences (staff_id, provider_id) values (1, 1)',
  $$insert into clinic.plans (kind, from_date, to_date) values ('roster', '2035-04-16', '2035-04-16')$$,
  'insert into clinic.plan_assignments (plan_id, staff_id, shift_id) values (1, 1, 1)',
  'delete from clinic.plan_scores',
  $$insert into clinic.locks (plan_id, action, staff_id, shift_id) values (1, 'assign', 1, 1)$$,
  'update clinic.assignments set plan_id = 1',
  'delete from clinic.assignments',
  'delete from clinic.plans',
  $$update clinic.assignment_history set actor = 'someone else'$$,
  'delete from clinic.assignment_history',
  'truncate clinic.assignments',
  'alter table clinic.assignments disable trigger record_assignment',
  $$insert into clinic.staff (name) values ('Bea')$$,
  $$insert into clinic.staff_groups (name, priority) values ('Nurses', 1)$$,
  $$insert into clinic.staff_availability (staff_id, day_of_week, start_time, end_time) values (1, 1, '08:00', '12:00')$$,
  $$insert into clinic.shift_kinds (name) values ('night')$$,
  $$insert into clinic.shift_templates (day_of_week, start_time, end_time) values (1, '08:00', '12:00')$$,
  $$insert into clinic.rules (rule_kind, mode) values ('no_overlap', 'off')$$,
  $$insert into clinic.rule_overrides (rule_kind, mode, staff_id, approved_by, reason) values ('no_overlap', 'off', 1, 'chief', 'twins')$$]);
-- A scheduler's writes are recorded all the same.
set local role test_scheduler;
delete from clinic.assignments;
select version, operation, origin from clinic.assignment_history order by id;
reset role;
rollback to rostered;
-- The set-up: by admins. Making and upgrading tables: by their owner.
select * from pg_temp.may(array[
  $$insert into clinic.providers (name) values ('New')$$,
  'update clinic.providers set enabled = false',
  'delete from clinic.provider_availability',
  $$insert into clinic.time_off (during) values ('[2035-04-17, 2035-04-18)')$$,
  'insert into clinic.overbooking_rules (max_overbook) values (1)',
  'insert into clinic.scoring_profiles (preference_weight) values (1)',
  'update clinic.clinics set slot_step_minutes = 10',
  $$insert into clinic.clinics (name, time_zone) values ('Other', 'UTC')$$,
  'delete from clinic.clinics',
  'update clinic.schema_version set version = 2',
  $$select init_clinic('Other', 'UTC')$$,
  'select upgrade_clinic()',
  $$select grant_clinic_access('test_nobody', 'admin')$$]);

-- A scheduler's writes are recorded, although the scheduler can't write history.
set local role test_scheduler;
select booking_id, status from book_slot('Checkup', 1, 1, '2035-04-16 10:00', 'A');
select status from cancel_booking(1, 'ill');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, status, hold_expires_at, during)
  values (1, 1, 1, 'B', 'pending', now(), '[2035-04-16 09:00,)');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'C', '[2035-04-16 09:10,)');
-- The expired hold was given back for it.
select patient_name, status from clinic.bookings order by id;
select after ->> 'patient_name' as name, operation, reason from clinic.booking_history order by id;
-- Finding and booking agree for each of them: the functions see what they need. A finder isn't told which bookings there are.
reset role;
insert into clinic.overbooking_rules (max_overbook) values (1);
set local role test_finder;
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2035-04-16');
select distinct code, blocking_table, blocking_id, sentence from explain_slots('Checkup', slot_start => '2035-04-16 09:10', provider_id => 1) order by 1, 2, 3;
call test.refused($$select from find_slots('Checkup', date '2035-04-16', patient_id => '')$$);
call test.refused($$select from explain_slots(slot_start => '2035-04-16 09:00', booking_id => 1)$$);
reset role;
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2035-04-16');
select distinct code, blocking_table, blocking_id, sentence from explain_slots('Checkup', slot_start => '2035-04-16 09:10', provider_id => 1) order by 1, 2, 3;
-- The functions act as the owner of the tables while they run, no longer, nor after an error.
set local role test_finder;
select count(*) >= 0 as found, current_user from find_slots('Checkup', date '2035-04-16');
call test.refused($$select from find_slots('Surgery', date '2035-04-16')$$);
select current_user;
call test.refused('select from clinic.bookings');
reset role;
rollback;
-- Nobody acts as a superuser where somebody else owns a table, and could put something of his own in its place.
begin;
call test.clinic();
create role test_finder;
create role test_stranger;
select grant_clinic_access('test_finder', 'finder');
grant usage on schema test to public;
create function test.found() returns bigint language sql as $$ select count(*) from find_slots('Checkup', '2035-04-16') $$;
update clinic.clinics set booking_horizon_days = 3660;
set local role test_finder;
select test.found() > 0 as found;
reset role;
alter table clinic.scoring_profiles owner to test_stranger;
set local role test_finder;
call test.refused('select test.found()');
reset role;
call test.refused('select expire_holds()');
alter table clinic.scoring_profiles owner to current_user;
set local role test_finder;
select test.found() > 0 as found;
reset role;
rollback;
