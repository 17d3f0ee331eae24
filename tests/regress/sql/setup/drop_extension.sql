-- The tables outlive the extension: dropping it takes CASCADE, and then no column and no row is lost.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set client_min_messages to warning;
begin;
call test.clinic();
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'A', '[2035-04-16 09:00,)');
create temp table columns_before as
  select attrelid, attname, atttypid, attnotnull from pg_attribute
  where attrelid in (select oid from pg_class where relnamespace = 'clinic'::regnamespace and relkind = 'r') and attnum > 0 and not attisdropped;
create temp table constraints_before as select oid, conname from pg_constraint where connamespace = 'clinic'::regnamespace and contype <> 't';
create temp table row_before as select to_jsonb(b) as row from clinic.bookings b;

call test.violates('drop extension pg_clinic');
call test.violates('drop function clinic_fill_booking');
call test.violates('drop extension btree_gist');
drop extension pg_clinic cascade;
select count(*) from columns_before;
select attrelid::regclass, attname as lost from columns_before c
where not exists (select from pg_attribute a where (a.attrelid, a.attname, a.atttypid, a.attnotnull) = (c.attrelid, c.attname, c.atttypid, c.attnotnull) and not attisdropped);
select conname as lost from constraints_before c where not exists (select from pg_constraint where oid = c.oid);
select to_jsonb(b) = row as same_row from clinic.bookings b, row_before;
select count(*) from clinic.booking_history;
-- The constraints still keep what the triggers kept: no double booking, no row without its derived columns.
call test.violates($$insert into clinic.bookings (clinic_id, id, provider_id, room_id, appointment_type_id, patient_name, during, provider_busy, room_busy, local_date, day_seat, day_capacity, session_id)
  select clinic_id, 2, provider_id, room_id, appointment_type_id, patient_name, during, provider_busy, room_busy, local_date, day_seat, day_capacity, -2
  from row_before, jsonb_populate_record(null::clinic.bookings, row)$$);
call test.violates($$insert into clinic.bookings (clinic_id, provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 1, 'B', '[2035-04-16 10:00,2035-04-16 10:30)')$$);
rollback;
