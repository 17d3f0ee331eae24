-- finder: finds slots (a patient portal). No patient's name or contact, no reason of a time off, no name of staff, no history.
grant usage on schema clinic to @role@;
grant select on clinic.clinics, clinic.providers, clinic.rooms, clinic.appointment_types, clinic.provider_availability,
  clinic.availability_overrides, clinic.overbooking_rules, clinic.scoring_profiles to @role@;
grant select (clinic_id, id, provider_id, room_id, staff_id, during, starts_at, ends_at) on clinic.time_off to @role@;
grant select (clinic_id, id, skills, enabled) on clinic.staff to @role@;
grant select (clinic_id, id, provider_id, during, starts_at, ends_at) on clinic.shifts to @role@;
grant select (clinic_id, staff_id, shift_id) on clinic.assignments to @role@;
grant select (clinic_id, id, patient_id, provider_id, room_id, appointment_type_id, during, slot_start, slot_end, status,
  is_overbooked, hold_expires_at, provider_busy, room_busy, local_date) on clinic.bookings to @role@;
