-- Trigger functions. They are the extension's, the tables aren't: so drop extension without CASCADE refuses while
-- tables are there. They act as the owner of their table, as foreign keys do, with a pinned
-- search_path: a role that may insert a booking needs no right on the history, and no owner of a table gets the
-- rights of the superuser who installed the extension (SECURITY DEFINER would give them).

create function clinic_fill_booking() returns trigger
  language c volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_clinic_fill_booking';
comment on function clinic_fill_booking() is 'Trigger of clinic.bookings: fills the derived columns.';

create function clinic_record_booking() returns trigger
  language c volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
  -- Rows are kept as jsonb, in which ranges are text: it must read the same for everybody.
  set datestyle = 'ISO, YMD' set timezone = 'UTC'
  as 'MODULE_PATHNAME', 'pg_clinic_clinic_record_booking';
comment on function clinic_record_booking() is 'Trigger of clinic.bookings: writes clinic.booking_history and clinic.events.';

create function clinic_assign_resources() returns trigger
  language c volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_clinic_assign_resources';
comment on function clinic_assign_resources() is
  'Trigger of clinic.bookings: gives bookings units of the resources that their types need.';

create function clinic_record_assignment() returns trigger
  language c volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
  set datestyle = 'ISO, YMD' set timezone = 'UTC'
  as 'MODULE_PATHNAME', 'pg_clinic_clinic_record_assignment';
comment on function clinic_record_assignment() is 'Trigger of clinic.assignments: writes clinic.assignment_history, and deletes the approvals of an assignment that is gone.';

create function clinic_keep_time_zone() returns trigger
  language c volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_clinic_keep_time_zone';
comment on function clinic_keep_time_zone() is
  'Trigger of clinic.clinics: refuses another time zone once there are bookings.';

create function clinic_follow_person() returns trigger
  language c volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_clinic_follow_person';
comment on function clinic_follow_person() is
  'Trigger of clinic.providers: writes a provider''s person on the bookings that aren''t over.';

create function clinic_keep_promoted() returns trigger
  language c volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_clinic_keep_promoted';
comment on function clinic_keep_promoted() is
  'Trigger of clinic.plans: a plan that became the record is kept as it was promoted.';

create function clinic_keep_answer() returns trigger
  language c volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_clinic_keep_answer';
comment on function clinic_keep_answer() is
  'Trigger of clinic.plans: answers of a solver, and who promoted a plan, are written by functions only.';

create function clinic_note_author() returns trigger
  language c volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_clinic_note_author';
comment on function clinic_note_author() is
  'Trigger of tables that keep who wrote a row: fills in the actor and the session user, whatever is given, and keeps them.';

create function clinic_keep_plan_rows() returns trigger
  language c volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_clinic_keep_plan_rows';
comment on function clinic_keep_plan_rows() is
  'Trigger of the rows of a plan: assignments are kept with a plan that became the record; scores, traces, moves and exceptions are written by functions only.';

create function clinic_keep_resolved() returns trigger
  language c volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_clinic_keep_resolved';
comment on function clinic_keep_resolved() is
  'Trigger of clinic.exceptions: an answer, who gave it and why, is kept as it was written.';

create function clinic_refuse_truncate() returns trigger
  language c volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_clinic_refuse_truncate';
comment on function clinic_refuse_truncate() is 'Trigger of tables that are kept: refuses TRUNCATE.';

create function clinic_settle_wish() returns trigger
  language c volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_clinic_settle_wish';
comment on function clinic_settle_wish() is 'Trigger of clinic.waitlist: withdraws the offers of an entry that waits no more.';

create function clinic_fill_time_off() returns trigger
  language c volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_clinic_fill_time_off';
comment on function clinic_fill_time_off() is 'Trigger of clinic.time_off: fills during from dates, in the clinic''s time zone.';
