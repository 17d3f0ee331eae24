-- A clinic in which every function has something to do. @size@ is a factor of its rows; everything follows from
-- arithmetic. Days are counted from today.
set client_min_messages = warning;
set timezone = 'Europe/Berlin';
select init_clinic('Busy', 'Europe/Berlin');
update clinic.clinics set slot_step_minutes = 5, booking_horizon_days = 400;

-- Appointments.
insert into clinic.providers (name, max_daily_appointments, buffer_minutes)
select 'Provider ' || i, 1440, 0 from generate_series(1, 4 * @size@) i;
insert into clinic.rooms (name, room_type) select 'Room ' || i, 'exam' from generate_series(1, 4 * @size@) i;
insert into clinic.appointment_types (name, duration_minutes) values ('Visit', 10), ('Long', 30);
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time)
select p, d, '06:00', '22:00' from generate_series(1, 4 * @size@) p, generate_series(1, 7) d;
insert into clinic.overbooking_rules (max_overbook) values (2);
insert into clinic.time_off (provider_id, during)
select p, tstzrange(current_date + 40 + p, current_date + 41 + p) from generate_series(1, 4 * @size@) p;
-- 20 a provider and day, of three days past and three to come.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, patient_id, contact, during, status, created_at)
select p, p, 1, 'Patient ' || n, 'P' || d || '-' || p || '-' || n, 'p@example.org',
  tstzrange(current_date + d + time '08:00' + n * interval '15 min', null),
  case when d > 0 then 'booked' when n % 4 = 0 then 'noshow' else 'fulfilled' end, current_date - 10
from generate_series(1, 4 * @size@) p, unnest('{-3,-2,-1,2,3,4}'::integer[]) d, generate_series(1, 20) n;
select count(*) from (select cancel_booking(id, 'ill') from clinic.bookings where status = 'booked' and id % 17 = 0) c;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status, hold_expires_at)
select p, p, 1, 'Hold', tstzrange(current_date + 5 + time '12:00', null), 'pending', now() + interval '1 hour' * (p % 3 - 1) + interval '1 second'
from generate_series(1, 4) p;
insert into clinic.waitlist (appointment_type_id, patient_name, patient_id, from_date, to_date)
select 1, 'Waiting ' || i, 'W' || i, current_date, current_date + 100 from generate_series(1, 50 * @size@) i;
select count(*) from offer_backfill((select min(id) from clinic.bookings where status = 'cancelled' and during > tstzrange(current_date + 2, null)));

-- Rosters.
insert into clinic.areas (name) select 'Area ' || i from generate_series(1, 5) i;
insert into clinic.area_neighbors (area_id, neighbor_id)
select i, j from generate_series(1, 5) i, generate_series(1, 5) j where i < j;
insert into clinic.staff (name, home_area_id, capacity_minutes, skills)
select 'Staff ' || i, 1 + i % 5, 480, '{a,b}' from generate_series(1, 10 * @size@) i;
insert into clinic.shift_kinds (name) values ('early'), ('late');
insert into clinic.shifts (shift_kind, provider_id, during)
select case when (p + d) % 2 = 0 then 'early' else 'late' end, p, tstzrange(start, start + interval '4 hours')
from generate_series(1, 2 * @size@) p, generate_series(10, 14) d,
  lateral (select current_date + d + time '08:00' + (p + d) % 2 * interval '5 hours' as start) s;
insert into clinic.shift_templates (provider_id, day_of_week, start_time, end_time)
select p, d, '13:00', '17:00' from generate_series(1, 4 * @size@) p, generate_series(1, 7) d;
insert into clinic.preferences (staff_id, provider_id, is_preferred)
select s, 1 + s % (4 * @size@), s % 3 > 0 from generate_series(1, 10 * @size@) s;
insert into clinic.rules (rule_kind, shift_kind, next_shift_kind, mode, weight, limit_value) values
  ('max_consecutive_days', null, null, 'soft', 40, 2), ('min_consecutive_days_off', null, null, 'soft', 15, 2),
  ('forbidden_succession', 'late', 'early', 'soft', 25, null);
insert into clinic.shift_requests (staff_id, on_date, is_wanted)
select s, current_date + 10 + s % 5, s % 3 = 0 from generate_series(1, 10 * @size@) s;
select count(*) from solve_roster(current_date + 10, current_date + 14, time_limit => '5 s');
select count(*) from solve_roster(current_date + 10, current_date + 14, without_staff_ids => '{1}', time_limit => '5 s');
select count(*) from promote_plan(1, 'test', array(select key from plan_violations(1)));
select draft_plan(current_date + 10, current_date + 14);

-- Rounds. Some clients need a skill that nobody has.
insert into clinic.clients (name, area_id, visit_minutes, required_skills, starts_on, renews_on)
select 'Client ' || i, 1 + i % 5, 15, case when i % 20 = 0 then '{c}'::text[] else '{}' end, current_date - 300, current_date + 300
from generate_series(1, 150 * @size@) i;
insert into clinic.client_access_windows (client_id, day_of_week, start_time, end_time)
select i, d, '08:00', '20:00' from generate_series(1, 50 * @size@) i, generate_series(1, 7) d;
insert into clinic.client_events (client_id, on_date, kind, made_at)
select i, current_date + 20 + i % 3, 'skip', now() - interval '300 days' from generate_series(3, 150 * @size@, 40) i;
select count(*) from plan_rounds(current_date + 20);
select count(*) from promote_plan((select max(id) from clinic.plans), 'test');
select count(*) from plan_rounds(current_date + 21);
select count(*) from promote_plan((select max(id) from clinic.plans), 'test');
select count(*) from plan_rounds(current_date + 21);
analyze;
