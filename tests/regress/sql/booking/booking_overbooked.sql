-- Overbooked bookings: one normal and one overbooked at a time, as many a day as the rules say, a room never shared.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

insert into clinic.rooms (name, room_type) values ('Room 2', 'exam'), ('Room 3', 'exam');
create procedure pg_temp.book(name text, room int, during tstzrange, overbooked boolean) language sql as $$
  insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked)
  values (1, room, 1, name, during, overbooked)
$$;
create temp view seats as select patient_name, room_id, lower(during)::time, is_overbooked, day_seat, day_capacity, overbook_seat, overbook_limit
  from clinic.bookings order by id;
call pg_temp.book('A', 1, '[2026-04-13 09:00,)', false);
-- Without a rule the limit is 0.
call test.violates($$call pg_temp.book('B', 2, '[2026-04-13 09:00,)', true)$$);
insert into clinic.overbooking_rules (max_overbook) values (2);
call pg_temp.book('B', 2, '[2026-04-13 09:00,)', true);
-- Never a third at that time, not even half, whichever kind; and never in a room that is taken.
call test.violates($$call pg_temp.book('C', 3, '[2026-04-13 09:15,)', true)$$);
call test.violates($$call pg_temp.book('C', 3, '[2026-04-13 09:15,)', false)$$);
call test.violates($$call pg_temp.book('C', 1, '[2026-04-13 10:00, 2026-04-13 10:30)', true); call pg_temp.book('D', 1, '[2026-04-13 10:15,)', false)$$);
-- An overbooked one may stand alone: plain SQL is not judged by find_slots. Two fill the limit, and take no seats of normal ones.
call pg_temp.book('C', 1, '[2026-04-13 10:00,)', true);
call test.violates($$call pg_temp.book('D', 1, '[2026-04-13 11:00,)', true)$$);
call pg_temp.book('D', 1, '[2026-04-13 11:00,)', false);
select * from seats;
-- Changing sides takes a seat of the other kind: free it is, by the limit it isn't.
update clinic.bookings set is_overbooked = false where patient_name = 'C';
select * from seats;
update clinic.bookings set is_overbooked = true where patient_name = 'D';
call test.violates($$update clinic.bookings set is_overbooked = true where patient_name = 'C'$$);
select * from seats;
-- When the normal one goes, the overbooked one stays what it was, and another normal one may come.
update clinic.bookings set status = 'cancelled' where patient_name = 'A';
call pg_temp.book('E', 1, '[2026-04-13 09:00,)', false);
select * from seats;
-- A type with a lower limit of its own sees all overbooked bookings of the day: 2 are there already.
insert into clinic.appointment_types (name, duration_minutes) values ('Other', 10);
insert into clinic.overbooking_rules (appointment_type_id, max_overbook) values (2, 1);
call test.violates($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked)
  values (1, 3, 2, 'F', '[2026-04-13 15:00,)', true)$$);
-- Raised to 3 there is one more, on seat 3.
update clinic.overbooking_rules set max_overbook = 3 where appointment_type_id = 2;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked)
  values (1, 3, 2, 'F', '[2026-04-13 15:00,)', true) returning overbook_seat, overbook_limit;
-- Another type keeps the seat of the day that was given. To be overbooked anew asks for its limit.
update clinic.bookings set appointment_type_id = 1 where patient_name = 'F' returning overbook_seat, overbook_limit;
call test.violates($$update clinic.bookings set is_overbooked = false where patient_name = 'F'; update clinic.bookings set is_overbooked = true where patient_name = 'F'$$);
rollback;
