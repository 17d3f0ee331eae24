-- Other changes of bookings: the app's own columns, unrelated columns, deletes; and columns that come and go.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

-- A column with a default, one that is computed, and one that is dropped again: the trigger finds its columns by name.
alter table clinic.bookings add column dropped text default 'gone', add column color text default 'blue',
  add column minutes int generated always as (extract(epoch from upper(during) - lower(during)) / 60) stored;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, color)
  values (1, 1, 1, 'A', '[2026-04-13 09:00,)', 'red');
alter table clinic.bookings drop column dropped;
alter table clinic.bookings add column note text default 'none';
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 1, 1, 'B', '[2026-04-13 10:00,)');
update clinic.bookings set color = 'green', note = 'first' where patient_name = 'A';
update clinic.bookings set during = '[2026-04-13 09:05, 2026-04-13 09:15)' where patient_name = 'A';
select id, patient_name, during, provider_busy, day_seat, color, note, minutes from clinic.bookings order by id;
-- They are in the history, with the value that each row had.
select booking_id, version, operation, before ->> 'color' as color_before, after ->> 'color' as color, after ->> 'note' as note, after ->> 'minutes' as minutes
from clinic.booking_history order by booking_id, version;

-- The app may point at bookings, by the id alone or with the clinic.
create table clinic.note (booking_id bigint references clinic.bookings);
insert into clinic.note values (2);
call test.refused('delete from clinic.bookings where id = 2');
drop table clinic.note;
create table clinic.invoice (clinic_id bigint, booking_id bigint, foreign key (clinic_id, booking_id) references clinic.bookings (clinic_id, id));
insert into clinic.invoice values (1, 1);
call test.refused('delete from clinic.bookings where id = 1');
-- A delete is recorded, and its history outlives it.
delete from clinic.bookings where id = 2;
select booking_id, version, operation, before ->> 'patient_name' as before, after from clinic.booking_history where operation = 'delete';
-- The id may be used again: its history goes on.
insert into clinic.bookings (id, provider_id, room_id, appointment_type_id, patient_name, during)
  values (2, 1, 1, 1, 'C', '[2026-04-13 10:00,)');
select booking_id, version, operation, after ->> 'patient_name' as after from clinic.booking_history where booking_id = 2 order by version;

-- An UPDATE that changes nothing, and one that changes who is there while the time stays.
update clinic.bookings set id = id;
update clinic.bookings set patient_id = 'p1' where id = 1;
insert into clinic.providers (name) values ('Berg');
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
call test.violates($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during)
  values (2, 2, 1, 'p1', 'D', '[2026-04-13 09:10,)')$$);
-- A provider, room or type that has bookings can't be deleted.
call test.violates('delete from clinic.providers');
call test.violates('delete from clinic.rooms');
call test.violates('delete from clinic.appointment_types');
rollback;
