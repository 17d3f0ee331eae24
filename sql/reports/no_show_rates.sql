-- no_show_rates(): $1 clinic, $2 first and $3 last date, $4 now.
-- A booking whose end has passed and that is still "booked" has no outcome on record; it counts neither way.
with outcome as (
  select appointment_type_id, provider_id, extract(isodow from local_date)::bigint as weekday,
    status in (@came@) as came,
    status = 'noshow' as missed,
    status = 'booked' as unrecorded
  from clinic.bookings
  where clinic_id = $1 and local_date between $2 and $3
    and (status in (@came@, 'noshow') or (status = 'booked' and upper(during) <= $4))
), counted as (
  select case when grouping(appointment_type_id) = 0 then 'type' when grouping(provider_id) = 0 then 'provider'
      when grouping(weekday) = 0 then 'weekday' else 'all' end as grouped_by,
    coalesce(appointment_type_id, provider_id, weekday) as grouped_id,
    count(*) filter (where came) as came, count(*) filter (where missed) as no_shows,
    count(*) filter (where unrecorded) as unrecorded
  from outcome
  group by grouping sets ((), (appointment_type_id), (provider_id), (weekday))
)
select c.grouped_by, c.grouped_id,
  case c.grouped_by
    when 'type' then (select t.name from clinic.appointment_types t where t.clinic_id = $1 and t.id = c.grouped_id)
    when 'provider' then (select p.name from clinic.providers p where p.clinic_id = $1 and p.id = c.grouped_id)
    when 'weekday' then to_char(date '2001-01-01' + (c.grouped_id - 1)::integer, 'FMDay')
  end as grouped_name,
  c.came, c.no_shows, c.unrecorded,
  c.no_shows::double precision / nullif(c.no_shows + c.came, 0) as no_show_rate
from counted c
order by array_position(array['all', 'type', 'provider', 'weekday'], c.grouped_by), c.grouped_id
