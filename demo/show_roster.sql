-- The roster, as somebody sees it who has just run `make demo`: the first week, one that can't be, and the second week,
-- which makes up for the first. Each statement is printed before its answer.

\set QUIET on
\set ECHO none
\set SHOW_CONTEXT never
\pset footer off
\pset null ''
set client_min_messages = warning;
set timezone = 'Europe/Berlin';
set datestyle = 'ISO';
set pg_clinic.actor = 'Maria, manager';

select min((lower(during) at time zone 'Europe/Berlin')::date) as monday from clinic.shifts \gset
select :'monday'::date + 7 as next_monday, :'monday'::date + 2 as wednesday \gset
-- How many shifts each has in a plan with somebody preferred, by either of the two.
create temporary view demo_matches as
select plan_id, staff_id, count(*) as matches
from clinic.plan_assignments as a join clinic.shifts as s on s.clinic_id = a.clinic_id and s.id = a.shift_id
where exists (
  select from clinic.preferences as p
  where p.clinic_id = a.clinic_id and p.staff_id = a.staff_id and p.provider_id = s.provider_id and p.is_preferred)
group by 1, 2;

\echo
\echo '== Riverside Dental: who assists whom in the week after next?'
\echo
\set ECHO queries
select (select count(*) from clinic.providers) as dentists, (select count(*) from clinic.staff) as assistants,
  (select count(*) from clinic.shifts) as shifts_of_two_weeks,
  (select count(*) from clinic.preferences) as preferences, (select count(*) from clinic.time_off) as leaves;

select plan_id, status, objective, bound, shifts, assigned, message from solve_roster(:'monday');
\set ECHO none
select max(id) as first from clinic.plans \gset
\echo '== The same as a picture (roster_board_svg() draws it for a browser)'
\echo
\set ECHO queries
select * from roster_board(:first);
\set ECHO none

\echo '== Where the points come from: negative ones are earned'
\echo
\set ECHO queries
select rule_kind, instances, cost from clinic.plan_scores where plan_id = :first order by cost;
\set ECHO none

select shift_id as shift, to_char(lower(shift.during), 'Dy HH24:MI') as start, provider.name as provider
from clinic.plan_assignments as a
join clinic.shifts as shift on shift.id = shift_id
join clinic.providers as provider on provider.id = provider_id
where plan_id = :first and provider_id = 9 order by lower(shift.during) limit 1 \gset
\echo '== Why this assistant on' :start 'with' :provider 'and what would another choice cost?'
\echo
\set ECHO queries
select staff_name, is_assigned as has_it, cost_change, cost_by_rule
from explain_assignment(:first, :shift) where is_allowed limit 5;
\set ECHO none

\echo '== Three of those who can assist in surgery want to go to the same course on Wednesday. It can''t be:'
\echo
\set ECHO queries
insert into clinic.time_off (staff_id, during, reason)
select id, tstzrange(:'wednesday', :'wednesday'::date + 1), 'Course' from clinic.staff where name in ('Finn', 'Ida', 'Luca');
select plan_id, status from solve_roster(:'monday', parent_plan_id => :first);
\set ECHO none
select max(id) as conflict from clinic.plans \gset
\set ECHO queries
select case when length(line) > 98 then left(line, 97) || '…' else line end as message
from clinic.plans, regexp_split_to_table(message, '\n') as line where id = :conflict;
\set ECHO none
\echo '… so Luca goes another time, and as little as possible changes.'
\echo
\set ECHO queries
delete from clinic.time_off where reason = 'Course' and staff_id = (select id from clinic.staff where name = 'Luca');
select plan_id, status, objective, assigned
from solve_roster(:'monday', parent_plan_id => :first, weights => '{"stability": 50}');
\set ECHO none
select max(id) as fixed from clinic.plans \gset
\set ECHO queries
select to_char(old_starts_at, 'Dy HH24:MI') as shift, old_staff_name as before, new_staff_name as now
from compare_plans(:first, :fixed) where aspect = 'assignment' order by old_starts_at, shift_id;
\set ECHO none

\echo '== That is it: the plan becomes the record, and the second week is planned'
\echo
\set ECHO queries
select from_date, to_date, inserted, deleted, message from promote_plan(:fixed, 'agreed on Monday');
select plan_id, status, objective, assigned from solve_roster(:'next_monday');
\set ECHO none
select max(id) as second from clinic.plans \gset
select plan_id as careless from solve_roster(:'next_monday', weights => '{"preference_debt": 0}') \gset
\echo
\echo '== It is the fairer for the first: who got few preferred matches then gets more now'
\echo
\set ECHO queries
select staff.name, coalesce(before.matches, 0) as first_week, coalesce(now.matches, 0) as second_week,
  coalesce(careless.matches, 0) as without_preference_debt
from clinic.staff
left join demo_matches as before on before.plan_id = :fixed and before.staff_id = staff.id
left join demo_matches as now on now.plan_id = :second and now.staff_id = staff.id
left join demo_matches as careless on careless.plan_id = :careless and careless.staff_id = staff.id
order by first_week, name limit 8;
\set ECHO none
\echo '`scripts/cluster.sh psql demo clinic_demo_roster` looks around in this database.'
