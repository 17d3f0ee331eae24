-- links: what ties the table to the extension.

-- cancellations() and refill_rates() read this view.
-- A hold that was given up or ran out is no cancellation. A place is refilled when a booking of the same provider and
-- kind (normal or overbooked) overlaps it: two of a kind can't be side by side, so the other one came later.
-- Outer joins, so that a query that reads no name and no refill joins nothing.
create or replace view clinic.cancelled_appointments with (security_invoker = true) as
  select b.id as booking_id, b.clinic_id, b.slot_start, b.slot_end, b.local_date,
    (b.slot_start at time zone c.time_zone)::time as local_time,
    (extract(epoch from b.slot_end - b.slot_start) / 60)::double precision as duration_minutes,
    b.provider_id, p.name as provider_name, b.room_id, r.name as room_name,
    b.appointment_type_id, t.name as appointment_type,
    b.patient_id, b.patient_name, b.contact, b.is_overbooked, b.cancelled_at,
    (b.cancelled_at at time zone c.time_zone)::date as cancelled_on,
    extract(epoch from b.slot_start - b.cancelled_at)::double precision / 3600 as notice_hours, b.cancellation_reason,
    coalesce(extract(epoch from upper(freed.during) - lower(freed.during)) / 60, 0)::double precision as freed_minutes,
    refill.booking_id is not null as is_refilled, refill.booking_id as refill_booking_id,
    coalesce(refill.minutes, 0) as refilled_minutes, b.created_at
  from clinic.bookings b
    left join clinic.clinics c on c.id = b.clinic_id
    left join clinic.providers p on p.clinic_id = b.clinic_id and p.id = b.provider_id
    left join clinic.rooms r on r.clinic_id = b.clinic_id and r.id = b.room_id
    left join clinic.appointment_types t on t.clinic_id = b.clinic_id and t.id = b.appointment_type_id
    cross join lateral (
      select case when coalesce(b.cancelled_at, b.slot_start) < b.slot_end
        then tstzrange(greatest(b.slot_start, b.cancelled_at), b.slot_end) else 'empty' end) freed (during)
    left join lateral (
      select (array_agg(o.id order by o.slot_start))[1] as booking_id,
        sum(extract(epoch from upper(o.during * freed.during) - lower(o.during * freed.during)))::double precision / 60 as minutes
      from clinic.bookings o
      where o.clinic_id = b.clinic_id and o.provider_id = b.provider_id and o.is_overbooked = b.is_overbooked
        and o.provider_busy && b.during and o.during && b.during
        and o.status in (@occupying@) and o.hold_expires_at is null) refill on true
  where b.status = 'cancelled' and b.hold_expires_at is null;
comment on view clinic.cancelled_appointments is
  'Every cancelled booking in one row, with names, how long before its start it was cancelled, why, and whether the place was refilled. Holds that ran out are no cancellations.';
comment on column clinic.cancelled_appointments.booking_id is 'The booking''s id.';
comment on column clinic.cancelled_appointments.clinic_id is 'The clinic.';
comment on column clinic.cancelled_appointments.slot_start is 'When it would have started.';
comment on column clinic.cancelled_appointments.slot_end is 'When it would have ended.';
comment on column clinic.cancelled_appointments.local_date is 'The clinic''s date at the start.';
comment on column clinic.cancelled_appointments.local_time is 'The clinic''s wall-clock time at the start.';
comment on column clinic.cancelled_appointments.duration_minutes is 'Its length in minutes.';
comment on column clinic.cancelled_appointments.provider_id is 'The provider booked.';
comment on column clinic.cancelled_appointments.provider_name is 'The provider''s name.';
comment on column clinic.cancelled_appointments.room_id is 'The room booked.';
comment on column clinic.cancelled_appointments.room_name is 'The room''s name.';
comment on column clinic.cancelled_appointments.appointment_type_id is 'The appointment type.';
comment on column clinic.cancelled_appointments.appointment_type is 'The type''s name.';
comment on column clinic.cancelled_appointments.patient_id is 'The app''s own key of the patient.';
comment on column clinic.cancelled_appointments.patient_name is 'The patient''s name.';
comment on column clinic.cancelled_appointments.contact is 'How to reach the patient.';
comment on column clinic.cancelled_appointments.is_overbooked is 'Whether it might be beside a normal booking of the provider.';
comment on column clinic.cancelled_appointments.cancelled_at is 'When it was cancelled.';
comment on column clinic.cancelled_appointments.cancelled_on is 'The clinic''s date at which it was cancelled.';
comment on column clinic.cancelled_appointments.notice_hours is
  'Hours from the cancellation to the start; negative = cancelled afterward.';
comment on column clinic.cancelled_appointments.cancellation_reason is 'Why it was cancelled.';
comment on column clinic.cancelled_appointments.freed_minutes is 'How much of its time was still to come when it was cancelled.';
comment on column clinic.cancelled_appointments.is_refilled is
  'Whether another booking of the provider, normal like it or overbooked like it, takes some of its time now. Holds don''t count.';
comment on column clinic.cancelled_appointments.refill_booking_id is 'The first of those bookings.';
comment on column clinic.cancelled_appointments.refilled_minutes is 'How much of the freed minutes they take.';
comment on column clinic.cancelled_appointments.created_at is 'When the booking was made.';
