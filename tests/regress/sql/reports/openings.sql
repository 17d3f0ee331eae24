-- provider_openings() and room_openings(): opening time by date.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
insert into clinic.providers (name) values ('Baer');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values
  -- Joined with what test.clinic() made: one opening.
  (1, 1, '11:00', '13:00'), (1, 1, '14:00', '18:00'),
  -- A night, and a morning that begins before it ends.
  (2, 1, '22:00', '06:00'), (2, 2, '05:00', '09:00');

select * from provider_openings('2026-04-13', '2026-04-14', now => '2026-04-01');
-- Tuesday alone: what it shares with Monday's night counts to Monday.
select * from provider_openings('2026-04-14', provider_id => 2, now => '2026-04-01');
-- A week in hours.
select provider_name, sum(open_minutes) / 60 as hours
from provider_openings('2026-04-13', '2026-04-19', now => '2026-04-01') group by 1 order by 1;
-- By default today: a Monday at 01:00 in Berlin, still Sunday in UTC.
select provider_name, starts_at, ends_at from provider_openings(now => '2026-04-13 01:00');
select count(*) from provider_openings(now => '2026-04-12 23:59');

-- Time off of the provider and of the clinic is taken away, an override replaces the date's windows.
insert into clinic.time_off (provider_id, room_id, during) values
  (1, null, '[2026-04-13 09:30, 2026-04-13 10:00)'), (null, null, '[2026-04-13 17:00, 2026-04-13 23:00)'),
  (null, 1, '[2026-04-13 08:00, 2026-04-13 15:00)');
insert into clinic.availability_overrides (provider_id, on_date, start_time, end_time) values (1, '2026-04-20', '10:00', '11:30');
insert into clinic.availability_overrides (provider_id, on_date) values (2, '2026-04-20');
select provider_id, local_date, starts_at, ends_at, open_minutes
from provider_openings('2026-04-13', '2026-04-20', now => '2026-04-01') where local_date in ('2026-04-13', '2026-04-20');
-- A room is open while any provider is, unless it has time off itself.
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
select * from room_openings('2026-04-13', '2026-04-14', now => '2026-04-01');
select * from room_openings('2026-04-20', room_id => 2, now => '2026-04-01');

-- A disabled provider was open and isn't any more.
update clinic.providers set enabled = false where id = 1;
select provider_id, local_date, open_minutes from provider_openings('2026-04-13', '2026-04-20', 1, now => '2026-04-15');
select local_date, open_minutes from room_openings('2026-04-13', '2026-04-20', 2, now => '2026-04-15');
update clinic.providers set enabled = true;

-- The clocks: 23 and 25 hours, a night of seven and of nine.
delete from clinic.provider_availability;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values
  (1, 7, '00:00', '24:00'), (2, 6, '22:00', '06:00');
select * from provider_openings('2026-03-28', '2026-03-29', now => '2026-03-01');
select * from provider_openings('2026-10-24', '2026-10-25', now => '2026-03-01');
-- Two at work at once are one open house.
select local_date, sum(open_minutes) / 60 as hours from room_openings('2026-10-24', '2026-10-25', 2, now => '2026-03-01') group by 1 order by 1;
rollback;
