-- Time off of a provider, of a room or of the whole clinic is subtracted; the grid stays where it is.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

insert into clinic.providers (name) values ('Berg');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '12:00');
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
create function pg_temp.free() returns table (provider_id bigint, room_id bigint, date date, starts text) language sql as $$
  select provider_id, room_id, slot_start::date, test.times(array_agg(slot_start))
  from find_slots('Checkup', '2026-04-13', '2026-04-20', all_rooms => true, now => '2026-04-01') group by 1, 2, 3
$$;
create procedure pg_temp.off(provider bigint, room bigint, during tstzrange) language sql as $$
  delete from clinic.time_off;
  insert into clinic.time_off (provider_id, room_id, during) values (provider, room, during);
$$;

-- A provider: 10:05 to 10:20. A slot may end at 10:05 and begin at 10:20, but the grid doesn't move: 10:30. A time off has
-- no buffer, and a slot's own buffer may run into it: 09:30 to 10:00, busy until 10:10.
call pg_temp.off(1, null, '[2026-04-13 10:05, 2026-04-13 10:20)');
select * from pg_temp.free() where date = '2026-04-13' order by 1, 2;
-- A room: no slot in it, all the others stay.
call pg_temp.off(null, 2, '[2026-04-13 10:05, 2026-04-13 10:20)');
select * from pg_temp.free() where date = '2026-04-13' and provider_id = 1 order by 1, 2;
-- The clinic.
call pg_temp.off(null, null, '[2026-04-13 09:01, 2026-04-13 11:15)');
select * from pg_temp.free() where date = '2026-04-13' order by 1, 2;
-- Touching is not overlapping.
call pg_temp.off(null, null, '[2026-04-13 12:00, 2026-04-20 09:00)');
select date, count(*) from pg_temp.free() group by 1 order by 1;

-- Open ends: until, from, and for ever.
call pg_temp.off(1, null, '(, 2026-04-13 11:30)');
select * from pg_temp.free() where provider_id = 1 and room_id = 1 order by 3;
call pg_temp.off(1, null, '[2026-04-13 09:30,)');
select * from pg_temp.free() where provider_id = 1 and room_id = 1 order by 3;
call pg_temp.off(1, null, '(,)');
select count(*) from pg_temp.free() where provider_id = 1;
call pg_temp.off(1, null, '[-infinity, infinity)');
select count(*) from pg_temp.free() where provider_id = 1;
-- Long before and long after.
call pg_temp.off(1, null, '[2020-01-01, 2026-04-13 11:00)');
select * from pg_temp.free() where provider_id = 1 and room_id = 1 order by 3;

-- A staff member's closes nothing: not the clinic, no provider and no room. Nor does a staff member's day replace a provider's.
insert into clinic.staff (name) values ('Ana');
delete from clinic.time_off;
insert into clinic.time_off (staff_id, during) values (1, '(,)');
insert into clinic.availability_overrides (staff_id, on_date) values (1, '2026-04-13');
select * from pg_temp.free() where date = '2026-04-13' order by 1, 2;
select count(*) from day_sheet(date '2026-04-13', now => '2026-04-01') where kind = 'time_off';
-- Time off is one's alone; an override is always somebody's.
call test.violates($$insert into clinic.time_off (staff_id, provider_id, during) values (1, 1, '(,)')$$);
call test.violates($$insert into clinic.availability_overrides (staff_id, provider_id, on_date) values (1, 1, '2026-04-13')$$);
call test.violates($$insert into clinic.availability_overrides (on_date) values ('2026-04-13')$$);

-- Several overlap.
call pg_temp.off(1, null, '[2026-04-13 09:00, 2026-04-13 10:00)');
insert into clinic.time_off (provider_id, during) values (1, '[2026-04-13 09:30, 2026-04-13 10:30)');
insert into clinic.time_off (during) values ('[2026-04-13 11:30, 2026-04-13 12:30)');
select * from pg_temp.free() where provider_id = 1 and date = '2026-04-13' order by 2;
rollback;
