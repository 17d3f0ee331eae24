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
