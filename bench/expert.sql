-- The contender: find_slots as one statement of plain SQL, as somebody who knows PostgreSQL 15 well would write it.
-- Multiranges join windows and take time off away, generate_series makes the grid, sorted arrays are searched for the
-- neighbors, every table is read once, and all is planned once. It answers what the benchmark asks of find_slots, not
-- all that find_slots can: there are no filters for a provider, room or patient, no grid aligned to gaps, and AT TIME
-- ZONE decides what happens when the clocks change.

create function bench.expert(
    at_clinic bigint, type_name text, from_date date, to_date date, preferred_from time, preferred_until time,
    max_results integer, at_time timestamptz)
  returns table (
    slot_start timestamptz, slot_end timestamptz, provider_id bigint, provider_name text,
    room_id bigint, room_name text, quality_score double precision, is_overbooked boolean,
    preference_score double precision,
    compactness_score double precision, room_score double precision, overbooking_score double precision)
  language plpgsql stable as $$
#variable_conflict use_column
begin return query
with asked as materialized (
  select c.time_zone, c.overbooked_last, make_interval(mins => c.slot_step_minutes) as step,
    at_time + make_interval(mins => c.minimum_notice_minutes) as earliest,
    least(to_date, (at_time at time zone c.time_zone)::date + c.booking_horizon_days) as last_date,
    t.id as type_id, make_interval(mins => t.duration_minutes) as length, t.required_room_type, t.required_equipment,
    tstzrange(from_date::timestamp at time zone c.time_zone, (to_date + 3)::timestamp at time zone c.time_zone)
      as period
  from clinic.clinics as c
  join clinic.appointment_types as t on t.clinic_id = c.id
  where c.id = at_clinic and t.name = type_name and t.enabled

-- What is taken, read once and by the index made for it.
), taken as materialized (
  select b.provider_id, b.room_id, lower(b.during) as starts, b.provider_busy, b.room_busy, b.local_date,
    b.is_overbooked
  from asked
  join clinic.bookings as b on greatest(upper(b.provider_busy), upper(b.room_busy)) > lower(period)
  where b.clinic_id = at_clinic and b.local_date between from_date - 2 and to_date + 1
    and b.status in ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled')
    and (b.hold_expires_at is null or b.hold_expires_at > at_time)
), off as materialized (
  select o.provider_id, o.room_id, o.during
  from clinic.time_off as o, asked
  where o.clinic_id = at_clinic and o.during && period

-- Who, with the most specific limit and weights, their time off and what is taken of their time.
), provider as materialized (
  select p.id, p.name, make_interval(mins => p.buffer_minutes) as buffer, p.max_daily_appointments,
    coalesce((
      select r.max_overbook from clinic.overbooking_rules as r
      where r.clinic_id = at_clinic and r.enabled
        and coalesce(r.provider_id, p.id) = p.id and coalesce(r.appointment_type_id, type_id) = type_id
      order by r.provider_id nulls last, r.appointment_type_id nulls last
      limit 1), 0) as overbook_limit,
    coalesce(profile.preference, 0.40) as preference_weight, coalesce(profile.compactness, 0.35) as compactness_weight,
    coalesce(profile.room, 0.15) as room_weight, coalesce(profile.overbooking, 0.10) as overbooking_weight,
    (select coalesce(range_agg(off.during), '{}') from off
     where off.provider_id = p.id or off.provider_id is null and off.room_id is null) as off,
    coalesce(t.busy, '{}') as busy, coalesce(t.overbooked_busy, '{}') as overbooked_busy
  from asked
  join clinic.providers as p on p.clinic_id = at_clinic and p.enabled
  left join lateral (
    select s.preference_weight / total as preference, s.compactness_weight / total as compactness,
      s.room_weight / total as room, s.overbooking_weight / total as overbooking
    from clinic.scoring_profiles as s
    cross join lateral (
      select s.preference_weight + s.compactness_weight + s.room_weight + s.overbooking_weight) as sum (total)
    where s.clinic_id = at_clinic
      and coalesce(s.provider_id, p.id) = p.id and coalesce(s.appointment_type_id, type_id) = type_id
    order by s.provider_id nulls last, s.appointment_type_id nulls last
    limit 1
  ) as profile on true
  left join (
    select provider_id, range_agg(provider_busy) as busy,
      range_agg(provider_busy) filter (where is_overbooked) as overbooked_busy
    from taken group by provider_id
  ) as t on t.provider_id = p.id

-- Days and rooms.
), day_taken as materialized (
  select provider_id, local_date, count(*) filter (where not is_overbooked) as normal_count,
    count(*) filter (where is_overbooked) as overbooked_count, array_agg(distinct room_id) as room_ids,
    array_agg(starts order by starts) as starts, array_agg(busy_until order by starts) as busy_until
  from (
    select *, max(upper(provider_busy)) over (partition by provider_id, local_date order by starts) as busy_until
    from taken
  ) as in_order
  group by provider_id, local_date
), room as materialized (
  select r.id, r.name, make_interval(mins => r.turnover_minutes) as turnover,
    (select coalesce(range_agg(room_busy), '{}') from taken where room_id = r.id) as busy,
    (select coalesce(range_agg(off.during), '{}') from off where off.room_id = r.id) as off,
    (select count(*) from clinic.appointment_types as other
     where other.clinic_id = at_clinic and other.id <> type_id and other.enabled
       and (other.required_room_type is not null or other.required_equipment <> '{}')
       and coalesce(other.required_room_type, r.room_type) = r.room_type
       and r.equipment @> other.required_equipment) as needed_by
  from asked
  join clinic.rooms as r on r.clinic_id = at_clinic and r.enabled
    and (required_room_type is null or r.room_type = required_room_type) and r.equipment @> required_equipment

-- When they are open: an override replaces the day's windows; windows that touch are joined.
), wall_window as (
  select p.id as provider_id, day::date as on_date, a.start_time, a.end_time
  from provider as p
  join clinic.provider_availability as a on a.clinic_id = at_clinic and a.provider_id = p.id
  join generate_series((from_date - 1)::timestamp, to_date::timestamp, interval '1 day') as day
    on extract(isodow from day) = a.day_of_week
  where day::date between coalesce(a.valid_from, day::date) and coalesce(a.valid_until, day::date)
    and (p.id, day::date) not in (
      select o.provider_id, o.on_date from clinic.availability_overrides as o
      where o.clinic_id = at_clinic and o.on_date between from_date - 1 and to_date)
  union all
  select o.provider_id, o.on_date, o.start_time, o.end_time
  from clinic.availability_overrides as o
  where o.clinic_id = at_clinic and o.on_date between from_date - 1 and to_date and o.start_time is not null
), opening as (
  select w.provider_id, range_agg(tstzrange(
      (on_date + start_time) at time zone time_zone,
      (on_date + end_time + case when end_time <= start_time then interval '1 day' else interval '0' end)
        at time zone time_zone)) as windows
  from wall_window as w, asked
  group by w.provider_id, w.on_date

-- The grid, and what of it is open and in time; whether the provider is taken then. (Said here, where a row is an
-- opening, the wide multiranges don't travel through the joins.)
), place as (
  select distinct o.provider_id, s as slot_start, s + length as slot_end,
    (s at time zone time_zone)::date as local_date,
    p.busy && tstzrange(s, s + length + p.buffer) as is_taken,
    p.overbooked_busy && tstzrange(s, s + length + p.buffer) as is_overbook_taken
  from asked
  cross join opening as o
  join provider as p on p.id = o.provider_id
  cross join lateral (select o.windows - p.off) as without_off (open)
  cross join unnest(o.windows) as w
  cross join generate_series(lower(w), upper(w) - length, step) as s
  where open @> tstzrange(s, s + length) and s >= earliest
    and (s at time zone time_zone)::date between from_date and last_date

-- Many providers share a start, so a start's free rooms are found once.
), start as materialized (
  select starts.slot_start, array_agg(r.id order by r.needed_by, r.id) as free_room_ids
  from (select distinct slot_start, slot_end from place) as starts
  join room as r
    on not r.busy && tstzrange(slot_start, slot_end + r.turnover) and not r.off && tstzrange(slot_start, slot_end)
  group by starts.slot_start

-- Normal or overbooked, and the components. A room in use scores best, so the first such one is taken, else the
-- first; first is the room that the fewest other types need.
), slot as materialized (
  select place.provider_id, place.slot_start, place.slot_end, p.name as provider_name, v.is_overbooked,
    p.preference_weight, p.compactness_weight, p.room_weight, p.overbooking_weight,
    coalesce(used.id, free_room_ids[1]) as room_id,
    case
      when preferred_from is null and preferred_until is null then 0.5
      else greatest(0, 1 - extract(epoch from greatest(
        interval '0', preferred_from - local_time, local_time - preferred_until))::double precision / 28800)
    end as preference,
    case
      when day.provider_id is null then 0.5
      else greatest(0, 1 - extract(epoch from greatest(interval '0', least(
        place.slot_start - day.busy_until[earlier], day.starts[earlier + 1] - (slot_end + p.buffer))))
          ::double precision / 28800)
    end as compactness,
    case when used.id is not null then 1 when day.provider_id is null then 0.5 else 0.3 end::double precision as room,
    case when v.is_overbooked then 0 else 1 end::double precision as overbooking
  from asked
  cross join place
  join provider as p on p.id = place.provider_id
  join start on start.slot_start = place.slot_start
  left join day_taken as day on day.provider_id = place.provider_id and day.local_date = place.local_date
  cross join lateral (
    select (place.slot_start at time zone time_zone)::time as local_time,
      width_bucket(place.slot_start, day.starts) as earlier) as n
  cross join lateral (
    select is_taken or coalesce(day.normal_count, 0) >= p.max_daily_appointments as is_overbooked) as v
  left join lateral (
    select free.id from unnest(free_room_ids) with ordinality as free (id, place)
    where free.id = any (day.room_ids) order by free.place limit 1
  ) as used on true
  where not v.is_overbooked or coalesce(day.overbooked_count, 0) < p.overbook_limit and not is_overbook_taken
)
-- Rounded to four decimals, with a nudge so that decimal halves go up although binary fractions may fall short of them.
select slot_start, slot_end, slot.provider_id, slot.provider_name, slot.room_id, r.name,
  floor((preference_weight * preference + compactness_weight * compactness + room_weight * slot.room
         + overbooking_weight * overbooking) * 10000 + 0.500001) / 10000,
  slot.is_overbooked, floor(preference * 10000 + 0.500001) / 10000, floor(compactness * 10000 + 0.500001) / 10000,
  slot.room, overbooking
from asked
cross join slot
join room as r on r.id = slot.room_id
order by overbooked_last and slot.is_overbooked, 7 desc, 1, 3, 5
limit max_results;
end $$;
