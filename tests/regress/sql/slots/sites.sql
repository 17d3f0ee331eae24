-- Sites: rooms and windows at one, finding at one, and the ways between them.
\set SHOW_CONTEXT never
set timezone to 'UTC';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set time_zone = 'UTC', booking_horizon_days = 3660, slot_step_minutes = 60, minimum_notice_minutes = 0;
update clinic.providers set buffer_minutes = 0, max_daily_appointments = 100;
update clinic.appointment_types set duration_minutes = 60;
delete from clinic.provider_availability;
insert into clinic.sites (name) values ('North'), ('South');
update clinic.rooms set name = 'N1', site_id = 1;
insert into clinic.rooms (name, room_type, site_id) values ('S1', 'exam', 2), ('Van', 'exam', null);
-- At North from Monday to Wednesday of one week, at South from Thursday to Saturday of the next.
insert into clinic.provider_availability (provider_id, site_id, day_of_week, start_time, end_time, valid_from, valid_until)
select 1, 1, d, '09:00'::time, '12:00'::time, date '2035-04-16', date '2035-04-22' from generate_series(1, 3) d
union all select 1, 2, d, '09:00', '18:00', '2035-04-23', '2035-04-29' from generate_series(4, 6) d;
select local_date, room_name, count(*) from find_slots('Checkup', '2035-04-14', '2035-05-01', all_rooms => true) group by 1, 2 order by 1, 2;
select code, sentence from explain_slots('Checkup', slot_start => '2035-04-16 10:00') order by room_id;
call test.refused($$select book_slot('Checkup', 1, 2, '2035-04-16 10:00', 'Ann')$$);
call test.refused($$select book_slot('Checkup', 1, 3, '2035-04-16 10:00', 'Ann')$$);
select room_id from book_slot('Checkup', 1, null, '2035-04-16 10:00', 'Ann');

-- At both at once, as nobody knows yet: the one who is booked first decides. Afternoons are open in all rooms.
delete from clinic.bookings;
delete from clinic.provider_availability;
insert into clinic.provider_availability (provider_id, site_id, day_of_week, start_time, end_time)
values (1, 1, 1, '09:00', '12:00'), (1, 2, 1, '10:00', '13:00'), (1, null, 1, '13:00', '15:00');
create function pg_temp.starts(at_site bigint default null) returns table (room text, starts text) language sql as $$
  select room_name, string_agg(to_char(local_time, 'HH24'), ' ' order by local_time) from find_slots('Checkup', '2035-04-16', all_rooms => true, site_id => at_site) group by 1 order by 1
$$;
select * from pg_temp.starts();
select * from pg_temp.starts(1);
select * from pg_temp.starts(2);
select local_time, room_name from next_available('Checkup', '2035-04-16', site_id => 2, max_results => 2);
select nth, local_date, room_name from find_series('Checkup', 2, from_date => '2035-04-16', site_id => 2, max_alternatives => 0);
select room_name, code from explain_slots('Checkup', slot_start => '2035-04-16 09:00', site_id => 2);
select count(*) from find_slots('Checkup', '2035-04-16', site_id => 2, room_id => 1);
call test.refused($$select from find_slots('Checkup', '2035-04-16', site_id => 9)$$);
-- A visit without a room is at no site.
update clinic.appointment_types set needs_room = false;
select count(*) > 0 as anywhere, (select count(*) from find_slots('Checkup', '2035-04-16', site_id => 1)) as at_north from find_slots('Checkup', '2035-04-16');
update clinic.appointment_types set needs_room = true;

-- The way takes time, and back takes longer.
insert into clinic.site_travel values (1, 1, 2, 30), (1, 2, 1, 90);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'Ann', '[2035-04-16 11:00,)');
select * from pg_temp.starts();
select room_name, code, blocking_id, sentence from explain_slots('Checkup', slot_start => '2035-04-16 12:00');
select room_name, code, sentence from explain_slots('Checkup', slot_start => '2035-04-16 10:00');
call test.refused($$select book_slot('Checkup', 1, 2, '2035-04-16 12:00', 'Ben')$$);
select room_id, slot_start from book_slot('Checkup', 1, 2, '2035-04-16 12:30', 'Ben');
-- To the minute, and only between neighbors. A room of no site is near everywhere.
select room_id, slot_start from book_slot('Checkup', 1, 1, '2035-04-16 09:00', 'Cid');
select * from pg_temp.starts();
-- The override sets it aside; a booking on the move doesn't stand in its own way.
call test.refused($$select reschedule_booking(3, '2035-04-16 12:00')$$);
call test.refused($$select reschedule_booking(4, '2035-04-16 10:00', room_id => 2)$$);
select slot_start from reschedule_booking(3, '2035-04-16 12:00', override_reason => 'drives fast');
select find.local_time, find.room_name from find_slots(from_date => '2035-04-16', booking_id => 3) find order by 1, 2;
-- At its site it may go to another room; to one elsewhere, if there is time.
insert into clinic.rooms (name, room_type, site_id) values ('S2', 'exam', 2);
select room_id from reschedule_booking(3, '2035-04-16 12:00', room_id => 4);
select count(*) as against from explain_slots(booking_id => 2, slot_start => '2035-04-16 11:00', room_id => 2);
-- Said in one direction, it holds in both.
delete from clinic.site_travel where from_site_id = 2;
select room_name, code, sentence from explain_slots('Checkup', slot_start => '2035-04-16 13:00', room_id => 1);
-- Overbooked, one can't be elsewhere at the same time.
insert into clinic.overbooking_rules (max_overbook) values (5);
select room_name, code, sentence from explain_slots('Checkup', slot_start => '2035-04-16 11:00', is_overbooked => true, room_id => 2);
select room_name, code, sentence from explain_slots('Checkup', slot_start => '2035-04-16 11:00', is_overbooked => true, room_id => 3);
-- Over midnight.
update clinic.provider_availability set start_time = '00:00', end_time = '00:00', day_of_week = 3 where site_id is null;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (1, 4, '00:00', '00:00');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'Dan', '[2035-04-18 23:00,)');
select room_name, code, sentence from explain_slots('Checkup', slot_start => '2035-04-19 00:00', room_id => 2);
select min(local_time) from find_slots('Checkup', '2035-04-19', site_id => 2);
select min(local_time) from find_slots('Checkup', '2035-04-19', site_id => 1);

-- What can't be meant.
call test.violates('insert into clinic.sites (name) values ('' '')');
call test.violates('insert into clinic.sites (name) values (''North'')');
call test.violates('update clinic.rooms set site_id = 9');
call test.violates('update clinic.provider_availability set site_id = 9');
call test.violates('update clinic.provider_availability set room_id = 1, site_id = 1');
call test.violates('insert into clinic.site_travel values (1, 1, 1, 5)');
call test.violates('insert into clinic.site_travel values (1, 2, 1, -1)');
call test.violates('insert into clinic.site_travel values (1, 2, 1, 1441)');
call test.violates('insert into clinic.site_travel values (1, 2, 9, 5)');
call test.violates('insert into clinic.site_travel values (1, 1, 2, 5)');
-- A site with rooms stays; without, it takes its windows and ways along.
call test.violates('delete from clinic.sites where id = 2');
update clinic.rooms set site_id = null where site_id = 2;
delete from clinic.sites where id = 2;
select (select count(*) from clinic.site_travel) as ways, (select count(*) from clinic.provider_availability where site_id = 2) as windows;
rollback;
