-- day_sheet(): what the front desk sees of a day.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
insert into clinic.providers (name, enabled) values ('Baer', true), ('Curie', true), ('Disabled', false);
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam'), ('Room 3', 'exam');
insert into clinic.overbooking_rules (max_overbook) values (1);
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values
  (1, 1, '13:00', '15:00'), (2, 1, '09:00', '10:00'), (4, 1, '09:00', '12:00');
insert into clinic.time_off (provider_id, during, reason) values
  (1, '[2026-04-13 14:00, 2026-04-14 00:00)', 'Training'), (null, '[2026-04-13 09:45, 2026-04-13 10:00)', null);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, contact, during, status, is_overbooked) values
  (1, 1, 1, 'p1', 'Ada Lovelace', 'ada@example.org', '[2026-04-13 09:00,)', 'fulfilled', false),
  (1, 2, 1, 'p2', 'Grace Hopper', null, '[2026-04-13 09:15,)', 'arrived', true),
  (1, 1, 1, null, 'Alan Turing', null, '[2026-04-13 10:00,)', 'noshow', false),
  (1, 1, 1, null, 'Emmy Noether', null, '[2026-04-13 11:00,)', 'cancelled', false),
  (1, 1, 1, null, 'Max Born', null, '[2026-04-13 11:30,)', 'booked', false),
  -- Another day.
  (1, 1, 1, null, 'Tuesday', null, '[2026-04-14 09:00,)', 'booked', false);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, during, status, hold_expires_at)
  values (2, 3, 1, '[2026-04-13 09:00,)', 'pending', '2035-01-01 12:00');

select provider_name, kind, starts_at::time, ends_at::time, minutes, booking_id, status, is_overbooked, room_name, patient_name, note
from day_sheet('2026-04-13', now => '2026-04-13 08:00');
-- All columns.
\x on
select * from day_sheet('2026-04-13', provider_id => 1, now => '2026-04-13 08:00') limit 1;
\x off
-- A hold that ran out leaves a gap. A disabled provider isn't listed unless something is on the day.
select provider_name, kind, minutes from day_sheet('2026-04-13', provider_id => 2, now => '2035-01-01 12:00');
select provider_name, kind, minutes from day_sheet('2026-04-13', provider_id => 4, now => '2026-04-13 08:00');
select provider_name, kind, minutes from day_sheet('2026-04-13', provider_id => 4, now => '2026-04-14 08:00');
-- By default today.
select provider_name, kind, minutes from day_sheet(now => '2026-04-20 08:00');
-- An override leaves its reason.
update clinic.bookings set override_reason = 'emergency' where patient_name = 'Max Born';
select note from day_sheet('2026-04-13', provider_id => 1) where patient_name = 'Max Born';

-- A night is one sheet; its bookings aren't on the next day's.
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (3, 1, '22:00', '02:00');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values
  (3, 1, 1, 'Night', '[2026-04-14 01:00,)'), (3, 1, 1, 'After hours', '[2026-04-14 02:00,)');
select local_date, kind, starts_at, ends_at, patient_name from day_sheet('2026-04-13', provider_id => 3, now => '2026-04-13');
select local_date, kind, starts_at, ends_at, patient_name from day_sheet('2026-04-14', provider_id => 3, now => '2026-04-13');
-- The hour that comes twice.
insert into clinic.availability_overrides (provider_id, on_date, start_time, end_time) values (3, '2026-10-25', '01:30', '03:30');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values
  (3, 1, 1, 'First', '[2026-10-25 02:00+02,)'), (3, 1, 1, 'Second', '[2026-10-25 02:00+01,)');
select kind, starts_at, ends_at, minutes, patient_name from day_sheet('2026-10-25', provider_id => 3, now => '2026-04-13');
-- Several dates are their sheets one after the other, a night and what follows it too; so is each provider's.
create temp table sheets as select * from generate_series(date '2026-04-10', '2026-04-21', '1 day') day, lateral day_sheet(day::date, now => '2026-04-13 08:00') with ordinality;
select count(*) as lines, count(*) filter (where s.local_date is null or w.local_date is null) as differ
from day_sheet('2026-04-10', '2026-04-21', now => '2026-04-13 08:00') w
full join sheets s on (s.local_date, s.provider_id, s.kind) = (w.local_date, w.provider_id, w.kind) and (s.starts_at, s.ends_at, s.booking_id) is not distinct from (w.starts_at, w.ends_at, w.booking_id);
select local_date, provider_name, kind, starts_at::time, ends_at::time, patient_name from day_sheet('2026-04-12', '2026-04-14', provider_id => 3, now => '2026-04-13 08:00');

-- By room: what is in it and when it is free while the house is open; its turnover and time off, not those of providers.
update clinic.rooms set turnover_minutes = 15 where id = 1;
insert into clinic.time_off (room_id, during, reason) values (2, '[2026-04-13 09:00, 2026-04-13 10:30)', 'Painters');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'Turned over', '[2026-04-13 13:00,)');
select local_date, room_name, kind, starts_at::time, ends_at::time, minutes, provider_name, patient_name, note
from day_sheet('2026-04-13', '2026-04-14', 'room', now => '2026-04-13 08:00');
select room_id, room_name, kind, provider_id, booking_id from day_sheet('2026-04-13', group_by => 'room', room_id => 3, now => '2026-04-13 08:00');
-- Free of a room is what the house is open, less what is in the room: minute by minute.
create temp view minute as select at from generate_series(timestamptz '2026-04-13 00:00', '2026-04-14 05:00', '1 minute') at;
select room_id, sum(minutes) as free, (select count(*) from minute where
    exists (select from provider_openings('2026-04-13', now => '2026-04-13 08:00') o where o.starts_at <= at and at < o.ends_at)
    and not exists (select from clinic.bookings b where b.room_id = s.room_id and b.status in ('booked', 'pending', 'arrived', 'checked-in', 'fulfilled') and at >= b.slot_start and at < upper(b.room_busy))
    and not exists (select from clinic.bookings b where b.room_id = s.room_id and b.status = 'noshow' and at >= b.slot_start and at < b.slot_end)
    and not exists (select from clinic.time_off o where o.room_id = s.room_id and o.during @> at)) as counted
from day_sheet('2026-04-13', group_by => 'room', now => '2026-04-13 08:00') s where kind = 'gap' group by 1 order by 1;

call test.refused($$select day_sheet('2026-04-13', '2026-04-12')$$);
call test.refused($$select day_sheet('2026-04-13', '2027-04-14')$$);
call test.refused($$select day_sheet('2026-04-13', group_by => 'week')$$);
call test.refused($$select day_sheet('2026-04-13', room_id => 1)$$);
call test.refused($$select day_sheet('2026-04-13', group_by => 'room', provider_id => 1)$$);
call test.refused($$select day_sheet('2026-04-13', group_by => 'room', room_id => 99)$$);
rollback;
