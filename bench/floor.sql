-- The floor: the rows that find_slots must read, read and thrown away. Each statement is one of find_slots' own,
-- without the filters for a provider, room or patient; PL/pgSQL prepares them and keeps the plans, as find_slots does.

create function bench.floor(at_clinic bigint, type_name text, from_date date, to_date date, at_time timestamptz)
  returns void language plpgsql stable as $$
declare
  zone text;
  opens timestamptz;
  closes timestamptz;
begin
  select c.time_zone into zone from clinic.clinics as c where c.id = at_clinic;
  opens := from_date::timestamp at time zone zone;
  closes := (to_date + 1)::timestamp at time zone zone;

  perform id, name, duration_minutes, required_room_type, required_equipment, enabled
  from clinic.appointment_types where clinic_id = at_clinic and name = type_name;

  perform id, name, enabled, buffer_minutes, max_daily_appointments
  from clinic.providers where clinic_id = at_clinic order by id;

  perform provider_id, day_of_week, start_time, end_time, valid_from, valid_until
  from clinic.provider_availability
  where clinic_id = at_clinic
    and (valid_from is null or valid_from <= to_date + 1) and (valid_until is null or valid_until >= from_date - 1);

  perform provider_id, on_date, start_time, end_time
  from clinic.availability_overrides
  where clinic_id = at_clinic and on_date between from_date - 1 and to_date + 1;

  perform id, name, enabled, room_type, equipment, turnover_minutes
  from clinic.rooms where clinic_id = at_clinic order by id;

  perform provider_id, appointment_type_id, max_overbook
  from clinic.overbooking_rules where clinic_id = at_clinic and enabled;

  perform provider_id, appointment_type_id, preference_weight, compactness_weight, room_weight, overbooking_weight
  from clinic.scoring_profiles where clinic_id = at_clinic;

  perform id, provider_id, room_id, lower(during), upper(during)
  from clinic.time_off where clinic_id = at_clinic and during && tstzrange(opens, closes);

  perform id, provider_id, room_id, is_overbooked, local_date,
    lower(during), upper(during), upper(provider_busy), upper(room_busy)
  from clinic.bookings
  where clinic_id = at_clinic and status in ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled')
    and local_date between from_date - 2 and to_date and greatest(upper(provider_busy), upper(room_busy)) > opens
    and (hold_expires_at is null or hold_expires_at > at_time);
end $$;
