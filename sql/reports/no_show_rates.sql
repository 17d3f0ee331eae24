-- no_show_rates(): $1 clinic, $2 first and $3 last date, $4 what by, $5 now. Ends with grouped.sql.
-- A booking whose end has passed and that is still "booked" has no outcome on record; it counts neither way.
-- A patient is the patient_id, else name and contact together.
with recursive measured as (
  select b.appointment_type_id, b.provider_id, b.room_id, b.local_date, (lower(b.during) at time zone c.time_zone)::time as local_time,
    greatest(extract(epoch from lower(b.during) - b.created_at) / 86400, 0) as lead_days,
    coalesce(b.patient_id, b.patient_name || ', ' || b.contact) as patient,
    b.status in (@came@) as came, b.status = 'noshow' as missed, b.status = 'booked' as unrecorded
  from clinic.bookings b join clinic.clinics c on c.id = b.clinic_id
  where b.clinic_id = $1 and b.local_date between $2 and $3
    and (b.status in (@came@, 'noshow') or (b.status = 'booked' and upper(b.during) <= $5))
), counts as (
  select grouping(grouped_id) = 1 as is_total, grouped_id, patient_key,
    count(*) filter (where came) as came, count(*) filter (where missed) as no_shows, count(*) filter (where unrecorded) as unrecorded
  from keyed
  group by grouping sets ((), (grouped_id, patient_key))
), counted as (
  select *, round(no_shows::numeric / nullif(no_shows + came, 0), 4)::double precision as no_show_rate,
    round(100 * no_shows::numeric / nullif(no_shows + came, 0), 2)::double precision as no_show_percent
  from counts
)
