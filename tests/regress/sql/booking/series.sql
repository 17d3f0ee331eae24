-- find_series() and book_series(): several appointments of a type, all or none.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.providers (name) values ('Baer');
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
-- Adler is there on Mondays; Baer on Mondays, Tuesdays and Thursdays.
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time)
  select 2, day, '09:00', '12:00' from unnest('{1,2,4}'::integer[]) day;
-- A shorter view.
create function test.series(count integer, every_weeks integer default 1, from_date date default '2035-04-16',
    weekday integer default null, preferred_from time default null, preferred_until time default null,
    provider_id bigint default null, flexible_days integer default 2, max_alternatives integer default 0)
  returns table (nth integer, choice integer, due_date date, slot_start text, provider text, room text, off integer, same boolean)
  language sql as $$
select nth, choice, due_date, to_char(slot_start, 'Dy YYYY-MM-DD HH24:MI'), provider_name, room_name, days_off_due, is_series_provider
from find_series('Checkup', $1, $2, $3, $4, $5, $6, $7, $8, $9, now => '2035-04-01')
$$;

-- Adler's Mondays: an empty calendar.
select * from test.series(3, weekday => 1);
-- In the morning, every two weeks, by id; the week of from_date decides the first.
select nth, slot_start, quality_score from find_series(null, 3, 2, '2035-04-17', 1, '11:00', '12:00', now => '2035-04-01', max_alternatives => 0, appointment_type_id => 1);
-- Any weekday: within the week from from_date on.
select * from test.series(2, from_date => '2035-04-19');
-- One of Adler's Mondays is off: with Baer all three are on their dates.
insert into clinic.time_off (provider_id, during) values (1, '[2035-04-23, 2035-04-24)');
select * from test.series(3, weekday => 1);
-- With Adler only there is none, and that says which.
select * from test.series(3, weekday => 1, provider_id => 1);
-- Baer is off on another Monday: Baer's Tuesday is nearer to the wish than to change provider. The other is an alternative.
insert into clinic.time_off (provider_id, during) values (2, '[2035-04-30, 2035-05-01)');
select * from test.series(3, weekday => 1, max_alternatives => 2);
-- Unless the date is fixed. Both have two Mondays, and so the quality decides, then the lower id.
select * from test.series(3, weekday => 1, flexible_days => 0);
-- A whole week off: nothing, and which.
insert into clinic.time_off (during) values ('[2035-04-21, 2035-04-27)');
select * from test.series(3, weekday => 1);
select * from test.series(3);
-- A patient who has something else then.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, patient_id, during)
  values (2, 2, 1, 'P', 'p1', '[2035-05-07 09:00,2035-05-07 11:45)');
select to_char(slot_start, 'Dy DD HH24:MI') as slot_start, provider_name
from find_series('Checkup', 1, from_date => '2035-05-07', weekday => 1, patient_id => 'p1', now => '2035-04-01');
-- Every place is one that find_slots gives.
select count(*) > 20 as some, count(*) filter (where exists (
    select from find_slots('Checkup', slot_start::date, now => '2035-04-01') f
    where (f.slot_start, f.provider_id, f.room_id, f.quality_score, f.is_overbooked)
        = (s.slot_start, s.provider_id, s.room_id, s.quality_score, false))) = count(*) as all_are
from find_series('Checkup', 8, from_date => '2035-05-07', max_alternatives => 100, now => '2035-04-01') s;

-- Book what was found.
select booking_id, request_id, patient_id, patient_name, contact, provider_id, room_id, b.slot_start, b.slot_end, status
from (
  select array_agg(provider_id order by nth) as providers, array_agg(room_id order by nth) as rooms, array_agg(slot_start order by nth) as starts
  from find_series('Checkup', 3, 1, '2035-05-14', 1, provider_id => 2, max_alternatives => 0, now => '2035-04-01')
) s, book_series('Checkup', s.providers, s.rooms, s.starts, 'Ada', 'p2', 'p2@example.org', 's1') b;
-- Now the places are Ada's: the next series goes around them.
select * from test.series(3, from_date => '2035-05-14', weekday => 1, provider_id => 2);
select operation, reason, count(*) from clinic.booking_history where booking_id > 1 group by 1, 2;
select kind, count(*) from clinic.events where booking_id > 1 group by 1;

-- The same request gives the same bookings, as they are now.
select status, cancelled_at is not null as cancelled from cancel_booking(3);
prepare again (text, text, integer) as
  select booking_id, request_id, status from book_series('Checkup', array_fill(2::bigint, array[$3]), array_fill(1::bigint, array[$3]),
    (array(select timestamptz '2035-05-14 09:00' + make_interval(weeks => w) from generate_series(0, $3 - 1) w)), $1, 'p2', 'p2@example.org', $2);
execute again('Ada', 's1', 3);
-- Another under its name is refused: another patient, fewer, more.
create procedure test.again(patient text, request text, count integer) language plpgsql as $$
begin
  call test.refused(format($q$select from book_series('Checkup', array_fill(2::bigint, array[%s]), array_fill(1::bigint, array[%1$s]),
    array(select timestamptz '2035-05-14 09:00' + make_interval(weeks => w) from generate_series(0, %1$s - 1) w), %L, 'p2', 'p2@example.org', %L)$q$, count, patient, request));
end $$;
call test.again('Eve', 's1', 3);
call test.again('Ada', 's1', 2);
call test.again('Ada', 's1', 4);

-- All or none: a collision with a booking, a place that is closed. Nothing is left of the first appointment.
select count(*) from clinic.bookings;
call test.refused($$select from book_series('Checkup', '{1,2}', '{1,2}', '{2035-05-07 09:00,2035-05-14 09:15}', 'Bob', request_id => 's2')$$);
call test.refused($$select from book_series('Checkup', '{1,1}', '{1,2}', '{2035-05-07 09:00,2035-05-13 09:00}', 'Bob', request_id => 's2')$$);
-- It would stand in its own way: as room, provider or patient, or by the day's cap. The appointment in the way is no booking then.
call test.refused($$select from book_series('Checkup', '{1,1}', '{1,2}', '{2035-05-07 09:00,2035-05-07 09:15}', 'Bob')$$);
call test.refused($$select from book_series('Checkup', '{1,2}', '{1,1}', '{2035-05-07 09:00,2035-05-07 09:15}', 'Bob', 'p9')$$);
savepoint cap;
update clinic.providers set max_daily_appointments = 1 where id = 1;
call test.refused($$select from book_series('Checkup', '{1,1}', '{1,1}', '{2035-05-07 09:00,2035-05-07 10:00}', 'Bob')$$);
rollback to cap;
select count(*) from clinic.bookings;
-- Two on a day are fine.
select slot_start, slot_end from book_series(null, '{1,1}', '{1,1}', '{2035-05-07 09:00,2035-05-07 10:00}', 'Bob', appointment_type_id => 1);

-- Bad input.
call test.refused($$select from find_series(null, 3)$$);
call test.refused($$select from find_series('Chekup', 3)$$);
call test.refused($$select from find_series('Checkup', null)$$);
call test.refused($$select from find_series('Checkup', 0)$$);
call test.refused($$select from find_series('Checkup', 53)$$);
call test.refused($$select from find_series('Checkup', 3, 0)$$);
call test.refused($$select from find_series('Checkup', 3, 53)$$);
call test.refused($$select from find_series('Checkup', 3, from_date => 'infinity')$$);
call test.refused($$select from find_series('Checkup', 3, from_date => '2199-12-25')$$);
call test.refused($$select from find_series('Checkup', 3, weekday => 0)$$);
call test.refused($$select from find_series('Checkup', 3, flexible_days => 3)$$);
call test.refused($$select from find_series('Checkup', 3, flexible_days => -1)$$);
call test.refused($$select from find_series('Checkup', 3, max_alternatives => -1)$$);
call test.refused($$select from find_series('Checkup', 3, provider_id => 99)$$);
call test.refused($$select from find_series('Checkup', 3, now => 'infinity')$$);
call test.refused($$select from find_series('Checkup', 3, clinic_id => 99)$$);
call test.refused($$select from book_series('Checkup', null, '{1}', '{2035-05-21 09:00}', 'Bob')$$);
call test.refused($$select from book_series('Checkup', '{1}', '{null}', '{2035-05-21 09:00}', 'Bob')$$);
call test.refused($$select from book_series('Checkup', '{1}', '{1}', null, 'Bob')$$);
call test.refused($$select from book_series('Checkup', '{1}', '{1}', '{2035-05-21 09:00}')$$);
call test.refused($$select from book_series('Checkup', '{}', '{}', '{}', 'Bob')$$);
call test.refused($$select from book_series('Checkup', '{1,1}', '{1}', '{2035-05-21 09:00}', 'Bob')$$);
call test.refused($$select from book_series('Checkup', '{1,1}', '{1,1}', '{2035-05-21 09:00,2035-05-14 09:00}', 'Bob')$$);
call test.refused($$select from book_series('Checkup', '{1,1}', '{1,1}', '{2035-05-21 09:00,2035-05-21 09:00}', 'Bob')$$);
call test.refused($$select from book_series('Checkup', '{1}', '{1}', '{infinity}', 'Bob')$$);
call test.refused($$select from book_series('Checkup', '{99}', '{1}', '{2035-05-21 09:00}', 'Bob')$$);
call test.refused($$select from book_series('Checkup', '{1}', '{99}', '{2035-05-21 09:00}', 'Bob')$$);
call test.refused($$select from book_series('Chekup', '{1}', '{1}', '{2035-05-21 09:00}', 'Bob')$$);
call test.refused($$select from book_series('Checkup', '{1}', '{1}', '{2035-05-21 09:00}', 'Bob', clinic_id => 99)$$);
call test.refused($$select from book_series('Checkup', array_fill(1::bigint, '{53}'), array_fill(1::bigint, '{53}'), array_fill(timestamptz '2035-05-21 09:00', '{53}'), 'Bob')$$);
rollback;
