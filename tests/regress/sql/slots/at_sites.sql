-- Holidays of a site, and units of resources that stay at one.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660, slot_step_minutes = 60;
update clinic.appointment_types set duration_minutes = 60;
insert into clinic.sites (name) values ('North'), ('South');
update clinic.rooms set site_id = 1;
insert into clinic.rooms (name, room_type, site_id) values ('S1', 'exam', 2), ('Van', 'exam', null);
delete from clinic.provider_availability;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) select 1, d, '09:00', '11:00' from generate_series(1, 7) d;
create function pg_temp.places(on_date date) returns table (starts text, rooms text) language sql as $$
  select to_char(slot_start, 'HH24'), string_agg(room_name, ', ' order by room_name) from find_slots('Checkup', on_date, on_date, all_rooms => true) group by 1 order by 1
$$;
savepoint made;

-- A holiday in the north closes the rooms there, whoever's window it is, but for what is open on holidays.
insert into clinic.holidays (on_date, name, site_id) values ('2035-04-16', 'Northern Day', 1), ('2035-04-17', 'Southern Day', 2);
select * from pg_temp.places('2035-04-16');
select * from pg_temp.places('2035-04-17');
select * from pg_temp.places('2035-04-18');
select room_name, code, sentence from explain_slots('Checkup', slot_start => '2035-04-16 09:00');
call test.violates($$select book_slot('Checkup', 1, 1, '2035-04-16 09:00', 'Ada')$$);
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time, site_id, open_on_holidays) values (1, 1, '10:00', '11:00', 1, true);
select * from pg_temp.places('2035-04-16');
delete from clinic.provider_availability where open_on_holidays;
-- Where all windows are at the site, the day is closed for that reason.
update clinic.provider_availability set site_id = 1;
select * from pg_temp.places('2035-04-16');
select code, sentence from explain_slots('Checkup', '2035-04-16') where slot_start is null;
-- The same date at both, and for all, are three; twice at one is one too many.
insert into clinic.holidays (on_date, name, site_id) values ('2035-04-16', 'Southern, too', 2), ('2035-04-16', 'All', null);
call test.violates($$insert into clinic.holidays (on_date, name, site_id) values ('2035-04-16', 'Again', 2)$$);
call test.violates($$insert into clinic.holidays (on_date, name) values ('2035-04-16', 'Again')$$);
call test.violates($$insert into clinic.holidays (on_date, name, site_id) values ('2035-04-16', 'Nowhere', 99)$$);
rollback to made;

-- Two carts: one stays in the north, one goes anywhere. In the south there is one, in a room of no site, too.
insert into clinic.resources (name, kind, site_id) values ('Cart N', 'cart', 1), ('Cart A', 'cart', null);
insert into clinic.type_resources (appointment_type_id, kind) values (1, 'cart');
insert into clinic.providers (name, buffer_minutes) values ('Berg', 0), ('Conti', 0);
update clinic.providers set buffer_minutes = 0;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) select p, d, '09:00', '11:00' from generate_series(2, 3) p, generate_series(1, 7) d;
select booking_id from book_slot('Checkup', 1, 2, '2035-04-16 09:00', 'Ada');
select booking_id, resource_id from clinic.booking_resources order by 1;
call test.violates($$select book_slot('Checkup', 2, 3, '2035-04-16 09:00', 'Bob')$$);
call test.violates($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, during, patient_name) values (2, 3, 1, '[2035-04-16 09:00,)', 'Bob')$$);
select room_name, code, sentence from explain_slots('Checkup', provider_id => 2, slot_start => '2035-04-16 09:00') order by 1, 2;
select * from pg_temp.places('2035-04-16');
select booking_id from book_slot('Checkup', 2, 1, '2035-04-16 09:00', 'Bob');
select booking_id, resource_id from clinic.booking_resources order by 1;
-- A booking in the north that goes south needs the cart that goes there, and gives it back when it returns.
call test.violates($$select reschedule_booking(3, '2035-04-16 09:00', room_id => 3)$$);
call test.violates($$update clinic.bookings set room_id = 3 where patient_name = 'Bob'$$);
select status from cancel_booking(1);
select room_id from reschedule_booking(3, '2035-04-16 09:00', room_id => 3);
select booking_id, resource_id from clinic.booking_resources order by 1;
select room_id from reschedule_booking(3, '2035-04-16 09:00', room_id => 1);
select booking_id, resource_id from clinic.booking_resources order by 1;
-- Two that change places change carts, if they have to.
select booking_id from book_slot('Checkup', 3, 2, '2035-04-16 09:00', 'Cy') \gset
select booking_id, resource_id from clinic.booking_resources order by 1;
savepoint two;
select booking_id, room_id from swap_bookings(3, 4);
select booking_id, resource_id from clinic.booking_resources order by 1;
rollback to two;
-- What names no site that is there, and a site that is in use.
call test.violates($$insert into clinic.resources (name, kind, site_id) values ('Cart X', 'cart', 99)$$);
call test.violates($$delete from clinic.sites where id = 1$$);
rollback;
