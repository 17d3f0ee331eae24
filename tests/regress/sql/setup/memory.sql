-- pg_clinic.max_memory: what would take more is an error, and the session goes on.
\set SHOW_CONTEXT never
begin;
call test.clinic();
show pg_clinic.max_memory;

-- Units as PostgreSQL's own; what would be too little for anything is refused, and so is what isn't a size.
set pg_clinic.max_memory = '2GB';
show pg_clinic.max_memory;
set pg_clinic.max_memory = 65536;
show pg_clinic.max_memory;
-- Only the SQLSTATE: newer versions of PostgreSQL word it differently.
\set VERBOSITY sqlstate
\set ON_ERROR_ROLLBACK on
set pg_clinic.max_memory = '1MB';
set pg_clinic.max_memory = 0;
set pg_clinic.max_memory = -1;
set pg_clinic.max_memory = '4TB';
set pg_clinic.max_memory = 'all';
\set ON_ERROR_ROLLBACK off
\set VERBOSITY default

-- It keeps people from taking the machine's memory, so they can't raise it themselves.
create role test_modest;
set local role test_modest;
call test.violates($$set pg_clinic.max_memory = '2GB'$$);
reset role;

-- A year of a large clinic, minute by minute.
insert into clinic.providers (name) select 'P' || i from generate_series(1, 40) i;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time)
select p.id, d, '08:00', '18:00' from clinic.providers p, generate_series(1, 7) d where p.name like 'P%';
update clinic.clinics set slot_step_minutes = 1, booking_horizon_days = 400;
set local pg_clinic.max_memory = '4MB';
call test.violates($$select from find_slots('Checkup', '2026-04-13', '2026-06-13', now => '2026-04-01')$$);
-- The same session answers what needs less, and the same question with more.
select count(*) from find_slots('Checkup', '2026-04-13', now => '2026-04-01');
set local pg_clinic.max_memory = '1GB';
select count(*) > 100000 as found from find_slots('Checkup', '2026-04-13', '2026-06-13', now => '2026-04-01');
rollback;
