-- What constraints can be since PostgreSQL 18, check_clinic tells: NOT NULL that isn't proven, CHECKs and foreign keys that aren't enforced.
-- requires: PostgreSQL 18
\set SHOW_CONTEXT never
set client_min_messages to warning;
begin;
alter table clinic.bookings alter column status drop not null;
alter table clinic.bookings add constraint my_not_null not null status not valid;
select kind, object, problem, sentence, remedy from check_clinic();
alter table clinic.bookings alter column status set not null;
select kind, object, problem from check_clinic();
alter table clinic.bookings drop constraint bookings_status, add constraint bookings_status check (status is not null) not enforced;
alter table clinic.bookings alter constraint bookings_room_fkey not enforced;
select kind, object, problem, sentence, remedy from check_clinic();
rollback;
-- A column computed when it is read isn't one that is stored.
begin;
drop view clinic.appointments, clinic.cancelled_appointments, clinic.waiting;
alter table clinic.bookings drop column slot_end, add column slot_end timestamptz generated always as (upper(during)) virtual;
select kind, object, problem, left(sentence, 200) as sentence from check_clinic();
rollback;
