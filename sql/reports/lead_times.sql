-- lead_times(): $1 clinic, $2 first and $3 last date.
-- Days of 24 hours from when a booking was made to its start. Whoever was booked when already there waited 0.
with waited as (
  select appointment_type_id, local_date,
    greatest(extract(epoch from lower(during) - created_at), 0)::double precision / 86400 as days
  from clinic.bookings
  where clinic_id = $1 and local_date between $2 and $3
    and status in ('booked', @came@, 'noshow')
), counted as (
  select appointment_type_id, count(*) as bookings,
    percentile_cont(array[0.25, 0.5, 0.75]) within group (order by days) as quartile, avg(days) as mean
  from waited
  group by grouping sets ((), (appointment_type_id))
)
select c.appointment_type_id, t.name as appointment_type, c.bookings, c.quartile[1] as first_quartile_days,
  c.quartile[2] as median_days, c.quartile[3] as third_quartile_days, c.mean as mean_days
from counted c
left join clinic.appointment_types t on t.clinic_id = $1 and t.id = c.appointment_type_id
order by c.appointment_type_id nulls first
