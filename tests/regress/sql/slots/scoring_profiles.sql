-- The weights of the score come from the most specific profile: provider + type > provider > type > clinic > 40/35/15/10.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

insert into clinic.providers (name) values ('Berg');
insert into clinic.appointment_types (name, duration_minutes) values ('Surgery', 30);
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '12:00');
-- One slot with four different components: preference 0.75 (09:00, 120 minutes before 11:00), compactness and room 0.5 (an
-- empty day), overbooking 1.
create temp view scores as
  select p.name as provider, t.name as type, s.quality_score
  from clinic.providers p, clinic.appointment_types t, lateral (
    select quality_score from find_slots(null, date '2026-04-13', provider_id => p.id, preferred_from => '11:00',
      preferred_until => '12:00', now => '2026-04-01', appointment_type_id => t.id) where slot_start = '2026-04-13 09:00') s
  order by p.id, t.id;

-- Built in: 0.4 × 0.75 + 0.35 × 0.5 + 0.15 × 0.5 + 0.1 × 1 = 0.65.
select * from scores;
-- The clinic's: only preference, so 0.75. Its size doesn't matter.
insert into clinic.scoring_profiles (preference_weight, compactness_weight, room_weight, overbooking_weight) values (0.001, 0, 0, 0);
select * from scores;
-- A type's: only overbooking, so 1.
insert into clinic.scoring_profiles (appointment_type_id, preference_weight, compactness_weight, room_weight, overbooking_weight)
  values (2, 0, 0, 0, 1e6);
select * from scores;
-- A provider's: compactness and preference alike, (0.75 + 0.5) / 2 = 0.625.
insert into clinic.scoring_profiles (provider_id, preference_weight, compactness_weight, room_weight, overbooking_weight)
  values (1, 7, 7, 0, 0);
select * from scores;
-- Both: 2/3 preference and 1/3 overbooking, 0.5 + 0.3333.
insert into clinic.scoring_profiles (provider_id, appointment_type_id, preference_weight, compactness_weight, room_weight, overbooking_weight)
  values (1, 2, 2, 0, 0, 1);
select * from scores;
-- Weights that aren't given are the built-in ones: 80 instead of 40, (60 + 17.5 + 7.5 + 10) / 140 = 0.6786.
update clinic.scoring_profiles set preference_weight = default, compactness_weight = default, room_weight = default, overbooking_weight = default
  where provider_id = 1;
update clinic.scoring_profiles set preference_weight = 80 where provider_id = 1 and appointment_type_id = 2;
select * from scores where provider = 'Adler';

-- Refused when written: negative, not a number, infinite, all zero, and a second profile of the same scope.
create temp view profile as select * from clinic.scoring_profiles where provider_id is null and appointment_type_id is null;
call test.violates('update profile set room_weight = -0.0001');
call test.violates($$update profile set room_weight = 'NaN'$$);
call test.violates($$update profile set room_weight = 'Infinity'$$);
call test.violates('update profile set preference_weight = 0');
call test.violates('update profile set preference_weight = 1e-300');
call test.violates('update profile set room_weight = null');
call test.violates('insert into clinic.scoring_profiles (clinic_id) values (1)');
rollback;
