-- no_show_rates(), lead_times(), cancellations(), refill_rates().
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
set extra_float_digits to 0;
begin;
call test.clinic();
insert into clinic.providers (name) values ('Baer');
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.appointment_types (name, duration_minutes) values ('Surgery', 60);
insert into clinic.overbooking_rules (max_overbook) values (5);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status, created_at) values
  -- Mondays 9:00: three came, one didn't.
  (1, 1, 1, 'A', '[2026-03-02 09:00,)', 'fulfilled', '2026-03-01 09:00'),
  (1, 1, 1, 'B', '[2026-03-09 09:00,)', 'arrived', '2026-03-06 09:00'),
  (1, 1, 1, 'C', '[2026-03-16 09:00,)', 'checked-in', '2026-03-16 09:20'),
  (1, 1, 1, 'D', '[2026-03-23 09:00,)', 'noshow', '2026-03-13 09:00'),
  -- Tuesday: one didn't come, of one nobody said.
  (2, 2, 2, 'E', '[2026-03-03 09:00,)', 'noshow', '2026-02-01 09:00'),
  (2, 2, 2, 'F', '[2026-03-10 09:00,)', 'booked', '2026-03-09 21:00'),
  -- To come, and what isn't an appointment any more.
  (2, 2, 2, 'G', '[2026-04-07 09:00,)', 'booked', '2026-03-31 09:00'),
  (2, 2, 2, 'H', '[2026-03-03 11:00,)', 'entered-in-error', '2026-03-01'),
  -- Another year.
  (1, 1, 1, 'I', '[2024-03-02 09:00,)', 'noshow', '2024-03-01 09:00');
select * from no_show_rates('2026-01-01', '2026-12-31', 'type', '2026-04-01');
select * from no_show_rates('2026-01-01', '2026-12-31', 'weekday', '2026-04-01');
-- By default the year up to today.
select grouped_name, came, no_shows from no_show_rates(now => '2026-03-10');
-- Nobody: one row, no rate.
select * from no_show_rates('2025-06-01', '2025-06-30');

-- Days from booking to start. C was booked when already there: 0.
select * from lead_times('2026-03-01', '2026-03-31');
select grouped_name, bookings, median_days from lead_times('2026-04-01', '2026-04-30');
select * from lead_times('2025-06-01', '2025-06-30');

-- Cancellations.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status, cancelled_at, cancellation_reason) values
  -- 26 hours before, refilled by two; 2 hours before, not refilled; after the start.
  (1, 1, 2, 'K', '[2026-05-04 09:00,)', 'cancelled', '2026-05-03 07:00', 'ill'),
  (1, 1, 1, 'L', '[2026-05-11 09:00,)', 'cancelled', '2026-05-11 07:00', null),
  (1, 1, 1, 'M', '[2026-05-18 09:00,)', 'cancelled', '2026-05-18 10:00', 'forgot'),
  -- Refilled, but the other one cancelled too; who has the place now refills both.
  (2, 2, 1, 'N', '[2026-05-05 09:00,)', 'cancelled', '2026-05-01 09:00', 'ill'),
  (2, 2, 1, 'O', '[2026-05-05 09:15,)', 'cancelled', '2026-05-02 09:15', 'ill'),
  (2, 2, 1, 'P', '[2026-05-05 09:15,)', 'booked', null, null),
  -- Only touches K's time.
  (1, 1, 1, 'Q', '[2026-05-04 10:00,)', 'booked', null, null);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked) values
  (1, 1, 1, 'R', '[2026-05-04 08:45,)', false),
  -- Was beside L before, too: an overbooked one takes no normal one's place.
  (1, 2, 1, 'S', '[2026-05-11 09:00,)', true);
-- A provider without a buffer takes two short ones.
update clinic.providers set buffer_minutes = 0;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 1, 1, 'T', '[2026-05-04 09:25,)');
-- Holds: given up, and waiting in L's place. Neither is a cancellation or refills one.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, during, status, hold_expires_at) values
  (2, 2, 1, '[2026-05-12 09:00,)', 'cancelled', '2026-05-01'), (1, 1, 1, '[2026-05-11 09:00,)', 'pending', '2035-01-01');
select booking_id, slot_start, slot_end, provider_name, appointment_type, notice_hours, cancellation_reason, is_refilled, refill_booking_id, refilled_minutes
from cancellations('2026-05-01', '2026-05-31');
select * from refill_rates('2026-05-01', '2026-05-31', 'type');
select grouped_by, grouped_name, cancellations, refill_rate, refill_percent from refill_rates('2026-05-01', '2026-05-31');
select grouped_by, grouped_name, cancellations, refill_rate, refill_percent from refill_rates('2026-05-01', '2026-05-31', 'weekday');
\x on
select * from cancellations('2026-05-04', '2026-05-04');
\x off
-- By reason.
select cancellation_reason, count(*), avg(is_refilled::integer)::numeric(3, 2) as refill_rate
from cancellations('2026-05-01', '2026-05-31') group by 1 order by 1;
select * from refill_rates('2025-06-01', '2025-06-30');
rollback;
