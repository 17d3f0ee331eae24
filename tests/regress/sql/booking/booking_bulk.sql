-- Many rows in one statement: rows of the same statement see each other, with INSERT … SELECT, COPY, ON CONFLICT and UPDATE.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

update clinic.providers set max_daily_appointments = 4;
create temp view seats as select patient_name, lower(during)::time as "from", local_date, day_seat from clinic.bookings order by lower(during);

-- Seats are given one after the other, in whatever order the rows come.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  select 1, 1, 1, chr(64 + n), tstzrange(timestamptz '2026-04-13 13:00' - n * interval '1 hour', null) from generate_series(1, 4) n;
select * from seats;
-- One too many, or two at the same time, and none is written.
call test.violates($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  select 1, 1, 1, 'X', tstzrange(timestamptz '2026-04-20 08:00' + n * interval '1 hour', null) from generate_series(1, 5) n$$);
call test.violates($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  select 1, 1, 1, 'X', tstzrange(timestamptz '2026-04-20 08:00' + n * interval '39 minutes', null) from generate_series(1, 2) n$$);
select count(*) from clinic.bookings;

-- COPY.
copy clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, day_seat, local_date) from stdin;
1	1	1	E	["2026-04-14 09:00",)	99	2000-01-01
1	1	1	F	["2026-04-14 10:00",)	99	2000-01-01
1	1	1	G	["2026-04-14 11:00","2026-04-14 11:10")	\N	\N
\.
select * from seats where local_date = '2026-04-14';
savepoint before_copy;
copy clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) from stdin;
1	1	1	H	["2026-04-15 09:00",)
1	1	1	I	["2026-04-15 09:15",)
\.
rollback to before_copy;

-- ON CONFLICT on the request id: asked twice, booked once.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, request_id, patient_name, during)
  select 1, 1, 1, 'r1', 'J', '[2026-04-16 09:00,)' from generate_series(1, 2)
  on conflict (clinic_id, request_id) do nothing;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, request_id, patient_name, during)
  values (1, 1, 1, 'r1', 'J', '[2026-04-16 10:00,)')
  on conflict (clinic_id, request_id) do update set during = excluded.during, contact = 'moved';
select patient_name, during, contact, day_seat from clinic.bookings where request_id = 'r1';

-- Its own hold that expired isn't in its way either: the request id decides, so the hold becomes the booking.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, request_id, status, hold_expires_at, during)
  values (1, 1, 1, 'r2', 'pending', now(), '[2026-04-17 09:00,)');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, request_id, patient_name, during)
  values (1, 1, 1, 'r2', 'K', '[2026-04-17 09:00,)')
  on conflict (clinic_id, request_id) do update set status = excluded.status, hold_expires_at = null, patient_name = excluded.patient_name;
select patient_name, status, cancellation_reason, day_seat from clinic.bookings where request_id = 'r2';

-- All of a week moved by a week, with their seats.
update clinic.bookings set during = tstzrange(lower(during) + interval '7 days', upper(during) + interval '7 days');
select * from seats;
-- A year's worth at once: 250 days of 4.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  select 1, 1, 1, 'Y', tstzrange(day + hour * interval '1 hour', null)
  from generate_series(timestamptz '2027-01-01 00:00', '2027-09-07 00:00', '1 day') day, generate_series(8, 11) hour;
select count(*), count(distinct local_date), max(day_seat) from clinic.bookings where patient_name = 'Y';
rollback;
