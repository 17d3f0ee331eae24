-- links: what ties the table to the extension.

-- For apps, ORMs and reports that want a booking in one row without joins and without ranges. Outer joins, so that a query
-- that reads no name joins nothing.
create or replace view clinic.appointments with (security_invoker = true) as
  select b.id as booking_id, b.clinic_id, b.slot_start, b.slot_end, b.local_date,
    (b.slot_start at time zone c.time_zone)::time as local_time,
    (extract(epoch from b.slot_end - b.slot_start) / 60)::double precision as duration_minutes,
    b.provider_id, p.name as provider_name, b.room_id, r.name as room_name,
    b.appointment_type_id, t.name as appointment_type,
    b.patient_id, b.patient_name, b.contact, b.status, b.is_overbooked,
    b.status = 'pending' and b.hold_expires_at is not null as is_hold, b.hold_expires_at,
    b.status in (@occupying@) and (b.hold_expires_at is null or b.hold_expires_at > now()) as occupies_time,
    b.request_id, b.override_reason, b.overridden_by, b.cancelled_at, b.cancellation_reason, b.created_at,
    b.series_id
  from clinic.bookings b
    left join clinic.clinics c on c.id = b.clinic_id
    left join clinic.providers p on p.clinic_id = b.clinic_id and p.id = b.provider_id
    left join clinic.rooms r on r.clinic_id = b.clinic_id and r.id = b.room_id
    left join clinic.appointment_types t on t.clinic_id = b.clinic_id and t.id = b.appointment_type_id;
comment on view clinic.appointments is
  'Every booking and hold in one row, with names, local time and no ranges. To write one, use book_slot() or clinic.bookings.';
comment on column clinic.appointments.booking_id is 'The booking''s id.';
comment on column clinic.appointments.clinic_id is 'The clinic.';
comment on column clinic.appointments.slot_start is 'When it starts.';
comment on column clinic.appointments.slot_end is 'When it ends.';
comment on column clinic.appointments.local_date is 'The clinic''s date at the start.';
comment on column clinic.appointments.local_time is 'The clinic''s wall-clock time at the start.';
comment on column clinic.appointments.duration_minutes is 'Its length in minutes.';
comment on column clinic.appointments.provider_id is 'The provider.';
comment on column clinic.appointments.provider_name is 'The provider''s name.';
comment on column clinic.appointments.room_id is 'Where.';
comment on column clinic.appointments.room_name is 'The room''s name.';
comment on column clinic.appointments.appointment_type_id is 'The appointment type.';
comment on column clinic.appointments.appointment_type is 'The type''s name.';
comment on column clinic.appointments.patient_id is 'The app''s own key of the patient.';
comment on column clinic.appointments.patient_name is 'The patient''s name; only a hold may be without.';
comment on column clinic.appointments.contact is 'How to reach the patient.';
comment on column clinic.appointments.status is
  'FHIR AppointmentStatus: proposed pending booked arrived checked-in fulfilled cancelled noshow waitlist entered-in-error.';
comment on column clinic.appointments.is_overbooked is 'Whether it may stand beside a normal booking of the provider.';
comment on column clinic.appointments.is_hold is 'Whether it is a hold that nobody has confirmed.';
comment on column clinic.appointments.hold_expires_at is 'When the hold gives its time back.';
comment on column clinic.appointments.occupies_time is
  'Whether it keeps others away now: by its status, and if it is a hold, until it expires.';
comment on column clinic.appointments.request_id is 'Idempotency key of the client.';
comment on column clinic.appointments.override_reason is 'Why a rule was set aside for it.';
comment on column clinic.appointments.overridden_by is 'The actor who gave override_reason.';
comment on column clinic.appointments.cancelled_at is 'When it was cancelled.';
comment on column clinic.appointments.cancellation_reason is 'Why it was cancelled.';
comment on column clinic.appointments.created_at is 'When the row was written.';
comment on column clinic.appointments.series_id is 'The series it belongs to, if any.';
