-- clinic.booking_history: every change, who made it and why. Written by the trigger alone, kept forever.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

update clinic.clinics set booking_horizon_days = 3660;
create temp view history as select booking_id, version, case actor when session_user then 'session user' else actor end as actor, reason,
    operation, before ->> 'status' as before, after ->> 'status' as after
  from clinic.booking_history order by id;

-- Who and why: the settings, else the session user and 'direct SQL'. Empty is as if not set.
set local pg_clinic.actor = 'reception';
set local pg_clinic.reason = 'phone call';
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'A', '[2035-04-16 09:00,)');
set local pg_clinic.reason = '';
update clinic.bookings set status = 'arrived';
set local pg_clinic.actor = '';
update clinic.bookings set status = 'booked';
-- A function's reason: what it was given, else the setting, else its name. What fails leaves no trace, nor its reason.
select from book_slot('Checkup', 1, 1, '2035-04-16 10:00', 'B');
select from hold_slot('Checkup', 1, 1, '2035-04-16 11:00');
select from confirm_hold(3, 'C');
select from reschedule_booking(3, '2035-04-16 11:15');
call test.violates($$select cancel_booking(99, 'not me')$$);
call test.violates($$select book_slot('Checkup', 1, 1, '2035-04-16 10:00', 'D', override_reason => 'not me')$$);
call test.violates($$select book_slot('Checkup', 1, 1, '2035-04-23 10:00', ' ', override_reason => 'not me')$$);
update clinic.bookings set contact = 'c' where id = 3;
select from cancel_booking(3, 'ill');
select from check_in_booking(2);
set local pg_clinic.reason = 'phone call';
select from complete_booking(2);
select from cancel_booking(1, 'recovered');
reset pg_clinic.reason;
delete from clinic.bookings where id = 3;
select * from history;

-- A session under another role is still who logged in.
create role test_other superuser;
set local role test_other;
update clinic.bookings set contact = 'x' where id = 2;
reset role;
select actor = session_user as by_session_user from clinic.booking_history order by id desc limit 1;

-- Before and after are the whole row; what didn't change is alike.
select jsonb_object_agg(key, array[b.value, a.value]) as changed
from clinic.booking_history h, jsonb_each(before) b join jsonb_each(after) a using (key)
where booking_id = 2 and version = 3 and a.value <> b.value;
select before is null as no_before, (select array_agg(key order by key) from jsonb_object_keys(after) key) = (
    select array_agg(attname::text order by attname::text) from pg_attribute where attrelid = 'clinic.bookings'::regclass and attnum > 0 and not attisdropped) as all_columns
from clinic.booking_history where booking_id = 2 and version = 1;
-- When: in the order of the changes, within one transaction too.
select bool_and(changed_at >= before) from (select changed_at, lag(changed_at) over (order by id) as before from clinic.booking_history) s where before is not null;
select bool_and(changed_at between now() and clock_timestamp()) from clinic.booking_history;
-- It doesn't depend on the session's DateStyle: a range reads the same.
set local datestyle to 'SQL, DMY';
set local timezone to 'UTC';
update clinic.bookings set contact = 'y' where id = 2;
reset datestyle;
set local datestyle to iso;
select distinct (after ->> 'during')::tstzrange from clinic.booking_history where booking_id = 2;

-- TRUNCATE is refused, also in passing; so is emptying what they point at.
call test.refused('truncate clinic.bookings');
call test.refused('truncate clinic.bookings cascade');
call test.refused('truncate clinic.booking_history');
call test.violates('truncate clinic.bookings, clinic.booking_history cascade');
set local client_min_messages to warning;
call test.violates('truncate clinic.clinics cascade');
call test.violates('truncate clinic.providers');
-- A history entry says what happened: neither before nor after may be missing.
call test.violates($$insert into clinic.booking_history (clinic_id, booking_id, version, changed_at, actor, reason, operation) values (1, 1, 99, now(), 'a', 'r', 'update')$$);
call test.violates($$insert into clinic.booking_history (clinic_id, booking_id, version, changed_at, actor, reason, operation, after) values (1, 1, 1, now(), 'a', 'r', 'insert', '{}')$$);
call test.violates($$insert into clinic.booking_history (clinic_id, booking_id, version, changed_at, actor, reason, operation, after) values (1, 1, 99, now(), 'a', 'r', 'guess', '{}')$$);
rollback;
