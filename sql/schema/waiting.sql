-- links: what ties the table to the extension.

-- A wish is settled by what happened: once its patient has a booking of the type within the dates, made since. A patient
-- without patient_id is the same by name and contact; without contact it can't be told.

create or replace view clinic.waiting with (security_invoker = true) as
  select w.id as waitlist_id, w.clinic_id, w.patient_id, w.patient_name, w.contact,
    w.appointment_type_id, t.name as appointment_type, w.provider_id, p.name as provider_name,
    w.from_date, w.to_date, w.weekdays, w.earliest_time, w.latest_time, w.priority,
    w.booking_id, b.slot_start, b.slot_end, b.local_date, (b.slot_start at time zone c.time_zone)::time as local_time,
    w.created_at as waiting_since, (w.created_at at time zone c.time_zone)::date as joined_on
  from clinic.waitlist w
    left join clinic.clinics c on c.id = w.clinic_id
    left join clinic.appointment_types t on t.clinic_id = w.clinic_id and t.id = w.appointment_type_id
    left join clinic.providers p on p.clinic_id = w.clinic_id and p.id = w.provider_id
    left join clinic.bookings b on b.clinic_id = w.clinic_id and b.id = w.booking_id
  where w.status = 'waiting'
    and (w.booking_id is not null or not exists (
      select from clinic.bookings m
      where m.clinic_id = w.clinic_id and m.patient_id = w.patient_id and m.appointment_type_id = w.appointment_type_id
        and m.status in (@occupying@) and m.hold_expires_at is null
        and m.local_date between w.from_date and w.to_date and m.created_at >= w.created_at))
    and (w.booking_id is not null or w.patient_id is not null or not exists (
      select from clinic.bookings m
      where m.clinic_id = w.clinic_id and m.patient_id is null and m.contact = w.contact and m.patient_name = w.patient_name
        and m.appointment_type_id = w.appointment_type_id and m.status in (@occupying@) and m.hold_expires_at is null
        and m.local_date between w.from_date and w.to_date and m.created_at >= w.created_at));
comment on view clinic.waiting is
  'Every open entry of the waitlist in one row: nobody waits any more who has got a booking of that type within the dates since. With names, and with the time of the later booking where the patient wants an earlier time. See join_waitlist() and leave_waitlist().';
comment on column clinic.waiting.waitlist_id is 'The entry''s id.';
comment on column clinic.waiting.clinic_id is 'The clinic.';
comment on column clinic.waiting.patient_id is 'The app''s own key of the patient.';
comment on column clinic.waiting.patient_name is 'The patient''s name.';
comment on column clinic.waiting.contact is 'How to reach the patient.';
comment on column clinic.waiting.appointment_type_id is 'The appointment type.';
comment on column clinic.waiting.appointment_type is 'The type''s name.';
comment on column clinic.waiting.provider_id is 'With this provider only; null = any.';
comment on column clinic.waiting.provider_name is 'The provider''s name.';
comment on column clinic.waiting.from_date is 'First date that suits, the clinic''s.';
comment on column clinic.waiting.to_date is 'Last date that suits.';
comment on column clinic.waiting.weekdays is 'ISO weekdays that suit (1 = Monday … 7 = Sunday); null = any.';
comment on column clinic.waiting.earliest_time is 'Earliest start that suits, wall-clock; null = any.';
comment on column clinic.waiting.latest_time is 'Latest start that suits, wall-clock; null = any.';
comment on column clinic.waiting.priority is 'The higher comes first where two have the same score.';
comment on column clinic.waiting.booking_id is 'The patient''s later booking, which accepting an offer moves; null = a new booking.';
comment on column clinic.waiting.slot_start is 'When that booking starts.';
comment on column clinic.waiting.slot_end is 'When that booking ends.';
comment on column clinic.waiting.local_date is 'The clinic''s date at its start.';
comment on column clinic.waiting.local_time is 'The clinic''s wall-clock time at its start.';
comment on column clinic.waiting.waiting_since is 'When the entry was written.';
comment on column clinic.waiting.joined_on is 'The clinic''s date of waiting_since.';
