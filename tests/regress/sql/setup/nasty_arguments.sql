-- Every argument of every function is given every value of its type that is known to break something: the answer is one, or an error
-- that README lists. Never an internal one.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
set client_min_messages to warning;
begin;
create role nasty_app;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.providers (name) values ('Second');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) select 2, day, '08:00', '18:00' from generate_series(1, 7) day;
insert into clinic.staff (name) values ('Ana'), ('Ben');
insert into clinic.shift_templates (day_of_week, start_time, end_time, valid_from) values (1, '08:00', '12:00', '2035-04-01');
insert into clinic.shifts (provider_id, during) values (1, '[2035-04-16 08:00, 2035-04-16 12:00)'), (1, '[2035-04-17 08:00, 2035-04-17 12:00)');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, status, hold_expires_at, during) values
  (1, 1, 1, 'p1', 'Booked', 'booked', null, '[2035-04-16 09:00,)'), (1, 1, 1, 'p2', 'Held', 'pending', '2035-01-01', '[2035-04-16 10:00,)'),
  (1, 1, 1, 'p3', 'Cancelled', 'cancelled', null, '[2035-04-16 11:00,)'), (1, 1, 1, 'p4', 'Missed', 'booked', null, '[2015-04-16 09:00,)'),
  (1, 1, 1, 'p5', 'Expired', 'pending', '2015-01-01', '[2035-04-23 09:00,)');
insert into clinic.appointment_types (name, duration_minutes, capacity) values ('Class', 30, 3);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (2, 1, 2, 'Together', '[2035-04-16 14:00,)');
insert into clinic.series default values;
update clinic.bookings set series_id = 1 where id = 1;
insert into clinic.waitlist (patient_name, appointment_type_id, from_date, to_date) select 'W' || i, 1, '2035-04-16', '2035-04-16' from generate_series(1, 2) i;
insert into clinic.offers (clinic_id, id, freed_place_id, source, waitlist_id, patient_name, score, expires_at, slot_start, slot_end) values
  (1, 1, test.freed_place(3), 'waitlist', 1, 'W1', 1, '2035-01-01', '2035-04-16 11:00', '2035-04-16 11:30'),
  (1, 2, test.freed_place(3), 'waitlist', 2, 'W2', 1, '2015-01-01', '2035-04-16 11:00', '2035-04-16 11:30');
insert into clinic.areas (name, travel_minutes) values ('north', 5);
insert into clinic.staff (name, home_area_id, capacity_minutes) values ('Cem', 1, 60);
insert into clinic.clients (name, area_id, visit_minutes, starts_on, renews_on) select 'c' || i, 1, 40, '2035-04-01', '2035-05-01' from generate_series(1, 2) i;
set client_min_messages to error;
select plan_id from solve_roster('2035-04-16', '2035-04-16');
select plan_id from plan_rounds('2035-04-17');
select plan_id from solve_roster('2035-04-17', '2035-04-17');
select p.id, message is not null as promoted from (values (2), (3)) p (id), promote_plan(p.id, 'agreed');
select plan_id from replan_rounds('2035-04-17', '2035-04-17 06:00');
insert into clinic.assignments (staff_id, shift_id) values (1, 1);
update clinic.events set acked_at = '2015-01-01' where id = 1;
select subscribe_events('1');


-- Values by type. Documents that PostgreSQL takes and Rust can't hold among them.
create temp table nasty (type regtype, value text);
insert into nasty select 'text', unnest(array['', ' ', E'\n', E'\t', 'null', '{}', '0', '-1', 'ünïcödé 🏥', U&'\202E\FEFF', chr(1), $$'; drop table clinic.bookings; --$$, '\', '%s%n',
  '9223372036854775808', 'infinity', repeat('x', 10000), repeat('🏥', 300000)]);
insert into nasty select 'bigint', unnest('{0,-1,2147483648,-9223372036854775808,9223372036854775807}'::text[]);
insert into nasty select 'integer', unnest('{0,-1,1,1000000,-2147483648,2147483647}'::text[]);
insert into nasty select 'boolean', unnest('{true,false}'::text[]);
insert into nasty select 'double precision', unnest('{0,-0,-1,1,NaN,Infinity,-Infinity,1e308,-1e308,5e-324}'::text[]);
insert into nasty select 'date', unnest('{infinity,-infinity,4714-11-24 BC,5874897-12-31,0001-01-01,1900-01-01,2199-12-31,2200-01-01,2024-02-29}'::text[]);
insert into nasty select 'timestamptz', unnest('{infinity,-infinity,4714-11-24 00:00+00 BC,294276-12-31 23:59:59.999999+00,0001-01-01,1900-01-01,2199-12-31,2024-02-29 12:00:00.000001,2035-03-25 02:30}'::text[]);
insert into nasty select 'time', unnest('{00:00,24:00,23:59:59.999999}'::text[]);
insert into nasty select 'interval', unnest('{0,-1 second,1 microsecond,1 day,-1 day,24 days,1 month,178000000 years,-178000000 years,2147483647 days,-2147483648 days,2562047788 hours,-2562047788 hours}'::text[]);
insert into nasty select 'jsonb', unnest(array['null', 'true', '0', '""', '"\u0001"', '{}', '[]', '[null]', '{"": null}', '{"load_balance": null}', '{"load_balance": "1"}', '{"load_balance": 1e400}',
  '{"load_balance": -1e400}', '{"load_balance": 1e-400}', '{"load_balance": 1.5}', '{"load_balance": 9223372036854775808}', '{"load_balance": 123456789012345678901234567890.123456789}',
  '{"load_balance": {"load_balance": [1]}}', '{"cover": -1}', '1e400', '[1e400]', '1' || repeat('0', 10000), repeat('[', 126) || repeat(']', 126), repeat('[', 127) || repeat(']', 127),
  repeat('[', 128) || repeat(']', 128), repeat('[', 200) || repeat(']', 200), repeat('[', 6000) || repeat(']', 6000), repeat('{"a": ', 200) || '1' || repeat('}', 200),
  '{"' || repeat('x', 100000) || '": 1}']);
insert into nasty select unnest('{bigint[],integer[]}'::regtype[]), unnest(array['{}', '{null}', '{1,null,2}', '{0}', '{-1}', '{1,1}', '{{1,2},{3,4}}', '{{{1}}}', '[5:6]={1,2}',
  '[-2147483648:-2147483647]={1,2}', '{2147483647}', array_fill(1, '{20000}')::text]);
insert into nasty select 'text[]', unnest(array['{}', '{null}', '{""}', '{a,null}', '{{a,b},{c,d}}', '[5:6]={a,b}', array_fill('x'::text, '{20000}')::text]);
insert into nasty select 'timestamptz[]', unnest(array['{}', '{null}', '{infinity}', '{-infinity}', '{2035-04-23 10:00,null}', '{{2035-04-23 10:00},{2035-04-23 11:00}}', '[5:5]={2035-04-23 10:00}',
  '{294276-12-31}', array_fill('2035-04-23 10:00'::timestamptz, '{20000}')::text]);
insert into nasty select 'date[]', unnest(array['{}', '{null}', '{infinity}', '{-infinity}', '{2035-04-23,null}', '{{2035-04-23},{2035-04-24}}', '[5:5]={2035-04-23}', '{5874897-12-31}', array_fill('2035-04-23'::date, '{20000}')::text]);
insert into nasty select 'tstzrange', unnest(array['empty', '(,)', '[2035-04-16 08:00,)', '(,2035-04-16 08:00]', '(2035-04-16 08:00,2035-04-16 12:00]', '[2035-04-16 08:00,2035-04-16 08:00]',
  '[-infinity,infinity]', '[0001-01-01,2035-04-16]', '[2035-04-16,294276-12-31]', '[2035-04-16,2199-12-31)']);
insert into nasty select 'regrole', unnest('{0,4294967295,10,3373}'::text[]);

-- What arguments are given meanwhile that must be given.
create function pg_temp.usual(function text, argument text) returns text language sql as $$
  select quote_nullable(case argument
    when 'appointment_type' then 'Checkup' when 'patient_name' then 'A' when 'reason' then 'because' when 'count' then '2'
    when 'slot_start' then '2035-04-23 10:00' when 'slot_end' then '2035-04-23 10:30' when 'slot_starts' then '{2035-04-23 10:00}' when 'provider_ids' then '{1}' when 'room_ids' then '{1}'
    when 'event_ids' then '{1}' when 'rule_kind' then 'time_off' when 'resolution' then 'cancelled' when 'role' then 'nasty_app' when 'level' then 'reader'
    when 'name' then 'C' when 'time_zone' then 'UTC' when 'from_date' then '2035-04-16' when 'to_date' then '2035-04-18' when 'on_date' then '2035-04-17'
    when 'time_limit' then '1 second' when 'new_plan_id' then '3' when 'other_assignment_id' then '2' when 'schedule' then null
    when 'booking_id' then case when function like '%backfill' then '3' else '1' end
    when 'from_provider_id' then '1' when 'to_provider_id' then '2' when 'other_booking_id' then '2' when 'booking_ids' then '{1}' when 'during' then '[2035-04-16 08:00,2035-04-16 12:00)'
    when 'shift_id' then case function when 'approve_violation' then '2' else '1' end
    when 'room_id' then case function when 'plan_absence' then null else '1' end when 'to_time' then '2035-04-17 20:00' when 'shift_by' then '20 minutes'
    when 'from_time' then '2035-04-17 06:00' when 'starts_at' then '2035-04-17 10:00'
    when 'plan_id' then case when function like 'rounds%' or function like 'explain_visit' then '2' else '1' end else '1' end)
$$;
-- Others that are wanted though they have a default, beside one that is tried.
create function pg_temp.is_given(function text, argument text, tried text) returns boolean language sql as $$
  select argument in ('patient_name', 'slot_start', 'slot_end', 'slot_starts', 'count', 'on_date', 'from_date', 'to_date', 'time_limit', 'from_time')
    or argument in ('provider_id', 'room_id') and tried not in ('provider_ids', 'room_ids')
    or argument in ('provider_ids', 'room_ids') and function = 'book_series'
    or argument = 'appointment_type' and tried <> 'appointment_type_id'
$$;
create temp table call as
  select p.proname as function, n.type, nasty_name as argument, n.value,
    format('select count(*) from %I(%s)', proname, (select string_agg(format('%I => %s::%s', a.name, case when a.name = nasty_name then quote_literal(n.value) else pg_temp.usual(proname, a.name) end,
        format_type(a.type, null)), ', ' order by a.place)
      from unnest(p.proargnames[:pronargs], p.proargtypes::oid[]) with ordinality a (name, type, place)
      where a.name = nasty_name or a.place <= pronargs - pronargdefaults or pg_temp.is_given(proname, a.name, nasty_name))) as statement
  from pg_proc p join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e' join pg_extension e on e.oid = d.refobjid and extname = 'pg_clinic',
    unnest(p.proargnames[:pronargs], p.proargtypes::oid[]) a (nasty_name, nasty_type), nasty n
  where n.type = nasty_type and prorettype <> 'trigger'::regtype
  union all
  -- NULL for each, and as given.
  select p.proname, null::regtype, a.name, null, format('select count(*) from %I(%s)', proname, (select string_agg(format('%I => %s::%s', b.name, case when b.name = a.name then 'null' else pg_temp.usual(proname, b.name) end,
        format_type(b.type, null)), ', ' order by b.place)
      from unnest(p.proargnames[:pronargs], p.proargtypes::oid[]) with ordinality b (name, type, place)
      where b.name = a.name or b.place <= pronargs - pronargdefaults or pg_temp.is_given(proname, b.name, a.name)))
  from pg_proc p join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e' join pg_extension e on e.oid = d.refobjid and extname = 'pg_clinic',
    unnest(p.proargnames[:pronargs]) a (name)
  where prorettype <> 'trigger'::regtype;
create function pg_temp.outcome(statement text) returns text language plpgsql as $$
begin
  execute statement;
  raise exception 'undo' using errcode = 'P9999';
exception when sqlstate 'P9999' then return 'ok';
when others then return sqlstate || ' ' || left(sqlerrm, 200);
end $$;
set client_min_messages to error;
create temp table outcome as select c.*, pg_temp.outcome(statement) as outcome from call c;
select count(*) > 2500 as many, count(distinct function) > 55 as functions, count(*) filter (where outcome = 'ok') > 700 as answers, count(*) filter (where outcome <> 'ok') > 1500 as refused from outcome;
-- Those without any answer.
select function from outcome group by 1 having count(*) filter (where outcome = 'ok') = 0 order by 1;
-- Every type of argument was tried.
select distinct format_type(unnest(p.proargtypes::oid[]), null) as untried from pg_proc p join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
  join pg_extension e on e.oid = d.refobjid and extname = 'pg_clinic' except select format_type(type, null) from outcome;
-- What README doesn't list.
\pset format unaligned
select distinct on (function, argument, left(outcome, 5)) function, argument, left(value, 60) as value, left(outcome, 80) as outcome from outcome
where left(outcome, 5) not in ('ok', '23P01', '23514', '23505', '23503', '40001', 'PC003', 'P0002', '55000', '22004', '22023', '54000', '42501', '42704', '0A000')
order by function, argument, left(outcome, 5), value;
-- Documents that can't be held.
select function, argument, outcome, count(*) from outcome where type = 'jsonb'::regtype and outcome like '%read%' group by 1, 2, 3 order by 1, 3;
rollback;
