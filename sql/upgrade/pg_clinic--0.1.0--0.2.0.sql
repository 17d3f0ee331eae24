-- What became of the functions between 0.1.0 and 0.2.0; of the tables: steps/2.sql.
\echo Use "alter extension pg_clinic update" to load this file. \quit

create function clinic_follow_person() returns trigger
  language c volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_clinic_follow_person';
comment on function clinic_follow_person() is
  'Trigger of clinic.providers: writes a provider''s person on the bookings that aren''t over.';

comment on function upgrade_clinic() is
  'Brings the tables in schema clinic to the version this extension needs and returns it, in one transaction, and says what it made; puts back constraints, indexes, triggers, defaults and views that are missing, or refuses and names the rows in the way. What is altered or disabled stays: see check_clinic(). Run it after alter extension pg_clinic update.';
