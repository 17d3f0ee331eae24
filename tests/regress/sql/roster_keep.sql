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
select status, assigned from solve_roster('2029-01-01', without => '{1}', keep_before => '2029-01-03');
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
insert into clinic.rules (kind, period, mode, limit_value) values ('max_shifts', 'week', 'hard', 1);
insert into clinic.staff (name) values ('Dora');
select status, assigned from solve_roster('2029-01-01', keep_before => '2029-01-03');
select count(*) filter (where staff_id = 1) as of_ana from clinic.plan_assignments;
-- The record lists it once promoted.
select inserted, kept from promote_plan((select max(id) from clinic.plans), 'as it was');
select rule_kind, is_hard, sentence from record_violations('2029-01-01') where is_hard;
rollback to ready;

-- A run too long by what was worked is kept too.
insert into clinic.rules (kind, mode, limit_value) values ('max_consecutive_days', 'hard', 1);
select status from solve_roster('2029-01-01', keep_before => '2029-01-03');
rollback;

-- What nobody can come to is told by its real number.
begin;
call test.clinic();
insert into clinic.staff (name) select 'Nurse ' || n from generate_series(1, 5) n;
insert into clinic.shifts (during, staff_needed) values ('[2029-01-01 08:00,2029-01-01 12:00)', 3);
insert into clinic.time_off (staff_id, during) select id, '[2029-01-01,2029-01-02)' from clinic.staff;
select status, message from solve_roster('2029-01-01');
rollback;
