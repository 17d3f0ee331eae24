-- recommend_overbooking(): the largest limit whose risk stays under the one given, from the history of no-shows.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
set extra_float_digits to -9;
begin;
call test.clinic();
-- No history: nothing to recommend.
select * from recommend_overbooking(0.05, '2026-01-01', '2026-12-31', '2026-12-31');

insert into clinic.providers (name) values ('Baer'), ('Cohn');
insert into clinic.rooms (name, room_type) select 'Room ' || r, 'exam' from generate_series(2, 3) r;
insert into clinic.appointment_types (name, duration_minutes) values ('Surgery', 60);
insert into clinic.overbooking_rules (max_overbook) values (5);
insert into clinic.overbooking_rules (provider_id, appointment_type_id, max_overbook) values (2, 1, 1);
-- 40 days. Adler: 4 checkups a day, one in ten missed. Baer: 6 a day, three in ten missed. Cohn: one surgery in all, missed.
create temp table plan as
  select p.provider, day, seat, (row_number() over (partition by p.provider order by day, seat) - 1) % 10 as nth
  from (values (1, 4), (2, 6)) p (provider, seats), generate_series(0, 39) day, generate_series(0, p.seats - 1) seat;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status)
  select provider, provider, 1, 'A', tstzrange(s, null), case when nth < 2 * provider - 1 then 'noshow' else 'fulfilled' end
  from plan, lateral (select timestamptz '2026-03-02 08:00' + make_interval(days => day, hours => seat) s) start;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status) values
  (3, 3, 2, 'C', '[2026-03-03 09:00,)', 'noshow');
select * from recommend_overbooking(0.1, '2026-01-01', '2026-12-31', '2026-12-31') \gx
-- The rates: the clinic's 89 of 401, drawn toward 0 by 20 outcomes; each provider's toward that by 20.
select provider_id, abs(smoothed_rate - (no_shows + 20 * 89.0 / (401 + 20)) / (outcomes + 20)) < 1e-12 as as_documented
from recommend_overbooking(0.05, '2026-01-01', '2026-12-31', '2026-12-31');
-- The tail, as a plain sum over the binomial terms.
select provider_id, recommended_limit, abs(risk_at_limit - (
    select coalesce(sum(
      (select coalesce(exp(sum(ln((places + recommended_limit - j)::numeric / (j + 1)))), 1) from generate_series(0, i - 1) j)
      * smoothed_rate::numeric ^ i * (1 - smoothed_rate::numeric) ^ (places + recommended_limit - i)), 0)
    from generate_series(0, recommended_limit - 1) i)) < 1e-9 as as_documented
from recommend_overbooking(0.2, '2026-01-01', '2026-12-31', '2026-12-31');
-- More risk, a higher limit.
select risk, array_agg(recommended_limit order by provider_id) as limits
from unnest('{1e-9,0.01,0.05,0.2,0.5,0.9,0.999999}'::float[]) risk, recommend_overbooking(risk, '2026-01-01', '2026-12-31', '2026-12-31')
group by 1 order by 1;

-- Outcomes: not a cancelled booking, nor one whose outcome nobody recorded, though it took a place. An overbooked
-- one counts as an outcome, but is no place. Other dates don't count.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status, is_overbooked) values
  (3, 3, 2, 'D', '[2026-03-04 09:00,)', 'cancelled', false),
  (3, 3, 2, 'E', '[2026-03-05 09:00,)', 'booked', false),
  (3, 3, 2, 'F', '[2026-03-05 11:00,)', 'fulfilled', false),
  (3, 3, 2, 'G', '[2026-03-05 13:00,)', 'fulfilled', true),
  (3, 3, 2, 'H', '[2024-03-05 13:00,)', 'noshow', false);
select places, outcomes, no_shows from recommend_overbooking(0.05, '2026-01-01', '2026-12-31', '2026-12-31') where provider_id = 3;
-- By default the 366 days up to today; another provider's rows are alone there.
select provider_id, places, outcomes, no_shows from recommend_overbooking(0.05, now => '2025-01-01');

-- Bad input.
call test.refused('select from recommend_overbooking(null)');
call test.refused('select from recommend_overbooking(0)');
call test.refused('select from recommend_overbooking(1)');
call test.refused('select from recommend_overbooking(-0.1)');
call test.refused($$select from recommend_overbooking('NaN')$$);
call test.refused($$select from recommend_overbooking('Infinity')$$);
call test.refused($$select from recommend_overbooking(0.05, '2026-04-14', '2026-04-13')$$);
call test.refused($$select from recommend_overbooking(0.05, '2026-01-01', '2027-12-31')$$);
call test.refused($$select from recommend_overbooking(0.05, 'infinity')$$);
call test.refused($$select from recommend_overbooking(0.05, now => 'infinity')$$);
call test.refused($$select from recommend_overbooking(0.05, clinic_id => 99)$$);
rollback;
