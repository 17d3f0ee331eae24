-- Reports by group: each word of group_by against plain SQL over the table, on half a year of bookings with every outcome.
\set SHOW_CONTEXT never
set timezone to 'America/New_York';
set datestyle to iso;
set extra_float_digits to 0;
begin;
call test.clinic();
insert into clinic.providers (name, buffer_minutes) values ('Baer', 0), ('Conrad', 0);
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam'), ('Room 3', 'exam');
insert into clinic.appointment_types (name, duration_minutes) values ('Surgery', 60), ('Follow-up', 20);
update clinic.providers set buffer_minutes = 0;
-- By the digits of a hash, so that it is the same each time: provider, room and type differ from each other.
create temp table digits as select n, hashint8(n)::bigint & 2147483647 as h from generate_series(1, 900) n;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, contact, during, status, created_at, cancelled_at, hold_expires_at)
  select 1 + h % 3, 1 + (h / 3) % 3, 1 + (h / 9) % 3, case when h % 5 < 2 then 'p' || h % 7 end, 'N' || h % 4, case when h % 5 < 4 then 'tel ' || h % 3 end,
    tstzrange(starts, null), status, starts - lead, case when status = 'cancelled' then starts - (h % 90 - 5) * interval '1 hour' end,
    case when status = 'cancelled' and h % 11 = 0 then starts end
  from (select *, timestamptz '2026-01-01 00:00+01' + n * interval '4 hours' + h % 120 * interval '1 minute' as starts, (h % 100) * (h % 3) * interval '17 hours' - interval '1 hour' as lead,
      (array['fulfilled', 'fulfilled', 'arrived', 'checked-in', 'noshow', 'noshow', 'booked', 'cancelled', 'cancelled', 'entered-in-error'])[1 + (h / 27) % 10] as status from digits) d;
select status, count(*), count(hold_expires_at) as holds from clinic.bookings group by 1 order by 1;

create function pg_temp.key(b clinic.bookings, word text) returns text language sql as $$
  select case word
    when 'provider' then (select name from clinic.providers where id = b.provider_id)
    when 'room' then (select name from clinic.rooms where id = b.room_id)
    when 'type' then (select name from clinic.appointment_types where id = b.appointment_type_id)
    when 'weekday' then trim(to_char(b.slot_start at time zone 'Europe/Berlin', 'Day'))
    when 'hour' then to_char(b.slot_start at time zone 'Europe/Berlin', 'HH24:00')
    when 'week' then to_char(b.slot_start at time zone 'Europe/Berlin', 'IYYY-"W"IW')
    when 'month' then to_char(b.slot_start at time zone 'Europe/Berlin', 'YYYY-MM')
    when 'lead_time' then case when b.slot_start - b.created_at < interval '24 hours' then 'less than a day' when b.slot_start - b.created_at < interval '72 hours' then '1 to 2 days'
      when b.slot_start - b.created_at < interval '168 hours' then '3 to 6 days' when b.slot_start - b.created_at < interval '336 hours' then '7 to 13 days'
      when b.slot_start - b.created_at < interval '720 hours' then '14 to 29 days' when b.slot_start - b.created_at < interval '1440 hours' then '30 to 59 days' else '60 days or more' end
    when 'patient' then case when b.patient_id is not null then b.patient_id when b.contact is not null then b.patient_name || ', ' || b.contact end
    when 'all' then 'everything'
  end $$;
create temp table word as select unnest('{provider,room,type,weekday,hour,week,month,lead_time,patient,all}'::text[]) as word;
\set of_period 'b.slot_start >= ''2026-02-01 00:00+01'' and b.slot_start < ''2026-05-01 00:00+02'''

-- No-shows: nothing differs, either way.
create temp table shown as
  select w.word, r.* from word w, no_show_rates('2026-02-01', '2026-04-30', nullif(w.word, 'all'), '2026-04-15 12:00+02') r where (r.grouped_by = 'all') = (w.word = 'all');
create temp table naive as
  select word, pg_temp.key(b, word) as name, sum((status in ('arrived', 'checked-in', 'fulfilled'))::integer) as came, sum((status = 'noshow')::integer) as no_shows,
    sum((status = 'booked' and slot_end <= '2026-04-15 12:00+02')::integer) as unrecorded
  from clinic.bookings b, word
  where :of_period and (status in ('arrived', 'checked-in', 'fulfilled', 'noshow') or status = 'booked' and slot_end <= '2026-04-15 12:00+02') group by 1, 2;
select word, count(*) as groups, sum(came + no_shows) as outcomes from naive group by 1 order by 1;
(select word, case when word = 'all' then 'everything' else grouped_name end, came, no_shows, unrecorded, round(100.0 * no_shows / nullif(no_shows + came, 0), 2)::float from shown
 except select word, name, came, no_shows, unrecorded, round(100.0 * no_shows / nullif(no_shows + came, 0), 2)::float from naive)
union all
(select word, name, came, no_shows, unrecorded, round(100.0 * no_shows / nullif(no_shows + came, 0), 2)::float from naive
 except select word, case when word = 'all' then 'everything' else grouped_name end, came, no_shows, unrecorded, no_show_percent from shown);
select count(*) as rows, count(*) filter (where round(100 * no_show_rate::numeric, 2) = no_show_percent::numeric and no_show_rate = round(no_show_rate::numeric, 4)::float) as to_four_decimals
from shown where no_show_rate is not null;

-- Lead times.
drop table shown, naive;
create temp table shown as select w.word, r.* from word w, lead_times('2026-02-01', '2026-04-30', nullif(w.word, 'all')) r
  where (r.grouped_by = 'all') = (w.word = 'all') and w.word not in ('lead_time', 'patient');
create temp table naive as
  select word, pg_temp.key(b, word) as name, count(*) as bookings, percentile_cont(0.25) within group (order by d) as q1, percentile_cont(0.5) within group (order by d) as q2,
    percentile_cont(0.75) within group (order by d) as q3, avg(d) as mean
  from clinic.bookings b cross join lateral (select greatest(extract(epoch from slot_start - created_at) / 86400, 0)::float as d) l, word
  where :of_period and status in ('booked', 'arrived', 'checked-in', 'fulfilled', 'noshow') and word not in ('lead_time', 'patient') group by 1, 2;
select count(*) as rows, count(*) filter (where s.bookings = n.bookings and abs(q1 - first_quartile_days) < 1e-9 and abs(q2 - median_days) < 1e-9
  and abs(q3 - third_quartile_days) < 1e-9 and abs(mean - mean_days) < 1e-9) as equal
from shown s full join naive n on n.word = s.word and n.name = case when s.word = 'all' then 'everything' else grouped_name end;

-- Cancellations, late at 24 hours and at others.
drop table shown, naive;
create temp table shown as select w.word, h.late, r.* from word w, (values (24), (0), (2.5), (1000)) h (late),
  cancellation_rates('2026-02-01', '2026-04-30', nullif(w.word, 'all'), h.late) r where (r.grouped_by = 'all') = (w.word = 'all') and w.word not in ('lead_time', 'patient');
create temp table naive as
  select word, late, pg_temp.key(b, word) as name, count(*) as bookings, sum((status = 'cancelled')::integer) as cancelled,
    coalesce(sum((cancelled_at > slot_start - late * interval '1 hour')::integer), 0) as late_ones
  from clinic.bookings b, word, (values (24), (0), (2.5), (1000)) h (late)
  where :of_period and status not in ('entered-in-error', 'pending') and hold_expires_at is null and word not in ('lead_time', 'patient') group by 1, 2, 3;
select late, sum(bookings) as bookings, sum(cancelled) as cancelled, sum(late_ones) as late_ones from naive where word = 'all' group by 1 order by 1;
select count(*) as rows, count(*) filter (where s.bookings = n.bookings and s.cancellations = n.cancelled and late_cancellations = late_ones
  and abs(cancellation_percent - 100.0 * cancelled / n.bookings) <= 0.005 and abs(late_percent - 100.0 * late_ones / n.bookings) <= 0.005
  and abs(cancellation_rate - cancelled::float / n.bookings) <= 0.00005 and abs(late_rate - late_ones::float / n.bookings) <= 0.00005) as equal
from shown s full join naive n on n.word = s.word and n.late = s.late and n.name = case when s.word = 'all' then 'everything' else grouped_name end;

-- What it looks like. The row of all comes first and is told apart by its word.
select * from no_show_rates('2026-02-01', '2026-04-30', 'lead_time', '2026-05-01');
select * from no_show_rates('2026-02-01', '2026-02-28', 'patient', '2026-05-01');
select * from no_show_rates('2025-12-22', '2026-01-10', 'week', '2026-05-01');
select * from no_show_rates('2026-01-01', '2026-06-30', 'month', '2026-07-01');
select grouped_by, grouped_id, grouped_name, bookings, median_days from lead_times('2026-02-01', '2026-02-28', 'weekday');
select * from cancellation_rates('2026-02-01', '2026-02-28');
-- None: one row, no rate.
select * from cancellation_rates('2024-02-01', '2024-02-28', 'hour');

call test.refused($$select no_show_rates(group_by => 'doctor')$$);
call test.refused($$select no_show_rates(group_by => 'Room')$$);
call test.refused($$select no_show_rates(group_by => 'all')$$);
call test.refused($$select lead_times(group_by => 'patient')$$);
call test.refused($$select cancellation_rates(group_by => 'lead_time')$$);
call test.refused($$select cancellation_rates(late_hours => -1)$$);
call test.refused($$select cancellation_rates(late_hours => 'NaN')$$);
select count(*) from cancellation_rates('2026-02-01', '2026-02-28', null, null);
rollback;
