-- refill_rates(): counts the rows of cancellations.sql, here "cancelled". Who cancels after the end frees nothing.
, counted as (
  select case when grouping(appointment_type_id) = 0 then 'type' when grouping(provider_id) = 0 then 'provider'
      else 'all' end as grouped_by,
    coalesce(appointment_type_id, provider_id) as grouped_id, max(appointment_type) as appointment_type,
    max(provider_name) as provider_name, count(*) as cancellations,
    count(*) filter (where notice_hours > 0) as in_time, count(*) filter (where notice_hours > 0 and is_refilled) as refilled,
    sum(freed_minutes) as freed_minutes, sum(refilled_minutes) as refilled_minutes,
    percentile_cont(0.5) within group (order by notice_hours) as median_notice_hours
  from cancelled
  group by grouping sets ((), (appointment_type_id), (provider_id))
)
select grouped_by, grouped_id,
  case grouped_by when 'type' then appointment_type when 'provider' then provider_name end as grouped_name,
  cancellations, in_time, refilled, freed_minutes, refilled_minutes, refilled_minutes / nullif(freed_minutes, 0) as refill_rate, median_notice_hours
from counted
order by array_position(array['all', 'type', 'provider'], grouped_by), grouped_id
