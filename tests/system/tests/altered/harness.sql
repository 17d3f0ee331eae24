-- What is called after each alteration, and what the alterations are: the catalog says which tables, columns, constraints,
-- indexes and triggers there are.
create schema test;

-- Every function with real arguments, by its name.
create table test.call (number serial, name text, statement text);
insert into test.call (name, statement) values
  ('accept_offer', 'select accept_offer(1)'),
  ('ack_events', $$select ack_events(null, '{1,2}')$$),
  ('apply_absence', $$select apply_absence('{2,3}', '{2035-04-18 11:00+02,2035-04-18 11:00+02}', '{2,2}', '{2,2}', all_or_none => false)$$),
  ('apply_absence', $$select apply_absence('{2,3}', '{2035-04-18 11:00+02,2035-04-18 12:00+02}', '{2,2}', '{2,2}')$$),
  ('approve_violation', $$select approve_violation('max_shifts', 1, 1, '2029-01-01', 'so be it', period => 'week')$$),
  ('book_series', $$select book_series('Checkup', '{1,1}', '{1,1}', '{2035-04-18 09:00+02,2035-04-25 09:00+02}', 'Hal', request_id => 's')$$),
  ('book_slot', $$select book_slot('Checkup', 1, 1, '2035-04-18 09:00+02', 'Hal', 'p9', request_id => 'r')$$),
  ('book_slot', $$select book_slot('Checkup', 1, 2, '2035-04-16 10:00+02', 'Hal', 'p9', is_overbooked => true)$$),
  ('cancel_booking', $$select cancel_booking(2, 'ill')$$),
  ('cancel_series', $$select cancel_series(1)$$),
  ('cancellation_rates', $$select cancellation_rates('2035-04-01', '2035-04-30')$$),
  ('cancellations', $$select cancellations('2035-04-01', '2035-04-30')$$),
  ('check_clinic', 'select check_clinic()'),
  ('check_in_booking', 'select check_in_booking(2)'),
  ('claim_events', $$select claim_events('mailer', 10)$$),
  ('client_renewals', 'select client_renewals()'),
  ('compare_plans', 'select compare_plans(1, 2)'),
  ('compare_plans', 'select compare_plans(3, 4)'),
  ('complete_booking', 'select complete_booking(2)'),
  ('confirm_hold', $$select confirm_hold(4, 'Ida')$$),
  ('current_clinic', 'select current_clinic()'),
  ('day_board', $$select day_board('2035-04-16')$$),
  ('day_board_svg', $$select day_board_svg('2035-04-16')$$),
  ('day_sheet', $$select day_sheet('2035-04-16')$$),
  ('decline_offer', 'select decline_offer(1)'),
  ('draft_plan', $$select draft_plan('2029-01-01', '2029-01-03')$$),
  ('effective_settings', $$select effective_settings(1, 1, 1)$$),
  ('effective_rules', $$select effective_rules(1, '2029-01-01', plan_id => 1)$$),
  ('expected_no_shows', $$select expected_no_shows('2035-04-16', '2035-04-20')$$),
  ('expire_holds', 'select expire_holds()'),
  ('expire_offers', 'select expire_offers()'),
  ('withdraw_offers', 'select withdraw_offers(1)'),
  ('explain_assignment', 'select explain_assignment(1, 2)'),
  ('explain_slots', $$select explain_slots('Checkup', '2035-04-16')$$),
  ('explain_visit', 'select explain_visit(3, 2)'),
  ('fairness', $$select fairness('2029-01-01', '2029-01-03')$$),
  ('find_backfill', 'select find_backfill(1)'),
  ('find_series', $$select find_series('Checkup', 2, from_date => '2035-04-16')$$),
  ('find_slots', $$select find_slots('Checkup', '2035-04-16', patient_id => 'p2')$$),
  ('find_slots', $$select find_slots(from_date => '2035-04-16', booking_id => 2)$$),
  ('generate_shifts', $$select generate_shifts('2029-01-01', '2029-01-14')$$),
  ('grant_clinic_access', $$select grant_clinic_access('pg_monitor', 'admin')$$),
  ('hold_slot', $$select hold_slot('Checkup', 1, 1, '2035-04-18 09:00+02')$$),
  ('init_clinic', $$select init_clinic('Second', 'UTC')$$),
  ('join_waitlist', $$select join_waitlist('Checkup', 'Jan', '2035-04-16', '2035-04-20', weekdays => '{1}', latest_time => '12:00')$$),
  ('join_waitlist', $$select join_waitlist('Checkup', booking_id => 2)$$),
  ('lead_times', $$select lead_times('2035-04-01', '2035-04-30')$$),
  ('leave_waitlist', 'select leave_waitlist(1)'),
  ('lost_capacity', $$select lost_capacity('2026-04-01', '2026-04-30')$$),
  ('mark_no_show', 'select mark_no_show(2)'),
  ('mark_no_shows', 'select mark_no_shows()'),
  ('next_available', $$select next_available('Checkup', '2035-04-16')$$),
  ('no_show_rates', $$select no_show_rates('2026-04-01', '2026-04-30')$$),
  ('offer_backfill', 'select offer_backfill(1, 9)'),
  ('plan_absence', $$select plan_absence(1, during => '[2035-04-16, 2035-04-25)')$$),
  ('plan_absence', $$select plan_absence(room_id => 1, during => '[2035-04-16, 2035-04-25)')$$),
  ('plan_rounds', $$select plan_rounds('2026-04-13', parent_plan_id => 3)$$),
  ('plan_violations', 'select plan_violations(2)'),
  ('plan_violations', 'select plan_violations(4)'),
  ('promote_plan', $$select promote_plan(2, 'better', array(select key from plan_violations(2)))$$),
  ('promote_plan', $$select promote_plan(4, 'better', array(select key from plan_violations(4)))$$),
  ('provider_openings', $$select provider_openings('2035-04-16', '2035-04-20')$$),
  ('prune_events', $$select prune_events('1 day')$$),
  ('reassign_bookings', $$select reassign_bookings(1, 2, '[2035-04-16, 2035-04-17)')$$),
  ('recommend_overbooking', $$select recommend_overbooking(0.05, '2026-04-01', '2026-04-30')$$),
  ('record_violations', $$select record_violations('2029-01-01', '2029-01-03')$$),
  ('refill_rates', $$select refill_rates('2035-04-01', '2035-04-30')$$),
  ('reopen_booking', 'select reopen_booking(1)'),
  ('replan_rounds', $$select replan_rounds('2026-04-13', '2026-04-13 09:00+02')$$),
  ('reschedule_booking', $$select reschedule_booking(2, '2035-04-18 11:00+02', 2, 2)$$),
  ('reschedule_series', $$select reschedule_series(1, '10:00')$$),
  ('resolve_exception', $$select resolve_exception(1, 'rescheduled', new_date => '2026-04-14', reason => 'later')$$),
  ('room_openings', $$select room_openings('2035-04-16', '2035-04-20')$$),
  ('revoke_clinic_access', $$select revoke_clinic_access('pg_monitor')$$),
  ('roster_board', 'select roster_board(1)'),
  ('roster_board_svg', 'select roster_board_svg(1)'),
  ('rounds_board', 'select rounds_board(3)'),
  ('rounds_board_svg', 'select rounds_board_svg(3)'),
  ('rounds_churn', $$select rounds_churn('2026-04-12', '2026-04-13')$$),
  ('rounds_violations', $$select rounds_violations('2026-04-13', '2026-04-13')$$),
  ('clinic_help', 'select clinic_help()'),
  ('rule_kinds', 'select rule_kinds()'),
  ('run_due_jobs', 'select run_due_jobs()'),
  ('schedule_jobs', 'select schedule_jobs()'),
  ('shift_bookings', $$select shift_bookings(1, '2035-04-16 00:00+02', '2035-04-17 00:00+02', '20 minutes')$$),
  ('solve_plan', $$select solve_plan(2, '5 seconds')$$),
  ('solve_roster', $$select solve_roster('2029-01-01', '2029-01-03', parent_plan_id => 1, time_limit => '5 seconds')$$),
  ('subscribe_events', $$select subscribe_events('billing', '{booked,cancelled}', '2020-01-01')$$),
  ('swap_assignments', $$select swap_assignments(1, 2, 'they agreed')$$),
  ('reschedule_session', $$select reschedule_session(1, '2035-04-16 15:00+02')$$),
  ('swap_bookings', 'select swap_bookings(2, 3)'),
  ('third_next_available', $$select third_next_available('Checkup', now => '2035-04-16')$$),
  ('unschedule_jobs', 'select unschedule_jobs()'),
  ('unsubscribe_events', $$with subscribed as materialized (select subscribe_events('archive')) select unsubscribe_events('archive') from subscribed$$),
  ('upgrade_clinic', 'select upgrade_clinic()'),
  ('utilization', $$select utilization('2035-04-16', '2035-04-20')$$),
  ('waiting_times', $$select waiting_times('2026-04-01', '2026-04-30')$$);

-- Raw statements on each table. Rows go in as they came out: identities and generated columns left out.
create function test.raw_statements(tab text) returns setof text language sql as $$
  select format('insert into clinic.%1$I (%2$s) select %2$s from clinic.%1$I limit 1', tab, string_agg(quote_ident(attname), ', ' order by attnum))
  from pg_attribute where attrelid = to_regclass('clinic.' || quote_ident(tab)) and attnum > 0 and not attisdropped and attidentity = '' and attgenerated = ''
  union all
  select format('update clinic.%1$I set %2$I = %2$I', tab, attname) from pg_attribute
  where attrelid = to_regclass('clinic.' || quote_ident(tab)) and attnum > 0 and not attisdropped and attgenerated = '' and attidentity = ''
  union all
  select format('delete from clinic.%I', tab)
  union all
  select format('table clinic.%I', tab);
$$;

-- What a statement ends in; undone.
create function test.outcome(statement text) returns text language plpgsql as $$
begin
  execute statement;
  raise exception 'done' using errcode = 'P9999';
exception
  when query_canceled or others then
    return case sqlstate when 'P9999' then 'done' else sqlstate || ' ' || sqlerrm end;
end $$;

-- Two bookings at one place: the second is refused, or both are.
create function test.collision() returns text language plpgsql as $$
declare
  place text := $i$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
    values (1, 1, 1, 'Kim', '[2035-04-19 09:00+02,)')$i$;
  outcome text := 'done';
  stored bigint;
begin
  execute place;
  begin
    execute place;
    get diagnostics stored = row_count;
  exception when others then
    raise exception 'done' using errcode = 'P9999';
  end;
  -- A trigger or a rule of the app's may store none.
  if stored = 0 then
    raise exception 'done' using errcode = 'P9999';
  end if;
  -- Nothing of ours sees a row of a table without our trigger: that only check_clinic() can tell.
  if not exists (select from pg_trigger where tgrelid = to_regclass('clinic.bookings') and tgname = 'fill_booking') then
    raise exception 'done' using errcode = 'P9999';
  end if;
  raise exception 'BOOKED TWICE' using errcode = 'P9998';
exception
  when sqlstate 'P9999' then return 'done';
  when others then return sqlstate || ' ' || sqlerrm;
end $$;

-- A slot that is found can be booked, or it is said that the tables were altered.
create function test.found_is_bookable() returns text language plpgsql as $$
declare
  found record;
begin
  execute $f$select slot_start, provider_id, room_id from public.find_slots('Checkup', '2035-04-16') order by 1, 2, 3 limit 1$f$ into found;
  if found.slot_start is null then
    return 'done';
  end if;
  begin
    execute $b$select public.book_slot('Checkup', $1, $2, $3, 'Lea')$b$ using found.provider_id, found.room_id, found.slot_start;
  -- A role that may find need not be one that may book.
  exception when sqlstate 'PC003' or insufficient_privilege then
    return 'done';
  when others then
    -- A trigger of the app's suppresses every row, and book_slot() says so.
    if sqlerrm = 'the booking was not stored' then
      return 'done';
    end if;
    raise exception 'FOUND, BUT %', sqlstate || ' ' || sqlerrm using errcode = 'P9998';
  end;
  raise exception 'done' using errcode = 'P9999';
exception
  when sqlstate 'P9998' then return sqlstate || ' ' || sqlerrm;
  when others then return 'done';
end $$;

-- All outcomes, with an altered table's raw statements. What touches every table comes last: even undone, it has all plans made
-- anew.
create function test.outcomes(tab text) returns table (what text, is_raw boolean, outcome text) language plpgsql as $$
declare
  heavy text[] := '{grant_clinic_access,init_clinic,revoke_clinic_access,upgrade_clinic}';
  c record;
begin
  for c in select statement from test.call where name <> all (heavy) order by number loop
    return query select c.statement, false, test.outcome(c.statement);
  end loop;
  for c in select statement from test.raw_statements(tab) as statement loop
    return query select c.statement, true, test.outcome(c.statement);
  end loop;
  return query select 'collision', true, test.collision();
  return query select 'found is bookable', false, test.found_is_bookable();
  for c in select statement from test.call where name = any (heavy) order by number loop
    return query select c.statement, false, test.outcome(c.statement);
  end loop;
end $$;

-- Drops what depends on a column, so that its type can change: constraints, indexes, views, triggers, expressions.
create procedure test.free(tab text, col text) language plpgsql as $$
declare
  relation oid := ('clinic.' || quote_ident(tab))::regclass;
  attribute smallint := (select attnum from pg_attribute where attrelid = relation and attname = col);
  statement text;
begin
  for statement in
    select case d.classid
      when 'pg_constraint'::regclass then (select format('alter table %s drop constraint if exists %I cascade', conrelid::regclass, conname)
        from pg_constraint where oid = d.objid and contype <> 'n')
      when 'pg_class'::regclass then (select format('drop index if exists %s', oid::regclass) from pg_class where oid = d.objid and relkind = 'i')
      when 'pg_rewrite'::regclass then (select format('drop view if exists %s cascade', ev_class::regclass) from pg_rewrite where oid = d.objid)
      when 'pg_trigger'::regclass then (select format('drop trigger if exists %I on %s', tgname, tgrelid::regclass) from pg_trigger where oid = d.objid)
      when 'pg_attrdef'::regclass then (select format('alter table %s alter %I drop expression if exists', adrelid::regclass, attname)
        from pg_attrdef a join pg_attribute t on attrelid = adrelid and t.attnum = adnum where a.oid = d.objid and (adrelid, adnum) <> (relation, attribute))
      end
    from pg_depend d
    where d.refclassid = 'pg_class'::regclass and d.refobjid = relation and d.refobjsubid = attribute
    order by d.classid <> 'pg_constraint'::regclass
  loop
    if statement is not null then
      -- What has gone with something else is no longer there to be named.
      begin
        execute statement;
      exception when undefined_table or undefined_object then null;
      end;
    end if;
  end loop;
end $$;

-- Copies that can be read from another session, for foreign tables.
create schema copies;
do $$
declare name text;
begin
  for name in select relname from pg_class where relnamespace = 'clinic'::regnamespace and relkind = 'r' loop
    execute format('create table copies.%1$I as table clinic.%1$I', name);
  end loop;
end $$;

create function test.alterations() returns table (kind text, tab text, change text[]) language sql as $$
  with tables as (
    select c.oid, c.relname::text as tab, format('alter table clinic.%I rename to kept', relname) as away
    from pg_class c where relnamespace = 'clinic'::regnamespace and relkind = 'r'
  ), columns as (
    select t.*, a.attname::text as col, a.attnum, a.attnotnull, a.attidentity, a.attgenerated, a.atthasdef, format_type(a.atttypid, a.atttypmod) as type
    from tables t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
  ), column_lists as (
    select tab, string_agg(format('%I %s', col, type), ', ' order by attnum) as list from columns group by tab
  ), -- A column is given a third of them, in turn.
  types (part, type, value) as (
    values (0, 'bigint', '7'), (0, 'text', $t$'text'$t$), (1, 'integer', '7'), (1, 'boolean', 'true'), (2, 'jsonb', $t$'[]'$t$),
      (2, 'numeric', '1.5'), (3, 'varchar(3)', $t$'abc'$t$), (3, 'double precision', $t$'NaN'$t$), (4, 'date', $t$'infinity'$t$),
      (4, 'timestamp', $t$'2035-04-16 10:00'$t$), (5, 'text[]', $t$'{a,null}'$t$), (5, 'bytea', $t$'\x00ff'$t$)
  )
  select 'table renamed', tab, array[away] from tables
  union all select 'table dropped', tab, array[format('drop table clinic.%I cascade', tab)] from tables
  union all select 'table copied', tab, array[away, format('create table clinic.%I (like clinic.kept including all)', tab)] from tables
  union all select 'table copied bare', tab, array[away, format('create table clinic.%I as table clinic.kept', tab)] from tables
  union all select 'view', tab, array[away, format('create view clinic.%I as table clinic.kept', tab)] from tables
  union all select 'materialized view', tab, array[away, format('create materialized view clinic.%I as table clinic.kept', tab)] from tables
  union all select 'foreign table', tab, array[away, format(
      $f$create foreign table clinic.%1$I (%2$s) server loopback options (schema_name 'copies', table_name '%1$s')$f$, tab, list)]
    from tables join column_lists using (tab)
  union all select 'partitioned table', tab, array[away,
      format('create table clinic.%I (like clinic.kept including defaults) partition by list (clinic_id)', tab),
      format('create table clinic.part partition of clinic.%I default', tab), format('insert into clinic.%I table clinic.kept', tab)] from tables
  union all select 'partition', tab, array[away, 'create table clinic.whole (like clinic.kept including defaults) partition by list (clinic_id)',
      format('create table clinic.%I partition of clinic.whole default', tab), 'insert into clinic.whole table clinic.kept'] from tables
  union all select 'child', tab, array[away, format('create table clinic.%I () inherits (clinic.kept)', tab)] from tables
  union all select 'parent', tab, array[format('create table clinic.child () inherits (clinic.%I)', tab)] from tables
  union all select 'rule', tab, array[format('create rule nothing as on %s to clinic.%I do instead nothing', verb, tab)]
    from tables, unnest('{insert,update,delete}'::text[]) as verb
  union all select 'row security', tab, array[format('alter table clinic.%I enable row level security, force row level security', tab)] from tables
  union all select 'function as trigger', tab, array[
      $f$create function clinic.nothing() returns trigger language plpgsql as 'begin return null; end'$f$,
      format('create trigger aaa before insert or update or delete on clinic.%I for each row execute function clinic.nothing()', tab)] from tables
  union all select 'column renamed', tab, array[format('alter table clinic.%I rename %I to something_else', tab, col)] from columns
  union all select 'column dropped', tab, array[format('alter table clinic.%I drop %I cascade', tab, col)] from columns
  union all select 'column made again', tab, array[format('alter table clinic.%I drop %I cascade', tab, col),
      format('alter table clinic.%I add %I %s', tab, col, type)] from columns
  union all select 'NOT NULL dropped', tab, array[format('alter table clinic.%I alter %I drop not null', tab, col)]
    from columns where attnotnull and attidentity = ''
  union all select 'NULL in it', tab, array[format('call test.free(%L, %L)', tab, col), format('alter table clinic.%I alter %I drop not null', tab, col),
      format('alter table clinic.%I disable trigger user', tab), format('update clinic.%I set %I = null', tab, col),
      format('alter table clinic.%I enable trigger user', tab)]
    from columns where attnotnull and attidentity = ''
  union all select 'default dropped', tab, array[format('alter table clinic.%I alter %I drop default', tab, col)]
    from columns where atthasdef and attgenerated = ''
  union all select 'default null', tab, array[format('alter table clinic.%I alter %I set default null', tab, col)]
    from columns where attgenerated = '' and attidentity = ''
  union all select 'identity dropped', tab, array[format('alter table clinic.%I alter %I drop identity', tab, col)] from columns where attidentity <> ''
  union all select 'identity always', tab, array[format('alter table clinic.%I alter %I set generated always', tab, col)] from columns where attidentity <> ''
  union all select 'expression dropped', tab, array[format('alter table clinic.%I alter %I drop expression', tab, col)] from columns where attgenerated <> ''
  union all select 'type altered', tab, array[format('call test.free(%L, %L)', tab, col),
      format('alter table clinic.%1$I disable trigger user, alter %2$I drop identity if exists, alter %2$I drop default', tab, col),
      format('alter table clinic.%I alter %I type %s using %s', tab, col, types.type, value),
      format('alter table clinic.%I enable trigger user', tab)]
    from columns, types where columns.type <> types.type and attgenerated = '' and attnum % 3 = part % 3
  union all select 'constraint dropped', tab, array[format('alter table clinic.%I drop constraint %I cascade', tab, conname)]
    from tables t join pg_constraint on conrelid = t.oid where contype not in ('n', 't')
  union all select 'constraint renamed', tab, array[format('alter table clinic.%I rename constraint %I to something_else', tab, conname)]
    from tables t join pg_constraint on conrelid = t.oid where contype not in ('n', 't')
  union all select 'constraint not valid', tab, array[format('alter table clinic.%1$I drop constraint %2$I, add constraint %2$I %3$s not valid',
      tab, conname, pg_get_constraintdef(p.oid))] from tables t join pg_constraint p on conrelid = t.oid where contype in ('c', 'f')
  union all select 'constraint of nothing', tab, array[format('alter table clinic.%1$I drop constraint %2$I, add constraint %2$I check (true)',
      tab, conname)] from tables t join pg_constraint p on conrelid = t.oid where contype in ('c', 'x')
  union all select 'constraint deferrable', tab, array[format('alter table clinic.%I drop constraint %I cascade', tab, conname),
      format('alter table clinic.%I add constraint %I %s', tab, conname,
        regexp_replace(pg_get_constraintdef(p.oid), '( DEFERRABLE)?$', ' DEFERRABLE INITIALLY DEFERRED'))]
    from tables t join pg_constraint p on conrelid = t.oid where contype in ('p', 'u', 'x', 'f')
  union all select 'index dropped', tab, array[format('drop index %s', indexrelid::regclass)]
    from tables t join pg_index i on indrelid = t.oid where not exists (select from pg_constraint where conindid = indexrelid)
  union all select 'index renamed', tab, array[format('alter index %s rename to something_else', indexrelid::regclass)]
    from tables t join pg_index i on indrelid = t.oid
  union all select 'index elsewhere', tab, array[format('alter index %s rename to something_else', indexrelid::regclass),
      'create table clinic.planted (c1 text, c2 int, c3 int, c4 int, c5 int, c6 int, c7 int, c8 int, c9 int, c10 int, c11 int, c12 int, c13 text)',
      $p$insert into clinic.planted (c1, c13) select 'a' || i, 'b' || i from generate_series(1, 10) i$p$,
      format('create index %I on clinic.planted (c1, c13)', relname)]
    from tables t join pg_index i on indrelid = t.oid join pg_class x on x.oid = indexrelid
  union all select 'index of others', tab, array[format('alter index %s rename to something_else', indexrelid::regclass),
      format('create index %I on clinic.%I (%I)', relname, tab, (select attname from pg_attribute where attrelid = t.oid and attnum > 0 order by attnum desc limit 1))]
    from tables t join pg_index i on indrelid = t.oid join pg_class x on x.oid = indexrelid
  union all select 'clustered', tab, array[format('cluster clinic.%I using %I', tab, relname)]
    from tables t join pg_index i on indrelid = t.oid and indisprimary join pg_class x on x.oid = indexrelid
  union all select 'trigger dropped', tab, array[format('drop trigger %I on clinic.%I', tgname, tab)]
    from tables t join pg_trigger on tgrelid = t.oid where not tgisinternal
  union all select 'trigger ' || mode, tab, array[format('alter table clinic.%I %s trigger %I', tab, mode, tgname)]
    from tables t join pg_trigger on tgrelid = t.oid and not tgisinternal, unnest('{disable,enable replica,enable always}'::text[]) as mode
  union all select 'trigger renamed', tab, array[format('alter trigger %I on clinic.%I rename to zzz', tgname, tab)]
    from tables t join pg_trigger on tgrelid = t.oid where not tgisinternal
  union all select 'trigger of nothing', tab, array[
      $f$create function clinic.nothing() returns trigger language plpgsql as 'begin return coalesce(new, old); end'$f$,
      format('drop trigger %I on clinic.%I', tgname, tab),
      format('create trigger %I before insert or update or delete on clinic.%I for each row execute function clinic.nothing()', tgname, tab)]
    from tables t join pg_trigger on tgrelid = t.oid where not tgisinternal
  union all select 'view dropped', relname, array[format('drop view clinic.%I cascade', relname)]
    from pg_class where relnamespace = 'clinic'::regnamespace and relkind = 'v'
  union all select 'schema renamed', 'clinics', array['alter schema clinic rename to another']
  union all select 'schema dropped', 'clinics', array['drop schema clinic cascade']
  union all select 'reindexed', 'bookings', array['reindex schema clinic']
$$;
