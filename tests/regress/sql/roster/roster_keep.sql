-- What is past is kept, whatever rules it broke, and the rest is planned anew.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
set client_min_messages to warning;
begin;
call test.clinic();
insert into clinic.staff (name) values ('Ana'), ('Ben'), ('Cleo');
insert into clinic.shifts (during)
  select tstzrange(day, day + interval '4 hours')
  from generate_series(timestamptz '2029-01-01 08:00', '2029-01-05 08:00', interval '1 day') as day;
insert into clinic.assignments (staff_id, shift_id) values (1, 1), (1, 2), (2, 3), (3, 4), (1, 5);
create function pg_temp.assigned() returns text language sql as $$
  select string_agg(shift_id || ' ' || name, ', ' order by shift_id)
  from clinic.plan_assignments a join clinic.staff s on s.id = staff_id where plan_id = (select max(id) from clinic.plans) $$;
savepoint ready;

-- Ana fell ill on Wednesday: her days before stay hers.
select status, assigned from solve_roster('2029-01-01', without_staff_ids => '{1}', keep_before => '2029-01-03');
select split_part(pg_temp.assigned(), ', 3', 1) as kept;
select count(*) filter (where staff_id = 1) as ana_after from clinic.plan_assignments where shift_id >= 3;
rollback to ready;

-- She left.
update clinic.staff set enabled = false where id = 1;
select status, assigned from solve_roster('2029-01-01', keep_before => '2029-01-03');
rollback to ready;

-- Nobody came on Monday.
delete from clinic.assignments where shift_id = 1;
select status, assigned from solve_roster('2029-01-01', keep_before => '2029-01-03');
rollback to ready;

-- She worked more than she may, which was nobody's plan; she gets no more.
insert into clinic.rules (rule_kind, period, mode, limit_value) values ('max_shifts', 'week', 'hard', 1);
insert into clinic.staff (name) values ('Dora');
select status, assigned from solve_roster('2029-01-01', keep_before => '2029-01-03');
select count(*) filter (where staff_id = 1) as of_ana from clinic.plan_assignments;
-- The record lists it once promoted, which must be said: no such shift has begun yet.
call test.refused('select * from promote_plan((select max(id) from clinic.plans), ''as it was'')');
select inserted, kept from promote_plan((select max(id) from clinic.plans), 'as it was', array(select key from plan_violations((select max(id) from clinic.plans))));
select rule_kind, is_hard, sentence from record_violations('2029-01-01') where is_hard;
rollback to ready;

-- A run too long by what was worked is kept too.
insert into clinic.rules (rule_kind, mode, limit_value) values ('max_consecutive_days', 'hard', 1);
select status from solve_roster('2029-01-01', keep_before => '2029-01-03');
rollback;

-- A lock doesn't hide what it keeps: she is on leave, and would be at two places at once.
begin;
call test.clinic();
insert into clinic.staff (name) values ('Ana'), ('Ben');
insert into clinic.shifts (during) values ('[2029-01-01 08:00,2029-01-01 12:00)'), ('[2029-01-01 10:00,2029-01-01 14:00)');
insert into clinic.assignments (staff_id, shift_id) values (1, 1), (1, 2);
insert into clinic.time_off (staff_id, during) values (1, '[2029-01-01,2029-01-02)');
select draft_plan('2029-01-01', '2029-01-01') as plan \gset
insert into clinic.locks (plan_id, action, shift_id) values (:plan, 'keep', 1), (:plan, 'keep', 2);
select status, message from solve_plan(:plan);
call test.refused(format('select * from promote_plan(%s, ''x'')', :plan));
savepoint solved;
select message from promote_plan(:plan, 'x', array(select key from plan_violations(:plan)));
rollback to solved;
-- What somebody has approved isn't told.
select count(approve_violation(rule_kind, staff_id, shift_id, from_date, 'agreed', shift_kind, next_shift_kind, period)) as approved
from record_violations('2029-01-01', '2029-01-01') where is_hard;
select status, message from solve_plan(:plan);
select message from promote_plan(:plan, 'x');
rollback;

-- What is past can't be helped: it is told, and doesn't hinder. Shifts 1 to 3 have begun, 4 to 6 are still to come.
begin;
call test.clinic();
insert into clinic.staff (name) values ('Ana'), ('Ben'), ('Cleo');
insert into clinic.shifts (during)
  select tstzrange((current_date + n + time '08:00')::timestamptz, (current_date + n + time '12:00')::timestamptz)
  from generate_series(-5, 5) n where n not between -2 and 2;
select (current_date - 5)::text as first, current_date::text as today, (current_date + 5)::text as last \gset
insert into clinic.assignments (staff_id, shift_id) values (1, 1), (2, 2), (3, 3), (1, 4), (1, 5);
-- What the message of the promotion says besides the numbers of rows.
create function pg_temp.promoted() returns text language sql as $$
  select regexp_replace(message, '^[^;]*', '') from promote_plan((select max(id) from clinic.plans), 'x') $$;
savepoint ready;
-- A past without fault needs no word.
select status, message from solve_roster(:'first', :'last', keep_before => :'today');
select pg_temp.promoted();
rollback to ready;
-- Ana has left since, which makes nothing of what she did wrong.
update clinic.staff set enabled = false where id = 1;
select status, message from solve_roster(:'first', :'last', keep_before => :'today');
select pg_temp.promoted();
rollback to ready;
-- Nobody came to two of the shifts.
delete from clinic.assignments where shift_id in (1, 2);
select status, regexp_replace(message, '[A-Z][a-z]{2} \d+ [A-Z][a-z]{2}', 'DAY', 'g') as message
from solve_roster(:'first', :'last', keep_before => :'today');
savepoint solved;
select pg_temp.promoted();
rollback to solved;
-- One of them with leave.
select approve_violation('cover', null, 1, null, 'closed') is not null as approved;
select pg_temp.promoted();
rollback to ready;
-- What is still to come is no past, kept or not.
delete from clinic.assignments where shift_id in (1, 5);
select status, message ~ 'keep 2 hard rules broken' as told from solve_roster(:'first', :'last', keep_before => :'last');
do $$
begin
  perform promote_plan((select max(id) from clinic.plans), 'x');
exception when object_not_in_prerequisite_state then
  raise warning '%', regexp_replace(sqlerrm, '\d+', 'N');
end $$;
rollback;

-- What nobody can come to is told by its real number.
begin;
call test.clinic();
insert into clinic.staff (name) select 'Nurse ' || n from generate_series(1, 5) n;
insert into clinic.shifts (during, staff_needed) values ('[2029-01-01 08:00,2029-01-01 12:00)', 3);
insert into clinic.time_off (staff_id, during) select id, '[2029-01-01,2029-01-02)' from clinic.staff;
select status, message from solve_roster('2029-01-01');
rollback;
