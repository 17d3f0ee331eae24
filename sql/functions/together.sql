-- Several bookings moved at once: all, or none. Each is judged as reschedule_booking() judges one, and keeps its length; the
-- others of the same call aren't in its way. History and events tell each booking's change once.

create function shift_bookings(
    provider_id bigint, from_time timestamptz, to_time timestamptz, shift_by interval, override_reason text default null,
    clinic_id bigint default null)
  returns table (
    booking_id bigint, status text, slot_start timestamptz, slot_end timestamptz, local_date date, local_time time,
    provider_id bigint, provider_name text, room_id bigint, room_name text,
    appointment_type_id bigint, appointment_type text, is_overbooked boolean, hold_expires_at timestamptz,
    patient_id text, patient_name text, contact text, request_id text)
  language c volatile parallel unsafe cost 100000 rows 20
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_shift_bookings';
comment on function shift_bookings(bigint, timestamptz, timestamptz, interval, text, bigint) is
  'Moves the bookings of a provider that start from from_time to just before to_time by an interval, such as ''20 minutes'', all or none, and answers them. Days go by the calendar, so the time of day stays. Holds and patients who are here move, too; what is over stays.';

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

create function swap_bookings(
    booking_id bigint, other_booking_id bigint, override_reason text default null, clinic_id bigint default null)
  returns table (
    booking_id bigint, status text, slot_start timestamptz, slot_end timestamptz, local_date date, local_time time,
    provider_id bigint, provider_name text, room_id bigint, room_name text,
    appointment_type_id bigint, appointment_type text, is_overbooked boolean, hold_expires_at timestamptz,
    patient_id text, patient_name text, contact text, request_id text)
  language c volatile parallel unsafe cost 10000 rows 2
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_swap_bookings';
comment on function swap_bookings(bigint, bigint, text, bigint) is
  'Gives each of two bookings the start, provider and room of the other, in one step. Each keeps its type and length.';

create function reassign_bookings(
    from_provider_id bigint, to_provider_id bigint, during tstzrange, override_reason text default null,
    clinic_id bigint default null)
  returns table (
    booking_id bigint, status text, slot_start timestamptz, slot_end timestamptz, local_date date, local_time time,
    provider_id bigint, provider_name text, room_id bigint, room_name text,
    appointment_type_id bigint, appointment_type text, is_overbooked boolean, hold_expires_at timestamptz,
    patient_id text, patient_name text, contact text, request_id text)
  language c volatile parallel unsafe cost 100000 rows 20
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_reassign_bookings';
comment on function reassign_bookings(bigint, bigint, tstzrange, text, bigint) is
  'Gives the bookings of a provider that start within a time to another provider, all or none, and answers them. They keep their times and rooms.';

create function plan_absence(
    provider_id bigint default null, room_id bigint default null, during tstzrange default null,
    flexible_days integer default 7, now timestamptz default now(), clinic_id bigint default null)
  returns table (
    booking_id bigint, status text, patient_id text, patient_name text, contact text,
    appointment_type_id bigint, appointment_type text, old_slot_start timestamptz, old_provider_id bigint,
    old_provider_name text, old_room_id bigint, old_room_name text, slot_start timestamptz,
    slot_end timestamptz, local_date date, local_time time, provider_id bigint, provider_name text,
    room_id bigint, room_name text, is_overbooked boolean, quality_score double precision, code text,
    sentence text)
  language c stable parallel restricted cost 1000000 rows 20
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_plan_absence';
comment on function plan_absence(bigint, bigint, tstzrange, integer, timestamptz, bigint) is
  'Who is touched when a provider is away, or a room can''t be used, and for each the best place elsewhere, all of them different; or code and sentence say why there is none. Best is: as many placed as can be, then the fewest days from their dates (flexible_days at most), then the fewest with another provider, then the fewest minutes from their times of day, then the fewest other rooms, then the highest quality. Books nothing: apply_absence() does.';

create function apply_absence(
    booking_ids bigint[], slot_starts timestamptz[], provider_ids bigint[], room_ids bigint[],
    all_or_none boolean default true, override_reason text default null, clinic_id bigint default null)
  returns table (
    booking_id bigint, status text, slot_start timestamptz, slot_end timestamptz, local_date date, local_time time,
    provider_id bigint, provider_name text, room_id bigint, room_name text,
    appointment_type_id bigint, appointment_type text, is_overbooked boolean, hold_expires_at timestamptz,
    patient_id text, patient_name text, contact text, request_id text, is_moved boolean, refusal text)
  language c volatile parallel unsafe cost 100000 rows 20
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_apply_absence';
comment on function apply_absence(bigint[], timestamptz[], bigint[], bigint[], boolean, text, bigint) is
  'Moves each booking to the place at the same position, such as plan_absence() gives: all or none, in one step. An element of room_ids is null for a visit without a room. Lists may be null, as array_agg() of nothing is. With all_or_none => false each that can move does, and refusal says of the others why not.';
