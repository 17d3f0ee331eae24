-- The table that `make bench` prints.

\pset footer off
\pset null ''

-- Ratios are of runs next to each other in time: on a busy machine the speed of all of them drifts.
create or replace view bench.tps as
select r.contender, r.clients, r.commits, r.days, percentile_cont(0.5) within group (order by r.tps) as tps,
  percentile_cont(0.5) within group (order by r.tps / bare.tps) as ratio
from bench.run as r
join bench.run as bare
  on (bare.contender, bare.round, bare.clients, bare.commits, bare.days)
   = ('bare_insert', r.round, r.clients, r.commits, r.days)
group by r.contender, r.clients, r.commits, r.days;

-- The same for events: with them against without, next to each other.
create or replace view bench.events as
select r.contender, r.clients, r.commits, percentile_cont(0.5) within group (order by quiet.tps) as quiet_tps,
  percentile_cont(0.5) within group (order by r.tps) as tps,
  percentile_cont(0.5) within group (order by r.tps / quiet.tps) as ratio
from bench.run as r
join bench.run as quiet
  on (quiet.contender, quiet.round, quiet.clients, quiet.commits, quiet.days)
   = (r.contender || ' without events', r.round, r.clients, r.commits, r.days)
group by r.contender, r.clients, r.commits;

-- Everything as rows: a figure, what it is set against, and what is aimed at.
with asked as (
  select m.place, m.question, m.contender, m.ms, m.repetitions,
    ours.ms as ours_ms, reads.ms as reads_ms, base.ms as base_ms
  from bench.median as m
  join bench.median as ours on (ours.place, ours.question, ours.contender) = (m.place, m.question, 'find_slots')
  join bench.median as reads on (reads.place, reads.question, reads.contender) = (m.place, m.question, 'reads')
  join bench.median as base on (base.place, base.question, base.contender) = ('base', m.question, m.contender)
), line (section, nth, "case", measured, median, ratio, of, aim, reached) as (
  select case when question = 'month' then 2 when place = 'base' then 1 else 3 end,
    (place, array_position('{find_slots,plain SQL,reads}', contender))::text,
    case
      when question = 'month' then '2. 50 providers, 20 rooms, 30 days, best 20'
      when place = 'base' then '1. 5 providers, 8 rooms, 1 day'
      else '3. as 1, with ' || replace(place, '1e', '10^') || ' bookings of history'
    end,
    case contender when 'reads' then 'the reads alone' else contender end,
    to_char(ms, 'FM99990.000') || ' ms',
    case
      when contender = 'find_slots' and place <> 'base' then ms / base_ms
      when contender = 'find_slots' then ms / reads_ms
      when contender = 'plain SQL' then ms / ours_ms
    end,
    case
      when contender = 'find_slots' and place <> 'base' then 'case 1'
      when contender = 'find_slots' then 'the reads'
      else 'find_slots'
    end,
    case
      when contender = 'find_slots' and place <> 'base' then '<= 1.2 x'
      when contender = 'find_slots' and question = 'day' then '<= 1 ms, <= 2 x'
      when contender = 'plain SQL' and question = 'month' then '>= 10 x'
    end,
    case
      when contender = 'find_slots' and place <> 'base' then ms <= 1.2 * base_ms
      when contender = 'find_slots' and question = 'day' then ms <= 1 and ms <= 2 * reads_ms
      when contender = 'plain SQL' and question = 'month' then ms >= 10 * ours_ms
    end
  from asked
  union all
  select 4,
    (commits = 'off', clients, days = 'same',
     array_position('{bare_insert,raw_insert,book_slot}', contender))::text,
    '4. ' || clients || case clients when 1 then ' client' else ' clients' end || ', synchronous_commit ' || commits
      || case days when 'same' then ', on one day' else '' end,
    case contender when 'bare_insert' then 'INSERT, no triggers' when 'raw_insert' then 'INSERT' else contender end,
    to_char(tps, 'FM999990') || ' tps',
    case when contender <> 'bare_insert' then ratio end,
    'no triggers',
    case when contender = 'raw_insert' and days <> 'same' then '>= 0.7 x' end,
    case when contender = 'raw_insert' and days <> 'same' then ratio >= 0.7 end
  from bench.tps
  where contender not like '% without events'
  union all
  select 5, (commits = 'off', clients, contender, not is_quiet)::text,
    '5. events, ' || clients || case clients when 1 then ' client' else ' clients' end || ', synchronous_commit ' || commits,
    case contender when 'raw_insert' then 'INSERT' else contender end || case when is_quiet then ' without events' else '' end,
    to_char(case when is_quiet then quiet_tps else tps end, 'FM999990') || ' tps',
    case when not is_quiet then ratio end, 'without events', case when not is_quiet then '>= 0.9 x' end,
    case when not is_quiet then ratio >= 0.9 end
  from bench.events cross join (values (true), (false)) as q (is_quiet)
  union all
  select case m.question when 'backfill' then 6 else 7 end,
    array_position('{find_backfill,any type,utilization,reads}', m.contender)::text,
    case m.question when 'backfill' then '6. ' else '7. ' end || m.place,
    case m.contender when 'reads' then 'the reads alone' when 'any type' then 'find_backfill, any type' else m.contender end,
    to_char(m.ms, 'FM99990.000') || ' ms',
    case when m.contender <> 'reads' then m.ms / reads.ms end, 'the reads',
    case m.contender when 'find_backfill' then '<= 5 ms' end,
    case m.contender when 'find_backfill' then m.ms <= 5 end
  from bench.median as m
  join bench.median as reads on (reads.place, reads.question, reads.contender) = (m.place, m.question, 'reads')
  where m.question in ('backfill', 'utilization')
)
select case when row_number() over same_case = 1 then "case" end as "case", measured,
  lpad(median, 12) as median,
  case when ratio is not null then lpad(to_char(ratio, 'FM9990.00'), 7) || ' x ' || of end as ratio,
  aim, case reached when true then 'reached' when false then 'missed' end as " "
from line
window same_case as (partition by section, "case" order by nth)
order by section, nth;
