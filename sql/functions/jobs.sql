-- Jobs, due with time. Plain functions, for pg_cron or any other scheduler. They wait for nobody: a booking that
-- somebody is changing just now is left to the next run, and one that can't be changed keeps none of the others.

create function mark_no_shows(clinic_id bigint default null) returns bigint
  language c volatile parallel unsafe cost 10000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_mark_no_shows';
comment on function mark_no_shows(bigint) is
  'Gives bookings the status noshow that are over, began clinics.no_show_after_minutes ago or earlier, and are still booked (neither arrived, checked in nor fulfilled), and returns how many; none that ended before clinics.no_show_since; at most 10000 a call, the earliest first. A booking that can''t be changed is told by a WARNING and stays due.';

create function expire_holds(clinic_id bigint default null) returns bigint
  language c volatile parallel unsafe cost 10000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_expire_holds';
comment on function expire_holds(bigint) is
  'Cancels holds that have expired, and returns how many; at most 10000 a call, the earliest first. One that can''t be changed is told by a WARNING and stays. They block nothing before either: this tidies up, and reports it by an event.';

create function run_due_jobs(clinic_id bigint default null)
  returns table (job text, changed bigint, failed bigint, first_error text)
  language c volatile parallel unsafe cost 20000 rows 10
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_run_due_jobs';
comment on function run_due_jobs(bigint) is
  'Runs every job, with its defaults, for one clinic or (by default) for all, and returns how many rows each changed. failed: how many rows it could not change (or clinics it could not serve), each told by a WARNING; first_error is what the first of them met. They stay due. Call it every minute: select schedule_jobs()';

create function schedule_jobs(schedule text default '* * * * *') returns text
  language c volatile parallel unsafe cost 1000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_schedule_jobs';
comment on function schedule_jobs(text) is
  'Has pg_cron call run_due_jobs() as the current user, every minute unless the cron schedule says otherwise; again, it replaces the schedule. Without pg_cron it fails and says what to do.';

create function unschedule_jobs() returns boolean
  language c volatile parallel unsafe cost 1000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_unschedule_jobs';
comment on function unschedule_jobs() is
  'Takes back the current user''s schedule_jobs(); false where there was nothing to take back.';
