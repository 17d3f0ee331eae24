-- waiting_times(): $1 clinic, $2 first and $3 last date of joining, $4 what by, $5 now. Ends with grouped.sql.
-- Days of 24 hours: of who has got a place from joining to the appointment, of who still waits from joining to now.
with recursive measured as (
  select w.appointment_type_id, w.provider_id, null::bigint as room_id, (w.created_at at time zone c.time_zone)::date as local_date,
    (w.created_at at time zone c.time_zone)::time as local_time, null::numeric as lead_days, null::text as patient, w.status,
    case when b.id is not null then greatest(extract(epoch from lower(b.during) - w.created_at), 0)::double precision / 86400 end as days,
    case when w.status = 'waiting' then greatest(extract(epoch from $5 - w.created_at), 0)::double precision / 86400 end as days_so_far
  from clinic.waitlist w join clinic.clinics c on c.id = w.clinic_id
    left join clinic.bookings b on b.clinic_id = w.clinic_id and b.id = w.placed_booking_id and w.status = 'placed'
  where w.clinic_id = $1 and w.created_at >= ($2::timestamp - interval '2 days') at time zone 'UTC'
    and (w.created_at at time zone c.time_zone)::date between $2 and $3
), counts as (
  select grouping(grouped_id) = 1 as is_total, grouped_id, patient_key, count(*) as entries,
    count(*) filter (where status = 'placed') as placed, count(*) filter (where status = 'waiting') as still_waiting,
    count(*) filter (where status = 'left') as gave_up,
    percentile_cont(array[0.25, 0.5, 0.75]) within group (order by days) as quartile,
    percentile_cont(0.5) within group (order by days_so_far) as median_days_so_far
  from keyed
  group by grouping sets ((), (grouped_id, patient_key))
), counted as (
  select *, round(placed::numeric / nullif(entries, 0), 4)::double precision as placed_rate,
    round(100 * placed::numeric / nullif(entries, 0), 2)::double precision as placed_percent,
    quartile[1] as first_quartile_days, quartile[2] as median_days, quartile[3] as third_quartile_days
  from counts
)
