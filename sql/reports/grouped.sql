-- The end of reports by group: $4 is what they are grouped by. Before it stand "measured", the rows that count, and
-- "counted", which counts what is made of them here: one row for each grouped_id and patient_key, and one of all (is_total).
-- (WITH RECURSIVE lets a query name one that comes later.)
, keyed as (
  select m.*,
    case $4
      when 'provider' then m.provider_id
      when 'room' then m.room_id
      when 'type' then m.appointment_type_id
      when 'weekday' then extract(isodow from m.local_date)::bigint
      when 'hour' then extract(hour from m.local_time)::bigint
      when 'week' then (extract(isoyear from m.local_date) * 100 + extract(week from m.local_date))::bigint
      when 'month' then (extract(year from m.local_date) * 100 + extract(month from m.local_date))::bigint
      when 'lead_time' then (select max(days) from unnest('{0,1,3,7,14,30,60}'::bigint[]) as bound (days) where days <= m.lead_days)
    end as grouped_id,
    case when $4 = 'patient' then m.patient end as patient_key
  from measured m
)
select case when c.is_total then 'all' else $4 end as grouped_by, c.grouped_id,
  case when not c.is_total then
    case $4
      when 'provider' then (select p.name from clinic.providers p where p.clinic_id = $1 and p.id = c.grouped_id)
      when 'room' then (select r.name from clinic.rooms r where r.clinic_id = $1 and r.id = c.grouped_id)
      when 'type' then (select t.name from clinic.appointment_types t where t.clinic_id = $1 and t.id = c.grouped_id)
      when 'weekday' then to_char(date '2001-01-01' + (c.grouped_id - 1)::integer, 'FMDay')
      when 'hour' then to_char(c.grouped_id, 'FM00') || ':00'
      when 'week' then (c.grouped_id / 100) || '-W' || to_char(c.grouped_id % 100, 'FM00')
      when 'month' then (c.grouped_id / 100) || '-' || to_char(c.grouped_id % 100, 'FM00')
      when 'lead_time' then case c.grouped_id when 0 then 'less than a day' when 1 then '1 to 2 days' when 3 then '3 to 6 days'
        when 7 then '7 to 13 days' when 14 then '14 to 29 days' when 30 then '30 to 59 days' else '60 days or more' end
      when 'patient' then c.patient_key
    end
  end as grouped_name,
  c.*
from counted c
order by not c.is_total, c.grouped_id, c.patient_key
