-- The demo's data: a made-up clinic with two weeks of bookings around today. Nothing is drawn at random: the same
-- day gives the same data. The schedule is free of collisions by construction (each provider works through the day
-- one appointment after the other, in rooms nobody else uses), and it is written by plain INSERTs, so the triggers
-- fill in and the constraints check every row.

set client_min_messages = warning;
create extension if not exists pg_clinic cascade;
select init_clinic('Downtown Clinic', 'Europe/Berlin') as clinic_id \gset

set timezone = 'Europe/Berlin';
set pg_clinic.actor = 'demo';
set pg_clinic.reason = 'demo data';

begin;

-- The set-up --------------------------------------------------------------------------------------------------

update clinic.clinics set slot_step_minutes = 10, minimum_notice_minutes = 60, booking_horizon_days = 180;

-- The database is fresh, so ids count from 1 in the order given; below they are used as they are.
insert into clinic.providers (name, specialty, buffer_minutes) values
  ('Dr. Anna Weber',   'general practice', 5),
  ('Dr. Jonas Keller', 'general practice', 5),
  ('Dr. Leyla Demir',  'cardiology',       5),
  ('Dr. Tomasz Nowak', 'minor surgery',    5),
  ('Mei Lin, nurse',   'vaccination, lab', 5);

insert into clinic.rooms (name, room_type, equipment, turnover_minutes) values
  ('Exam 1',      'exam',      '{scale}',              0),
  ('Exam 2',      'exam',      '{scale}',              0),
  ('Exam 3',      'exam',      '{ecg,scale}',          0),
  ('Exam 4',      'exam',      '{ultrasound}',         0),
  ('Treatment A', 'treatment', '{fridge}',             0),
  ('Treatment B', 'treatment', '{fridge}',             0),
  ('Lab',         'lab',       '{centrifuge}',         0),
  ('Procedure',   'procedure', '{surgical light,ecg}', 10);

insert into clinic.appointment_types
  (name, duration_minutes, required_room_type, required_equipment, color) values
  ('General Checkup', 30, 'exam',      '{}',               '#4e79a7'),
  ('Follow-up',       15, 'exam',      '{}',               '#76b7b2'),
  ('ECG',             25, 'exam',      '{ecg}',            '#e15759'),
  ('Minor Surgery',   30, 'procedure', '{surgical light}', '#b07aa1'),
  ('Vaccination',     15, 'treatment', '{fridge}',         '#59a14f'),
  ('Blood Draw',      15, 'lab',       '{}',               '#edc948');

-- Monday to Friday 08:00-17:00; three of the five close for lunch. The nurse stays late on Thursdays: a window that
-- touches the one before is joined with it.
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time)
select provider.id, weekday, hours.start_time, hours.end_time
from clinic.providers as provider
cross join generate_series(1, 5) as weekday
join (values
  (true, time '08:00', time '12:00'), (true, time '13:00', time '17:00'), (false, time '08:00', time '17:00')
) as hours (has_lunch, start_time, end_time) on hours.has_lunch = (provider.id in (1, 3, 5))
union all
values (5::bigint, 4, time '17:00', time '20:00')
order by 1, 2, 3;

-- The working days of the demo, by number: 0 is today or, on a weekend, Friday; 1 is the next working day.
create temporary table demo_day as
select (row_number() over (order by on_date) - count(*) filter (where on_date <= today) over ())::integer as n,
  on_date::date
from (select (now() at time zone 'Europe/Berlin')::date as today) as clock
cross join generate_series(today - 30, today + 30, interval '1 day') as on_date
where extract(isodow from on_date) < 6;

-- Exceptions: a short day, a day off, an extra Saturday, a training afternoon, maintenance of a room, and, after the
-- two weeks, a day on which the whole clinic is closed.
insert into clinic.availability_overrides (provider_id, on_date, start_time, end_time)
select 2, on_date, time '10:00', time '14:00' from demo_day where n = 3
union all
select 4, on_date, null, null from demo_day where n = 4
union all
select 3, on_date + 6 - extract(isodow from on_date)::integer, time '09:00', time '12:00' from demo_day where n = 1;

insert into clinic.time_off (provider_id, room_id, during, reason)
select 3, null::bigint, tstzrange(on_date + time '13:00', on_date + time '17:00'), 'Training' from demo_day where n = 2
union all
select null, 7, tstzrange(on_date + time '08:00', on_date + time '10:00'), 'Centrifuge service'
from demo_day where n = 2
union all
select null, null, tstzrange(on_date, on_date + 1), 'Staff outing' from demo_day where n = 6;

-- The most specific rule wins, even with a smaller number: the surgeon is never overbooked.
insert into clinic.overbooking_rules (provider_id, appointment_type_id, max_overbook) values
  (null, null, 1),
  (null, 5,    2),
  (4,    null, 0),
  (1,    1,    2);

insert into clinic.scoring_profiles
  (provider_id, appointment_type_id, preference_weight, compactness_weight, room_weight, overbooking_weight) values
  (null, null, 40, 35, 15, 10),
  (null, 5,    60, 20, 10, 10),
  (3,    null, 30, 25, 35, 10);

-- The bookings ------------------------------------------------------------------------------------------------

-- What each provider does, turn by turn, and where.
create temporary table demo_menu (provider_id, type_id, room_id, turn) as
select provider_id, type_id, room_id, turn - 1
from (values
  (1, '{2,2,1,2,2,1}'::bigint[], '{1,1,1,1,1,1}'::bigint[]),
  (2, '{2,1,2,1,2,1}',           '{2,2,2,2,2,2}'),
  (3, '{2,3,2,3,2,1}',           '{3,3,3,3,3,3}'),
  (4, '{2,4,2,1,2,4}',           '{4,8,4,4,4,8}'),
  (5, '{5,6,5,5,6,5}',           '{5,7,5,5,7,5}')
) as menu (provider_id, types, rooms)
cross join unnest(types, rooms) with ordinality as item (type_id, room_id, turn);

create temporary table demo_session as
select provider_id, n as day_n, on_date, start_time, end_time
from demo_day
join clinic.provider_availability as weekly on weekly.day_of_week = extract(isodow from on_date)
where n between -4 and 5
  and not exists (
    select from clinic.availability_overrides as o
    where o.provider_id = weekly.provider_id and o.on_date = demo_day.on_date)
union all
select provider_id, n, on_date, start_time, end_time
from demo_day join clinic.availability_overrides using (on_date)
where n between -4 and 5 and start_time is not null;

-- Place after place: each takes its duration and the buffer, rounded up to the grid. Some are left empty.
create temporary table demo_place as
with place as (
  select session.*, menu.type_id, menu.room_id, k, type.duration_minutes,
    sum(ceil((type.duration_minutes + 5) / 10.0) * 10)
      over (partition by session.provider_id, on_date, start_time order by k) as block_end
  from demo_session as session
  cross join generate_series(0, 29) as k
  join demo_menu as menu on menu.provider_id = session.provider_id and menu.turn = (k + day_n + 6) % 6
  join clinic.appointment_types as type on type.id = menu.type_id
), timed as (
  select *, on_date + start_time
      + make_interval(mins => (block_end - ceil((duration_minutes + 5) / 10.0) * 10)::integer) as starts
  from place
), fitting as (
  select provider_id, room_id, type_id, day_n, on_date, during,
    row_number() over (partition by provider_id, on_date order by during) as nth,
    ('x' || left(md5(concat_ws(' ', provider_id, day_n, start_time, k)), 7))::bit(28)::integer % 22 as luck
  from timed
  cross join lateral (
    select tstzrange(starts::timestamptz, starts::timestamptz + make_interval(mins => duration_minutes))) as t (during)
  where starts + make_interval(mins => duration_minutes) <= on_date + end_time
    and not exists (
      select from clinic.time_off as off
      where off.during && t.during
        and coalesce(off.provider_id, timed.provider_id) = timed.provider_id
        and coalesce(off.room_id, timed.room_id) = timed.room_id)
)
select *, row_number() over (partition by on_date order by during, provider_id) as nth_of_day
from fitting
where luck <> 9 and nth <= 20;

create temporary table demo_patient as
select p as n, 'P' || lpad(p::text, 4, '0') as patient_id,
  first_names[1 + p % 20] || ' ' || last_names[1 + p / 20] as patient_name,
  'p' || lpad(p::text, 4, '0') || '@example.org' as contact
from generate_series(0, 399) as p
cross join (select
  string_to_array('Ada Ben Carla David Elif Finn Greta Hasan Ida Jan '
                  'Kira Luca Mila Noah Olga Paul Rosa Sami Tara Vito', ' '),
  string_to_array('Adler Brandt Cohen Dietz Ernst Fuchs Graf Hahn Ivanov Jung '
                  'Kaya Lang Maier Nagel Otto Peters Roth Sommer Thoma Yilmaz', ' ')
) as names (first_names, last_names);

-- The past is over, with some who cancelled or never came; today is as at noon; the future is booked, mostly.
insert into clinic.bookings (
  patient_id, patient_name, contact, provider_id, room_id, appointment_type_id, during, status,
  hold_expires_at, cancellation_reason, cancelled_at, created_at)
select patient_id, patient_name, contact, provider_id, room_id, type_id, during, status,
  -- Of the first two that await an answer one is a hold that ran out at midnight, the other one still stands.
  case nth_pending when 1 then today::timestamptz when 2 then (today + 2)::timestamptz end,
  case status
    when 'cancelled' then ('{Feeling better,Other plans,Ill,Found an earlier time}'::text[])[1 + nth_of_day % 4]
  end,
  case status
    when 'cancelled' then least(lower(during) - interval '1 day', today::timestamptz - interval '1 hour')
  end,
  -- Written one to fourteen days ahead.
  least(lower(during) - interval '1 day' * (1 + nth_of_day % 14),
        today::timestamptz - interval '1 hour' * (1 + nth_of_day % 9))
from (
  select *,
    case status
      when 'pending' then row_number() over (partition by status order by during, provider_id)
    end as nth_pending
  from (
    select demo_place.*, (now() at time zone 'Europe/Berlin')::date as today, case
        when day_n = 0 and during && tstzrange(on_date + time '11:30', on_date + time '12:00') then 'checked-in'
        when day_n = 0 and lower(during) <@ tstzrange(on_date + time '12:00', on_date + time '12:30') then 'arrived'
        when on_date + time '12:00' < (now() at time zone 'Europe/Berlin')::date + time '12:00'
          or day_n = 0 and upper(during) <= on_date + time '12:00'
        then case luck when 0 then 'cancelled' when 1 then 'noshow' when 2 then 'noshow' else 'fulfilled' end
        else case luck when 0 then 'cancelled' when 1 then 'cancelled' when 2 then 'pending'
                       when 3 then case nth_of_day % 2 when 0 then 'proposed' else 'waitlist' end
                       when 4 then case nth_of_day % 9 when 0 then 'entered-in-error' else 'booked' end
                       else 'booked' end
      end as status
    from demo_place
  ) as planned
) as numbered
join demo_patient on demo_patient.n = (day_n * 37 + nth_of_day + 370) % 380
order by during, provider_id;

-- Places that somebody gave back and somebody else took.
insert into clinic.bookings (
  patient_id, patient_name, contact, provider_id, room_id, appointment_type_id, during, status,
  cancellation_reason, cancelled_at, created_at)
select patient.patient_id, patient.patient_name, patient.contact,
  b.provider_id, b.room_id, b.appointment_type_id, b.during, 'cancelled',
  'Other plans', b.created_at - interval '1 day', b.created_at - interval '8 days'
from clinic.bookings as b
join demo_patient as patient on patient.n = 380 + b.id % 10
where b.id % 19 = 0 and b.status in ('booked', 'fulfilled')
order by b.id;

-- Urgent vaccinations beside the first appointment after nine (Dr. Weber) or two (Dr. Demir), in a room of their own.
insert into clinic.bookings
  (patient_id, patient_name, contact, provider_id, room_id, appointment_type_id, during, status, is_overbooked)
select patient.patient_id, patient.patient_name, patient.contact, urgent.provider_id, 6, 5,
  tstzrange(urgent.starts, null), case when day_n < 0 then 'fulfilled' else 'booked' end, true
from (
  select distinct on (day_n, provider_id) day_n, provider_id, lower(b.during) as starts
  from clinic.bookings as b
  join demo_day on b.local_date = on_date
  join (values
    (1, time '09:00', '{-3,-1,1,2}'::integer[]), (3, time '14:00', '{-2,1,3}')
  ) as wish (provider_id, after, days) using (provider_id)
  cross join lateral (select demo_day.n) as d (day_n)
  where day_n = any (wish.days) and lower(b.during) >= on_date + wish.after and b.status in ('booked', 'fulfilled')
  order by day_n, provider_id, lower(b.during)
) as urgent
join demo_patient as patient on patient.n = 390 + urgent.day_n % 5 + urgent.provider_id
order by urgent.starts;

-- From now on Dr. Weber wants no more appointments a day than she has on the next working day: then she can be had
-- as overbooked only. Bookings beyond a lowered cap stay.
update clinic.providers set max_daily_appointments = (
  select count(day_seat) filter (where coalesce(hold_expires_at > now(), true))
  from clinic.bookings join demo_day on on_date = local_date where n = 1 and provider_id = 1)
where id = 1;

-- Three patients wait for a checkup; one of them has a booking and would come earlier.
select join_waitlist('General Checkup', 'Ida Stone', patient_id => 'P8001', weekdays => '{1,2,3,4,5}', priority => 1)
  \g /dev/null
select join_waitlist('General Checkup', 'Ray Field', patient_id => 'P8002', latest_time => '10:00') \g /dev/null
select join_waitlist('General Checkup', booking_id => booking.id)
from (select id from clinic.bookings join demo_day on on_date = local_date
      where n = 3 and appointment_type_id = 1 and status = 'booked' and patient_id is not null
      order by id limit 1) as booking \g /dev/null

commit;
analyze;
