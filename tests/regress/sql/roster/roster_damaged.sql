-- Words and documents that no constraint allows, or that another version wrote: an error that names the row, never a guess.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
set client_min_messages to warning;
begin;
call test.clinic();
insert into clinic.staff (name) values ('Ana'), ('Ben');
insert into clinic.shifts (during) values ('[2026-04-13 08:00,2026-04-13 12:00)');
select plan_id, status from solve_roster('2026-04-13', '2026-04-13');

-- Fixed words.
savepoint words;
alter table clinic.locks drop constraint locks_action, drop constraint locks_scope;
insert into clinic.locks (plan_id, action) values (1, 'block');
call test.refused('select * from solve_plan(1)');
rollback to words;
alter table clinic.preferences drop constraint preferences_stated_by, drop constraint preferences_strength;
insert into clinic.preferences (staff_id, provider_id, stated_by, is_preferred, strength) values (1, 1, 'patient', true, 'strong');
call test.refused('select * from solve_plan(1)');
update clinic.preferences set stated_by = 'staff', strength = 'some';
call test.refused('select * from solve_plan(1)');
rollback to words;
alter table clinic.plans drop constraint plans_kind;
alter table clinic.plans drop constraint plans_rounds;
update clinic.plans set kind = 'menu';
call test.refused('select * from solve_plan(1)');
call test.refused('select roster_board(1)');
rollback to words;
alter table clinic.rules drop constraint rules_rule_kind, drop constraint rules_mode;
insert into clinic.rules (rule_kind, mode) values ('covers', 'off');
call test.refused('select * from record_violations(''2026-04-13'')');
rollback to words;

-- Documents.
update clinic.plans set options = '{"without": [1]}';
call test.refused('select * from solve_plan(1)');
-- An array is no struct, whatever it has in its places.
update clinic.plans set options = '[[1,2]]';
call test.refused('select * from solve_plan(1)');
update clinic.plans set options = '[]';
call test.refused('select * from solve_plan(1)');
-- A weight is what the argument may be.
update clinic.plans set options = '{"weights": {"load_balance": -5}}';
call test.refused('select * from solve_plan(1)');
update clinic.plans set options = '{"weights": {"cover": "much"}}';
call test.refused('select * from explain_assignment(1, 1)');
rollback to words;

-- Fingerprints: of another version it can't be said whether the shifts have changed; of this one it can.
alter table clinic.plans disable trigger user;
update clinic.plans set input_fingerprint = split_part(input_fingerprint, ':', 2);
call test.refused('select * from promote_plan(1, ''agreed'')');
update clinic.plans set input_fingerprint = 'v2:0123456789abcdef.0123456789abcdef';
call test.refused('select * from promote_plan(1, ''agreed'')');
update clinic.plans set input_fingerprint = 'v1:zz.zz';
call test.refused('select * from promote_plan(1, ''agreed'')');
update clinic.plans set input_fingerprint = null;
call test.refused('select * from promote_plan(1, ''agreed'')');
rollback to words;
update clinic.shifts set staff_needed = 2;
call test.refused('select * from promote_plan(1, ''agreed'')');
select status from solve_plan(1);
rollback to words;
select message from promote_plan(1, 'agreed');
rollback;
