create function init_clinic(name text, time_zone text) returns bigint
  language c volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_init_clinic';
comment on function init_clinic(text, text) is
  'Adds a clinic and returns its id; the first time it makes the schema clinic with its tables. Example: select init_clinic(''Downtown Clinic'', ''Europe/Berlin'')';

create function upgrade_clinic() returns integer
  language c volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_upgrade_clinic';
comment on function upgrade_clinic() is
  'Brings the tables in schema clinic to the version this extension needs and returns it, in one transaction, and says what it made; puts back constraints, indexes, triggers, defaults and views that are missing, or refuses and names the rows in the way. What is altered or disabled stays: see check_clinic(). Run it after alter extension pg_clinic update.';

create function check_clinic(allow_missing text[] default null)
  returns table (kind text, object text, problem text, sentence text, remedy text)
  language c stable parallel safe
  cost 10000 rows 10
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_check_clinic';
comment on function check_clinic(text[]) is
  'What of schema clinic and the extension isn''t as shipped, with SQL that puts it right; no row if all is. allow_missing names objects that are as they are on purpose. Example: select * from check_clinic(allow_missing => ''{bookings.tell_freed_by_change}'')';

create function clinic_help(function_name text default null)
  returns table (clinic_help text)
  language c immutable parallel safe cost 1000 rows 100
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_clinic_help';
comment on function clinic_help(text) is
  'What a function does, its arguments and columns, as text for psql; without a name a line for each function. Example: select clinic_help(''find_slots'')';

create function current_clinic() returns bigint
  language c stable parallel safe
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_current_clinic';
comment on function current_clinic() is
  'The clinic meant when none is named: the setting pg_clinic.clinic_id, else the only clinic there is, else an error.';

create function grant_clinic_access(role regrole, level text) returns void
  language c volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_grant_clinic_access';
comment on function grant_clinic_access(regrole, text) is
  'Gives a role a level of access to schema clinic, in place of the one it had: finder (finds slots, reads no booking), reader (reads all), scheduler (books), admin (changes the set-up).';

create function revoke_clinic_access(role regrole) returns boolean
  language c volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_revoke_clinic_access';
comment on function revoke_clinic_access(regrole) is
  'Takes everything from a role that it was granted in schema clinic, whoever granted it, with what it granted on, its default privileges and its level of access; false where it had nothing.';
