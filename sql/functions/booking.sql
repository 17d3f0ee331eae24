-- What booking functions return. A type of the extension rather than clinic.bookings itself: the functions exist
-- before the table does, and the app may add columns to the table.
create type clinic_booking as (
  id                  bigint,
  clinic_id           bigint,
  request_id          text,
  patient_id          text,
  patient_name        text,
  contact             text,
  provider_id         bigint,
  room_id             bigint,
  appointment_type_id bigint,
  during              tstzrange,
  status              text,
  is_overbooked       boolean,
  hold_expires_at     timestamptz,
  cancellation_reason text,
  cancelled_at        timestamptz,
  override_reason     text,
  overridden_by       text,
  local_date          date,
  created_at          timestamptz
);
comment on type clinic_booking is 'A row of clinic.bookings, without the columns that only constraints need.';

-- Booking. Each function leaves the last word to the table's constraints.

create function book_slot(
    appointment_type text, provider_id bigint, room_id bigint, slot_start timestamptz,
    patient_name text default null, patient_id text default null, contact text default null,
    request_id text default null, overbooked boolean default false, override_reason text default null,
    clinic_id bigint default null)
  returns clinic_booking
  language c volatile parallel unsafe cost 5000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_book_slot_by_name';
comment on function book_slot(text, bigint, bigint, timestamptz, text, text, text, text, boolean, text, bigint) is
  'Books a slot of a type (by name). Refuses what find_slots would not offer, save starts off the grid. The same request_id with the same arguments gives the same booking.';

create function book_slot(
    appointment_type bigint, provider_id bigint, room_id bigint, slot_start timestamptz,
    patient_name text default null, patient_id text default null, contact text default null,
    request_id text default null, overbooked boolean default false, override_reason text default null,
    clinic_id bigint default null)
  returns clinic_booking
  language c volatile parallel unsafe cost 5000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_book_slot_by_id';
comment on function book_slot(bigint, bigint, bigint, timestamptz, text, text, text, text, boolean, text, bigint) is
  'Books a slot of a type (by id); see the function that takes a name.';

create function hold_slot(
    appointment_type text, provider_id bigint, room_id bigint, slot_start timestamptz,
    patient_name text default null, patient_id text default null, contact text default null,
    request_id text default null, overbooked boolean default false, override_reason text default null,
    ttl interval default '5 minutes', clinic_id bigint default null)
  returns clinic_booking
  language c volatile parallel unsafe cost 5000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_hold_slot_by_name';
comment on function hold_slot(text, bigint, bigint, timestamptz, text, text, text, text, boolean, text, interval, bigint) is
  'Holds a slot of a type (by name) for ttl, at most a day; the patient''s name may come with confirm_hold(). An expired hold blocks nothing.';

create function hold_slot(
    appointment_type bigint, provider_id bigint, room_id bigint, slot_start timestamptz,
    patient_name text default null, patient_id text default null, contact text default null,
    request_id text default null, overbooked boolean default false, override_reason text default null,
    ttl interval default '5 minutes', clinic_id bigint default null)
  returns clinic_booking
  language c volatile parallel unsafe cost 5000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_hold_slot_by_id';
comment on function hold_slot(bigint, bigint, bigint, timestamptz, text, text, text, text, boolean, text, interval, bigint) is
  'Holds a slot of a type (by id); see the function that takes a name.';

create function confirm_hold(
    booking_id bigint, patient_name text default null, patient_id text default null, contact text default null,
    clinic_id bigint default null)
  returns clinic_booking
  language c volatile parallel unsafe cost 2000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_confirm_hold';
comment on function confirm_hold(bigint, text, text, text, bigint) is
  'Turns a hold into a booking. NULL arguments keep what the hold says. Confirming twice is fine; an expired hold is refused.';

create function cancel_booking(booking_id bigint, reason text default null, clinic_id bigint default null)
  returns table (
    id bigint, status text, cancelled_at timestamptz,
    source text, waitlist_id bigint, former_booking_id bigint, patient_id text, patient_name text, contact text,
    appointment_type_id bigint, provider_id bigint, room_id bigint, slot_start timestamptz, slot_end timestamptz,
    score double precision, distance_days integer, priority integer, waiting_since timestamptz, reason text)
  language c volatile parallel unsafe cost 20000 rows 10
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_cancel_booking';
comment on function cancel_booking(bigint, text, bigint) is
  'Cancels a booking or hold, frees its time at once, and returns who could take it: a row per candidate as find_backfill() gives them, or one row without. Cancelling twice changes nothing.';

create function reschedule_booking(
    booking_id bigint, slot_start timestamptz, provider_id bigint default null, room_id bigint default null,
    override_reason text default null, clinic_id bigint default null)
  returns clinic_booking
  language c volatile parallel unsafe cost 5000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_reschedule_booking';
comment on function reschedule_booking(bigint, timestamptz, bigint, bigint, text, bigint) is
  'Moves a booking to another start, provider or room in one step. It doesn''t stand in its own way; if it can''t move, it stays.';

create function check_in(booking_id bigint, clinic_id bigint default null)
  returns clinic_booking
  language c volatile parallel unsafe cost 1000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_check_in';
comment on function check_in(bigint, bigint) is 'The patient is here: booked or arrived becomes checked-in.';

create function complete(booking_id bigint, clinic_id bigint default null)
  returns clinic_booking
  language c volatile parallel unsafe cost 1000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_complete';
comment on function complete(bigint, bigint) is 'The appointment is over: booked, arrived or checked-in becomes fulfilled.';

create function book_series(
    appointment_type text, provider_ids bigint[], room_ids bigint[], slot_starts timestamptz[],
    patient_name text default null, patient_id text default null, contact text default null,
    request_id text default null, clinic_id bigint default null)
  returns setof clinic_booking
  language c volatile parallel unsafe cost 30000 rows 6
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_book_series_by_name';
comment on function book_series(text, bigint[], bigint[], timestamptz[], text, text, text, text, bigint) is
$$Books slots of a type (by name), such as find_series() gives, all or none, and returns the bookings. slot_starts ascend. Each is booked as by book_slot(), with the request_id '<request_id>/1', '<request_id>/2' …: the same request again gives the same bookings.$$;

create function book_series(
    appointment_type bigint, provider_ids bigint[], room_ids bigint[], slot_starts timestamptz[],
    patient_name text default null, patient_id text default null, contact text default null,
    request_id text default null, clinic_id bigint default null)
  returns setof clinic_booking
  language c volatile parallel unsafe cost 30000 rows 6
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_book_series_by_id';
comment on function book_series(bigint, bigint[], bigint[], timestamptz[], text, text, text, text, bigint) is
  'Books slots of a type (by id), all or none; see the function that takes a name.';
