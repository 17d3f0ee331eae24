-- clinic.assignment_history: every version of the record, who made it, why and where it comes from.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

insert into clinic.staff (name) values ('Ana'), ('Bea');
insert into clinic.shifts (provider_id, during) values (1, '[2026-04-13 08:00, 2026-04-13 12:00)');
insert into clinic.plans (kind, from_date, to_date) values ('roster', '2026-04-13', '2026-04-19');
create temp view history as select assignment_id as id, version, case actor when session_user then 'session user' else actor end as actor,
    reason, origin, operation, before ->> 'staff_id' as before, after ->> 'staff_id' as after
  from clinic.assignment_history h order by h.id;

-- Plain SQL, with the settings or without.
insert into clinic.assignments (staff_id, shift_id) values (1, 1);
set local pg_clinic.actor = 'reception';
set local pg_clinic.reason = 'Ana is ill';
set local pg_clinic.origin = 'sick call';
update clinic.assignments set staff_id = 2;
set local pg_clinic.origin = '';
set local pg_clinic.reason = '';
-- What changes nothing leaves no entry.
update clinic.assignments set staff_id = 2;
update clinic.assignments set plan_id = 1;
delete from clinic.assignments;
set local pg_clinic.actor = '';
-- The same person comes back: another assignment.
insert into clinic.assignments (staff_id, shift_id) values (2, 1);
-- What fails leaves no trace.
call test.violates('insert into clinic.assignments (staff_id, shift_id) values (2, 1)');
select * from history;

-- The whole row, and when; several changes in one transaction are in order.
select before is null as no_before, (select array_agg(key order by key) from jsonb_object_keys(after) key) = (
    select array_agg(attname::text order by attname::text) from pg_attribute where attrelid = 'clinic.assignments'::regclass and attnum > 0 and not attisdropped) as all_columns
from clinic.assignment_history where assignment_id = 1 and version = 1;
select bool_and(changed_at >= before and changed_at between now() and clock_timestamp())
from (select changed_at, lag(changed_at, 1, now()) over (order by id) as before from clinic.assignment_history) s;

-- Bookings' history is another's.
select count(*) from clinic.booking_history;

-- It says what happened: neither before nor after may be missing.
call test.violates($$insert into clinic.assignment_history (clinic_id, assignment_id, version, changed_at, actor, reason, origin, operation) values (1, 1, 99, now(), 'a', 'r', 'o', 'update')$$);
call test.violates($$insert into clinic.assignment_history (clinic_id, assignment_id, version, changed_at, actor, reason, origin, operation, after) values (1, 1, 1, now(), 'a', 'r', 'o', 'insert', '{}')$$);

-- TRUNCATE is refused, also in passing.
call test.refused('truncate clinic.assignments');
call test.refused('truncate clinic.assignment_history');
set local client_min_messages to warning;
call test.violates('truncate clinic.shifts cascade');

-- The trigger function works nowhere else.
create table public.mine (clinic_id bigint, id bigint);
create trigger mine after insert on public.mine for each row execute function clinic_record_assignment();
call test.refused('insert into public.mine values (1, 1)');
-- A column that was altered: which one.
alter table clinic.assignments disable trigger all;
alter table clinic.assignments alter column id type integer;
alter table clinic.assignments enable trigger all;
call test.refused('insert into clinic.assignments (staff_id, shift_id) values (1, 1)');
rollback;
