-- A small clinic that has something in every table, made by an owner who is no superuser.
set client_min_messages = warning;
select init_clinic('Altered', 'Europe/Berlin');
update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.providers (name) values ('Adler'), ('Bach');
insert into clinic.rooms (name, room_type) values ('Room 1', 'exam'), ('Room 2', 'exam');
insert into clinic.appointment_types (name, duration_minutes) values ('Checkup', 30);
insert into clinic.areas (name, travel_minutes) values ('north', 5), ('south', 5);
insert into clinic.area_neighbors (area_id, neighbor_id) values (1, 2);
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time)
  select p, d, '08:00', '18:00' from generate_series(1, 2) p, generate_series(1, 7) d;
insert into clinic.availability_overrides (provider_id, on_date, start_time, end_time) values (1, '2035-04-17', '10:00', '12:00');
insert into clinic.sites (name) values ('North'), ('South');
insert into clinic.site_travel (from_site_id, to_site_id, minutes) values (1, 2, 5);
insert into clinic.holidays (on_date, name) values ('2035-12-25', 'Christmas Day');
insert into clinic.time_off (provider_id, during) values (2, '[2035-05-01,2035-05-03)');
insert into clinic.overbooking_rules (max_overbook) values (1);
insert into clinic.booking_limits (per, period, max_bookings) values ('clinic', 'day', 1000);
insert into clinic.scoring_profiles (provider_id) values (1);
insert into clinic.appointment_type_hours (appointment_type_id, day_of_week, start_time, end_time) select 1, d, '00:00', '24:00' from generate_series(1, 7) d;
insert into clinic.room_availability (room_id, day_of_week, start_time, end_time) select r, d, '00:00', '24:00' from generate_series(1, 7) d, generate_series(1, 2) r;
insert into clinic.resources (name, kind) values ('Cart A', 'cart'), ('Cart B', 'cart');
insert into clinic.type_resources (appointment_type_id, kind) values (1, 'cart');
insert into clinic.reserved_windows (provider_id, day_of_week, start_time, end_time, release_before) values (1, 7, '08:00', '09:00', '1 day');
insert into clinic.reserved_window_types (reserved_window_id, appointment_type_id) values (1, 1);
insert into clinic.provider_types (appointment_type_id, provider_id) values (1, 1), (1, 2);
update clinic.clinics set no_show_since = '-infinity';
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during, status, hold_expires_at) values
  (1, 1, 1, 'p1', 'Ann', '[2035-04-16 09:00+02,)', 'booked', null),
  (1, 1, 1, 'p2', 'Ben', '[2035-04-16 10:00+02,)', 'booked', null),
  (1, 1, 1, 'p3', 'Cem', '[2035-04-23 09:00+02,)', 'booked', null),
  (1, 1, 1, null, null, '[2035-04-24 09:00+02,)', 'pending', '2035-04-01'),
  (1, 1, 1, 'p5', 'Eve', '[2026-04-16 09:00+02,)', 'booked', null),
  (1, 1, 1, 'p6', 'Fay', '[2026-04-17 09:00+02,)', 'noshow', null),
  (1, 2, 1, null, null, '[2035-04-24 11:00+02,)', 'pending', now() - interval '1 hour');
select join_waitlist('Checkup', 'Dora', '2035-04-16', '2035-04-20', 'p4'), join_waitlist('Checkup', booking_id => 3),
  join_waitlist('Checkup', 'Gil', '2035-04-16', '2035-04-20', 'p7');
update clinic.bookings set status = 'cancelled' where id = 1;
select from offer_backfill(1, 9);
-- A roster of three days, planned, promoted and approved, with a group, templates and wishes.
insert into clinic.staff_groups (name, priority) values ('seniors', 1);
insert into clinic.staff (name) values ('Ana'), ('Bea'), ('Cleo');
insert into clinic.staff_group_members (group_id, staff_id) values (1, 1);
insert into clinic.shift_templates (provider_id, day_of_week, start_time, end_time) values (1, 1, '08:00', '12:00');
insert into clinic.shifts (provider_id, during) select 1, tstzrange(day, day + interval '4 hours')
  from generate_series(timestamptz '2029-01-01 08:00+01', '2029-01-03 08:00+01', interval '1 day') day;
insert into clinic.rules (rule_kind, mode, limit_value, period) values ('max_shifts', 'hard', 5, 'week');
insert into clinic.rule_overrides (rule_kind, mode, limit_value, period, staff_id, approved_by, reason)
  values ('max_shifts', 'hard', 4, 'week', 1, 'Sue', 'she asked');
insert into clinic.preferences (staff_id, provider_id, is_preferred, strength, stated_by) values (1, 1, true, 'mild', 'staff');
insert into clinic.shift_requests (staff_id, on_date, is_wanted) values (2, '2029-01-02', false);
select draft_plan('2029-01-01', '2029-01-03');
insert into clinic.locks (plan_id, action, staff_id, shift_id) values (1, 'assign', 1, 1);
select from solve_plan(1);
select from promote_plan(1, 'the first roster');
select from solve_roster('2029-01-01', '2029-01-03');
-- Rounds of a day, with somebody whom nobody can visit; promoted, and partly done.
insert into clinic.staff (name, home_area_id, capacity_minutes) values ('Fay', 1, 240), ('Gus', 1, 240);
insert into clinic.staff_availability (staff_id, day_of_week, start_time, end_time) select s, 1, '07:00', '13:00' from generate_series(4, 5) s;
insert into clinic.clients (name, area_id, visit_minutes, required_skills, starts_on, renews_on) values
  ('A', 1, 30, '{}', '2026-04-01', '2026-05-01'), ('B', 1, 30, '{x_ray}', '2026-04-01', '2026-05-01'),
  ('C', 1, 200, '{}', '2026-04-01', '2026-05-01'), ('Walk-in', 1, 30, '{}', null, null);
insert into clinic.client_access_windows (client_id, day_of_week, start_time, end_time) values (1, 1, '08:00', '12:00');
insert into clinic.client_events (client_id, on_date, kind) values (4, '2026-04-13', 'walk_in'), (1, '2026-04-20', 'skip');
select from plan_rounds('2026-04-13');
select from promote_plan((select max(id) from clinic.plans), 'a good day');
update clinic.visits set started_at = '2026-04-13 08:00+02', outcome = 'done' where client_id = 1;
select from plan_rounds('2026-04-13', parent_plan_id => (select max(id) from clinic.plans));
-- Smoothing found nothing to move: a move by hand, which only functions may write.
alter table clinic.smoothing_moves disable trigger user;
insert into clinic.smoothing_moves (plan_id, number, visit_id, old_staff_id, old_starts_at, old_load_minutes, new_staff_id,
    new_starts_at, new_load_minutes, mean_load_minutes)
  select plan_id, 99, visit_id, 4, now(), 90, 5, now(), 30, 60 from clinic.plan_assignments where visit_id is not null limit 1;
alter table clinic.smoothing_moves enable trigger user;
