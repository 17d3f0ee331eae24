-- A wish is settled by what happened, and each person is one person.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660, slot_step_minutes = 30, backfill_same_type_only = false;
update clinic.providers set buffer_minutes = 0;
insert into clinic.appointment_types (name, duration_minutes) values ('Long', 60);
insert into clinic.providers (name, buffer_minutes) values ('Berg', 0);
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) select 2, day, '09:00', '12:00' from generate_series(1, 5) day;
insert into clinic.bookings (id, provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values (101, 1, 1, 1, 'X', 'Xaver', '[2035-04-16 09:00,)');
create function pg_temp.who() returns text language sql as $$ select string_agg(patient_name, ' ') from find_backfill(101) $$;
create view pg_temp.entry as select id, patient_name as name, status, placed_booking_id as booking, exists (select from clinic.waiting w where w.waitlist_id = e.id) as waits from clinic.waitlist e order by id;
select join_waitlist('Checkup', 'Ann', '2035-04-16', '2035-04-20', patient_id => 'A') as ann \gset
-- A booking of that type within the dates, made since, ends the wait; any other doesn't.
create procedure pg_temp.books(who text, type bigint, at timestamptz, made timestamptz default now(), status text default 'booked', key text default 'A', reach text default null)
language sql as $$
  insert into clinic.bookings (id, provider_id, room_id, appointment_type_id, patient_id, patient_name, contact, during, created_at, status, hold_expires_at)
    values (200, 2, 2, type, key, who, reach, tstzrange(at, null), made, status, case status when 'pending' then now() + interval '1 hour' end)
$$;
savepoint ready;
call pg_temp.books('Ann', 1, '2035-04-18 09:00');
select pg_temp.who(), waits from pg_temp.entry;
-- Cancelled, not come to, or moved out of the dates, she waits again.
savepoint met;
update clinic.bookings set status = 'cancelled' where id = 200;
select pg_temp.who(), waits from pg_temp.entry;
rollback to met;
update clinic.bookings set status = 'noshow' where id = 200;
select pg_temp.who(), waits from pg_temp.entry;
rollback to met;
update clinic.bookings set during = '[2035-04-23 09:00,)' where id = 200;
select pg_temp.who(), waits from pg_temp.entry;
rollback to ready;
call pg_temp.books('Ann', 2, '2035-04-18 09:00');
select pg_temp.who() as other_type;
rollback to ready;
call pg_temp.books('Ann', 1, '2035-04-23 09:00');
select pg_temp.who() as other_date;
rollback to ready;
call pg_temp.books('Ann', 1, '2035-04-18 09:00', '2020-01-01');
select pg_temp.who() as made_before;
rollback to ready;
call pg_temp.books('Ann', 1, '2035-04-18 09:00', status => 'pending');
select pg_temp.who() as a_hold;
rollback to ready;
call pg_temp.books('Ann', 1, '2035-04-18 09:00', key => 'other');
select pg_temp.who() as another_key;
rollback to ready;
call pg_temp.books('Ann', 1, '2035-04-18 09:00', key => null, reach => 'tel. 1');
select pg_temp.who() as without_key;
rollback to ready;
-- Without a key, name and contact say who it is; without contact nobody can tell.
update clinic.waitlist set patient_id = null, contact = 'tel. 1';
call pg_temp.books('Ann', 1, '2035-04-18 09:00', key => null, reach => 'tel. 1');
select pg_temp.who() as the_same;
rollback to ready;
update clinic.waitlist set patient_id = null, contact = 'tel. 1';
call pg_temp.books('Ann', 1, '2035-04-18 09:00', key => null, reach => 'tel. 2');
select pg_temp.who() as other_contact;
rollback to ready;
update clinic.waitlist set patient_id = null, contact = 'tel. 1';
call pg_temp.books('Anne', 1, '2035-04-18 09:00', key => null, reach => 'tel. 1');
select pg_temp.who() as other_name;
rollback to ready;
update clinic.waitlist set patient_id = null;
call pg_temp.books('Ann', 1, '2035-04-18 09:00', key => null);
select pg_temp.who() as no_contact;
rollback to ready;

-- An app that keeps no key: own cancellations count, by name and contact; each person once; not the one who gave it up.
insert into clinic.bookings (id, provider_id, room_id, appointment_type_id, patient_name, contact, during, status) values
  (301, 2, 2, 1, 'Kim', 'kim@x', '[2035-04-16 11:00,)', 'cancelled'), (302, 2, 2, 1, 'Kim', 'kim@x', '[2035-04-17 11:00,)', 'cancelled'),
  (303, 2, 2, 1, 'Lea', 'lea@x', '[2035-04-17 11:00,)', 'cancelled'), (304, 2, 2, 1, 'Lea', 'lea@x', '[2035-04-19 11:00,)', 'booked'),
  (305, 2, 2, 1, 'Mia', null, '[2035-04-16 11:00,)', 'cancelled'), (306, 2, 2, 1, 'Mia', null, '[2035-04-16 11:00,)', 'cancelled');
select source, patient_name, former_booking_id as former from find_backfill(101);
update clinic.bookings set patient_id = null, patient_name = 'Kim', contact = 'kim@x' where id = 101;
select string_agg(patient_name, ' ') from find_backfill(101);
-- One with two entries is asked once, with and without a key.
insert into clinic.waitlist (patient_id, patient_name, contact, appointment_type_id, from_date, to_date)
  select key, name, reach, 1, '2035-04-16', '2035-04-16' from (values ('A', 'Ann again', null), (null, 'Cy', 'cy@x'), (null, 'Cy', 'cy@x'), (null, 'Nobody', null), (null, 'Nobody', null)) w (key, name, reach);
select string_agg(patient_name, ' ') from find_backfill(101);
rollback to ready;

-- Who accepted and lost the booking waits again, as what was wished.
update clinic.bookings set status = 'cancelled' where id = 101;
select offer_id as o from offer_backfill(101) \gset
select booking_id as b from accept_offer(:o) \gset
select name, status, booking = :b as placed, waits from pg_temp.entry;
update clinic.bookings set status = 'cancelled' where id = :b;
select name, status, booking, waits from pg_temp.entry;
-- Not for the very place that she gave up.
select string_agg(patient_name, ' ') from find_backfill(:b);
rollback to ready;
-- An offer of another place, open while she books by herself, is no longer hers.
update clinic.bookings set status = 'cancelled' where id = 101;
select offer_id as o from offer_backfill(101) \gset
call pg_temp.books('Ann', 1, '2035-04-18 09:00');
select format('call test.refused(%L)', 'select accept_offer(' || :o || ')') \gexec
rollback to ready;

-- Joining again gives the same entry; another wish of hers is another.
select join_waitlist('Checkup', 'Ann', '2035-04-16', '2035-04-20', patient_id => 'A') = :ann as again,
  join_waitlist('Checkup', 'Ann Other', '2035-04-16', '2035-04-20', patient_id => 'A', priority => 5, contact => 'new') = :ann as by_key,
  join_waitlist('Checkup', 'Ann', '2035-04-16', '2035-04-21', patient_id => 'A') = :ann as other_dates,
  join_waitlist('Long', 'Ann', '2035-04-16', '2035-04-20', patient_id => 'A') = :ann as other_type,
  join_waitlist('Checkup', 'Ann', '2035-04-16', '2035-04-20', patient_id => 'A', weekdays => '{1}') = :ann as other_weekdays,
  join_waitlist('Checkup', 'Ann', '2035-04-16', '2035-04-20', patient_id => 'B') = :ann as other_key,
  join_waitlist('Checkup', 'Ann', '2035-04-16', '2035-04-20') = :ann as no_key;
select priority as raised from clinic.waitlist where id = :ann;
select join_waitlist('Checkup', 'Cy', '2035-04-16', '2035-04-20', contact => 'cy@x') as cy \gset
select join_waitlist('Checkup', 'Cy', '2035-04-16', '2035-04-20', contact => 'cy@x') = :cy as by_contact,
  join_waitlist('Checkup', 'Cy', '2035-04-16', '2035-04-20', contact => 'cyrus@x') = :cy as other_contact,
  join_waitlist('Checkup', 'Nobody', '2035-04-16', '2035-04-20') = join_waitlist('Checkup', 'Nobody', '2035-04-16', '2035-04-20') as unknown;
-- Who has left, or whose wish was met, joins anew.
select leave_waitlist(:ann), join_waitlist('Checkup', 'Ann', '2035-04-16', '2035-04-20', patient_id => 'A') = :ann as after_leaving;
-- A request stands for one wish.
select join_waitlist('Checkup', 'Zoe', '2035-04-16', '2035-04-20', request_id => 'r1') as zoe \gset
select join_waitlist('Checkup', 'Zoe', '2035-04-16', '2035-04-20', request_id => 'r1') = :zoe as same;
call test.refused($$select join_waitlist('Long', 'Zoe', '2035-04-16', '2035-04-20', request_id => 'r1')$$);
call test.refused($$select join_waitlist('Checkup', 'Zoë', '2035-04-16', '2035-04-20', request_id => 'r1')$$);
call test.violates($$select join_waitlist('Checkup', 'Zoe', request_id => '')$$);
rollback;
