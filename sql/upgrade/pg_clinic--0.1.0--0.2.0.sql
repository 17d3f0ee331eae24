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

drop function find_slots(text, date, date, bigint, bigint, time, time, integer, boolean, boolean, text, timestamptz, bigint, bigint, bigint[], bigint[], integer[], time, time, text, integer, bigint, text[], bigint);
create function find_slots(
    appointment_type text default null, from_date date default null, to_date date default null,
    provider_id bigint default null, room_id bigint default null,
    preferred_from time default null, preferred_until time default null,
    max_results integer default null, all_rooms boolean default false, include_overbooked boolean default true,
    patient_id text default null, now timestamptz default now(), clinic_id bigint default null,
    appointment_type_id bigint default null, provider_ids bigint[] default null, room_ids bigint[] default null,
    weekdays integer[] default null, earliest_time time default null, latest_time time default null,
    specialty text default null, duration_minutes integer default null,
    booking_id bigint default null, required_attributes text[] default null, site_id bigint default null)
  returns table (
    slot_start timestamptz, slot_end timestamptz, local_date date, local_time time,
    provider_id bigint, provider_name text, room_id bigint, room_name text,
    quality_score double precision, is_overbooked boolean, preference_score double precision,
    compactness_score double precision, room_score double precision, overbooking_score double precision,
    continuity_score double precision, load_score double precision, places_left integer)
  language c stable parallel safe cost 10000 rows 100
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_find_slots';
comment on function find_slots(text, date, date, bigint, bigint, time, time, integer, boolean, boolean, text, timestamptz, bigint, bigint, bigint[], bigint[], integer[], time, time, text, integer, bigint, text[], bigint) is
  'Appointment slots of a type on the clinic''s dates from_date (default today) to to_date (default from_date), best first; max_results counts what all other arguments let through. places_left is how many may still join a group visit, null of any other. Example: select * from find_slots(''General Checkup'', date ''2026-04-13'') With booking_id: where that booking can go, as reschedule_booking() would take it; it doesn''t stand in its own way, and type, length and patient are its own.';

drop function next_available(text, date, bigint, bigint, time, time, integer, boolean, text, timestamptz, bigint, bigint, bigint[], bigint[], integer[], time, time, text, integer, bigint, text[], bigint);
create function next_available(
    appointment_type text default null, from_date date default null,
    provider_id bigint default null, room_id bigint default null,
    preferred_from time default null, preferred_until time default null,
    max_results integer default 5, include_overbooked boolean default true,
    patient_id text default null, now timestamptz default now(), clinic_id bigint default null,
    appointment_type_id bigint default null, provider_ids bigint[] default null, room_ids bigint[] default null,
    weekdays integer[] default null, earliest_time time default null, latest_time time default null,
    specialty text default null, duration_minutes integer default null,
    booking_id bigint default null, required_attributes text[] default null, site_id bigint default null)
  returns table (
    slot_start timestamptz, slot_end timestamptz, local_date date, local_time time,
    provider_id bigint, provider_name text, room_id bigint, room_name text,
    quality_score double precision, is_overbooked boolean, preference_score double precision,
    compactness_score double precision, room_score double precision, overbooking_score double precision,
    continuity_score double precision, load_score double precision, places_left integer)
  language c stable parallel safe cost 20000 rows 5
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_next_available';
comment on function next_available(text, date, bigint, bigint, time, time, integer, boolean, text, timestamptz, bigint, bigint, bigint[], bigint[], integer[], time, time, text, integer, bigint, text[], bigint) is
  'The first slots of a type from from_date (default today) on, earliest first, up to the clinic''s booking horizon. With booking_id: for that booking to go to, as in find_slots().';
