-- clinics.enforce_rules: what book_slot refuses for a rule, a plain INSERT or UPDATE doesn't write either, unless it says why.
\set SHOW_CONTEXT never
\set VERBOSITY default
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660, minimum_notice_minutes = 60;
insert into clinic.providers (name, enabled) values ('Berg', true), ('Conti', false);
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam'), ('Lab', 'lab');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '12:00');
insert into clinic.appointment_types (name, duration_minutes, required_room_type, enabled)
  values ('Blood test', 15, 'lab', true), ('Old', 15, null, false);
create procedure pg_temp.raw(provider bigint, room bigint, type bigint, start timestamptz, reason text default null)
language sql as $$
  insert into clinic.bookings (provider_id, room_id, appointment_type_id, during, patient_name, override_reason)
  values (provider, room, type, tstzrange(start, null), 'Ada', reason)
$$;
select id, name from clinic.appointment_types order by id;

-- Without it only constraints hold: a plain INSERT books at night.
savepoint free;
call pg_temp.raw(1, 1, 1, '2035-04-16 03:00');
rollback to free;

update clinic.clinics set enforce_rules = true;
savepoint enforced;
call pg_temp.raw(1, 1, 1, '2035-04-16 09:00');
rollback to enforced;

-- Rules of each kind, as book_slot says them.
call test.violates($$call pg_temp.raw(1, 1, 1, '2035-04-16 03:00')$$);
call test.violates($$select book_slot('Checkup', 1, 1, '2035-04-16 03:00', 'Ada')$$);
call test.violates($$call pg_temp.raw(1, 1, 1, '2020-04-13 09:00')$$);
call test.violates($$call pg_temp.raw(1, 1, 1, '2055-04-12 09:00')$$);
call test.violates($$call pg_temp.raw(3, 1, 1, '2035-04-16 09:00')$$);
call test.violates($$call pg_temp.raw(1, 1, 2, '2035-04-16 09:00')$$);
call test.violates($$call pg_temp.raw(1, 1, 3, '2035-04-16 09:00')$$);
insert into clinic.provider_types (provider_id, appointment_type_id) values (2, 1);
call test.violates($$call pg_temp.raw(1, 1, 1, '2035-04-16 09:00')$$);
delete from clinic.provider_types;
insert into clinic.time_off (provider_id, from_date, to_date, reason) values (1, '2035-04-16', '2035-04-16', 'course');
call test.violates($$call pg_temp.raw(1, 1, 1, '2035-04-16 09:00')$$);
\set VERBOSITY default
call pg_temp.raw(1, 1, 1, '2035-04-16 09:00');
rollback to enforced;

-- An override sets it aside, and says who did; it lifts no collision.
call pg_temp.raw(1, 1, 1, '2035-04-16 03:00', 'an emergency');
select override_reason, overridden_by is not null as is_by_somebody from clinic.bookings;
call test.violates($$call pg_temp.raw(1, 1, 1, '2035-04-16 03:10', 'another one')$$);
rollback to enforced;

-- Nobody is beside whom there is something to overbook.
call test.violates($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, during, patient_name, is_overbooked)
  values (1, 1, 1, '[2035-04-16 09:00,)', 'Ada', true)$$);
insert into clinic.overbooking_rules (max_overbook) values (1);
call test.violates($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, during, patient_name, is_overbooked)
  values (1, 1, 1, '[2035-04-16 09:00,)', 'Ada', true)$$);

-- What collides is the constraint's to say, so that ON CONFLICT passes it over; that is so outside of the hours, too.
call pg_temp.raw(1, 1, 1, '2035-04-16 11:30');
call test.violates($$call pg_temp.raw(1, 1, 1, '2035-04-16 11:45')$$);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, during, patient_name)
values (1, 1, 1, '[2035-04-16 11:45,)', 'Bob') on conflict do nothing;

-- The same request again is nothing new, whatever has become of the hours.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, during, patient_name, request_id)
values (1, 2, 1, '[2035-04-16 10:00,)', 'Cy', 'r1');
update clinic.provider_availability set valid_until = '2030-01-01';
insert into clinic.bookings (provider_id, room_id, appointment_type_id, during, patient_name, request_id)
values (1, 2, 1, '[2035-04-16 10:00,)', 'Cy', 'r1') on conflict (clinic_id, request_id) do nothing;
select patient_name from clinic.bookings order by id;

-- Only what changes is judged: a name, a status, another room; not what was granted.
update clinic.bookings set patient_name = 'Cyd' where request_id = 'r1';
update clinic.bookings set room_id = 1 where request_id = 'r1';
update clinic.bookings set status = 'arrived' where request_id = 'r1';
update clinic.rooms set enabled = false where id = 3;
call test.violates($$update clinic.bookings set room_id = 3 where request_id = 'r1'$$);
call test.violates($$update clinic.bookings set during = '[2035-04-16 10:15,2035-04-16 10:45)' where request_id = 'r1'$$);
call test.violates($$update clinic.bookings set during = '[2035-04-16 10:00,2035-04-16 11:00)' where request_id = 'r1'$$);
call test.violates($$update clinic.bookings set appointment_type_id = 2 where request_id = 'r1'$$);
-- A cancelled one that is called on again takes its place anew.
update clinic.bookings set status = 'cancelled' where request_id = 'r1';
call test.violates($$update clinic.bookings set status = 'booked' where request_id = 'r1'$$);
update clinic.bookings set status = 'booked', override_reason = 'she is here' where request_id = 'r1';
rollback to enforced;

-- Nor is a normal booking beside an overbooked one, which no constraint refuses: the judge does.
insert into clinic.overbooking_rules (max_overbook) values (1);
call pg_temp.raw(1, 1, 1, '2035-04-16 09:00');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, during, patient_name, is_overbooked)
values (1, 2, 1, '[2035-04-16 09:00,)', 'Bob', true);
update clinic.bookings set status = 'cancelled' where not is_overbooked;
call test.violates($$call pg_temp.raw(1, 1, 1, '2035-04-16 09:00')$$);
call test.violates($$select book_slot('Checkup', 1, 1, '2035-04-16 09:00', 'Ada')$$);
rollback to enforced;

-- Functions that judged already write what they judged: with their own override, and several at once.
alter table clinic.bookings alter id restart with 1;
select booking_id from book_slot('Checkup', 1, 1, '2035-04-16 03:00', 'Ada', override_reason => 'an emergency');
select booking_id from book_slot('Checkup', 1, 1, '2035-04-16 09:00', 'Bob');
select booking_id from book_slot('Checkup', 1, 2, '2035-04-16 10:00', 'Cy');
select booking_id, slot_start from swap_bookings(2, 3);
select booking_id, slot_start from shift_bookings(1, '2035-04-16 09:00', '2035-04-16 09:15', '15 minutes');
select booking_id, slot_start from reschedule_booking(2, '2035-04-16 11:00');
select status from cancel_booking(2);
select status, slot_start from reopen_booking(2);
select booking_id, status from hold_slot('Checkup', 2, 2, '2035-04-16 09:00');
select booking_id, status from confirm_hold(4, 'Dee');
rollback to enforced;

-- A trigger of the app's own that makes another place of it doesn't slip through.
create function pg_temp.at_night() returns trigger language plpgsql as $$
begin
  new.during := tstzrange(lower(new.during) - interval '6 hours', upper(new.during) - interval '6 hours');
  return new;
end $$;
create trigger at_night before insert on clinic.bookings for each row execute function pg_temp.at_night();
call test.violates($$select book_slot('Checkup', 1, 1, '2035-04-16 09:00', 'Ada')$$);
rollback to enforced;

-- Many rows at once; one that a rule is against, and none is written.
call test.violates($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, during, patient_name)
  select 1, 1, 1, tstzrange(start, null), 'Patient ' || start
  from generate_series(timestamptz '2035-04-16 09:00', '2035-04-16 13:00', '1 hour') start$$);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, during, patient_name)
select 1, 1, 1, tstzrange(start, null), 'Patient ' || start
from generate_series(timestamptz '2035-04-16 09:00', '2035-04-16 11:00', '1 hour') start;
select count(*) from clinic.bookings;
rollback;
