-- lead_times(): $1 clinic, $2 first and $3 last date, $4 what by. Ends with grouped.sql.
-- Days of 24 hours from when a booking was made to its start. Whoever was booked when already there waited 0.
with recursive measured as (
  select b.appointment_type_id, b.provider_id, b.room_id, b.local_date, (lower(b.during) at time zone c.time_zone)::time as local_time,
    greatest(extract(epoch from lower(b.during) - b.created_at), 0)::double precision / 86400 as lead_days, null::text as patient
  from clinic.bookings b join clinic.clinics c on c.id = b.clinic_id
  where b.clinic_id = $1 and b.local_date between $2 and $3 and b.status in ('booked', @came@, 'noshow')
), counts as (
  select grouping(grouped_id) = 1 as is_total, grouped_id, patient_key, count(*) as bookings,
    percentile_cont(array[0.25, 0.5, 0.75]) within group (order by lead_days) as quartile, avg(lead_days) as mean_days
  from keyed
  group by grouping sets ((), (grouped_id, patient_key))
), counted as (
  select *, quartile[1] as first_quartile_days, quartile[2] as median_days, quartile[3] as third_quartile_days
  from counts
)
