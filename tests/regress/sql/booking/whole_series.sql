-- A series has an id: what is still to come of it can be called off or moved as a whole.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660, slot_step_minutes = 30;
insert into clinic.providers (name) values ('Baer');
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam'), ('Room 3', 'exam');
delete from clinic.provider_availability;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) select p, d, '09:00', '17:00' from generate_series(1, 2) p, generate_series(1, 5) d;
create function test.book(patient text, first timestamptz, count integer default 4) returns bigint language sql as $$
  select min(series_id) from book_series('Checkup', array_fill(1::bigint, array[$3]), array_fill(1::bigint, array[$3]),
    array(select $2 + make_interval(weeks => w) from generate_series(0, $3 - 1) w), $1, $1, request_id => $1)
$$;
create view test.visits as
  select series_id, patient_name, string_agg(concat_ws(' ', to_char(slot_start, 'Dy MM-DD HH24:MI'), 'p' || provider_id, 'r' || room_id, nullif(status, 'booked')), ', ' order by slot_start) as visits
  from clinic.bookings where series_id is not null group by 1, 2 order by 1;

-- Two series; the same request again is the same one; the answer has the id, and so has the view.
select test.book('ada', '2035-03-05 10:00'), test.book('bob', '2035-03-06 14:00');
select test.book('ada', '2035-03-05 10:00');
select series_id, booking_id, slot_start, request_id from book_series('Checkup', '{2}', '{2}', '{2035-03-05 10:00}', 'Cem');
select series_id, count(*) from clinic.appointments group by 1 order by 1;

-- To another time of day: over the change to summer time it is the wall clock's.
select series_id, booking_id, slot_start, room_name from reschedule_series(1, '11:30');
-- To another weekday, with another provider, from a date on. The rooms are free.
select booking_id, to_char(slot_start, 'Dy DD HH24:MI') as slot, provider_name, room_name from reschedule_series(1, weekday => 4, provider_id => 2, from_date => '2035-03-19');
select * from test.visits;
-- The room is taken in one week: another one there, the best.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (2, 1, 1, 'x', '[2035-03-13 09:00,2035-03-13 10:00)');
select to_char(slot_start, 'Dy DD HH24:MI') as slot, room_name from reschedule_series(2, '09:00');
-- A room that is named is kept to: all or none.
call test.refused($$select from reschedule_series(2, '09:30', room_id => 1)$$);
select * from test.visits where series_id = 2;
select to_char(slot_start, 'Dy DD HH24:MI') as slot, room_name from reschedule_series(2, '09:30', room_id => 3);
-- Half an hour later each, through its own places; and to where it is.
select to_char(slot_start, 'Dy DD HH24:MI') as slot, room_name from reschedule_series(2, '09:40');
select count(*) from reschedule_series(2, '09:40');
select operation, reason, count(*) from clinic.booking_history where booking_id between 5 and 8 group by 1, 2 order by 1, 2;
-- Closed then: all stay. Unless somebody answers for it.
call test.refused($$select from reschedule_series(1, '18:00')$$);
select to_char(slot_start, 'Dy DD HH24:MI') as slot from reschedule_series(1, '18:00', from_date => '2035-03-26', override_reason => 'evening session');

-- Called off from a date on, then all. Twice is fine; each has its event.
select booking_id, status, to_char(slot_start, 'Dy DD') as slot from cancel_series(1, '2035-03-20', 'moved away');
select booking_id, status from cancel_series(1, '2035-03-20');
select count(*) from cancel_series(1);
select * from test.visits where series_id = 1;
select kind, count(*) from clinic.events where booking_id <= 4 group by 1 order by 1;
select distinct cancellation_reason from clinic.bookings where series_id = 1 order by 1;
-- What is over stays, whatever the date; a patient who is in the house, and one who won't come.
update clinic.bookings set status = 'checked-in' where id = 5;
update clinic.bookings set during = '[2020-03-10 09:00,2020-03-10 09:30)' where id = 6;
update clinic.bookings set status = 'noshow' where id = 7;
select count(*) from reschedule_series(2, '13:00', from_date => '2020-01-01', override_reason => 'all of them');
select booking_id from cancel_series(2, '2020-01-01', 'better');
select * from test.visits where series_id = 2;
select count(*) from reschedule_series(2, '12:00');
-- Plain SQL may make one, too.
insert into clinic.series default values returning id;
update clinic.bookings set series_id = 4 where patient_name = 'Cem';
select booking_id, to_char(slot_start, 'Dy DD HH24:MI') as slot from reschedule_series(4, '15:00');

-- Bad input.
call test.refused($$select from cancel_series(null)$$);
call test.refused($$select from cancel_series(99)$$);
call test.refused($$select from cancel_series(1, 'infinity')$$);
call test.refused($$select from reschedule_series(1)$$);
call test.refused($$select from reschedule_series(99, '10:00')$$);
call test.refused($$select from reschedule_series(1, weekday => 8)$$);
-- Mondays and Wednesdays of two weeks can't all be Thursdays.
select min(series_id) as twice from book_series('Checkup', '{1,1,1,1}', '{1,1,1,1}', '{2035-08-06 10:00,2035-08-08 11:00,2035-08-13 10:00,2035-08-15 11:00}', 'Twice', 'twice') \gset
call test.refused(format('select from reschedule_series(%s, weekday => 4)', :twice));
select to_char(slot_start, 'Dy MM-DD HH24:MI') from reschedule_series(:twice, '12:00');
call test.refused($$select from reschedule_series(4, '10:00', provider_id => 99)$$);
call test.refused($$select from reschedule_series(4, '10:00', room_id => 99)$$);
call test.refused($$select from reschedule_series(4, '10:00', override_reason => ' ')$$);
call test.refused($$select from reschedule_series(4, '10:00', clinic_id => 99)$$);
call test.violates($$update clinic.bookings set series_id = 99 where id = 1$$);
-- That of another clinic.
insert into clinic.clinics (name, time_zone) values ('Other', 'UTC');
call test.refused($$select from cancel_series(1, clinic_id => 2)$$);
rollback;
