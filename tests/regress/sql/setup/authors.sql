-- Who wrote it: beside the actor, whom the app names, every table that keeps an author keeps the login, which nobody can set.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.areas (name, travel_minutes) values ('north', 5);
insert into clinic.staff (name, home_area_id, capacity_minutes) values ('Ana', 1, 60);
insert into clinic.staff (name) values ('Bea');
insert into clinic.clients (name, area_id, visit_minutes, starts_on, renews_on) select 'c' || i, 1, 40, '2026-04-01', '2026-05-01' from generate_series(1, 2) i;
insert into clinic.shifts (provider_id, during) values (1, '[2035-04-16 08:00, 2035-04-16 12:00)');
create role test_desk;
select grant_clinic_access('test_desk', 'admin');
set local role test_desk;
set local pg_clinic.actor = 'Mia';

-- Every column of an author, in every table: no login without one who did it, and the other way round.
select table_name, string_agg(column_name, ' ' order by ordinal_position) from information_schema.columns
where table_schema = 'clinic' and (column_name ~ '_(by|login)$' or column_name in ('actor', 'login'))
group by 1 order by 1;

-- Histories and events.
select status from book_slot('Checkup', 1, 1, '2035-04-16 10:00', 'A');
insert into clinic.assignments (staff_id, shift_id) values (2, 1);
select actor, login from clinic.booking_history;
select actor, login from clinic.assignment_history;
select kind, login from clinic.events;
call test.refused($$update clinic.booking_history set login = 'x'$$);
call test.refused($$update clinic.assignment_history set login = 'x'$$);
call test.refused($$update clinic.events set login = 'x'$$);
call test.refused($$insert into clinic.events (clinic_id, booking_id, kind, login) values (1, 1, 'booked', 'x')$$);

-- Plans, locks, client events: by functions and by hand, whatever name is given; and it stays.
insert into clinic.plans (kind, from_date, to_date, created_by, created_login) values ('roster', '2035-04-16', '2035-04-16', 'Forger', 'forged');
insert into clinic.locks (plan_id, action, staff_id, shift_id, created_by, created_login) values (1, 'assign', 2, 1, 'Forger', 'forged');
insert into clinic.client_events (client_id, on_date, kind, made_by, made_login) values (1, '2026-04-20', 'skip', 'Forger', 'forged');
set local pg_clinic.actor = 'Noa';
select draft_plan('2035-04-16', '2035-04-16', parent_plan_id => 1);
call test.refused($$update clinic.plans set created_by = 'Forger'$$);
update clinic.plans set message = 'edited', created_login = 'forged';
update clinic.locks set from_date = '2035-04-16', to_date = '2035-04-16', created_by = 'Forger', created_login = 'forged';
update clinic.client_events set reason = 'edited', made_by = 'Forger', made_login = 'forged';
select id, created_by, created_login, promoted_by, promoted_login from clinic.plans order by id;
-- A lock that a plan takes over stays whose it was.
select plan_id, created_by, created_login from clinic.locks order by id;
select made_by, made_login from clinic.client_events;

-- A promotion, and what a promoted plan consists of.
select status from solve_plan(2);
call test.refused($$update clinic.plans set promoted_by = 'Forger', promoted_login = 'forged', promoted_at = now(), promotion_reason = 'r' where id = 2$$);
select inserted, kept from promote_plan(2, 'agreed');
select promoted_by, promoted_login from clinic.plans where id = 2;
update clinic.plans set message = 'edited', promoted_login = 'forged' where id = 2;
select promoted_by, promoted_login from clinic.plans where id = 2;

-- Exceptions: found by planning, answered by resolve_exception(), by nobody else.
select plan_id, assigned, exceptions from plan_rounds('2026-04-13');
select detected_by, detected_login, resolved_by, resolved_login from clinic.exceptions;
call test.refused($$update clinic.exceptions set resolution = 'cancelled', resolved_by = 'Forger', resolved_login = 'forged', resolved_at = now()$$);
set local pg_clinic.actor = 'Mia';
select message from resolve_exception((select min(id) from clinic.exceptions), 'cancelled');
select detected_by, detected_login, resolved_by, resolved_login from clinic.exceptions;

-- Approvals: who approved is said by whoever writes it down, who is known by the login. A change is another approval.
insert into clinic.rule_overrides (rule_kind, mode, staff_id, approved_by, approved_login, reason) values ('no_overlap', 'off', 2, 'chief', 'forged', 'twins');
update clinic.clients set access_approved_by = 'chief', access_approved_login = 'forged', access_approved_at = now() where id = 1;
update clinic.clients set access_approved_login = 'forged' where id = 2;
select approved_by, approved_login from clinic.rule_overrides;
select id, access_approved_by, access_approved_login from clinic.clients order by id;
reset role;
create function test.logins() returns table (was text, is_now text) language sql as $$
  select approved_login, session_user from clinic.rule_overrides union all
  select access_approved_login, session_user from clinic.clients where id = 1
$$;
-- Somebody else changes them.
create role test_other superuser;
set session authorization test_other;
update clinic.clients set contact = 'phone';
select * from test.logins();
update clinic.clients set access_approved_at = now() + interval '1 day' where id = 1;
update clinic.rule_overrides set reason = 'more twins', approved_login = 'forged';
select * from test.logins();
update clinic.clients set access_approved_by = null, access_approved_at = null;
select id, access_approved_by, access_approved_login from clinic.clients order by id;
call test.violates($$update clinic.clients set access_approved_by = 'chief' where id = 1$$);
call test.violates($$update clinic.clients set access_approved_at = now() where id = 1$$);
-- set role doesn't change who is connected.
set local role test_desk;
insert into clinic.plans (kind, from_date, to_date) values ('roster', '2035-04-16', '2035-04-16') returning created_by, created_login;
reset role;
reset session authorization;

-- The rows of a plan that functions write: nobody adds, changes or takes one, neither of a promoted plan nor of another. Its
-- assignments may be edited until it is promoted.
select plan_id as promoted from plan_rounds('2026-04-13') \gset
select promote_plan(:promoted, 'agreed', array(select key from plan_violations(:promoted))) \g /dev/null
select plan_id as proposed from plan_rounds('2026-04-14') \gset
alter table clinic.smoothing_moves disable trigger keep_moves;
alter table clinic.plan_scores disable trigger keep_scores;
alter table clinic.exceptions disable trigger user;
insert into clinic.smoothing_moves select 1, p, 1, 1, 1, now(), 1, 1, now(), 1, 1 from unnest(array[:promoted, :proposed]) p;
insert into clinic.plan_scores select 1, p, 'cover', '', 1, 1 from unnest(array[:promoted, :proposed]) p;
delete from clinic.exceptions;
insert into clinic.exceptions (clinic_id, plan_id, visit_id, client_id, on_date, kind, context, detected_at, detected_by, detected_login)
  select 1, p, 1, 1, '2026-04-13', 'walk_in', '{}', now(), 'a', 'b' from unnest(array[:promoted, :proposed]) p;
alter table clinic.smoothing_moves enable trigger keep_moves;
alter table clinic.plan_scores enable trigger keep_scores;
alter table clinic.exceptions enable trigger user;
set local client_min_messages to error;
create function test.outcome(statement text) returns text language plpgsql as $$
declare
  rows bigint;
begin
  execute statement;
  get diagnostics rows = row_count;
  raise exception using errcode = 'P9999', message = rows || ' rows written';
exception when sqlstate 'P9999' then return sqlerrm; when others then return sqlstate || ' ' || regexp_replace(sqlerrm, '\d+', 'N');
end $$;
select t.name, p.what, o.name as operation, test.outcome(format(o.statement, t.name, p.id)) as outcome
from (values ('plan_assignments'), ('plan_scores'), ('visit_trace'), ('smoothing_moves'), ('exceptions')) t (name),
  (values ('insert', 'insert into clinic.%1$s select * from jsonb_populate_record(null::clinic.%1$s,
      ''{"id": 999, "clinic_id": 1, "plan_id": %2$s, "number": 9, "visit_id": 9, "rule_kind": "r"}'')'),
    ('move to it', 'update clinic.%1$s set plan_id = %2$s where plan_id <> %2$s'),
    ('update', 'update clinic.%1$s set clinic_id = clinic_id where plan_id = %2$s'),
    ('delete', 'delete from clinic.%1$s where plan_id = %2$s')) o (name, statement),
  (values (:promoted, 'promoted'), (:proposed, 'proposed')) p (id, what)
order by 1, 2, 3;
-- They go with their plan.
delete from clinic.plans where id = :proposed;
select count(*) from clinic.visit_trace where plan_id = :proposed;
-- When the row was written, whatever time is given, in each of the tables that keep an author; and it stays.
set local role test_desk;
insert into clinic.plans (kind, from_date, to_date, created_at) values ('roster', '2035-04-16', '2035-04-16', '2001-01-01');
insert into clinic.locks (plan_id, action, staff_id, shift_id, created_at) values (1, 'forbid', 2, 1, '2001-01-01');
insert into clinic.client_events (client_id, on_date, kind, made_at, created_at) values (2, '2026-04-20', 'skip', '2026-04-01', 'infinity');
insert into clinic.rule_overrides (rule_kind, mode, staff_id, approved_by, reason, created_at) values ('no_overlap', 'off', 1, 'chief', 'twins', '2999-01-01');
call test.refused($$update clinic.plans set created_at = '2001-01-01' where id = 1$$);
update clinic.locks set created_at = '2001-01-01' where plan_id = 1;
update clinic.client_events set created_at = '-infinity';
update clinic.rule_overrides set created_at = '2999-01-01';
select "table", count(*), bool_and(created_at = now()) as written_now from (
  select 'plans' as "table", created_at from clinic.plans union all select 'locks', created_at from clinic.locks
  union all select 'client_events', created_at from clinic.client_events union all select 'rule_overrides', created_at from clinic.rule_overrides) t
group by 1 order by 1;
-- A client event was made when the client called; an import keeps when a booking was written.
select made_at from clinic.client_events where client_id = 2;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status, created_at, cancelled_at)
  values (1, 1, 1, 'Old', '[2035-04-17 11:00,)', 'cancelled', '2001-01-01', '2001-01-02') returning created_at, cancelled_at;
select changed_at = now() as recorded_now from clinic.booking_history order by id desc limit 1;
reset role;
rollback;
