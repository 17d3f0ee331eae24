-- recommend_overbooking(): $1 clinic, $2 first and $3 last date, $4 now.
-- An outcome is counted as no_show_rates() counts it. A day's places are the normal bookings of that provider and
-- type which weren't called off, whatever became of them; the typical day is the median of those that had any.
with kept as (
  select provider_id, appointment_type_id, local_date,
    count(*) filter (where not is_overbooked) as places,
    count(*) filter (where status <> 'booked') as outcomes,
    count(*) filter (where status = 'noshow') as no_shows
  from clinic.bookings
  where clinic_id = $1 and local_date between $2 and $3
    and (status in (@came@, 'noshow') or (status = 'booked' and upper(during) <= $4))
  group by provider_id, appointment_type_id, local_date
), history as (
  select provider_id, appointment_type_id, sum(outcomes)::bigint as outcomes, sum(no_shows)::bigint as no_shows,
    coalesce(percentile_disc(0.5) within group (order by places) filter (where places > 0), 0)::integer as places
  from kept
  group by provider_id, appointment_type_id
)
select h.provider_id, p.name as provider_name, h.appointment_type_id, t.name as appointment_type, h.outcomes, h.no_shows, h.places
from history h
join clinic.providers p on p.clinic_id = $1 and p.id = h.provider_id
join clinic.appointment_types t on t.clinic_id = $1 and t.id = h.appointment_type_id
order by h.provider_id, h.appointment_type_id
