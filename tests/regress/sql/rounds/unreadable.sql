-- Words and documents of rounds that nobody knows are errors that name the table or the row, never taken for known ones.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
insert into clinic.areas (name, travel_minutes) values ('north', 5);
insert into clinic.staff (name, home_area_id, capacity_minutes) values ('Ana', 1, 60), ('Ben', 1, 30);
insert into clinic.clients (name, area_id, visit_minutes, starts_on, renews_on) select 'c' || i, 1, 40, '2026-04-01', '2026-05-01' from generate_series(1, 2) i;
select message from plan_rounds('2026-04-13', without_staff_ids => '{2}');
select options from clinic.plans order by id;
select message from promote_plan(1, 'start');
select message from replan_rounds('2026-04-13', '2026-04-13 06:00', '{2}');
select options from clinic.plans order by id desc limit 1;

-- Words.
insert into clinic.locks (plan_id, action, staff_id) values (1, 'forbid', 1);
alter table clinic.locks drop constraint locks_action, drop constraint locks_scope;
update clinic.locks set action = 'block';
call test.refused($$select * from plan_rounds('2026-04-13', parent_plan_id => 1)$$);
delete from clinic.locks;
alter table clinic.visit_trace disable trigger keep_trace;
alter table clinic.exceptions disable trigger keep_written;
alter table clinic.visit_trace drop constraint visit_trace_kind, drop constraint visit_trace_decision, drop constraint visit_trace_placed;
update clinic.visit_trace set kind = 'visit' where plan_id = 1 and visit_id = 1;
call test.refused($$select explain_visit(1, 1)$$);
call test.refused($$select rounds_board(1)$$);
update clinic.visit_trace set kind = 'scheduled', decision = 'drawn' where plan_id = 1 and visit_id = 1;
call test.refused($$select explain_visit(1, 1)$$);
update clinic.visit_trace set decision = 'unplaced' where plan_id = 1 and visit_id = 1;
call test.refused($$select explain_visit(1, 1)$$);
update clinic.visit_trace set decision = 'chosen' where plan_id = 1 and visit_id = 1;
alter table clinic.exceptions drop constraint exceptions_kind, drop constraint exceptions_resolution;
update clinic.exceptions set kind = 'rain';
call test.refused($$select explain_visit(1, 2)$$);
update clinic.exceptions set kind = 'capacity_exceeded', resolution = 'lost', resolved_by = 'me', resolved_at = now() where id = 1;
call test.refused($$select * from resolve_exception(1, 'cancelled')$$);
alter table clinic.visits drop constraint visits_outcome;
update clinic.visits set outcome = 'snowed_in' where id = 1;
call test.refused($$select * from plan_rounds('2026-04-13')$$);
call test.refused($$select * from rounds_churn('2026-04-12', '2026-04-13')$$);
update clinic.visits set outcome = null where id = 1;
alter table clinic.client_events drop constraint client_events_kind;
insert into clinic.client_events (client_id, on_date, kind) values (1, '2026-04-13', 'holiday');
call test.refused($$select * from plan_rounds('2026-04-13')$$);
delete from clinic.client_events;

-- Documents.
update clinic.exceptions set kind = 'capacity_exceeded' where plan_id = 2;
update clinic.visit_trace set considered = '[{"staff_id": 1, "remaining_minutes": 60, "rule_kind": "tired"}]' where plan_id = 1 and visit_id = 1;
call test.refused($$select explain_visit(1, 1)$$);
update clinic.visit_trace set considered = '[{"staff_id": 1, "remaining_minutes": 60}]' where plan_id = 1 and visit_id = 1;
call test.refused($$select explain_visit(1, 1)$$);
update clinic.visit_trace set considered = '[[1, 60, null, null, 5]]' where plan_id = 1 and visit_id = 1;
call test.refused($$select explain_visit(1, 1)$$);
update clinic.visit_trace set considered = '[{"staff_id": 1, "remaining_minutes": 60, "travel_minutes": 5, "cost": [1]}]' where plan_id = 1 and visit_id = 1;
call test.refused($$select explain_visit(1, 1)$$);
update clinic.visit_trace set considered = '{}' where plan_id = 1 and visit_id = 1;
call test.refused($$select explain_visit(1, 1)$$);
update clinic.exceptions set context = context || '{"nearby": [[1, [1], 5]]}' where plan_id = 2;
call test.refused($$select explain_visit(2, 2)$$);
update clinic.exceptions set context = context - 'nearby' where plan_id = 2;
call test.refused($$select explain_visit(2, 2)$$);
update clinic.exceptions set context = '["capacity_exceeded", 1, null, [], [], "No."]' where plan_id = 2;
call test.refused($$select explain_visit(2, 2)$$);
update clinic.plans set options = '{"without": [2]}' where id = 2;
call test.refused($$select rounds_board(2)$$);
rollback;
