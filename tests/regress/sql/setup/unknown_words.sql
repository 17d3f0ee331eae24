-- Unknown words: for every text column with a fixed list of words, what reads it refuses a word that isn't on the list. A
-- column's list can be missed by nobody: the columns come from the CHECKs.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
set client_min_messages to warning;
begin;
call test.clinic();

-- A clinic with something in every table.
update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values
  (1, 1, 1, 'p1', 'Ann', '[2035-04-16 09:00,)'), (1, 1, 1, 'p2', 'Ben', '[2035-04-16 10:00,)'), (1, 1, 1, 'p3', 'Cem', '[2035-04-23 09:00,)');
select join_waitlist('Checkup', 'Dora', '2035-04-16', '2035-04-20', 'p4'), join_waitlist('Checkup', booking_id => 3) \g /dev/null
update clinic.bookings set status = 'cancelled' where id = 1;
select count(*) from offer_backfill(1, 9);
insert into clinic.booking_limits (per, period, max_bookings) values ('clinic', 'day', 1000);
-- A roster of a week, and its record.
insert into clinic.staff (name) values ('Ana'), ('Bea');
insert into clinic.shifts (during) select tstzrange(day, day + interval '4 hours') from generate_series(timestamptz '2029-01-01 08:00', '2029-01-03 08:00', interval '1 day') day;
insert into clinic.rules (rule_kind, mode, limit_value, period) values ('max_shifts', 'hard', 5, 'week');
insert into clinic.rule_overrides (rule_kind, mode, limit_value, period, staff_id, approved_by, reason) values ('max_shifts', 'hard', 4, 'week', 1, 'Sue', 'she asked');
insert into clinic.preferences (staff_id, provider_id, is_preferred, strength, stated_by) values (1, 1, true, 'mild', 'staff');
update clinic.shifts set provider_id = 1;
select status from solve_roster('2029-01-01', '2029-01-07');
insert into clinic.locks (plan_id, action, staff_id, shift_id) values (1, 'assign', 1, 1);
-- Rounds of a day, with somebody whom nobody can visit, and a lock.
insert into clinic.areas (name, travel_minutes) values ('north', 5);
insert into clinic.staff (name, home_area_id, capacity_minutes) values ('Fay', 1, 240);
insert into clinic.staff_availability (staff_id, day_of_week, start_time, end_time) values (3, 1, '07:00', '13:00');
insert into clinic.clients (name, area_id, visit_minutes, required_skills, starts_on, renews_on) values
  ('A', 1, 30, '{}', '2026-04-01', '2026-05-01'), ('B', 1, 30, '{x_ray}', '2026-04-01', '2026-05-01'), ('Walk-in', 1, 30, '{}', null, null);
insert into clinic.client_events (client_id, on_date, kind) values (3, '2026-04-13', 'walk_in'), (1, '2026-04-20', 'skip');
select plan_id, assigned, exceptions from plan_rounds('2026-04-13');
insert into clinic.locks (plan_id, action, staff_id, visit_id, starts_at)
  select 2, 'assign', 3, visit_id, lower(during) from clinic.plan_assignments where plan_id = 2 limit 1;
select inserted from promote_plan(2, 'a good day');
update clinic.visits set started_at = '2026-04-13 08:00', outcome = 'done' where client_id = 1;

-- Gives a column a word that isn't on its list, calls what reads it, and undoes both. The CHECKs of statuses are there again
-- when they are read, as if the row had slipped past them: what reads without them is below.
create function pg_temp.outcome(tab text, col text, change text, call text) returns text language plpgsql as $$
declare
  checks jsonb;
  name text;
  definition text;
  at text := 'written';
begin
  select coalesce(jsonb_object_agg(conname, pg_get_constraintdef(c.oid)), '{}') into checks
  from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey)
  where c.conrelid = ('clinic.' || tab)::regclass and c.contype = 'c' and a.attname = col;
  for name in select jsonb_object_keys(checks) loop
    execute format('alter table clinic.%I drop constraint %I', tab, name);
  end loop;
  execute change;
  for name, definition in select * from jsonb_each_text(checks) where tab in ('bookings', 'offers', 'waitlist') loop
    execute format('alter table clinic.%I add constraint %I %s not valid', tab, name, definition);
    update pg_constraint set convalidated = true where conrelid = ('clinic.' || tab)::regclass and conname = name;
  end loop;
  at := 'read';
  execute call;
  raise exception 'NOT REFUSED' using errcode = 'P9999';
exception when others then
  return at || ': ' || sqlstate || ' ' || sqlerrm;
end $$;

-- Each column with a word, and a function that reads it. The triggers refuse some words when they are written: then the
-- function isn't reached. Not covered are rows that a condition leaves out: find_slots() reads occupying bookings and
-- find_backfill() waiting entries, so a status that got past CHECK and triggers is no booking and no entry to them. What
-- chooses rows so refuses where the CHECK is gone: see below.
create temp table reader (tab text, col text, change text, call text);
insert into reader (tab, col, change, call) values
  ('clinics', 'slot_alignment', $$update clinic.clinics set slot_alignment = 'mystery'$$, $$select from find_slots('Checkup', '2035-04-16')$$),
  ('booking_limits', 'per', $$update clinic.booking_limits set per = 'mystery'$$, $$select from find_slots('Checkup', '2035-04-16')$$),
  ('booking_limits', 'period', $$update clinic.booking_limits set period = 'mystery'$$, $$select from find_slots('Checkup', '2035-04-16')$$),
  ('bookings', 'status', $$alter table clinic.bookings disable trigger user; update clinic.bookings set status = 'mystery' where id = 2; alter table clinic.bookings enable trigger user$$,
    'select cancel_booking(2)'),
  ('bookings', 'status', $$alter table clinic.bookings disable trigger user; update clinic.bookings set status = 'mystery' where id = 2; alter table clinic.bookings enable trigger user$$,
    $$select from reschedule_booking(2, '2035-04-16 11:00')$$),
  ('waitlist', 'status', $$update clinic.waitlist set status = 'mystery'$$, 'select leave_waitlist(1)'),
  ('waitlist', 'status', $$update clinic.waitlist set status = 'mystery'$$, 'select from accept_offer(1)'),
  ('offers', 'status', $$update clinic.offers set status = 'mystery'$$, 'select from accept_offer(1)'),
  ('offers', 'status', $$alter table clinic.offers disable trigger record_offer; update clinic.offers set status = 'mystery'$$, 'select from accept_offer(1)'),
  ('offers', 'status', $$alter table clinic.offers disable trigger record_offer; update clinic.offers set status = 'mystery'$$, 'select decline_offer(1)'),
  ('offers', 'status', $$alter table clinic.offers disable trigger record_offer; update clinic.offers set status = 'mystery'$$, 'select from offer_backfill(1)'),
  ('offers', 'source', $$update clinic.offers set source = 'mystery'$$, 'select from accept_offer(1)'),
  ('offers', 'source', $$update clinic.offers set source = 'mystery'$$, 'select from offer_backfill(1)'),
  ('offers', 'withdrawn_reason', $$alter table clinic.offers disable trigger record_offer; update clinic.offers set status = 'withdrawn', answered_at = now(), withdrawn_reason = 'mystery'$$, 'select from accept_offer(1)'),
  -- Without a CHECK, which each booking would pay for.
  ('events', 'kind', $$update clinic.events set kind = 'mystery'$$, 'select from claim_events()'),
  ('plans', 'kind', $$alter table clinic.plans disable trigger user; update clinic.plans set kind = 'mystery' where id = 1$$, 'select from solve_plan(1)'),
  ('plans', 'kind', $$alter table clinic.plans disable trigger user; update clinic.plans set kind = 'mystery' where id = 1$$, $$select from promote_plan(1, 'start')$$),
  ('plans', 'kind', $$alter table clinic.plans disable trigger user; update clinic.plans set kind = 'mystery' where id = 2$$, 'select explain_visit(2, 1)'),
  ('plans', 'kind', $$alter table clinic.plans disable trigger user; update clinic.plans set kind = 'mystery' where id = 1$$, 'select from compare_plans(1, 1)'),
  ('plans', 'status', $$alter table clinic.plans disable trigger user; update clinic.plans set status = 'mystery' where id = 1$$, $$select from promote_plan(1, 'start')$$),
  ('plans', 'status', $$alter table clinic.plans disable trigger user; update clinic.plans set status = 'mystery' where id = 1$$, 'select from solve_plan(1)'),
  ('locks', 'action', $$update clinic.locks set action = 'mystery' where plan_id = 1$$, 'select from solve_plan(1)'),
  ('locks', 'action', $$update clinic.locks set action = 'mystery' where plan_id = 2$$, $$select from plan_rounds('2026-04-13', parent_plan_id => 2)$$),
  ('rules', 'rule_kind', $$update clinic.rules set rule_kind = 'mystery'$$, $$select from solve_roster('2029-01-01', '2029-01-07')$$),
  ('rules', 'rule_kind', $$update clinic.rules set rule_kind = 'mystery'$$, 'select from effective_rules()'),
  ('rules', 'mode', $$update clinic.rules set mode = 'mystery'$$, $$select from solve_roster('2029-01-01', '2029-01-07')$$),
  ('rules', 'mode', $$update clinic.rules set mode = 'mystery'$$, 'select from effective_rules()'),
  ('rules', 'period', $$update clinic.rules set period = 'mystery'$$, $$select from solve_roster('2029-01-01', '2029-01-07')$$),
  ('rules', 'period', $$update clinic.rules set period = 'mystery'$$, 'select from effective_rules()'),
  ('rule_overrides', 'rule_kind', $$update clinic.rule_overrides set rule_kind = 'mystery'$$, $$select from solve_roster('2029-01-01', '2029-01-07')$$),
  ('rule_overrides', 'mode', $$update clinic.rule_overrides set mode = 'mystery'$$, $$select from solve_roster('2029-01-01', '2029-01-07')$$),
  ('rule_overrides', 'period', $$update clinic.rule_overrides set period = 'mystery'$$, $$select from solve_roster('2029-01-01', '2029-01-07')$$),
  ('preferences', 'strength', $$update clinic.preferences set strength = 'mystery'$$, $$select from solve_roster('2029-01-01', '2029-01-07')$$),
  ('preferences', 'stated_by', $$update clinic.preferences set stated_by = 'mystery'$$, $$select from solve_roster('2029-01-01', '2029-01-07')$$),
  ('client_events', 'kind', $$update clinic.client_events set kind = 'mystery'$$, $$select from plan_rounds('2026-04-13')$$),
  ('client_events', 'kind', $$update clinic.client_events set kind = 'mystery'$$, 'select from client_renewals()'),
  ('visits', 'outcome', $$update clinic.visits set outcome = 'mystery' where client_id = 1$$, $$select from replan_rounds('2026-04-13', '2026-04-13 07:30')$$),
  ('visits', 'outcome', $$update clinic.visits set outcome = 'mystery' where client_id = 1$$, $$select from rounds_churn('2026-04-13', '2026-04-14')$$),
  ('visit_trace', 'kind', $$alter table clinic.visit_trace disable trigger keep_trace; update clinic.visit_trace set kind = 'mystery'$$, 'select explain_visit(2, 1)'),
  ('visit_trace', 'decision', $$alter table clinic.visit_trace disable trigger keep_trace; update clinic.visit_trace set decision = 'mystery'$$, 'select explain_visit(2, 1)'),
  ('exceptions', 'kind', $$alter table clinic.exceptions disable trigger keep_written; update clinic.exceptions set kind = 'mystery'$$, 'select explain_visit(2, 2)'),
  ('exceptions', 'resolution', $$alter table clinic.exceptions disable trigger keep_written; update clinic.exceptions set resolution = 'mystery', resolved_at = now()$$,
    $$select from resolve_exception(1, 'cancelled')$$);
select tab, col, call, pg_temp.outcome(tab, col, change, call),
  pg_temp.outcome(tab, col, change, call) like format('%%: PC003 unknown %s "mystery" in clinic.%s', col, tab) as is_refused
from reader order by 1, 2, 3, 4;

-- A CHECK by which rows are chosen is gone, and not a word is wrong: what reads or writes the table refuses and names it.
create function pg_temp.without(tab text, call text) returns text language plpgsql as $$
begin
  execute format('alter table clinic.%I drop constraint %I', tab, tab || '_status');
  execute call;
  raise exception 'NOT REFUSED' using errcode = 'P9999';
exception when others then
  return sqlstate || ' ' || sqlerrm;
end $$;
select tab, call, pg_temp.without(tab, call) as outcome
from (values
  ('bookings', $$select from find_slots('Checkup', '2035-04-16')$$),
  ('bookings', $$select from next_available('Checkup')$$),
  ('bookings', $$select from explain_slots('Checkup', '2035-04-16')$$),
  ('bookings', $$select from find_series('Checkup', 2)$$),
  ('bookings', $$select from book_slot('Checkup', 1, 1, '2035-04-16 14:00', 'Eve')$$),
  ('bookings', $$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'Eve', '[2035-04-16 14:00,)')$$),
  ('bookings', $$update clinic.bookings set patient_name = 'Eve' where id = 2$$),
  ('bookings', 'select from find_backfill(1)'),
  ('bookings', $$select from day_sheet('2035-04-16')$$),
  ('bookings', $$select from utilization('2035-04-16', '2035-04-16')$$),
  ('bookings', $$select from no_show_rates('2035-04-16', '2035-04-16')$$),
  ('bookings', 'select expire_holds()'),
  ('waitlist', 'select from find_backfill(1)'),
  ('waitlist', 'select leave_waitlist(1)'),
  ('offers', 'select from offer_backfill(1)'),
  ('offers', 'select expire_offers()')) as reader (tab, call)
order by 1, 2;
-- What takes no time any more is never refused: so a collision can be ended before the constraint is put back.
savepoint ready;
alter table clinic.bookings drop constraint bookings_status;
update clinic.bookings set status = 'cancelled' where id = 2 returning id, status;
delete from clinic.bookings where id = 2 returning id;
rollback to ready;

-- Columns whose word nobody reads.
create temp table unread (tab text, col text, reason text);
insert into unread values
  ('access_levels', 'level', 'kept for people and check_clinic(): the privileges decide'),
  ('booking_history', 'operation', 'written by a trigger, for people'),
  ('assignment_history', 'operation', 'written by a trigger, for people'),
  ('freed_places', 'cause', 'written by a trigger, for people'),
  ('clinics', 'time_zone', 'no list: PostgreSQL knows its time zones, and an unknown one is its error'),
  ('provider_availability', 'time_zone', 'the same');
-- Every column that a CHECK compares with words is in one of the two lists, and nothing else is, but for events.kind.
create temp view word_column as
  select distinct c.conrelid::regclass::text as tab, a.attname::text as col
  from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey) and a.atttypid = 'text'::regtype
  where c.contype = 'c' and c.connamespace = 'clinic'::regnamespace
    and pg_get_constraintdef(c.oid) ~ format('\m%s\M\)?( (=|<>) (ANY|ALL) \(ARRAY\[''| = ''\w|\s+WHEN '')', a.attname);
select tab, col from word_column except (select 'clinic.' || tab, col from reader union select 'clinic.' || tab, col from unread) order by 1, 2;
select tab, col from (select 'clinic.' || tab as tab, col from reader union select 'clinic.' || tab, col from unread) listed
except select tab, col from word_column order by 1, 2;
rollback;
