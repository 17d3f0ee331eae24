-- Booking. Each function leaves the last word to the table's constraints, and answers the booking in one row. Of
-- appointment_type and appointment_type_id exactly one is given; the arguments after them that have no meaning as NULL are
-- required nevertheless.

create function book_slot(
    appointment_type text default null, provider_id bigint default null, room_id bigint default null,
    slot_start timestamptz default null, patient_name text default null, patient_id text default null,
    contact text default null, request_id text default null, is_overbooked boolean default false,
    override_reason text default null, clinic_id bigint default null,
    appointment_type_id bigint default null, duration_minutes integer default null)
  returns table (
    booking_id bigint, status text, slot_start timestamptz, slot_end timestamptz, local_date date, local_time time,
    provider_id bigint, provider_name text, room_id bigint, room_name text,
    appointment_type_id bigint, appointment_type text, is_overbooked boolean, hold_expires_at timestamptz,
    patient_id text, patient_name text, contact text, request_id text)
  language c volatile parallel unsafe cost 5000 rows 1
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_book_slot';
comment on function book_slot(text, bigint, bigint, timestamptz, text, text, text, text, boolean, text, bigint, bigint, integer) is
  'Books a slot of a type. Refuses what find_slots() would not offer, save starts off the grid. Without provider_id or room_id the best that can be had then is chosen, by quality_score. duration_minutes: a length other than the type''s. The same request_id with the same arguments gives the same booking.';

create function hold_slot(
    appointment_type text default null, provider_id bigint default null, room_id bigint default null,
    slot_start timestamptz default null, patient_name text default null, patient_id text default null,
    contact text default null, request_id text default null, is_overbooked boolean default false,
    override_reason text default null, ttl interval default '5 minutes',
    clinic_id bigint default null, appointment_type_id bigint default null,
    duration_minutes integer default null)
  returns table (
    booking_id bigint, status text, slot_start timestamptz, slot_end timestamptz, local_date date, local_time time,
    provider_id bigint, provider_name text, room_id bigint, room_name text,
    appointment_type_id bigint, appointment_type text, is_overbooked boolean, hold_expires_at timestamptz,
    patient_id text, patient_name text, contact text, request_id text)
  language c volatile parallel unsafe cost 5000 rows 1
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_hold_slot';
comment on function hold_slot(text, bigint, bigint, timestamptz, text, text, text, text, boolean, text, interval, bigint, bigint, integer) is
  'Holds a slot of a type for ttl, at most a day, as book_slot() books it; the patient''s name may come with confirm_hold(). An expired hold blocks nothing.';

create function confirm_hold(
    booking_id bigint, patient_name text default null, patient_id text default null, contact text default null,
    clinic_id bigint default null)
  returns table (
    booking_id bigint, status text, slot_start timestamptz, slot_end timestamptz, local_date date, local_time time,
    provider_id bigint, provider_name text, room_id bigint, room_name text,
    appointment_type_id bigint, appointment_type text, is_overbooked boolean, hold_expires_at timestamptz,
    patient_id text, patient_name text, contact text, request_id text)
  language c volatile parallel unsafe cost 2000 rows 1
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_confirm_hold';
comment on function confirm_hold(bigint, text, text, text, bigint) is
  'Turns a hold into a booking. NULL arguments keep what the hold says. Confirming twice is fine, for somebody else it is refused; an expired hold is, too.';

create function cancel_booking(booking_id bigint, reason text default null, clinic_id bigint default null)
  returns table (
    booking_id bigint, status text, slot_start timestamptz, slot_end timestamptz, local_date date, local_time time,
    provider_id bigint, provider_name text, room_id bigint, room_name text,
    appointment_type_id bigint, appointment_type text, is_overbooked boolean, hold_expires_at timestamptz,
    patient_id text, patient_name text, contact text, request_id text,
    cancelled_at timestamptz, candidate_count integer, candidates jsonb)
  language c volatile parallel unsafe cost 20000 rows 1
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_cancel_booking';
comment on function cancel_booking(bigint, text, bigint) is
  'Cancels a booking or hold, frees its time at once, and answers it with the patients who could take the place, at most 10 (candidate_count; null where they can''t be found, which a WARNING explains): candidates is a JSON array of objects whose keys are the columns of find_backfill(), best first. Cancelling twice changes nothing.';

create function reschedule_booking(
    booking_id bigint, slot_start timestamptz, provider_id bigint default null, room_id bigint default null,
    override_reason text default null, clinic_id bigint default null)
  returns table (
    booking_id bigint, status text, slot_start timestamptz, slot_end timestamptz, local_date date, local_time time,
    provider_id bigint, provider_name text, room_id bigint, room_name text,
    appointment_type_id bigint, appointment_type text, is_overbooked boolean, hold_expires_at timestamptz,
    patient_id text, patient_name text, contact text, request_id text)
  language c volatile parallel unsafe cost 5000 rows 1
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_reschedule_booking';
comment on function reschedule_booking(bigint, timestamptz, bigint, bigint, text, bigint) is
  'Moves a booking to another start, provider or room in one step; a no-show becomes booked. Only what changes is judged. It doesn''t stand in its own way; if it can''t move, it stays.';

create function check_in_booking(booking_id bigint, clinic_id bigint default null)
  returns table (
    booking_id bigint, status text, slot_start timestamptz, slot_end timestamptz, local_date date, local_time time,
    provider_id bigint, provider_name text, room_id bigint, room_name text,
    appointment_type_id bigint, appointment_type text, is_overbooked boolean, hold_expires_at timestamptz,
    patient_id text, patient_name text, contact text, request_id text)
  language c volatile parallel unsafe cost 1000 rows 1
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_check_in_booking';
comment on function check_in_booking(bigint, bigint) is
  'The patient is here: booked or arrived becomes checked-in; so does a no-show, if the place is still free.';

create function complete_booking(booking_id bigint, clinic_id bigint default null)
  returns table (
    booking_id bigint, status text, slot_start timestamptz, slot_end timestamptz, local_date date, local_time time,
    provider_id bigint, provider_name text, room_id bigint, room_name text,
    appointment_type_id bigint, appointment_type text, is_overbooked boolean, hold_expires_at timestamptz,
    patient_id text, patient_name text, contact text, request_id text)
  language c volatile parallel unsafe cost 1000 rows 1
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_complete_booking';
comment on function complete_booking(bigint, bigint) is
  'The appointment is over: booked, arrived or checked-in becomes fulfilled.';

create function mark_no_show(booking_id bigint, reason text default null, clinic_id bigint default null)
  returns table (
    booking_id bigint, status text, slot_start timestamptz, slot_end timestamptz, local_date date, local_time time,
    provider_id bigint, provider_name text, room_id bigint, room_name text,
    appointment_type_id bigint, appointment_type text, is_overbooked boolean, hold_expires_at timestamptz,
    patient_id text, patient_name text, contact text, request_id text)
  language c volatile parallel unsafe cost 1000 rows 1
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_mark_no_show';
comment on function mark_no_show(bigint, text, bigint) is
  'The patient doesn''t come: booked becomes noshow, at any time, and the rest of the time is free at once. Example: select * from mark_no_show(17, ''didn''''t answer the phone'')';

create function reopen_booking(
    booking_id bigint, reason text default null, override_reason text default null, clinic_id bigint default null)
  returns table (
    booking_id bigint, status text, slot_start timestamptz, slot_end timestamptz, local_date date, local_time time,
    provider_id bigint, provider_name text, room_id bigint, room_name text,
    appointment_type_id bigint, appointment_type text, is_overbooked boolean, hold_expires_at timestamptz,
    patient_id text, patient_name text, contact text, request_id text)
  language c volatile parallel unsafe cost 5000 rows 1
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_reopen_booking';
comment on function reopen_booking(bigint, text, text, bigint) is
  'Takes back a no-show or a cancellation: the booking takes its place again, if that is free, as book_slot() would; only notice and horizon aren''t asked for. An override_reason that it was booked with holds on, and one may be given anew: it sets rules aside, never a collision. A hold is held anew instead.';

create function book_series(
    appointment_type text default null, provider_ids bigint[] default null, room_ids bigint[] default null,
    slot_starts timestamptz[] default null, patient_name text default null, patient_id text default null,
    contact text default null, request_id text default null, clinic_id bigint default null,
    appointment_type_id bigint default null, duration_minutes integer default null, appointment_types text[] default null)
  returns table (
    series_id bigint, booking_id bigint, status text, slot_start timestamptz, slot_end timestamptz, local_date date, local_time time,
    provider_id bigint, provider_name text, room_id bigint, room_name text,
    appointment_type_id bigint, appointment_type text, is_overbooked boolean, hold_expires_at timestamptz,
    patient_id text, patient_name text, contact text, request_id text)
  language c volatile parallel unsafe cost 30000 rows 6
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_book_series';
comment on function book_series(text, bigint[], bigint[], timestamptz[], text, text, text, text, bigint, bigint, integer, text[]) is
  'Books slots of a type, such as find_series() gives, all or none, and answers the bookings. They belong to one series (bookings.series_id), for cancel_series() and reschedule_series(). slot_starts ascend. An element of room_ids is null for a visit without a room. Of several types appointment_types has one for each slot. Each is booked as by book_slot(), with the request_id ''<request_id>/1'', ''<request_id>/2'' …: the same request again gives the same bookings.';

create function cancel_series(
    series_id bigint, from_date date default null, reason text default null, clinic_id bigint default null)
  returns table (
    series_id bigint, booking_id bigint, status text, slot_start timestamptz, slot_end timestamptz, local_date date, local_time time,
    provider_id bigint, provider_name text, room_id bigint, room_name text,
    appointment_type_id bigint, appointment_type text, is_overbooked boolean, hold_expires_at timestamptz,
    patient_id text, patient_name text, contact text, request_id text)
  language c volatile parallel unsafe cost 30000 rows 6
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_cancel_series';
comment on function cancel_series(bigint, date, text, bigint) is
  'Cancels the bookings of a series from from_date on, by default all that haven''t begun, and answers those that are cancelled. What is over, and a patient who is in the house, stay. Cancelling twice changes nothing.';

create function reschedule_series(
    series_id bigint, slot_time time default null, weekday integer default null, from_date date default null,
    provider_id bigint default null, room_id bigint default null, override_reason text default null,
    clinic_id bigint default null)
  returns table (
    series_id bigint, booking_id bigint, status text, slot_start timestamptz, slot_end timestamptz, local_date date, local_time time,
    provider_id bigint, provider_name text, room_id bigint, room_name text,
    appointment_type_id bigint, appointment_type text, is_overbooked boolean, hold_expires_at timestamptz,
    patient_id text, patient_name text, contact text, request_id text)
  language c volatile parallel unsafe cost 50000 rows 6
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_reschedule_series';
comment on function reschedule_series(bigint, time, integer, date, bigint, bigint, text, bigint) is
  'Moves the bookings of a series from from_date on, by default all that haven''t begun, to another time of day, to another ISO weekday of the same week, or to another provider or room: all or none. What isn''t given stays; a room that can''t be had then gives way to the best that can. Each is moved as by reschedule_booking().';
