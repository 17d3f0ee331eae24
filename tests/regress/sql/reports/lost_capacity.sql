-- lost_capacity(): what became of the opening time, minute by minute, in minutes and in money.
\set SHOW_CONTEXT never
set timezone to 'America/New_York';
set datestyle to iso;
set extra_float_digits to 0;
begin;
call test.clinic();
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status) values
  (1, 1, 1, 'Came', '[2026-04-13 09:00+02,)', 'fulfilled'),
  (1, 1, 1, 'Missed', '[2026-04-13 09:45+02,)', 'noshow'),
  (1, 1, 1, 'Cancelled', '[2026-04-13 10:30+02,)', 'cancelled'), (1, 1, 1, 'Cancelled, too', '[2026-04-13 10:45+02,)', 'cancelled'),
  (1, 1, 1, 'Filled in', '[2026-04-13 11:00+02,)', 'booked');
-- Open for 180 minutes: 60 booked, 30 missed, 30 cancelled (10:30 to 11:00) of which none was filled, the rest nobody had booked.
select * from lost_capacity('2026-04-13', '2026-04-13', now => '2026-05-01');
-- With a price: the first cancelled place was lost, and nothing more of the second. A gap is worth what the booked minutes bring.
update clinic.appointment_types set price_cents = 6000;
select gap_minutes, gap_cents, no_show_minutes, no_show_cents, unfilled_minutes, unfilled_cents, lost_cents from lost_capacity('2026-04-13', '2026-04-13', now => '2026-05-01');
-- What is to come isn't lost.
select open_minutes, booked_minutes, gap_minutes, no_show_minutes, unfilled_minutes from lost_capacity('2026-04-13', '2026-04-13', now => '2026-04-13 10:40+02');
select * from lost_capacity('2026-04-13', '2026-04-13', now => '2026-04-13 08:00+02');

-- Against counting minutes in SQL: two providers, one at night, over the change of clocks; all statuses, holds, types with and without a price, time off.
savepoint small;
delete from clinic.bookings;
delete from clinic.provider_availability;
insert into clinic.providers (name, buffer_minutes, max_daily_appointments) values ('Baer', 0, 100);
insert into clinic.rooms (name, room_type) select 'R' || n, 'exam' from generate_series(2, 12) n;
insert into clinic.appointment_types (name, duration_minutes, price_cents) values ('Free', 50, null), ('Dear', 20, 12345);
insert into clinic.overbooking_rules (max_overbook) values (1000);
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time)
  select 1, day, time '22:30', time '03:30' from generate_series(1, 7) day union all
  select 2, day, time '01:10', time '09:50' from generate_series(1, 6) day;
insert into clinic.time_off (provider_id, during) values (1, '[2026-03-29 00:10+01, 2026-03-29 00:40+01)'), (null, '[2026-03-31 02:00+02, 2026-03-31 04:00+02)');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status, hold_expires_at)
  select 1 + n % 2, 1 + n % 12, 1 + h % 3, 'P', tstzrange('2026-03-26 20:00+01'::timestamptz + n * interval '67 minutes', null), status,
    case when status = 'cancelled' and h % 4 = 0 then timestamptz '2026-03-01' when status = 'pending' then timestamptz '2026-03-01' + h % 2 * interval '1 year' end
  from (select n, hashint4(n) & 1023 as h, (array['fulfilled', 'booked', 'noshow', 'cancelled', 'pending', 'entered-in-error', 'noshow'])[1 + (hashint4(n) & 1023) % 7] as status from generate_series(0, 150) n) b;
-- Cancelled ones beside and over others.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status)
  select provider_id, room_id, 3, 'Q', tstzrange(slot_start - interval '12 minutes', null), 'cancelled' from clinic.bookings where id % 3 = 0;
create temp view minute as
  select at, (at at time zone 'Europe/Berlin')::time as wall, (at at time zone 'Europe/Berlin')::date as date
  from generate_series(timestamptz '2026-03-26 12:00+01', '2026-04-04 12:00+02', interval '1 minute') at;
create temp view open_minute as
  select 1 as provider, at, case when wall < '12:00' then date - 1 else date end as local_date from minute where wall >= '22:30' or wall < '03:30'
  union all
  select 2, at, date from minute where wall >= '01:10' and wall < '09:50' and extract(isodow from date) < 7;
create temp table classed as
  select provider, at, local_date, u.id as used, m.id as missed, m.cents as missed_cents, c.id as cancelled, c.cents as cancelled_cents
  from open_minute o
    left join lateral (select b.id from clinic.bookings b where provider_id = provider and during @> at and (status in ('fulfilled', 'booked') or status = 'pending' and hold_expires_at > '2026-04-02 05:00+02') limit 1) u on true
    left join lateral (select b.id, coalesce(price_cents, 0) / (extract(epoch from slot_end - slot_start) / 60) as cents from clinic.bookings b join clinic.appointment_types t on t.id = appointment_type_id
      where provider_id = provider and during @> at and status = 'noshow' order by slot_start, b.id limit 1) m on true
    left join lateral (select b.id, coalesce(price_cents, 0) / (extract(epoch from slot_end - slot_start) / 60) as cents from clinic.bookings b join clinic.appointment_types t on t.id = appointment_type_id
      where provider_id = provider and during @> at and status = 'cancelled' and hold_expires_at is null order by slot_start, b.id limit 1) c on true
  where local_date between '2026-03-27' and '2026-04-02' and at < '2026-04-02 05:00+02'
    and not exists (select from clinic.time_off t where t.during @> at and (t.provider_id is null or t.provider_id = provider));
create temp table price as select sum(price_cents) / sum(extract(epoch from slot_end - slot_start) / 60) as cents from clinic.bookings b join clinic.appointment_types t on t.id = appointment_type_id
  where price_cents is not null and local_date between '2026-03-26' and '2026-04-03' and (status in ('fulfilled', 'booked') or status = 'pending' and hold_expires_at > '2026-04-02 05:00+02');
create temp table naive as
  select word, case word when 'provider' then (select name from clinic.providers where id = provider) when 'weekday' then trim(to_char(local_date, 'Day')) when 'week' then to_char(local_date, 'IYYY-"W"IW')
      when 'month' then to_char(local_date, 'YYYY-MM') when 'hour' then to_char(at at time zone 'Europe/Berlin', 'HH24:00') else 'everything' end as name,
    count(*) as open, count(used) as used, count(missed) filter (where used is null) as missed, count(cancelled) filter (where used is null and missed is null) as cancelled,
    count(*) filter (where used is null and missed is null and cancelled is null) as gap,
    sum(missed_cents) filter (where used is null) as missed_cents, sum(cancelled_cents) filter (where used is null and missed is null) as cancelled_cents
  from classed, unnest('{provider,weekday,week,month,hour,all}'::text[]) word group by 1, 2;
create temp table shown as select w.word, l.* from unnest('{provider,weekday,week,month,hour,all}'::text[]) w (word),
  lost_capacity('2026-03-27', '2026-04-02', nullif(w.word, 'all'), now => '2026-04-02 05:00+02') l where (l.grouped_by = 'all') = (w.word = 'all');
select word, count(*) as rows,
  count(*) filter (where (open, used, gap, missed, cancelled) = (open_minutes, booked_minutes, gap_minutes, no_show_minutes, unfilled_minutes)
    and lost_minutes = open - used and abs(lost_percent - 100.0 * (open - used) / open) <= 0.005) as minutes_equal,
  count(*) filter (where abs(coalesce(missed_cents, 0) - no_show_cents) <= 0.5001 and abs(coalesce(cancelled_cents, 0) - unfilled_cents) <= 0.5001
    and abs(gap * cents - gap_cents) <= 0.5001 and abs(coalesce(missed_cents, 0) + coalesce(cancelled_cents, 0) + gap * cents - lost_cents) <= 0.5001) as cents_equal
from naive full join shown s using (word), price where name is not distinct from case when word = 'all' then 'everything' else grouped_name end group by 1 order by 1;
select * from shown where word in ('all', 'provider') order by grouped_id nulls first;
select grouped_by, grouped_name, lost_minutes, gap_cents, lost_cents from lost_capacity('2026-03-27', '2026-04-02', provider_id => 2, now => '2026-04-02 05:00+02');
rollback to small;

call test.refused($$select lost_capacity(group_by => 'room')$$);
call test.refused($$select lost_capacity(provider_id => 99)$$);
call test.violates($$update clinic.appointment_types set price_cents = -1$$);
select price_cents from clinic.appointment_types;
rollback;
