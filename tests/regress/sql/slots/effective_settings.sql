-- effective_settings tells which setting holds, where it comes from, and what it beats.
\set SHOW_CONTEXT never
begin;
call test.clinic();
insert into clinic.providers (name, buffer_minutes) values ('Berg', 0);
insert into clinic.appointment_types (name, duration_minutes) values ('Echo', 60);

-- Nothing is set: the type's length, the clinic's step, notice and horizon, and what is built in.
select * from effective_settings(1, 2, 1);
-- Set at every level; the narrowest wins, each for itself.
update clinic.appointment_types set slot_step_minutes = 30, before_minutes = 10, room_after_minutes = 20, minimum_notice_minutes = 60 where id = 2;
insert into clinic.provider_types (appointment_type_id, provider_id, duration_minutes, slot_step_minutes, before_minutes) values (2, 2, 45, 45, 5);
insert into clinic.overbooking_rules (provider_id, appointment_type_id, max_overbook, enabled) values
  (null, null, 3, true), (2, null, 1, true), (null, 2, 2, true), (1, 2, 9, true), (2, 2, 7, false);
insert into clinic.scoring_profiles (provider_id, preference_weight, compactness_weight, room_weight, overbooking_weight) values (2, 1, 2, 3, 4);
select * from effective_settings(2, 2, 1);
-- Once one provider is listed, others don't do it.
select * from effective_settings(1, 2) where setting in ('is_done', 'duration_minutes', 'max_overbook', 'before_minutes');
-- What is left out matches only settings that leave it open too.
select * from effective_settings(provider_id => 2) where not setting like '%weight';
select * from effective_settings() where wins;
-- A disabled type has settings, too.
update clinic.appointment_types set enabled = false where id = 2;
select value from effective_settings(2, 2) where setting = 'duration_minutes' and wins;

-- Bad input.
call test.refused('select effective_settings(9, 2)');
call test.refused('select effective_settings(1, 9)');
call test.refused('select effective_settings(1, 2, 9)');
call test.refused('select effective_settings(1, 2, 1, 9)');
rollback;
