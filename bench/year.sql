-- What is asked of a year of the large clinic, with many cancelled bookings and a long waitlist: find_backfill, utilization.

-- Cancelled bookings and waitlist entries for half a year to either side of today, evenly, of both types.
create procedure bench.add_claims(clinic bigint, cancelled integer, waiting integer) language plpgsql as $$
begin
  perform set_config('session_replication_role', 'replica', true);
  insert into clinic.bookings (
    clinic_id, patient_id, patient_name, contact, provider_id, room_id, appointment_type_id, during, status, cancelled_at,
    provider_busy, room_busy, local_date, created_at, id, session_id)
  select clinic, 'C' || n, 'Pat Example', 'pat@example.org', p.id, room.id, type.id,
    tstzrange(s, s + interval '10 minutes'), 'cancelled', s - interval '2 days',
    tstzrange(s, s + interval '15 minutes'), tstzrange(s, s + interval '15 minutes'), day, s - interval '20 days', booking, -booking
  from (select n, nextval(pg_get_serial_sequence('clinic.bookings', 'id')) as booking from generate_series(1, cancelled) as n) as ids
  cross join lateral (select current_date - 183 + n % 366 as day) as d
  cross join lateral (select bench.at(day, time '06:00' + n / 366 % 60 * interval '15 minutes') as s) as start
  join bench.provider(clinic) as p on p.nth = n % 50
  cross join lateral (select id from clinic.rooms where clinic_id = clinic order by id limit 1) as room
  join (
    select id, row_number() over (order by id) as nth from clinic.appointment_types where clinic_id = clinic
  ) as type on type.nth = n / 7 % 2 + 1;
  insert into clinic.waitlist (
    clinic_id, patient_id, patient_name, contact, appointment_type_id, provider_id, from_date, to_date, weekdays,
    earliest_time, latest_time, priority)
  select clinic, 'W' || n, 'Pat Example', 'pat@example.org', type.id, case when n % 3 = 0 then p.id end,
    current_date - 183 + n % 366, current_date - 183 + n % 366 + 30, case when n % 4 = 0 then '{1,2,3}'::integer[] end,
    case when n % 5 = 0 then time '08:00' end, case when n % 5 = 0 then time '12:00' end, n % 3
  from generate_series(1, waiting) as n
  join bench.provider(clinic) as p on p.nth = n % 50
  join (
    select id, row_number() over (order by id) as nth from clinic.appointment_types where clinic_id = clinic
  ) as type on type.nth = n / 7 % 2 + 1;
end $$;

-- The place that is freed: a booking in the middle of a day, a week ahead.
create function bench.freed(clinic bigint) returns bigint language sql stable as $$
select id from clinic.bookings
where clinic_id = clinic and local_date = current_date + 7 and status = 'booked' and not is_overbooked
order by abs(extract(epoch from lower(during) - bench.at(current_date + 7, '11:00'))), id limit 1
$$;

-- The rows that find_backfill must read, read and thrown away: the place's day, and those who might want the place.
create function bench.backfill_reads(clinic bigint, booking bigint) returns void language plpgsql stable as $$
declare
  freed clinic.bookings;
begin
  select * into strict freed from clinic.bookings where clinic_id = clinic and id = booking;
  perform bench.floor(clinic, 'Follow-up', freed.local_date, freed.local_date, now());
  perform id, patient_id, appointment_type_id, priority, created_at, from_date, to_date, weekdays, earliest_time, latest_time
  from clinic.waitlist
  where clinic_id = clinic and status = 'waiting' and appointment_type_id = freed.appointment_type_id and booking_id is null
    and to_date >= freed.local_date - 7 and from_date <= freed.local_date + 7
    and (provider_id is null or provider_id = freed.provider_id);
  perform id, patient_id, appointment_type_id, coalesce(cancelled_at, created_at), local_date
  from clinic.bookings
  where clinic_id = clinic and status = 'cancelled' and appointment_type_id = freed.appointment_type_id
    and local_date between freed.local_date - 7 and freed.local_date + 7 and id <> booking and patient_id is not null
    and hold_expires_at is null;
end $$;

-- The rows that utilization must read: what is booked, in an aggregate that looks at every one.
create function bench.booked_time(clinic bigint, from_date date, to_date date) returns interval language sql stable as $$
select sum(upper(during) - lower(during)) from clinic.bookings
where clinic_id = clinic and status in ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled')
  and local_date between from_date and to_date
$$;

-- Fails unless the answers are what they should be: ten candidates, all of them bookable; a row a provider and open date.
create procedure bench.check_year(clinic bigint, from_date date, to_date date) language plpgsql as $$
declare
  booking constant bigint := bench.freed(clinic);
  candidates bigint;
  minutes double precision;
  counted double precision;
begin
  select count(*) into candidates from find_backfill(booking, clinic_id => clinic);
  if booking is null or candidates <> 10 then
    raise 'find_backfill(%) gives % candidates', booking, candidates;
  end if;
  -- Nobody is booked beside anybody in the past, but holds ran out, and some bookings lie in time off.
  select sum(booked_minutes + outside_minutes) into minutes from utilization(from_date, to_date, clinic_id => clinic)
    where grouped_by = 'all';
  select sum(extract(epoch from upper(during) - lower(during))) / 60 into counted
  from clinic.bookings
  where clinic_id = clinic and status in ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled')
    and local_date between from_date and to_date and (hold_expires_at is null or hold_expires_at > now());
  if minutes is distinct from counted then
    raise 'utilization counts % minutes, the bookings have %', minutes, counted;
  end if;
end $$;

-- Asks in turns, as bench.measure does.
create procedure bench.measure_year(clinic bigint, from_date date, to_date date, repetitions integer) language plpgsql as $$
declare
  warm_up constant integer := 8;
  booking constant bigint := bench.freed(clinic);
  place constant text[] := array[
    (select count(*) from clinic.bookings where clinic_id = clinic and status = 'cancelled' and patient_id like 'C%')
      || ' cancelled, ' || (select count(*) from clinic.waitlist where clinic_id = clinic) || ' waiting',
    '50 providers, ' || to_date - from_date + 1 || ' dates, '
      || (select count(*) from clinic.bookings where clinic_id = clinic and local_date between from_date and to_date) || ' bookings'];
  started timestamptz;
begin
  for i in 1 - warm_up..repetitions loop
    for contender in 1..5 loop
      -- A year's bookings are read in a tenth of a second or more: fewer will do.
      continue when contender > 3 and i % 4 <> 0;
      started := clock_timestamp();
      case contender
        when 1 then perform from find_backfill(booking, clinic_id => clinic);
        when 2 then perform from find_backfill(booking, same_type_only => false, clinic_id => clinic);
        when 3 then perform bench.backfill_reads(clinic, booking);
        when 4 then perform from utilization(from_date, to_date, clinic_id => clinic);
        when 5 then perform bench.booked_time(clinic, from_date, to_date);
      end case;
      if i > 0 then
        insert into bench.timing values (
          place[(contender > 3)::integer + 1], case when contender <= 3 then 'backfill' else 'utilization' end,
          ('{find_backfill,any type,reads,utilization,reads}'::text[])[contender],
          extract(epoch from clock_timestamp() - started) * 1000);
      end if;
    end loop;
  end loop;
end $$;
