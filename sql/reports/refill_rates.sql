-- refill_rates(): $1 clinic, $2 first and $3 last date, $4 what by. Ends with grouped.sql. Who cancels after the end frees nothing.
with recursive measured as (
  select appointment_type_id, provider_id, room_id, local_date, local_time, null::numeric as lead_days, null::text as patient,
    notice_hours, is_refilled, freed_minutes, refilled_minutes
  from clinic.cancelled_appointments
  where clinic_id = $1 and local_date between $2 and $3
), counts as (
  select grouping(grouped_id) = 1 as is_total, grouped_id, patient_key, count(*) as cancellations,
    count(*) filter (where notice_hours > 0) as in_time, count(*) filter (where notice_hours > 0 and is_refilled) as refilled,
    coalesce(sum(freed_minutes), 0) as freed_minutes, coalesce(sum(refilled_minutes), 0) as refilled_minutes,
    percentile_cont(0.5) within group (order by notice_hours) as median_notice_hours
  from keyed
  group by grouping sets ((), (grouped_id, patient_key))
), counted as (
  select *, round((refilled_minutes / nullif(freed_minutes, 0))::numeric, 4)::double precision as refill_rate,
    round((100 * refilled_minutes / nullif(freed_minutes, 0))::numeric, 2)::double precision as refill_percent
  from counts
)
