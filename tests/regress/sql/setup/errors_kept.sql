-- What an app's trigger raises reaches the client whole, whichever function of ours wrote the row: SQLSTATE, message, DETAIL, HINT,
-- the names, and where it was raised.
\set SHOW_CONTEXT always
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

update clinic.clinics set booking_horizon_days = 3660, no_show_since = '-infinity';
insert into clinic.staff (name) values ('Ana'), ('Ben');
insert into clinic.shift_templates (day_of_week, start_time, end_time, valid_from) values (1, '08:00', '12:00', '2035-04-01');
insert into clinic.shifts (provider_id, during) values (1, '[2035-04-16 08:00, 2035-04-16 12:00)'), (1, '[2035-04-17 08:00, 2035-04-17 12:00)');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, status, hold_expires_at, during) values
  (1, 1, 1, 'p1', 'Booked', 'booked', null, '[2035-04-16 09:00,)'), (1, 1, 1, 'p2', 'Held', 'pending', '2035-01-01', '[2035-04-16 10:00,)'),
  (1, 1, 1, 'p3', 'Cancelled', 'cancelled', null, '[2035-04-16 11:00,)'), (1, 1, 1, 'p4', 'Missed', 'booked', null, '[2015-04-16 09:00,)'),
  (1, 1, 1, 'p5', 'Expired', 'pending', '2015-01-01', '[2035-04-23 09:00,)');
insert into clinic.waitlist (patient_name, appointment_type_id, from_date, to_date) select 'W' || i, 1, '2035-04-16', '2035-04-16' from generate_series(1, 2) i;
insert into clinic.offers (clinic_id, id, freed_place_id, source, waitlist_id, patient_name, score, expires_at, slot_start, slot_end) values
  (1, 1, test.freed_place(3), 'waitlist', 1, 'W1', 1, '2035-01-01', '2035-04-16 11:00', '2035-04-16 11:30'),
  (1, 2, test.freed_place(3), 'waitlist', 2, 'W2', 1, '2015-01-01', '2035-04-16 11:00', '2035-04-16 11:30');
insert into clinic.areas (name, travel_minutes) values ('north', 5);
insert into clinic.staff (name, home_area_id, capacity_minutes) values ('Cem', 1, 60);
insert into clinic.clients (name, area_id, visit_minutes, starts_on, renews_on) select 'c' || i, 1, 40, '2035-04-01', '2035-05-01' from generate_series(1, 2) i;
set client_min_messages to error;
select plan_id, status from solve_roster('2035-04-16', '2035-04-16');
select plan_id from plan_rounds('2035-04-17');
select plan_id, status from solve_roster('2035-04-17', '2035-04-17');
select p.id, message is not null as promoted from (values (2), (3)) p (id), promote_plan(p.id, 'agreed');
select plan_id from replan_rounds('2035-04-17', '2035-04-17 06:00');
insert into clinic.assignments (staff_id, shift_id) values (1, 1);
update clinic.events set acked_at = '2015-01-01' where id = 1;

create function clinic.app_no() returns trigger language plpgsql as $$
begin
  raise exception 'app says no' using errcode = 'APP01', detail = 'its detail', hint = 'its hint', constraint = 'its_rule',
    schema = 'its_schema', table = 'its_table', column = 'its_column', datatype = 'its_type';
end $$;

-- As the client sees it: once whole, and through two levels of ours, a function and a trigger.
create trigger app_no before update on clinic.bookings for each row execute function clinic.app_no();
savepoint as_seen;
select * from check_in_booking(1);
rollback to as_seen;
drop trigger app_no on clinic.bookings;
create trigger app_no before insert on clinic.booking_history for each row execute function clinic.app_no();
savepoint as_seen;
select * from check_in_booking(1);
rollback to as_seen;
drop trigger app_no on clinic.booking_history;

-- Every function that writes, with such a trigger on one table after the other: kept whole, or not met, and nothing else.
create function pg_temp.outcome(tab regclass, statement text) returns text language plpgsql as $$
declare
  message text; detail text; hint text; context text; cons text; sch text; tab_name text; col text; typ text;
begin
  execute format('create trigger app_no before insert or update or delete on %s for each row execute function clinic.app_no()', tab);
  execute statement;
  raise exception 'undo' using errcode = 'P9999';
exception when sqlstate 'P9999' then return 'not met';
when others then
  get stacked diagnostics message = message_text, detail = pg_exception_detail, hint = pg_exception_hint, context = pg_exception_context,
    cons = constraint_name, sch = schema_name, tab_name = table_name, col = column_name, typ = pg_datatype_name;
  -- Where it is one of several things, the message says which.
  if (sqlstate, replace(message, 'appointment 1 of the series: ', ''), detail, hint, cons, sch, tab_name, col, typ)
      = ('APP01', 'app says no', 'its detail', 'its hint', 'its_rule', 'its_schema', 'its_table', 'its_column', 'its_type')
    and context like 'PL/pgSQL function clinic.app_no() line 3 at RAISE%' then
    return 'kept';
  end if;
  return concat_ws(' | ', sqlstate, message, detail, hint, context, cons, sch, tab_name, col, typ);
end $$;
create temp table statement (n integer generated always as identity, statement text);
insert into statement (statement) values
  ($$select book_slot('Checkup', 1, 1, '2035-04-23 09:00', 'A', override_reason => 'because')$$),
  ($$select book_series('Checkup', '{1}', '{1}', '{2035-04-23 10:00}', 'A')$$),
  ($$select hold_slot('Checkup', 1, 1, '2035-04-23 10:00')$$),
  ('select confirm_hold(2)'),
  ('select cancel_booking(1)'),
  ($$select reschedule_booking(1, '2035-04-23 10:00')$$),
  ('select check_in_booking(1)'),
  ('select complete_booking(1)'),
  ($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'A', '[2035-04-23 09:00,)')$$),
  ($$update clinic.bookings set status = 'cancelled' where id = 1$$),
  ('delete from clinic.bookings where id = 1'),
  ('select mark_no_shows()'),
  ('select expire_holds()'),
  ('select * from run_due_jobs()'),
  ($$select join_waitlist('Checkup', 'W')$$),
  ('select leave_waitlist(1)'),
  ('select * from offer_backfill(3)'),
  ('select accept_offer(1)'),
  ('select decline_offer(1)'),
  ('select expire_offers()'),
  ('select * from claim_events()'),
  ('select ack_events(null, array(select id from clinic.events))'),
  ('select prune_events()'),
  ($$select generate_shifts('2035-04-23')$$),
  ($$select draft_plan('2035-04-16', '2035-04-16')$$),
  ($$select * from solve_roster('2035-04-16', '2035-04-16')$$),
  ('select * from solve_plan(1)'),
  ($$select * from promote_plan(1, 'agreed')$$),
  ($$select * from promote_plan(4, 'agreed')$$),
  ($$select approve_violation('time_off', 1, 2, '2035-04-17', 'agreed')$$),
  ($$select * from swap_assignments((select min(id) from clinic.assignments where shift_id = 1), (select id from clinic.assignments where shift_id = 2), 'they agreed')$$),
  ($$select * from plan_rounds('2035-04-18')$$),
  ($$select * from replan_rounds('2035-04-17', '2035-04-17 06:00')$$),
  ($$select * from resolve_exception(1, 'reassigned', staff_id => 3, starts_at => '2035-04-17 10:00')$$),
  ($$select * from resolve_exception(1, 'rescheduled', new_date => '2035-04-18')$$),
  ($$select init_clinic('Second', 'UTC')$$);
create temp table outcome as
  select n, statement, oid::regclass as tab, pg_temp.outcome(oid, statement) as outcome
  from statement, pg_class where relnamespace = 'clinic'::regnamespace and relname = any ('{assignment_history,assignments,booking_history,bookings,client_events,clinics,events,exceptions,offers,plan_assignments,
    plans,rule_overrides,shift_kinds,shifts,smoothing_moves,visit_trace,visits,waitlist}');
select count(*) > 600 as tried, count(*) filter (where outcome = 'kept') > 60 as kept from outcome;
\pset format unaligned
select n, statement, string_agg(tab::text, ' ' order by tab::text) filter (where outcome = 'kept') as kept from outcome group by n, statement order by n;
select statement, tab, outcome from outcome where outcome not in ('kept', 'not met') order by n, tab::text;

-- Raised where nothing is written: by a policy, in whatever reads the table. The reader owns nothing, so policies hold.
create role test_reader;
select grant_clinic_access('test_reader', 'reader');
create function clinic.app_reads() returns boolean language plpgsql as $$ begin
  raise exception 'app says no' using errcode = 'APP02', detail = 'its detail', hint = 'its hint', constraint = 'its_rule';
end $$;
create function pg_temp.reading(tab regclass, statement text) returns text language plpgsql as $$
declare
  message text; detail text; hint text; context text; cons text;
begin
  execute format('alter table %s enable row level security; create policy app on %s using (clinic.app_reads())', tab, tab);
  set local role test_reader;
  execute statement;
  raise exception 'undo' using errcode = 'P9999';
exception when sqlstate 'P9999' then return 'not met';
when others then
  get stacked diagnostics message = message_text, detail = pg_exception_detail, hint = pg_exception_hint, context = pg_exception_context, cons = constraint_name;
  -- No row was there to be asked about; that one may be hidden is refused (row_security.sql).
  if sqlstate = '42501' and message like format('row-level security may hide rows of %s from role test_reader', tab) then return 'not met'; end if;
  return case when (sqlstate, message, detail, hint, cons) = ('APP02', 'app says no', 'its detail', 'its hint', 'its_rule') and context like 'PL/pgSQL function clinic.app_reads() line 2 at RAISE%'
    then 'kept' else concat_ws(' | ', sqlstate, message, detail, hint, context, cons) end;
end $$;
create temp table reading as
  select n, statement, tab, pg_temp.reading(tab, statement) as outcome
  from unnest('{clinic.clinics,clinic.providers,clinic.rooms,clinic.bookings,clinic.provider_availability,clinic.time_off,clinic.waitlist,clinic.plans,clinic.shifts,clinic.staff,clinic.rules,clinic.clients,clinic.visits,clinic.assignments}'::regclass[]) as tab,
    unnest(array[$$select * from find_slots('Checkup', '2035-04-16')$$, $$select * from next_available('Checkup', '2035-04-16')$$, $$select * from explain_slots('Checkup', '2035-04-16')$$,
      'select * from find_backfill(3)', $$select * from day_sheet('2035-04-16')$$, $$select * from day_board('2035-04-16')$$, $$select * from provider_openings('2035-04-16')$$,
      $$select * from utilization('2035-04-16', '2035-04-17')$$, $$select * from no_show_rates('2035-04-16', '2035-04-17')$$, 'select * from effective_rules()', 'select * from explain_assignment(1, 1)',
      $$select * from record_violations('2035-04-16')$$, 'select * from roster_board(1)', 'select explain_visit(2, 1)', 'select * from rounds_board(2)',
      $$select * from rounds_violations('2035-04-17')$$, 'select * from client_renewals()']) with ordinality s (statement, n);
select count(*) filter (where outcome = 'kept') > 60 as kept from reading;
select statement, tab, outcome from reading where outcome not in ('kept', 'not met') order by n, tab::text;

-- In a script of ours; and through a function in a trigger in a function.
\pset format aligned
create function clinic.app_event() returns event_trigger language plpgsql as $$ begin
  raise exception 'app says no' using errcode = 'APP03', detail = 'its detail', hint = 'its hint';
end $$;
savepoint as_seen;
create event trigger app_event on ddl_command_end when tag in ('GRANT') execute function clinic.app_event();
select grant_clinic_access('test_reader', 'admin');
rollback to as_seen;
create function clinic.app_nested() returns trigger language plpgsql set search_path = public, pg_temp as $$ begin
  perform cancel_booking(2);
  return null;
end $$;
create trigger app_nested after update on clinic.bookings for each row when (new.id = 1) execute function clinic.app_nested();
create trigger app_no before update on clinic.bookings for each row when (new.id = 2) execute function clinic.app_no();
select cancel_booking(1);
rollback;
