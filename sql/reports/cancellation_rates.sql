-- cancellation_rates(): $1 clinic, $2 first and $3 last date, $4 what by, $5 hours of notice below which it was late. Ends with
-- grouped.sql. A hold is no booking, so what became of it is no cancellation.
with recursive measured as (
  select b.appointment_type_id, b.provider_id, b.room_id, b.local_date, (lower(b.during) at time zone c.time_zone)::time as local_time,
    null::numeric as lead_days, null::text as patient, b.status = 'cancelled' as is_cancelled,
    case when b.status = 'cancelled' then extract(epoch from lower(b.during) - b.cancelled_at)::double precision / 3600 end as notice_hours
  from clinic.bookings b join clinic.clinics c on c.id = b.clinic_id
  where b.clinic_id = $1 and b.local_date between $2 and $3
    and b.status in ('booked', 'cancelled', 'noshow', @came@) and b.hold_expires_at is null
), counts as (
  select grouping(grouped_id) = 1 as is_total, grouped_id, patient_key, count(*) as bookings,
    count(*) filter (where is_cancelled) as cancellations, count(*) filter (where notice_hours < $5) as late_cancellations,
    percentile_cont(0.5) within group (order by notice_hours) as median_notice_hours
  from keyed
  group by grouping sets ((), (grouped_id, patient_key))
), counted as (
  select *, round(cancellations::numeric / nullif(bookings, 0), 4)::double precision as cancellation_rate,
    round(100 * cancellations::numeric / nullif(bookings, 0), 2)::double precision as cancellation_percent,
    round(late_cancellations::numeric / nullif(bookings, 0), 4)::double precision as late_rate,
    round(100 * late_cancellations::numeric / nullif(bookings, 0), 2)::double precision as late_percent
  from counts
)
