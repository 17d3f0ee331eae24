-- cancellations(): $1 clinic, $2 first and $3 last date. refill_rates() counts its rows.
-- A hold that was given up or ran out is no cancellation. A place is refilled when a booking of the same provider and
-- kind (normal or overbooked) overlaps it: two of a kind can't have stood side by side, so the other one came later.
select c.id as booking_id, c.local_date, lower(c.during) as starts, upper(c.during) as ends,
  c.provider_id, p.name as provider_name, c.appointment_type_id, t.name as appointment_type,
  c.cancelled_at, extract(epoch from lower(c.during) - c.cancelled_at)::double precision / 3600 as notice_hours,
  c.cancellation_reason as reason, r.booking_id is not null as is_refilled, r.booking_id as refilled_by,
  coalesce(r.minutes, 0) as refilled_minutes
from clinic.bookings c
join clinic.providers p on p.clinic_id = c.clinic_id and p.id = c.provider_id
join clinic.appointment_types t on t.clinic_id = c.clinic_id and t.id = c.appointment_type_id
cross join lateral (
  select (array_agg(b.id order by lower(b.during)))[1] as booking_id,
    sum(extract(epoch from upper(b.during * c.during) - lower(b.during * c.during)))::double precision / 60 as minutes
  from clinic.bookings b
  where b.clinic_id = c.clinic_id and b.provider_id = c.provider_id and b.is_overbooked = c.is_overbooked
    and b.provider_busy && c.during and b.during && c.during
    and b.status in (@occupying@) and b.hold_expires_at is null
) r
where c.clinic_id = $1 and c.local_date between $2 and $3 and c.status = 'cancelled' and c.hold_expires_at is null
order by c.local_date, starts, c.id
