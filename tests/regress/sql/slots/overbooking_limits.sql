-- The overbooking limit is that of the most specific enabled rule: provider + type > provider > type > global > 0.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

insert into clinic.providers (name, max_daily_appointments) values ('Berg', 0);
insert into clinic.appointment_types (name, duration_minutes) values ('Surgery', 30);
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '12:00');
-- With a daily cap of 0 a day offers overbooked slots alone, so how many bookings it takes is the limit.
update clinic.providers set max_daily_appointments = 0;
create function pg_temp.limit_of(provider bigint, type bigint) returns int language plpgsql as $$
declare
  booked int := 0;
begin
  -- Books what find_slots offers until it offers no more.
  while booked < 9 loop
    insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked)
      select provider, room_id, type, 'A', tstzrange(slot_start, null), is_overbooked
      from find_slots(appointment_type_id => type, from_date => '2026-04-13', provider_id => provider, now => '2026-04-01') limit 1;
    exit when not found;
    booked := booked + 1;
  end loop;
  delete from clinic.bookings;
  return booked;
end $$;
create temp view limits as select p.name as provider, t.name as type, pg_temp.limit_of(p.id, t.id) as "limit"
  from clinic.providers p, clinic.appointment_types t order by p.id, t.id;

-- No rule: 0.
select * from limits;
-- Global.
insert into clinic.overbooking_rules (max_overbook) values (4);
select * from limits;
-- A type's rule is more specific, although its number is smaller.
insert into clinic.overbooking_rules (appointment_type_id, max_overbook) values (2, 3);
select * from limits;
-- A provider's rule goes before a type's.
insert into clinic.overbooking_rules (provider_id, max_overbook) values (1, 2);
select * from limits;
-- Both go before either, and 0 forbids.
insert into clinic.overbooking_rules (provider_id, appointment_type_id, max_overbook) values (1, 2, 0), (2, 2, 1);
select * from limits;
-- A disabled rule is as if it weren't there.
update clinic.overbooking_rules set enabled = false where max_overbook = 0;
select * from limits;

-- Two rules of one scope can't both apply.
call test.violates('insert into clinic.overbooking_rules (max_overbook) values (7)');
call test.violates('insert into clinic.overbooking_rules (provider_id, max_overbook) values (1, 7)');
call test.violates('insert into clinic.overbooking_rules (appointment_type_id, max_overbook) values (2, 7)');
call test.violates('insert into clinic.overbooking_rules (provider_id, appointment_type_id, max_overbook) values (1, 2, 7)');
call test.violates('insert into clinic.overbooking_rules (provider_id, appointment_type_id, max_overbook) values (2, 1, -1)');

-- The number counts the provider's overbooked bookings of all types together: one of type 1 uses up the 1 of type 2.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked)
  values (2, 1, 1, 'A', '[2026-04-13 09:00,)', true);
select (select count(*) from find_slots('Checkup', date '2026-04-13', provider_id => 2, now => '2026-04-01')) as checkup,
  (select count(*) from find_slots('Surgery', date '2026-04-13', provider_id => 2, now => '2026-04-01')) as surgery;
rollback;
