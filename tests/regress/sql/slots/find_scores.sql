-- The quality score, worked out by hand, and the order it makes.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 1, 1, 'A', '[2026-04-13 10:00,)');

-- The booking keeps the provider busy from 10:00 to 10:40 with its buffer; a slot needs 40 minutes with its own. Idle
-- minutes d beyond the buffers, and 0.4 × 0.5 + 0.35 × (1 - d/480) + 0.15 × 1 (room 1 is in use) + 0.1 × 1:
--   09:00 d=20 0.7854   09:15 d=5 0.7964   10:45 d=5 0.7964   11:00 d=20 0.7854   11:15 d=35 0.7745   11:30 d=50 0.7635
-- Best first; of equal ones the earlier.
select slot_start::time, room_id, quality_score, preference_score, compactness_score, room_score, overbooking_score
from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');
-- Room 2 is worse by 0.15 × 0.7 = 0.105: other rooms are in use that day.
select slot_start::time, room_id, quality_score, room_score
from find_slots('Checkup', date '2026-04-13', room_id => 2, now => '2026-04-01');

-- Preferred from 11:00: 1 from there on; 11:00 is 15 minutes from 10:45: 1 - 15/480; 120 from 09:00: 1 - 120/480 = 0.75.
--   09:00 0.4 × 0.75 + 0.5854 = 0.8854   11:00 0.4 × 1 + 0.5854 = 0.9854
select slot_start::time, quality_score, preference_score
from find_slots('Checkup', date '2026-04-13', preferred_from => '11:00', preferred_until => '12:00', now => '2026-04-01');

-- A second booking from 11:00: between the two only the nearer neighbor counts. Slots that fit: 09:00 and 09:15 before,
-- 11:40 would end after 12:00. (10:45 needs until 11:25.)
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 1, 1, 'B', '[2026-04-13 11:00,)');
select slot_start::time, quality_score, compactness_score
from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');

-- A neighbor 480 idle minutes away, or more, gives 0. Open until 21:00: after the booking until 11:30 + 10 the slot at
-- 19:30 has d = 470, 19:45 d = 485.
update clinic.provider_availability set end_time = '21:00';
select slot_start::time, compactness_score from find_slots('Checkup', date '2026-04-13', now => '2026-04-01')
where slot_start >= '2026-04-13 19:15' order by 1;

-- Continuity has no weight unless a profile gives one: half of all the weights (100 beside 40/35/15/10), so a slot with Berg,
-- whom Ann saw last, is better by half than one with whom she didn't; of somebody new or unknown nothing is known.
insert into clinic.providers (name, buffer_minutes) values ('Berg', 10);
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '21:00');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, patient_id, during, status) values
  (1, 1, 1, 'Ann', 'ann', '[2026-03-02 09:00,)', 'fulfilled'), (2, 1, 1, 'Ann', 'ann', '[2026-03-09 09:00,)', 'checked-in'), (1, 1, 1, 'Ann', 'ann', '[2026-03-16 09:00,)', 'noshow'),
  (1, 1, 1, 'Ann', 'ann', '[2026-04-27 09:00,)', 'booked');
create function test.best(patient text) returns table (provider_name text, quality_score float, continuity_score float) language sql as $$
  select provider_name, quality_score, continuity_score from find_slots('Checkup', date '2026-04-20', patient_id => $1, max_results => 1, now => '2026-04-01')
$$;
select * from test.best('ann');
insert into clinic.scoring_profiles (continuity_weight) values (100);
select * from test.best('ann');
select * from test.best('new');
select * from test.best(null);
select provider_name, count(*), min(continuity_score), max(continuity_score) from find_slots('Checkup', date '2026-04-20', patient_id => 'ann', now => '2026-04-01') group by 1 order by 1;
-- A booking that is moved is its patient's.
select provider_name, continuity_score from find_slots(from_date => '2026-04-20', booking_id => (select id from clinic.bookings where slot_start = '2026-04-27 09:00'), max_results => 1, now => '2026-04-01');
-- It may be all that counts, but not be negative.
update clinic.scoring_profiles set preference_weight = 0, compactness_weight = 0, room_weight = 0, overbooking_weight = 0;
select * from test.best('ann');
call test.violates('update clinic.scoring_profiles set continuity_weight = -1');
call test.violates('update clinic.scoring_profiles set continuity_weight = 0');

-- Nor has the load: with a weight, who has the least booked of the week's opening time comes first, and another is worse by
-- what is booked more, in whole percents. It is of the week (Monday to Sunday) that the slot is in.
create view test.loads as select provider_name, min(load_score), max(load_score), max(quality_score) as quality
  from find_slots('Checkup', date '2026-04-20', now => '2026-04-01') group by 1 order by 1;
select provider_name, min, max from test.loads;
update clinic.scoring_profiles set continuity_weight = 0, load_weight = 100;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (1, 3, '09:00', '21:00'), (2, 3, '09:00', '21:00');
select * from test.loads;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 1, 1, 'Ben', '[2026-04-22 09:00,2026-04-22 15:00)'), (2, 1, 1, 'Cleo', '[2026-04-22 16:00,2026-04-22 19:00)'),
    (2, 1, 1, 'Dan', '[2026-04-15 09:00,2026-04-15 21:00)');
select * from test.loads;
select provider_name from next_available('Checkup', '2026-04-20', max_results => 1, now => '2026-04-01');
select provider_name, load_score from find_slots('Checkup', '2026-04-20', '2026-04-26', max_results => 1, now => '2026-04-01');
select provider_id from book_slot('Checkup', null, null, '2026-04-20 12:00', 'Eve', override_reason => 'test');
-- Time off makes the week shorter; one that has none left is as good as booked out.
insert into clinic.time_off (provider_id, during) values (2, '[2026-04-20 12:00,2026-04-23 00:00)');
select * from test.loads;
call test.violates('update clinic.scoring_profiles set load_weight = -1');
rollback;
