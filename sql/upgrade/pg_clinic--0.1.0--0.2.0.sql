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

drop function effective_settings(bigint, bigint, bigint, bigint);
create function effective_settings(
    provider_id bigint default null, appointment_type_id bigint default null, room_id bigint default null,
    clinic_id bigint default null, on_date date default null)
  returns table (setting text, value text, wins boolean, source text)
  language c stable parallel safe cost 5000 rows 30
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_effective_settings';
comment on function effective_settings(bigint, bigint, bigint, bigint, date) is
$$Every setting that holds (wins) for appointments of a type with a provider in a room, where it comes from, and what it beats, the next narrow first. Example: select setting, value, source from effective_settings(provider_id => 1, appointment_type_id => 3) where wins
The narrowest that is set wins, each setting for itself: provider_types < appointment_types < clinics. Of overbooking_rules and scoring_profiles a whole row does: provider and type, provider, type, the clinic's. What is left out matches only settings that leave it open too. When provider, type and room are open is said of on_date (null = today), by the clinic's clock: a slot lies within all three. After an appointment the longer of after_minutes and buffer_minutes counts, of the room the longer of room_after_minutes and turnover_minutes.$$;
