-- links: what ties the table to the extension.

-- One call of the function a date: a condition on local_date then leaves out the other dates before they are computed.
create or replace view clinic.daily_utilization with (security_invoker = true) as
  select c.id as clinic_id, (now() at time zone c.time_zone)::date + days as local_date,
    u.grouped_id as provider_id, u.grouped_name as provider_name, u.open_minutes, u.booked_minutes, u.overbooked_minutes, u.outside_minutes,
    u.utilization, u.utilization_percent
  from clinic.clinics c cross join generate_series(-90, 30) days
    cross join lateral @extschema@.utilization(
      from_date => (now() at time zone c.time_zone)::date + days, clinic_id => c.id) u
  where u.grouped_by = 'provider';
comment on view clinic.daily_utilization is
  'How much of each provider''s opening time is booked, for each of the clinic''s dates from 90 days ago to 30 days ahead that has openings or bookings. See utilization(), which answers for other dates and for rooms.';
comment on column clinic.daily_utilization.clinic_id is 'The clinic.';
comment on column clinic.daily_utilization.local_date is 'The clinic''s date.';
comment on column clinic.daily_utilization.provider_id is 'The provider.';
comment on column clinic.daily_utilization.provider_name is 'The provider''s name.';
comment on column clinic.daily_utilization.open_minutes is 'Opening time: see provider_openings().';
comment on column clinic.daily_utilization.booked_minutes is
  'Booked time within the opening; counted once where an overbooked booking is beside another.';
comment on column clinic.daily_utilization.overbooked_minutes is 'The part of the opening that overbooked bookings take.';
comment on column clinic.daily_utilization.outside_minutes is 'Booked time in time off or while closed.';
comment on column clinic.daily_utilization.utilization is
  'booked_minutes / open_minutes, 0 to 1, to four decimals; null where nothing is open.';
comment on column clinic.daily_utilization.utilization_percent is 'utilization in percent.';
