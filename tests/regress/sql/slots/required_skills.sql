-- Appointment types that need a rostered assistant: found, explained, refused and overridden by one rule.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
-- book_slot knows no other "now" than the clock's, so these dates are years ahead.
update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.providers (name) values ('Baer');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '12:00');
insert into clinic.appointment_types (name, duration_minutes, required_skills) values ('Implant', 60, '{surgery}'), ('Laser', 30, '{surgery,x-ray}');
insert into clinic.staff (name, skills) values ('Ana', '{surgery,x-ray}'), ('Bea', '{surgery}'), ('Cem', '{x-ray}');
insert into clinic.shifts (shift_kind, provider_id, during) values
  ('session', 1, '[2035-04-16 09:00, 2035-04-16 10:30)'), ('session', 1, '[2035-04-16 10:30, 2035-04-16 12:00)'),
  ('session', 2, '[2035-04-16 09:00, 2035-04-16 12:00)');
create function pg_temp.found(type text) returns text language sql as $$
  select string_agg(format('%s: %s', provider_id, times), '; ' order by provider_id)
  from (select provider_id, test.times(array_agg(slot_start)) as times
        from find_slots(type, date '2035-04-16', now => '2035-04-01') group by provider_id) f
$$;

-- Nobody is rostered yet. A plan is no roster, and other types need nobody.
-- Written by hand for once, as a plan that somebody solved.
alter table clinic.plans disable trigger keep_new_plan;
insert into clinic.plans (kind, from_date, to_date, status, created_by)
  values ('roster', '2035-04-16', '2035-04-22', 'OPTIMAL', 'me');
insert into clinic.plan_assignments (plan_id, staff_id, shift_id) values (1, 1, 1);
select pg_temp.found('Implant') as implant, pg_temp.found('Checkup') as checkup;
-- Somebody without the skill, then one after the other with it, then the same person all morning.
insert into clinic.assignments (staff_id, shift_id) values (3, 1), (3, 2);
select pg_temp.found('Implant');
insert into clinic.assignments (staff_id, shift_id) values (1, 1), (2, 2);
select pg_temp.found('Implant');
insert into clinic.assignments (staff_id, shift_id) values (1, 2);
select pg_temp.found('Implant');
-- Several skills are one person's, all of them: what Bea and Cem can do together is no help.
select pg_temp.found('Laser');
savepoint together;
delete from clinic.assignments where staff_id = 1;
insert into clinic.assignments (staff_id, shift_id) values (2, 1);
select pg_temp.found('Implant') as implant, pg_temp.found('Laser') as laser;
select provider_id, code, sentence from explain_slots('Laser', slot_start => '2035-04-16 10:00', now => '2035-04-01');
rollback to together;
-- Nobody assists who is on leave, or has left.
savepoint there;
insert into clinic.time_off (staff_id, during) values (1, '[2035-04-16 09:45, 2035-04-16 10:15)');
select pg_temp.found('Implant');
rollback to there;
update clinic.staff set enabled = false where id = 1;
select pg_temp.found('Implant');
rollback to there;
-- A finder may ask too, and sees no name of staff.
create role implant_finder;
select grant_clinic_access('implant_finder', 'finder');
set local role implant_finder;
select count(*) from find_slots('Implant', date '2035-04-16', now => '2035-04-01');
call test.violates('select name from clinic.staff');
reset role;
delete from clinic.assignments where (staff_id, shift_id) = (1, 2);

-- Why not: about a start, and about a whole day.
select provider_id, code, sentence from explain_slots('Implant', slot_start => '2035-04-16 10:00', now => '2035-04-01');
select provider_id, code, sentence from explain_slots('Implant', date '2035-04-16', now => '2035-04-01')
where slot_start is null;
-- Booking asks the same, a hold and a move too; a reason given sets the rule aside for one booking.
call test.refused($$select book_slot('Implant', 1, 1, '2035-04-16 10:00', 'Ada')$$);
call test.violates($$select hold_slot('Implant', 1, 1, '2035-04-16 10:00', 'Ada')$$);
select booking_id from book_slot('Implant', 1, 1, '2035-04-16 10:00', 'Ada', override_reason => 'Bea comes earlier');
select booking_id from book_slot('Implant', 1, 1, '2035-04-16 11:10', 'Bob', override_reason => 'not needed');
select id, override_reason from clinic.bookings order by id;
call test.violates($$select reschedule_booking(2, '2035-04-16 09:00', 2)$$);
-- What was booked stays when the record changes.
delete from clinic.assignments;
select count(*) from clinic.bookings where status = 'booked';

-- Who could take a freed place: only whose type finds an assistant there, each type by its own skills.
insert into clinic.appointment_types (name, duration_minutes, required_skills) values ('X-ray', 30, '{x-ray}');
insert into clinic.waitlist (patient_name, appointment_type_id, from_date, to_date) values
  ('for an implant', 2, '2035-04-16', '2035-04-16'), ('for a laser', 3, '2035-04-16', '2035-04-16'), ('for an X-ray', 4, '2035-04-16', '2035-04-16'),
  ('for a checkup', 1, '2035-04-16', '2035-04-16');
update clinic.clinics set backfill_same_type_only = false;
create function pg_temp.who() returns text language sql as $$
  select coalesce(string_agg(patient_name, ', ' order by waitlist_id), 'nobody') from find_backfill(1)
$$;
select pg_temp.who();
insert into clinic.assignments (staff_id, shift_id) values (3, 1);
select pg_temp.who();
insert into clinic.assignments (staff_id, shift_id) values (1, 1), (1, 2);
select pg_temp.who();

-- A list of skills has no gaps, and isn't null: none is an empty list.
call test.violates($$update clinic.appointment_types set required_skills = '{surgery,null}' where id = 2$$);
call test.violates($$update clinic.appointment_types set required_skills = null where id = 2$$);
select name, required_skills from clinic.appointment_types order by id;
rollback;
