-- How many rows: one per provider and start by default, every room with all_rooms, the first few with max_results.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

insert into clinic.providers (name) values ('Berg');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '10:00');
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam'), ('Room 3', 'exam');
update clinic.provider_availability set end_time = '10:00';
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 2, 1, 'A', '[2026-04-13 09:00,)');

-- Provider 1 can at 09:45 no more (it would end at 10:15). Provider 2 has an empty day, so the lowest room that is free.
-- 09:00: room 2 is taken. The order is total: score, start, provider, room.
select slot_start::time, provider_id, room_id, quality_score
from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');
-- Provider 1's best room is 2, which the day began in.
update clinic.provider_availability set end_time = '11:00' where provider_id = 1;
select slot_start::time, provider_id, room_id, room_score, quality_score
from find_slots('Checkup', date '2026-04-13', provider_id => 1, now => '2026-04-01');
-- Every room.
select slot_start::time, provider_id, room_id, room_score, quality_score
from find_slots('Checkup', date '2026-04-13', provider_id => 1, all_rooms => true, now => '2026-04-01');

-- max_results is a prefix of the whole answer, whatever the number: no row here says otherwise.
create function pg_temp.answer(max_results int, all_rooms boolean) returns jsonb language sql as $$
  select jsonb_agg(to_jsonb(s) order by ordinality)
  from find_slots('Checkup', date '2026-04-13', max_results => max_results, all_rooms => all_rooms, now => '2026-04-01')
    with ordinality s
$$;
create function pg_temp.prefix(max_results int, all_rooms boolean) returns jsonb language sql as $$
  select jsonb_agg(to_jsonb(s) order by ordinality)
  from find_slots('Checkup', date '2026-04-13', all_rooms => all_rooms, now => '2026-04-01') with ordinality s
  where ordinality <= max_results
$$;
select max, jsonb_array_length(pg_temp.answer(max, all_rooms)) from generate_series(1, 30) max, (values (true), (false)) v (all_rooms)
where pg_temp.answer(max, all_rooms) is distinct from pg_temp.prefix(max, all_rooms);
select jsonb_array_length(pg_temp.answer(3, true)) as three, jsonb_array_length(pg_temp.answer(2147483647, false)) as many,
  jsonb_array_length(pg_temp.answer(null, false)) as all;
rollback;
