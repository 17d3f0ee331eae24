-- What bends a person's days: weekly windows, overrides of dates, time off, a night over midnight, clocks that change.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
set client_min_messages to warning;
begin;
call test.clinic();
insert into clinic.staff (name) values ('Ana'), ('Ben');
insert into clinic.shift_kinds (name) values ('day'), ('night');
insert into clinic.shifts (shift_kind, during) values
  ('day', '[2026-04-13 08:00,2026-04-13 12:00)'), ('night', '[2026-04-13 22:00,2026-04-14 06:00)'),
  ('day', '[2026-04-14 08:00,2026-04-14 12:00)'), ('day', '[2026-04-15 08:00,2026-04-15 12:00)');
-- Who can, shift by shift: judged in a draft.
select draft_plan('2026-04-13', '2026-04-15') as plan \gset
create function pg_temp.can(plan bigint) returns table (shift bigint, can text, reason text) language sql as $$
  select s.id, coalesce(string_agg(e.staff_name, ' ' order by e.staff_id) filter (where e.is_allowed), '-'),
    string_agg(r, '; ' order by e.staff_id)
  from clinic.shifts s, explain_assignment(plan, s.id) e left join unnest(e.sentences) r on true
  group by s.id order by s.id
$$;
savepoint ready;
-- No window: always.
select * from pg_temp.can(:plan);
-- Windows: only then. A window past midnight holds a night.
insert into clinic.staff_availability (staff_id, day_of_week, start_time, end_time) values (1, 1, '08:00', '12:00'), (1, 1, '20:00', '08:00'), (2, 3, '08:00', '11:59');
select * from pg_temp.can(:plan);
-- Two windows that touch are one; outside its validity a window doesn't hold, but the person has one.
update clinic.staff_availability set end_time = '10:00' where staff_id = 2;
insert into clinic.staff_availability (staff_id, day_of_week, start_time, end_time, valid_from, valid_until) values
  (2, 3, '10:00', '12:00', null, null), (2, 2, '00:00', '00:00', '2026-04-15', null);
select * from pg_temp.can(:plan);
-- An override replaces the windows of its date: for Ben, who has none on Tuesday, and for Ana, who then has none on Monday.
insert into clinic.availability_overrides (staff_id, on_date, start_time, end_time) values (2, '2026-04-14', '07:00', '13:00'), (1, '2026-04-13', null, null);
select * from pg_temp.can(:plan);
-- Who has no window can always, save on a date with an override.
delete from clinic.staff_availability;
select * from pg_temp.can(:plan);
rollback to ready;
-- Time off: one's own, the clinic's, with an open end; a provider's or a room's is nobody's.
insert into clinic.time_off (staff_id, during) values (1, '[2026-04-13 11:59,2026-04-13 12:30)'), (2, '[2026-04-14 06:00,)');
insert into clinic.time_off (provider_id, during) values (1, '[2026-04-13,2026-04-16)');
insert into clinic.time_off (room_id, during) values (1, '[2026-04-13,2026-04-16)');
select * from pg_temp.can(:plan);
insert into clinic.time_off (during) values ('[2026-04-15,2026-04-16)');
select * from pg_temp.can(:plan) where shift = 4;
rollback to ready;
-- Skills, and people who are disabled or left out.
update clinic.shifts set required_skills = '{surgery,xray}' where id = 1;
update clinic.staff set skills = '{xray,surgery,more}' where id = 1;
update clinic.staff set enabled = false where id = 2;
select * from pg_temp.can(:plan);
rollback to ready;
select draft_plan('2026-04-13', '2026-04-15', without_staff_ids => '{1}') as without \gset
select * from pg_temp.can(:without) where shift = 1;
-- The clocks go forward on the 29th of March at two: the window is an hour shorter, and so is the shift.
insert into clinic.shifts (shift_kind, during) values ('night', '[2026-03-28 22:00,2026-03-29 06:00)'), ('night', '[2026-10-24 22:00,2026-10-25 06:00)');
insert into clinic.staff_availability (staff_id, day_of_week, start_time, end_time) values (1, 6, '22:00', '06:00'), (2, 6, '22:00', '05:59');
insert into clinic.rules (rule_kind, period, mode, limit_value) values ('max_minutes', 'plan', 'hard', 420);
select status, assigned, message from solve_roster('2026-03-28', '2026-03-29');
select status, message from solve_roster('2026-10-24', '2026-10-25');
rollback;
