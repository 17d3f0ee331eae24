-- The clinics that are measured, and how they fill with bookings. All data follow from arithmetic: the same day gives
-- the same rows.
--
--   small  5 providers,  8 rooms, 08:00-17:00              case 1; its history is case 3
--   large 50 providers, 20 rooms, 06:00-21:00 in 2 shifts  case 2
--
-- Time is cut into cells of 15 minutes. Of every `period` cells a provider is booked in `busy`: 10 minutes and 5 of
-- buffer. So nobody collides, and there are gaps of several cells in between.

-- The first clinic makes the tables that the functions name.
set check_function_bodies = off;

create schema bench;

create table bench.clinic (
  clinic_id   bigint  primary key,
  providers   integer not null,
  rooms       integer not null,
  shifts      integer not null,
  shift_cells integer not null,
  opens       time    not null,
  period      integer not null,
  busy        integer not null
);

-- A wall-clock time of the clinics as an instant.
create function bench.at(day date, at time) returns timestamptz language sql stable as $$
select (day + at) at time zone 'Europe/Berlin'
$$;

create function bench.add_clinic(
    name text, providers integer, rooms integer, shifts integer, shift_cells integer, opens time, period integer,
    busy integer)
  returns bigint language plpgsql as $$
declare
  clinic bigint := init_clinic(name, 'Europe/Berlin');
  today date := (now() at time zone 'Europe/Berlin')::date;
  hours interval := shift_cells * interval '15 minutes';
begin
  insert into bench.clinic values (clinic, providers, rooms, shifts, shift_cells, opens, period, busy);
  -- One in six has reached the daily cap on most days.
  insert into clinic.providers (clinic_id, name, buffer_minutes, max_daily_appointments)
  select clinic, 'Provider ' || p, 5, case p % 6 when 5 then 17 else 20 end
  from generate_series(0, providers - 1) as p;
  -- One room in four is of another type; exam rooms have the equipment, and turnover in one of three.
  insert into clinic.rooms (clinic_id, name, room_type, equipment, turnover_minutes)
  select clinic, 'Room ' || r, case r % 4 when 3 then 'procedure' else 'exam' end, '{scale,ecg}',
    case r % 3 when 1 then 5 else 0 end
  from generate_series(0, rooms - 1) as r;
  insert into clinic.appointment_types
    (clinic_id, name, duration_minutes, required_room_type, required_equipment) values
    (clinic, 'General Checkup', 20, 'exam', '{scale}'), (clinic, 'Follow-up', 10, null, '{}');
  insert into clinic.provider_availability (clinic_id, provider_id, day_of_week, start_time, end_time)
  select clinic, p.id, weekday, opens + p.shift * hours, opens + (p.shift + 1) * hours
  from bench.provider(clinic) as p cross join generate_series(1, 7) as weekday;

  -- Every fifth day of every seventh provider is a short one; some have an hour off; so has a room and the clinic.
  insert into clinic.availability_overrides (clinic_id, provider_id, on_date, start_time, end_time)
  select clinic, p.id, day::date,
    opens + p.shift * hours + interval '1 hour', opens + (p.shift + 1) * hours - interval '2 hours'
  from bench.provider(clinic) as p cross join generate_series(today, today + 40, interval '5 days') as day
  where p.nth % 7 = 1;
  insert into clinic.time_off (clinic_id, provider_id, room_id, during, reason)
  select clinic, p.id, null::bigint,
    tstzrange(bench.at(today + day, '09:00'), bench.at(today + day, '10:00')), 'Meeting'
  from bench.provider(clinic) as p cross join generate_series(0, 40, 3) as day
  where p.nth % 5 = 2
  union all
  select clinic, null, (select min(r.id) from clinic.rooms as r where r.clinic_id = clinic),
    tstzrange(bench.at(today + day, '14:00'), bench.at(today + day, '16:00')), 'Service'
  from generate_series(0, 40, 2) as day
  union all
  select clinic, null, null,
    tstzrange(bench.at(today + day, '12:00'), bench.at(today + day, '12:30')), 'Staff meeting'
  from generate_series(0, 40, 7) as day;

  insert into clinic.overbooking_rules (clinic_id, provider_id, appointment_type_id, max_overbook)
  select clinic, null::bigint, null::bigint, 1
  union all
  select clinic, null, t.id, 2
  from clinic.appointment_types as t where t.clinic_id = clinic and t.name = 'General Checkup'
  union all
  select clinic, p.id, null, 0 from bench.provider(clinic) as p where p.nth % 4 = 3;
  insert into clinic.scoring_profiles
    (clinic_id, provider_id, preference_weight, compactness_weight, room_weight, overbooking_weight)
  select clinic, null::bigint, 40, 35, 15, 10
  union all
  select clinic, p.id, 20, 50, 10, 20 from bench.provider(clinic) as p where p.nth % 9 = 4;
  return clinic;
end $$;

-- The providers of a clinic, numbered from 0, with their shift.
create function bench.provider(clinic bigint) returns table (id bigint, nth integer, shift integer)
  language sql stable as $$
select p.id, p.nth::integer, (p.nth * shifts / providers)::integer
from bench.clinic as c
join lateral (
  select q.id, row_number() over (order by q.id) - 1 as nth from clinic.providers as q where q.clinic_id = c.clinic_id
) as p on true
where c.clinic_id = clinic
$$;

-- Books a clinic's dates in bulk. As replica, so that no trigger runs: neither ours, hence the derived columns are
-- given, nor those of foreign keys, which hold since the rows are made from what they point to. Exclusions and checks
-- hold as ever. The past has no patient's id, as if it were anonymized: that spares one GiST index of three.
create procedure bench.book(clinic bigint, from_date date, to_date date) language plpgsql as $$
begin
  perform set_config('session_replication_role', 'replica', true);
  with booked as (
    select p.id as provider_id, p.nth, room.id as room_id, room.turnover_minutes, day::date as local_date, cell,
      bench.at(day::date, c.opens + (p.shift * c.shift_cells + cell) * interval '15 minutes') as starts,
      ((day::date - date '2000-01-01') * 7 + p.nth * 5 + cell * 3) % 97 + 97 as luck
    from bench.clinic as c
    cross join bench.provider(clinic) as p
    cross join generate_series(from_date::timestamp, to_date, interval '1 day') as day
    cross join generate_series(0, c.shift_cells - 1) as cell
    join (
      select r.*, row_number() over (order by r.id) - 1 as nth from clinic.rooms as r where r.clinic_id = clinic
    ) as room
      on room.nth = (p.nth % (c.providers / c.shifts) / c.period * c.busy + (p.nth + cell) % c.period
                     + (day::date - date '1000-01-01')) % c.rooms
    where c.clinic_id = clinic and (p.nth + cell) % c.period < c.busy
  ), judged as (
    select *, nextval(pg_get_serial_sequence('clinic.bookings', 'id')) as id, case
        when luck % 19 = 0 then 'cancelled'
        when luck % 97 in (1, 2) then 'pending'
        when starts < now() then 'fulfilled'
        else 'booked'
      end as status
    from booked
  )
  insert into clinic.bookings (
    clinic_id, patient_id, patient_name, contact, provider_id, room_id, appointment_type_id, during,
    status, hold_expires_at, provider_busy, room_busy, local_date, day_seat, day_capacity, id, session_id)
  select clinic,
    case when local_date >= current_date then 'P' || (local_date - current_date) || '-' || nth || '-' || cell end,
    'Pat Example', 'pat@example.org', provider_id, room_id, type.id,
    tstzrange(starts, starts + interval '10 minutes'), judged.status,
    -- Of two holds one ran out.
    case when judged.status = 'pending' then now() + (luck % 97 * 2 - 3) * interval '50 days' end,
    tstzrange(starts, starts + interval '15 minutes'),
    tstzrange(starts, starts + (10 + turnover_minutes) * interval '1 minute'), local_date,
    case when judged.status <> 'cancelled' then row_number()
      over (partition by provider_id, local_date, judged.status <> 'cancelled' order by cell) end,
    case when judged.status <> 'cancelled' then 20 end, judged.id, -judged.id
  from judged
  join clinic.appointment_types as type on type.clinic_id = clinic and type.name = 'Follow-up'
  order by local_date, starts;
end $$;

-- Overbooked bookings of every fourth provider, each at its own time in a room that nobody else has that day.
create procedure bench.overbook(clinic bigint, from_date date, to_date date) language sql as $$
insert into clinic.bookings
  (clinic_id, patient_id, patient_name, provider_id, room_id, appointment_type_id, during, is_overbooked)
select clinic, 'O' || (day::date - date '2000-01-01') || '-' || p.nth, 'Pat Example', p.id, room.id, type.id,
  tstzrange(bench.at(day::date,
    c.opens + (p.shift * c.shift_cells + p.nth % (c.providers / c.shifts)) * interval '15 minutes'), null), true
from bench.clinic as c
cross join bench.provider(clinic) as p
cross join generate_series(from_date::timestamp, to_date, interval '1 day') as day
join (
  select r.*, row_number() over (order by r.id) - 1 as nth from clinic.rooms as r where r.clinic_id = clinic
) as room on room.nth = (c.rooms - 1 + (day::date - date '1000-01-01')) % c.rooms
join clinic.appointment_types as type on type.clinic_id = clinic and type.name = 'Follow-up'
where c.clinic_id = clinic and p.nth % 4 = 0
$$;

-- What is asked of the two: a week ahead, and the next thirty days.
select bench.add_clinic('small', 5, 8, 1, 36, '08:00', 6, 3) as small \gset
select bench.add_clinic('large', 50, 20, 2, 30, '06:00', 5, 3) as large \gset
call bench.book(:small, current_date, current_date + 31);
call bench.overbook(:small, current_date, current_date + 31);
call bench.book(:large, current_date, current_date + 31);
call bench.overbook(:large, current_date, current_date + 31);

-- The tables don't change any more while they are measured.
vacuum (analyze);
