-- Jobs: mark_no_shows, expire_holds, run_due_jobs; and scheduling them where pg_cron isn't.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

create temp view rows as select id, patient_name, status, cancellation_reason, day_seat is null as free from clinic.bookings order by id;
create temp view history as select booking_id, version, reason, after ->> 'status' as status from clinic.booking_history where operation = 'update' order by id;
create procedure pg_temp.book(name text, status text, ended interval) language sql as $$
  insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, status, during)
  values (1, 1, 1, name, status, tstzrange(now() - ended - interval '15 minutes', now() - ended))
$$;
update clinic.providers set buffer_minutes = 0;
update clinic.clinics set no_show_since = '-infinity';

-- A patient who was never seen didn't come: at the end, or half an hour after the start, if that is later.
call pg_temp.book('Long ago', 'booked', '3 days');
call pg_temp.book('Half an hour', 'booked', '30 minutes');
call pg_temp.book('Just so', 'booked', '15 minutes');
call pg_temp.book('Going on', 'booked', '-5 minutes');
call pg_temp.book('To come', 'booked', '-2 days');
call pg_temp.book('Arrived', 'arrived', '4 days');
call pg_temp.book('Checked in', 'checked-in', '5 days');
call pg_temp.book('Done', 'fulfilled', '6 days');
call pg_temp.book('Cancelled', 'cancelled', '7 days');
call pg_temp.book('Asked for', 'pending', '8 days');
select mark_no_shows();
select mark_no_shows();
select * from rows;
select * from history;
update clinic.clinics set no_show_after_minutes = 45;
update clinic.bookings set status = 'booked' where id in (2, 3);
select mark_no_shows();
select status from clinic.bookings where id = 3;
update clinic.clinics set no_show_after_minutes = 0;
select mark_no_shows();
-- Null: never.
update clinic.clinics set no_show_after_minutes = null;
update clinic.bookings set status = 'booked' where id = 1;
select mark_no_shows();
update clinic.clinics set no_show_after_minutes = 30;
call test.violates('update clinic.clinics set no_show_after_minutes = -1');
set local pg_clinic.reason = 'end of day';
select mark_no_shows();
reset pg_clinic.reason;
select * from history offset 2;
select booking_id, kind from clinic.events where kind = 'noshow' order by id;

-- Holds that ran out are cancelled, with the same words as when a booking takes their place.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, status, during, hold_expires_at) values
  (1, 1, 1, 'pending', '[2035-04-16 09:00,)', now()), (1, 1, 1, 'pending', '[2035-04-16 10:00,)', now() + interval '1 second'),
  (1, 1, 1, 'pending', '[2035-04-17 10:00,)', null), (1, 1, 1, 'pending', '[2015-04-16 10:00,)', now() - interval '1 day');
set local pg_clinic.reason = 'not this';
select expire_holds();
reset pg_clinic.reason;
select expire_holds();
select * from rows where id > 10;
select * from history where booking_id > 10;
select booking_id, kind from clinic.events where booking_id > 10 and kind <> 'held' order by id;

-- All of them, for one clinic or all.
select * from run_due_jobs();
-- What was over before the clinic counted no-shows stays as it was imported.
savepoint imported;
update clinic.bookings set status = 'booked' where id in (1, 2);
update clinic.clinics set no_show_since = now() - interval '1 day';
select mark_no_shows();
select id, status from clinic.bookings where id in (1, 2) order by id;
insert into clinic.clinics (id, name, time_zone) values (9, 'New', 'UTC') returning no_show_since = now() as since_now, no_show_after_minutes;
rollback to imported;
insert into clinic.clinics (name, time_zone) values ('Second', 'UTC');
update clinic.bookings set status = 'booked' where id in (1, 2);
update clinic.bookings set hold_expires_at = now() where id = 12;
call test.refused('select mark_no_shows()');
call test.refused('select expire_holds()');
select mark_no_shows(2), expire_holds(2);
select * from run_due_jobs(2);
select * from run_due_jobs();
select mark_no_shows(1), expire_holds(1);

-- Arguments.
call test.refused('select mark_no_shows(clinic_id => 7)');
call test.refused('select expire_holds(7)');
call test.refused('select run_due_jobs(7)');

-- Without pg_cron: nothing is scheduled, and the answer says so.
call test.violates('select schedule_jobs()');
select unschedule_jobs();
rollback;
