-- plan_absence where a limit, or the stock of a resource, allows each place but not all of them: what is planned can be applied.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660, slot_step_minutes = 30;
insert into clinic.providers (name, buffer_minutes) values ('Berg', 0), ('Clark', 0);
update clinic.providers set buffer_minutes = 0;
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam'), ('Room 3', 'exam');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time)
  select p, 1, '09:00', '12:00' from generate_series(2, 3) p;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during)
  select 1, 1, 1, 'p' || i, 'Pat ' || i, tstzrange('2035-04-16 09:00'::timestamptz + i * interval '30 minutes', null) from generate_series(1, 4) i;
create function pg_temp.planned(days integer) returns table (booking_id bigint, slot_start timestamptz, provider_id bigint, room_id bigint, code text)
  language sql as $$ select booking_id, slot_start, provider_id, room_id, code from plan_absence(1, during => '[2035-04-16, 2035-04-17)', flexible_days => days) $$;
create procedure pg_temp.apply(days integer) language plpgsql as $$
begin
  create temp table plan on commit drop as select * from pg_temp.planned(days) where slot_start is not null;
  if (select bool_and(is_moved) from apply_absence((select array_agg(booking_id) from plan), (select array_agg(slot_start) from plan),
      (select array_agg(provider_id) from plan), (select array_agg(room_id) from plan))) then
    raise info '% applied', (select count(*) from plan);
  end if;
  raise exception using errcode = 'P0099';
exception when sqlstate 'P0099' then null;
end $$;

-- Nothing ties them together: all go to Berg, the one with the lower id.
select * from pg_temp.planned(0);
-- At most one a day with each provider: two find a place, the others stay.
insert into clinic.booking_limits (per, period, max_bookings) values ('provider', 'day', 1);
select * from pg_temp.planned(0);
call pg_temp.apply(0);
-- In another week there is more.
select * from pg_temp.planned(7);
call pg_temp.apply(7);
-- Minutes of all of the clinic: none can go to another day, and on this one they are counted once.
delete from clinic.booking_limits;
insert into clinic.booking_limits (per, period, max_minutes) values ('clinic', 'day', 90);
select * from pg_temp.planned(7);
call pg_temp.apply(7);
-- One patient has all of them: at most three a week, four were there before the limit was.
delete from clinic.booking_limits;
update clinic.bookings set patient_id = 'p';
insert into clinic.booking_limits (per, period, max_bookings) values ('patient', 'week', 3);
select * from pg_temp.planned(7);
call pg_temp.apply(7);
delete from clinic.booking_limits;

-- One cart for all: at other times than their own one after the other, and who keeps its time has what it holds.
insert into clinic.resources (name, kind) values ('Cart', 'cart');
insert into clinic.type_resources (appointment_type_id, kind, quantity) values (1, 'cart', 1);
insert into clinic.availability_overrides (provider_id, on_date, start_time, end_time) values
  (2, '2035-04-16', '10:00', '10:30'), (3, '2035-04-16', '10:00', '10:30');
delete from clinic.bookings;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  select 1, 1, 1, 'Pat ' || i, tstzrange('2035-04-16 09:00'::timestamptz + i * interval '30 minutes', null) from generate_series(1, 4) i;
select * from pg_temp.planned(0);
call pg_temp.apply(0);
select * from pg_temp.planned(7);
call pg_temp.apply(7);
insert into clinic.resources (name, kind) values ('Cart 2', 'cart');
select * from pg_temp.planned(0);
call pg_temp.apply(0);

-- Rooms of two sites, and a way between them that is longer than a pause: nobody is sent to and fro.
delete from clinic.type_resources;
delete from clinic.availability_overrides;
insert into clinic.sites (name) values ('North'), ('South');
insert into clinic.site_travel (from_site_id, to_site_id, minutes) values (1, 2, 45);
update clinic.rooms set site_id = case id when 2 then 1 when 3 then 2 end;
-- Rooms in turn: the same room at the same time is taken.
delete from clinic.bookings;
update clinic.providers set enabled = false where id = 3;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  select 1, 2 + i % 2, 1, 'Pat ' || i, tstzrange('2035-04-16 09:00'::timestamptz + i * interval '30 minutes', null) from generate_series(1, 4) i;
update clinic.rooms set enabled = false where id = 1;
select * from pg_temp.planned(0);
call pg_temp.apply(0);
rollback;
