-- Compares the contenders' answers, then their times.

-- The questions. Case 3 asks case 1's in databases with more history.
create table bench.question (
  name        text primary key,
  clinic_id   bigint not null,
  from_date   date not null,
  to_date     date not null,
  max_results integer,
  at_time     timestamptz not null default now()
);

create table bench.timing (
  place     text,
  question  text,
  contender text,
  ms        double precision
);

-- A contender's answer to a question, numbered in its order.
create function bench.answer(contender text, question_name text, max_results integer)
  returns table (
    nth bigint, slot_start timestamptz, slot_end timestamptz, provider_id bigint, provider_name text,
    room_id bigint, room_name text, quality_score double precision, is_overbooked boolean,
    preference_score double precision, compactness_score double precision,
    room_score double precision, overbooking_score double precision)
  language plpgsql stable as $$
#variable_conflict use_column
declare
  q bench.question;
begin
  select * into strict q from bench.question where name = question_name;
  return query
  select row_number() over (), s.slot_start, s.slot_end, s.provider_id, s.provider_name, s.room_id, s.room_name,
    s.quality_score, s.is_overbooked, s.preference_score, s.compactness_score, s.room_score, s.overbooking_score
  from find_slots(
    'General Checkup', q.from_date, q.to_date, preferred_from => '09:00', preferred_until => '12:00',
    max_results => answer.max_results, now => q.at_time, clinic_id => q.clinic_id) as s
  where contender = 'find_slots'
  union all
  select row_number() over (), s.slot_start, s.slot_end, s.provider_id, s.provider_name, s.room_id, s.room_name,
    s.quality_score, s.is_overbooked, s.preference_score, s.compactness_score, s.room_score, s.overbooking_score
  from bench.expert(
    q.clinic_id, 'General Checkup', q.from_date, q.to_date, '09:00', '12:00', answer.max_results, q.at_time) as s
  where contender = 'plain SQL';
end $$;

-- Fails unless find_slots and the plain SQL give the same rows in the same order: all of them, and the first 20.
create procedure bench.check(question_name text) language plpgsql as $$
declare
  rows_wanted integer;
  ours bigint;
  theirs bigint;
  only_ours bigint;
  only_theirs bigint;
begin
  foreach rows_wanted in array array[null, 20] loop
    with ours as materialized (
      select * from bench.answer('find_slots', question_name, rows_wanted)
    ), theirs as materialized (
      select * from bench.answer('plain SQL', question_name, rows_wanted)
    )
    select (select count(*) from ours), (select count(*) from theirs),
      (select count(*) from (table ours except table theirs) as d),
      (select count(*) from (table theirs except table ours) as d)
    into ours, theirs, only_ours, only_theirs;
    if ours <> theirs or only_ours + only_theirs > 0 or ours = 0 then
      raise 'find_slots and the plain SQL differ on question %, max_results %', question_name, rows_wanted
        using detail = format('%s rows against %s; %s are only in ours, %s only in theirs.',
                              ours, theirs, only_ours, only_theirs);
    end if;
  end loop;
end $$;

-- Which way of planning serves a contender better: an expert would have found out, and a floor must be low.
create function bench.plan_mode(contender text, question_name text) returns text language plpgsql as $$
declare
  mode text;
  started timestamptz;
  took interval;
  best interval;
  best_mode text;
begin
  foreach mode in array array['force_generic_plan', 'force_custom_plan'] loop
    perform set_config('plan_cache_mode', mode, false);
    perform bench.ask(contender, question_name);
    started := clock_timestamp();
    for i in 1..3 loop
      perform bench.ask(contender, question_name);
    end loop;
    took := clock_timestamp() - started;
    if best is null or took < best then
      best := took;
      best_mode := mode;
    end if;
  end loop;
  perform set_config('plan_cache_mode', 'auto', false);
  return best_mode;
end $$;

-- Asks once; gives the milliseconds of the call itself.
create function bench.ask(contender text, question_name text) returns double precision language plpgsql as $$
declare
  q bench.question;
  started timestamptz;
begin
  select * into strict q from bench.question where name = question_name;
  started := clock_timestamp();
  case contender
    when 'find_slots' then
      perform from find_slots(
        'General Checkup', q.from_date, q.to_date, preferred_from => '09:00', preferred_until => '12:00',
        max_results => q.max_results, now => q.at_time, clinic_id => q.clinic_id);
    when 'plain SQL' then
      perform from bench.expert(
        q.clinic_id, 'General Checkup', q.from_date, q.to_date, '09:00', '12:00', q.max_results, q.at_time);
    when 'reads' then
      perform bench.floor(q.clinic_id, 'General Checkup', q.from_date, q.to_date, q.at_time);
  end case;
  return extract(epoch from clock_timestamp() - started) * 1000;
end $$;

-- In turns, so that whatever else the machine does hits all contenders alike. Caches are warm: the first rounds, in
-- which plans are made, don't count.
create procedure bench.measure(place text, question_name text, repetitions integer) language plpgsql as $$
declare
  warm_up constant integer := 8;
  contenders constant text[] := array['find_slots', 'plain SQL', 'reads'];
  -- find_slots decides for itself.
  modes constant text[] := array[
    'auto', bench.plan_mode('plain SQL', question_name), bench.plan_mode('reads', question_name)];
  ms double precision;
begin
  for i in 1 - warm_up..repetitions loop
    for c in 1..cardinality(contenders) loop
      perform set_config('plan_cache_mode', modes[c], false);
      ms := bench.ask(contenders[c], question_name);
      if i > 0 then
        insert into bench.timing values (place, question_name, contenders[c], ms);
      end if;
    end loop;
  end loop;
end $$;

create view bench.median as
select place, question, contender, count(*) as repetitions, percentile_cont(0.5) within group (order by ms) as ms
from bench.timing group by place, question, contender;
