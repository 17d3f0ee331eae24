-- Bad input to the functions of the roster: one clear answer each, and nothing changed.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
set client_min_messages to warning;
begin;
call test.clinic();
insert into clinic.staff (name) values ('Ana'), ('Ben');
insert into clinic.shift_kinds (name) values ('day');
insert into clinic.shifts (shift_kind, during) values ('day', '[2026-04-13 08:00,2026-04-13 12:00)'), ('day', '[2026-04-13 13:00,2026-04-13 17:00)');
insert into clinic.assignments (staff_id, shift_id) values (1, 1), (1, 2), (2, 2);

select plan_id as plan from solve_roster('2026-04-13') \gset

-- Dates.
call test.refused($$select * from solve_roster(null)$$);
call test.refused($$select * from solve_roster('infinity')$$);
call test.refused($$select * from solve_roster('2026-04-13', '-infinity')$$);
call test.refused($$select * from solve_roster('2026-04-13', '2026-04-12')$$);
call test.refused($$select * from solve_roster('2026-04-13', '2027-04-14')$$);
call test.refused($$select * from solve_roster('290000-01-01')$$);
call test.refused($$select * from solve_roster('2199-12-31')$$);
call test.refused($$select * from solve_roster('2026-04-13', keep_before => 'infinity')$$);
call test.refused($$select draft_plan(null)$$);
call test.refused($$select * from record_violations(null)$$);
call test.refused($$select * from record_violations('2026-04-13', '2026-04-12')$$);
call test.refused($$select * from record_violations('2026-04-13', 'infinity')$$);
-- A period without shifts.
call test.refused($$select * from solve_roster('2026-05-01')$$);
call test.refused($$select draft_plan('2026-05-01', '2026-05-02')$$);
-- Without shifts the record breaks nothing.
select * from record_violations('2026-05-01');
-- Limits.
call test.refused($$select * from solve_roster('2026-04-13', time_limit => '0')$$);
call test.refused($$select * from solve_roster('2026-04-13', time_limit => '-1 s')$$);
call test.refused($$select * from solve_roster('2026-04-13', time_limit => '1 day 1 second')$$);
call test.refused($$select * from solve_roster('2026-04-13', time_limit => '1 month')$$);
call test.refused($$select * from solve_roster('2026-04-13', node_limit => 0)$$);
-- What if.
call test.refused($$select * from solve_roster('2026-04-13', weights => '[1]')$$);
call test.refused($$select * from solve_roster('2026-04-13', weights => '{"load": 1}')$$);
call test.refused($$select * from solve_roster('2026-04-13', weights => '{"load_balance": -1}')$$);
call test.refused($$select * from solve_roster('2026-04-13', weights => '{"load_balance": 1.5}')$$);
call test.refused($$select * from solve_roster('2026-04-13', weights => '{"load_balance": 1000001}')$$);
call test.refused($$select * from solve_roster('2026-04-13', weights => '{"load_balance": 1e300}')$$);
call test.refused($$select * from solve_roster('2026-04-13', weights => '{"no_overlap": 1}')$$);
call test.refused($$select * from solve_roster('2026-04-13', without_staff_ids => '{1,99}')$$);
-- The largest weights are fine.
select status, objective from solve_roster('2026-04-13', weights => '{"load_balance": 1000000, "preferred": 1000000, "shift_request": 1000000}');
select status from solve_roster('2026-04-13', null, null, '{null}', '{}', null, null, null, null);
-- Ids.
call test.refused($$select * from solve_roster('2026-04-13', parent_plan_id => 99)$$);
call test.refused($$select * from solve_roster('2026-04-13', clinic_id => 99)$$);
call test.refused($$select * from solve_plan(null)$$);
call test.refused($$select * from solve_plan(99)$$);
call test.refused($$select * from explain_assignment(null, 1)$$);
call test.refused($$select * from explain_assignment(1, null)$$);
call test.refused($$select * from explain_assignment(99, 1)$$);
call test.refused($$select * from explain_assignment(1, 99)$$);
call test.refused($$select * from compare_plans(null, 1)$$);
call test.refused($$select * from compare_plans(1, 99)$$);
insert into clinic.plans (kind, from_date, to_date) values ('rounds', '2026-04-13', '2026-04-13'), ('roster', '2026-04-13', '2026-04-13');
select id as rounds from clinic.plans where kind = 'rounds' \gset
select max(id) as draft from clinic.plans \gset
call test.refused(format($$select * from solve_plan(%s)$$, :rounds));
call test.refused(format($$select * from compare_plans(1, %s)$$, :draft));

-- Promotion.
call test.refused($$select * from promote_plan(null, 'x')$$);
call test.refused($$select * from promote_plan(1, null)$$);
call test.refused($$select * from promote_plan(1, ' ')$$);
call test.refused($$select * from promote_plan(99, 'x')$$);
call test.refused(format($$select * from promote_plan(%s, 'x')$$, :draft));
-- The shifts have changed: one more, one less, one longer.
savepoint changed;
insert into clinic.shifts (shift_kind, during) values ('day', '[2026-04-14 08:00,2026-04-14 12:00)');
call test.refused($$select * from promote_plan(1, 'x')$$);
rollback to changed;
update clinic.shifts set staff_needed = 2 where id = 1;
call test.refused($$select * from promote_plan(1, 'x')$$);
rollback to changed;
delete from clinic.plan_assignments where shift_id = 1;
delete from clinic.assignments where shift_id = 1;
delete from clinic.shifts where id = 1;
call test.refused($$select * from promote_plan(1, 'x')$$);
rollback to changed;
-- What a plan says can't go; what changes elsewhere doesn't matter.
-- Of the two tables that name it, either may be told first.
do $$ begin
  delete from clinic.shifts where id = 1;
exception when foreign_key_violation then
  raise info 'a shift that plans or the record name stays';
end $$;
insert into clinic.shifts (shift_kind, during) values ('day', '[2026-04-20 08:00,2026-04-20 12:00)');
select inserted, deleted, kept from promote_plan(1, 'x');
call test.refused($$select * from promote_plan(1, 'x')$$);
call test.refused($$select * from solve_plan(1)$$);
rollback to changed;

-- A shift that vanishes while the roster is solved: nothing is written.
create function test.vanish() returns trigger language plpgsql as $$ begin delete from clinic.assignments where shift_id = 2; delete from clinic.plan_assignments where shift_id = 2; delete from clinic.shifts where id = 2; return new; end $$;
create trigger vanish before update on clinic.plans for each row execute function test.vanish();
call test.refused($$select * from solve_roster('2026-04-13')$$);
rollback to changed;

-- Approvals.
call test.refused($$select approve_violation(null, 1, 1, null, 'x')$$);
call test.refused($$select approve_violation('cover', null, 1, null, null)$$);
call test.refused($$select approve_violation('cover', null, 1, null, '')$$);
call test.refused($$select approve_violation('covers', null, 1, null, 'x')$$);
call test.refused($$select approve_violation('lock', 1, 1, null, 'x')$$);
call test.refused($$select approve_violation('cover', null, null, null, 'x')$$);
call test.refused($$select approve_violation('cover', null, null, 'infinity', 'x')$$);
call test.refused($$select approve_violation('cover', null, 99, null, 'x')$$);
call test.refused($$select approve_violation('cover', null, 1, null, 'x', 'night')$$);
call test.refused($$select approve_violation('max_shifts', 1, null, '2026-04-13', 'x')$$);
call test.refused($$select approve_violation('max_shifts', 1, null, '2026-04-13', 'x', period => 'decade')$$);
call test.refused($$select approve_violation('no_overlap', 1, 1, null, 'x', period => 'day')$$);

-- Swaps.
call test.refused($$select swap_assignments(null, 1)$$);
call test.refused($$select swap_assignments(1, 99)$$);
call test.refused($$select swap_assignments(1, 1)$$);
call test.refused($$select swap_assignments(1, 2)$$);
call test.refused($$select swap_assignments(2, 3)$$);
call test.refused($$select swap_assignments(1, 3)$$);

-- Too much.
insert into clinic.shifts (shift_kind, during)
  select 'day', tstzrange(timestamptz '2026-06-01' + n * interval '1 minute', timestamptz '2026-06-01' + n * interval '1 minute' + interval '1 hour')
  from generate_series(1, 10001) n;
call test.refused($$select * from solve_roster('2026-06-01', '2026-06-30')$$);
call test.refused($$select draft_plan('2026-06-01', '2026-06-30')$$);
call test.refused($$select * from record_violations('2026-06-01', '2026-06-30')$$);
insert into clinic.staff (name) select 'S' || n from generate_series(1, 1500) n;
call test.refused($$select * from solve_roster('2026-06-01', '2026-06-02')$$);
insert into clinic.staff (name) select 'S' || n from generate_series(1, 1500) n;
call test.refused($$select * from solve_roster('2026-04-13')$$);

-- Of another clinic nothing can be had.
select count(*) from clinic.plans;
insert into clinic.clinics (name, time_zone) values ('Other', 'America/New_York');
set local pg_clinic.clinic_id = 2;
call test.refused($$select * from solve_plan(1)$$);
call test.refused($$select * from promote_plan(1, 'x')$$);
call test.refused($$select * from explain_assignment(1, 1)$$);
call test.refused($$select * from compare_plans(1, 1)$$);
call test.refused($$select swap_assignments(1, 2)$$);
call test.refused($$select * from solve_roster('2026-04-13')$$);
select * from record_violations('2026-04-13');
rollback;
