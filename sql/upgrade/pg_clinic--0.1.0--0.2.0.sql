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

create function reschedule_session(
    session_id bigint, slot_start timestamptz, provider_id bigint default null, room_id bigint default null,
    override_reason text default null, clinic_id bigint default null)
  returns table (
    booking_id bigint, status text, slot_start timestamptz, slot_end timestamptz, local_date date, local_time time,
    provider_id bigint, provider_name text, room_id bigint, room_name text,
    appointment_type_id bigint, appointment_type text, is_overbooked boolean, hold_expires_at timestamptz,
    patient_id text, patient_name text, contact text, request_id text)
  language c volatile parallel unsafe cost 50000 rows 10
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_reschedule_session';
comment on function reschedule_session(bigint, timestamptz, bigint, bigint, text, bigint) is
  'Moves a group visit (clinic.sessions) with all who are in it to another start, provider or room, all or none, and answers their bookings. It keeps its id and its capacity, unless there is one of its type at that place, which they join. Example: select * from reschedule_session(3, timestamptz ''2027-04-12 15:00+02'')';

drop function day_sheet(date, date, text, bigint, bigint, timestamptz, bigint);
create function day_sheet(
    from_date date default null, to_date date default null, group_by text default 'provider', provider_id bigint default null,
    room_id bigint default null, now timestamptz default now(), clinic_id bigint default null)
  returns table (
    local_date date, provider_id bigint, provider_name text, room_id bigint, room_name text, kind text, starts_at timestamptz,
    ends_at timestamptz, minutes double precision, booking_id bigint, status text, is_overbooked boolean, appointment_type text,
    patient_id text, patient_name text, contact text, note text, session_id bigint)
  language c stable parallel safe cost 5000 rows 100
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_day_sheet';
comment on function day_sheet(date, date, text, bigint, bigint, timestamptz, bigint) is
$$The days from from_date (default today) to to_date (default from_date), by date, provider (or group_by => 'room') and time: what is booked and what is free. Example: select provider_name, kind, starts_at, minutes, patient_name from day_sheet(date '2026-04-13', date '2026-04-17')
kind: booking | hold | gap (open, and neither booked nor the buffer after a booking; of a room, the turnover) | time_off (within the opening) | closed (no opening that day; one row without times). A room is open whenever any provider is. Cancelled bookings and expired holds are left out; a no-show keeps its place. What starts in a window counts to the date on which the window starts, so a night is one sheet. Who is in a group visit together has one session_id; others have none. note: why there is time off, or why a rule was set aside. Reads the bookings of the dates and of a day on either side.$$;

comment on function day_board(date, timestamptz, bigint) is
$$A day (default today) as text for psql, at most 78 columns wide: a line a provider, a letter where a booking starts, its legend below. Example: select day_board(date '2026-04-13')
A second line has what is overbooked beside; a group visit is drawn once. v marks now.$$;
