-- effective_settings tells which setting holds, where it comes from, and what it beats.
\set SHOW_CONTEXT never
begin;
call test.clinic();
insert into clinic.providers (name, buffer_minutes) values ('Berg', 0);
insert into clinic.appointment_types (name, duration_minutes) values ('Echo', 60);

-- Nothing is set: the type's length, the clinic's step, notice and horizon, and what is built in.
select * from effective_settings(1, 2, 1, on_date => '2035-04-16');
-- Set at every level; the narrowest wins, each for itself.
update clinic.appointment_types set slot_step_minutes = 30, before_minutes = 10, room_after_minutes = 20, minimum_notice_minutes = 60 where id = 2;
insert into clinic.provider_types (appointment_type_id, provider_id, duration_minutes, slot_step_minutes, before_minutes) values (2, 2, 45, 45, 5);
insert into clinic.overbooking_rules (provider_id, appointment_type_id, max_overbook, enabled) values
  (null, null, 3, true), (2, null, 1, true), (null, 2, 2, true), (1, 2, 9, true), (2, 2, 7, false);
insert into clinic.scoring_profiles (provider_id, preference_weight, compactness_weight, room_weight, overbooking_weight) values (2, 1, 2, 3, 4);
select * from effective_settings(2, 2, 1, on_date => '2035-04-16');
-- Once one provider is listed, others don't do it.
select * from effective_settings(1, 2) where setting in ('is_done', 'duration_minutes', 'max_overbook', 'before_minutes');
-- What is left out matches only settings that leave it open too.
select * from effective_settings(provider_id => 2, on_date => '2035-04-16') where not setting like '%weight';
select * from effective_settings() where wins;
-- A disabled type has settings, too.
update clinic.appointment_types set enabled = false where id = 2;
select value from effective_settings(2, 2) where setting = 'duration_minutes' and wins;

-- What is open on a date: the windows, what a holiday leaves of them, the overrides of the date; and what bounds them.
set timezone to 'Europe/Berlin';
set datestyle to iso;
create function pg_temp.open_on(on_date date, room bigint default 1) returns table (setting text, value text, wins boolean, source text) language sql as $$
  select * from effective_settings(1, 1, room, on_date => on_date) where setting in ('opening', 'type_hours', 'room_hours')
$$;
select * from pg_temp.open_on('2035-04-16');
select * from pg_temp.open_on('2035-04-17');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time, open_on_holidays) values (1, 1, '22:00', '02:00', true);
insert into clinic.holidays (on_date, name) values ('2035-04-16', 'A holiday');
insert into clinic.appointment_type_hours (appointment_type_id, day_of_week, start_time, end_time) values (1, 1, '10:00', '11:00');
insert into clinic.room_availability (room_id, day_of_week, start_time, end_time) values (1, 2, '08:00', '18:00');
select * from pg_temp.open_on('2035-04-16');
insert into clinic.availability_overrides (provider_id, on_date, start_time, end_time) values (1, '2035-04-16', '13:00', '14:30'), (1, '2035-04-16', '08:00', '08:30'), (1, '2035-04-23', null, null);
select * from pg_temp.open_on('2035-04-16');
select * from pg_temp.open_on('2035-04-23');
select * from pg_temp.open_on('2035-04-17');
-- A holiday of a site, in its rooms only.
insert into clinic.sites (name) values ('North'), ('South');
update clinic.rooms set site_id = 1;
insert into clinic.rooms (name, room_type, site_id) values ('S1', 'exam', 2);
insert into clinic.holidays (on_date, name, site_id) values ('2035-04-30', 'Southern Day', 2);
select * from pg_temp.open_on('2035-04-30', 1);
select * from pg_temp.open_on('2035-04-30', (select id from clinic.rooms where name = 'S1'));

-- Bad input.
call test.refused($$select effective_settings(1, 1, 1, on_date => 'infinity')$$);
call test.refused($$select effective_settings(1, 1, 1, on_date => '0001-01-01')$$);
call test.refused('select effective_settings(9, 2)');
call test.refused('select effective_settings(1, 9)');
call test.refused('select effective_settings(1, 2, 9)');
call test.refused('select effective_settings(1, 2, 1, 9)');
rollback;
