-- The waitlist: joining it, leaving it, and what it refuses.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 30;
insert into clinic.appointment_types (name, duration_minutes, enabled) values ('Lab', 15, true), ('Gone', 15, false);

-- By name and by id; by default from today to the booking horizon, any provider, day and time, priority 0.
select join_waitlist('Checkup', 'Ann');
select join_waitlist(appointment_type_id => 2, patient_name => 'Ben', patient_id => 'p2', contact => 'ben@example.org', provider_id => 1, from_date => '2035-04-16',
  to_date => '2035-04-20', weekdays => '{1,3}', earliest_time => '09:00', latest_time => '11:30', priority => 5);
select join_waitlist('Checkup', patient_name => 'Cem', from_date => null, to_date => null, patient_id => null, contact => null,
  provider_id => null, weekdays => null, earliest_time => null, latest_time => null, priority => null, booking_id => null,
  clinic_id => null);
select id, patient_name, appointment_type_id as type, provider_id as provider, from_date - (now() at time zone 'Europe/Berlin')::date as from_day,
  to_date - (now() at time zone 'Europe/Berlin')::date as to_day, weekdays, earliest_time, latest_time, priority, status
from clinic.waitlist where id in (1, 3) order by id;
select id, patient_id, patient_name, contact, appointment_type_id as type, provider_id as provider, from_date, to_date, weekdays,
  earliest_time as earliest, latest_time as latest, priority, booking_id, status, placed_booking_id, created_at = now() as now
from clinic.waitlist where id = 2;

-- An earlier time than a booking: patient and last date are the booking's unless given.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, contact, during) values
  (1, 1, 1, 'p3', 'Cem', 'tel. 3', '[2035-04-16 09:00,)'), (1, 1, 1, null, 'Dan', null, '[2035-04-16 10:00,)');
select join_waitlist('Checkup', booking_id => 1);
select join_waitlist('Checkup', 'Dan Doe', '2035-04-01', '2035-04-10', 'p4', 'tel. 4', booking_id => 2);
select id, patient_id, patient_name, contact, from_date = (now() at time zone 'Europe/Berlin')::date as from_today, to_date, booking_id
from clinic.waitlist where id > 3 order by id;

-- Leaving: true once.
select leave_waitlist(4), leave_waitlist(4);
select status from clinic.waitlist where id = 4;
-- And back again.
select join_waitlist('Checkup', booking_id => 1);

-- The functions refuse:
call test.refused('select join_waitlist(null, ''E'')');
call test.refused($$select join_waitlist('Checkup', 'E', appointment_type_id => 1)$$);
call test.refused($$select join_waitlist('Checkup')$$);
call test.refused($$select join_waitlist('Nothing', 'E')$$);
call test.refused('select join_waitlist(appointment_type_id => 99, patient_name => ''E'')');
call test.refused($$select join_waitlist('Gone', 'E')$$);
call test.refused($$select join_waitlist('Checkup', 'E', clinic_id => 9)$$);
call test.refused($$select join_waitlist('Checkup', 'E', weekdays => '{9}')$$);
call test.refused('select leave_waitlist(null)');
call test.refused('select leave_waitlist(99)');
-- Dates: finite, within the years there are.
call test.refused($$select join_waitlist('Checkup', 'E', from_date => 'infinity')$$);
call test.refused($$select join_waitlist('Checkup', 'E', to_date => 'infinity')$$);
call test.refused($$select join_waitlist('Checkup', 'E', from_date => '-infinity')$$);
call test.violates($$select join_waitlist('Checkup', 'E', to_date => '2300-01-01')$$);
call test.violates($$select join_waitlist('Checkup', 'E', from_date => '2035-04-17', to_date => '2035-04-16')$$);
call test.violates($$select join_waitlist('Checkup', 'E', from_date => '2035-04-17')$$);
-- A booking that isn't there, of another type, of another patient, over, or wanted earlier already.
call test.refused($$select join_waitlist('Checkup', booking_id => 99)$$);
call test.refused($$select join_waitlist('Lab', booking_id => 1)$$);
call test.refused($$select join_waitlist('Checkup', patient_id => 'p9', booking_id => 1)$$);
call test.violates($$select join_waitlist('Checkup', booking_id => 1, provider_id => 1)$$);
savepoint over;
update clinic.bookings set status = 'checked-in' where id = 2;
call test.refused($$select join_waitlist('Checkup', booking_id => 2)$$);
update clinic.bookings set status = 'cancelled' where id = 2;
call test.refused($$select join_waitlist('Checkup', booking_id => 2)$$);
rollback to over;
-- A hold may be without a name, a waitlist entry may not; an expired hold is no booking.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, during, status, hold_expires_at)
  values (1, 1, 1, '[2035-04-16 11:00,)', 'pending', now() + interval '1 hour') returning id;
call test.refused($$select join_waitlist('Checkup', booking_id => 3)$$);
select join_waitlist('Checkup', 'Eve', booking_id => 3);
update clinic.waitlist set status = 'left' where booking_id = 3;
update clinic.bookings set hold_expires_at = now() where id = 3;
call test.refused($$select join_waitlist('Checkup', 'Eve', booking_id => 3)$$);

-- The constraints, which hold for plain SQL, too.
call test.violates($$select join_waitlist('Checkup', ' ')$$);
call test.violates($$select join_waitlist('Checkup', 'E', patient_id => '')$$);
call test.violates($$select join_waitlist('Checkup', 'E', provider_id => 99)$$);
call test.violates($$select join_waitlist('Checkup', 'E', weekdays => '{}')$$);
call test.violates($$select join_waitlist('Checkup', 'E', weekdays => '{0}')$$);
call test.violates($$select join_waitlist('Checkup', 'E', weekdays => '{1,8}')$$);
call test.violates($$select join_waitlist('Checkup', 'E', weekdays => '{1,null}')$$);
create procedure pg_temp.insert_refused(columns text, given text) language plpgsql as $$
begin
  call test.violates(format('insert into clinic.waitlist (appointment_type_id, patient_name, from_date, to_date, %s)
    values (1, ''E'', ''2035-04-16'', ''2035-04-16'', %s)', columns, given));
end $$;
call pg_temp.insert_refused('booking_id', '99');
call pg_temp.insert_refused('booking_id', '1');
call pg_temp.insert_refused('provider_id', '99');
call pg_temp.insert_refused('status', $$'wait'$$);
call pg_temp.insert_refused('status', $$'placed'$$);
call pg_temp.insert_refused('placed_booking_id', '1');
call pg_temp.insert_refused('status, placed_booking_id', $$'placed', 99$$);
call pg_temp.insert_refused('id', '1');
call pg_temp.insert_refused('clinic_id', '9');
call test.violates($$insert into clinic.waitlist (appointment_type_id, patient_name, from_date, to_date) values (1, 'E', '-infinity', '2035-04-16')$$);
call test.violates($$insert into clinic.waitlist (appointment_type_id, patient_name, from_date, to_date) values (1, 'E', '2035-04-16', 'infinity')$$);
call test.violates($$insert into clinic.waitlist (appointment_type_id, from_date, to_date) values (1, '2035-04-16', '2035-04-16')$$);
call test.violates($$insert into clinic.waitlist (appointment_type_id, patient_name, from_date, to_date) values (99, 'E', '2035-04-16', '2035-04-16')$$);
-- Midnight is a time of day at either end.
select join_waitlist('Checkup', 'Night', earliest_time => '00:00', latest_time => '24:00');

-- Two clinics: each has its own list, its own today and its own types.
select init_clinic('Kiritimati clinic', 'Pacific/Kiritimati');
call test.refused($$select join_waitlist('Checkup', 'F')$$);
call test.refused($$select join_waitlist('Checkup', 'F', clinic_id => 2)$$);
insert into clinic.appointment_types (clinic_id, id, name, duration_minutes) values (2, 21, 'Checkup', 30);
set local pg_clinic.clinic_id = 2;
select join_waitlist('Checkup', 'F') as entry \gset
select clinic_id, from_date = (now() at time zone 'Pacific/Kiritimati')::date as its_today, to_date - from_date as days
from clinic.waitlist where id = :entry;
-- Neither another's booking can be named nor another's entry left.
call test.refused($$select join_waitlist('Checkup', booking_id => 1)$$);
call test.refused('select leave_waitlist(1)');
select leave_waitlist(1, clinic_id => 1);
rollback;
