-- waiting_times(): how long patients of the waitlist wait, beside plain SQL over the table.
\set SHOW_CONTEXT never
set timezone to 'America/New_York';
set datestyle to iso;
set extra_float_digits to 0;
begin;
call test.clinic();
insert into clinic.providers (name) values ('Baer');
insert into clinic.appointment_types (name, duration_minutes) values ('Surgery', 60);
insert into clinic.bookings (id, provider_id, room_id, appointment_type_id, patient_name, during)
  select n, 1, 1, 1 + n % 2, 'P', tstzrange(timestamptz '2026-02-01 09:00+01' + n * interval '31 hours', null) from generate_series(1, 40) n;
insert into clinic.waitlist (appointment_type_id, provider_id, patient_name, from_date, to_date, status, placed_booking_id, created_at)
  select 1 + n % 2, case when n % 3 > 0 then n % 3 end, 'P', '2026-01-01', '2026-12-31', case when n <= 40 then 'placed' when n % 2 = 0 then 'waiting' else 'left' end, case when n <= 40 then n end,
    timestamptz '2025-12-30 23:30+01' + n * interval '25 hours' from generate_series(1, 70) n;
select * from waiting_times('2026-01-01', '2026-01-31', now => '2026-04-01 12:00+02');
select grouped_name, entries, placed, still_waiting, gave_up, placed_percent, median_days from waiting_times('2026-01-01', '2026-03-31', 'month', '2026-04-01 12:00+02');
select grouped_name, entries, placed, still_waiting from waiting_times('2026-01-01', '2026-03-31', 'provider', '2026-04-01 12:00+02');
-- Each word against plain SQL.
create temp table naive as
  select word, case word when 'type' then t.name when 'provider' then p.name when 'weekday' then trim(to_char(joined, 'Day')) when 'week' then to_char(joined, 'IYYY-"W"IW') when 'month' then to_char(joined, 'YYYY-MM') end as name,
    count(*) as entries, sum((status = 'placed')::integer) as placed, sum((status = 'waiting')::integer) as waiting, sum((status = 'left')::integer) as gone,
    percentile_cont(0.5) within group (order by days) as median, percentile_cont(0.75) within group (order by days) as third, percentile_cont(0.5) within group (order by so_far) as so_far
  from (select w.*, w.created_at at time zone 'Europe/Berlin' as joined,
      (select greatest(extract(epoch from slot_start - w.created_at) / 86400, 0)::float from clinic.bookings b where b.id = w.placed_booking_id) as days,
      case when status = 'waiting' then extract(epoch from timestamptz '2026-04-01 12:00+02' - w.created_at)::float / 86400 end as so_far from clinic.waitlist w) w
    join clinic.appointment_types t on t.id = w.appointment_type_id left join clinic.providers p on p.id = w.provider_id, unnest('{type,provider,weekday,week,month,all}'::text[]) word
  where joined::date between '2026-01-05' and '2026-03-01' group by 1, 2;
select word, count(*) as rows, count(*) filter (where (n.entries, n.placed, waiting, gone) = (s.entries, s.placed, still_waiting, gave_up) and abs(placed_percent - 100.0 * n.placed / n.entries) <= 0.005
  and (abs(median - median_days) < 1e-9 or coalesce(median, median_days) is null) and (abs(third - third_quartile_days) < 1e-9 or coalesce(third, third_quartile_days) is null)
  and (abs(so_far - median_days_so_far) < 1e-9 or coalesce(so_far, median_days_so_far) is null)) as equal
from naive n full join (select w.word, t.* from unnest('{type,provider,weekday,week,month,all}'::text[]) w (word), waiting_times('2026-01-05', '2026-03-01', nullif(w.word, 'all'), '2026-04-01 12:00+02') t
  where (t.grouped_by = 'all') = (w.word = 'all')) s using (word) where n.name is not distinct from s.grouped_name group by 1 order by 1;
select * from waiting_times('2024-01-01', '2024-12-31');
call test.refused($$select waiting_times(group_by => 'room')$$);
rollback;
