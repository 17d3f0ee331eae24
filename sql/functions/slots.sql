-- Finding slots. Arguments that are NULL mean their default; of appointment_type and appointment_type_id exactly one is given.
-- The rows are made in one go (a function scan would store them anyway), so COST is for a day of a small clinic and ROWS for
-- its answer.

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

create function explain_slots(
    appointment_type text default null, on_date date default null, provider_id bigint default null, room_id bigint default null,
    slot_start timestamptz default null, is_overbooked boolean default null, patient_id text default null,
    now timestamptz default now(), clinic_id bigint default null, appointment_type_id bigint default null,
    duration_minutes integer default null,
    booking_id bigint default null, site_id bigint default null)
  returns table (
    local_date date, local_time time, provider_id bigint, provider_name text, room_id bigint, room_name text,
    slot_start timestamptz, code text, blocking_table text, blocking_id bigint, sentence text)
  language c stable parallel safe cost 20000 rows 500
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_explain_slots';
comment on function explain_slots(text, date, bigint, bigint, timestamptz, boolean, text, timestamptz, bigint, bigint, integer, bigint, bigint) is
  'Every reason why a place of a type is not offered: for each provider, room and grid start of a date, or for the one start slot_start. is_overbooked: null = why not at all, false = why not as a normal booking, true = why not as an overbooked one. With booking_id: why that booking can''t go there.';

create function find_series(
    appointment_type text default null, count integer default null, every_weeks integer default null, from_date date default null,
    weekday integer default null, preferred_from time default null, preferred_until time default null,
    provider_id bigint default null, flexible_days integer default null, max_alternatives integer default 2,
    patient_id text default null, now timestamptz default now(), clinic_id bigint default null,
    appointment_type_id bigint default null, provider_ids bigint[] default null, room_ids bigint[] default null,
    weekdays integer[] default null, earliest_time time default null, latest_time time default null,
    specialty text default null, duration_minutes integer default null, every_months integer default null,
    weeks_of_month integer[] default null, due_dates date[] default null, search_weeks integer default null,
    booking_id bigint default null, appointment_types text[] default null, min_days integer[] default null,
    max_days integer[] default null, max_left_out integer default 0,
    required_attributes text[] default null, site_id bigint default null)
  returns table (
    nth integer, choice integer, due_date date, slot_start timestamptz, slot_end timestamptz, local_date date, local_time time,
    provider_id bigint, provider_name text, room_id bigint, room_name text, quality_score double precision,
    days_off_due integer, is_series_provider boolean, appointment_type text)
  language c stable parallel safe cost 50000 rows 30
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_find_series';
comment on function find_series(text, integer, integer, date, integer, time, time, bigint, integer, integer, text, timestamptz, bigint, bigint, bigint[], bigint[], integer[], time, time, text, integer, integer, integer[], date[], integer, bigint, text[], integer[], integer[], integer, text[], bigint) is
$$A series of count appointments of a type: choice 1 of each is the best series, further choices are alternatives. Example: select * from find_series('Physiotherapy', 6, weekday => 1, preferred_until => '12:00')
They are due every every_weeks weeks (1), on the ISO weekday if given, else on whichever is best; or on each of weekdays, in every every_weeks-th week; or on the weeks_of_month-th of weekday or weekdays (1 to 5, -1 = the last) in every every_months-th month (1); or on due_dates. The first is due within the week from from_date (default today) on, on the first of weekdays that comes; where there is no series, later weeks are tried: search_weeks of them, by default all up to the booking horizon.
All or nothing: no rows, and a NOTICE, where an appointment has no place within flexible_days of its due date. Up to max_left_out due dates without a place are left out (a NOTICE says which): the series goes on to count, or ends with due_dates. Best is: with the fewest left out, then with one provider, then on the due dates, then with the fewest different times of day, then by quality_score. Places are those of find_slots(), not overbooked ones. flexible_days: 2 by default, at most as many as leave two days between one appointment and the next (2 weekly, 5 every two weeks, none daily), never more than 14. With booking_id that booking doesn't stand in the way, and type, length and patient are its own.
Several types in sequence: find_series(appointment_types => '{Dose 1,Dose 2}', min_days => '{21}', max_days => '{28}') gives a second visit 21 to 28 days after the first; max_days is min_days by default. The first is within the first week, else within a later one, in which there is such a chain. Best is: with one provider, then over soonest, then by quality_score. due_date is the first day that the visit before leaves.$$;

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
