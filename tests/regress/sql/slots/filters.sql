-- What the caller asks for is asked for first: max_results counts what is left.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.providers set specialty = 'Cardiology';
insert into clinic.providers (name, specialty) values ('Berg', 'cardiology'), ('Conti', 'Surgery'), ('Dorn', null);
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam'), ('Room 3', 'exam');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time)
  select p, d, '09:00', '12:00' from generate_series(2, 4) p, generate_series(1, 5) d;

-- Three results each: of two providers, two rooms, two weekdays; in the morning only; of a specialty, however it is written.
select provider_name, room_name, to_char(slot_start, 'Dy HH24:MI') as slot
from find_slots('Checkup', '2026-04-13', '2026-04-17', max_results => 3, provider_ids => '{4,3,4}', room_ids => '{3,2}', weekdays => '{3,4}',
  now => '2026-04-01');
select provider_name, to_char(slot_start, 'Dy HH24:MI') as slot
from find_slots('Checkup', '2026-04-13', '2026-04-17', max_results => 3, earliest_time => '10:30', latest_time => '11:00', specialty => 'CARDIOLOGY',
  now => '2026-04-01');
select provider_name, to_char(slot_start, 'Dy HH24:MI') as slot
from next_available('Checkup', '2026-04-13', max_results => 3, weekdays => '{5}', specialty => 'surgery', earliest_time => '11:00', now => '2026-04-01');
select provider_name, to_char(slot_start, 'Dy DD HH24:MI') as slot
from next_available('Checkup', '2026-04-13', max_results => 3, provider_ids => '{1,2}', latest_time => '09:00', room_ids => '{1}', now => '2026-04-01');

-- The same as a WHERE on all there are, whatever is asked for.
select count(*) as differing from (
  values (null::bigint[], null::bigint[], null::integer[], null::time, null::time, null),
    ('{1}', null, null, null, null, null), ('{2,4}', '{1,2}', null, null, null, null), (null, '{3}', '{2,5}', '09:15', null, null),
    (null, null, '{1}', null, '10:00', 'cardiology'), ('{1,3}', null, null, '11:00', '09:30', null), ('{3}', null, null, null, null, 'cardiology'),
    (null, null, null, '09:05', '09:10', null)
  ) as asked (providers, rooms, days, earliest, latest, specialty),
  lateral (
    (select array_agg((f.slot_start, f.provider_id, f.room_id, f.quality_score)) as slots from find_slots('Checkup', '2026-04-13', '2026-04-17', all_rooms => true,
      provider_ids => providers, room_ids => rooms, weekdays => days, earliest_time => earliest, latest_time => latest, specialty => asked.specialty, now => '2026-04-01') f)
  ) as found,
  lateral (
    (select array_agg((f.slot_start, f.provider_id, f.room_id, f.quality_score)) as slots from find_slots('Checkup', '2026-04-13', '2026-04-17', all_rooms => true, now => '2026-04-01') f
     join clinic.providers p on p.id = f.provider_id
     where (providers is null or f.provider_id = any (providers)) and (rooms is null or f.room_id = any (rooms))
       and (days is null or extract(isodow from f.local_date) = any (days))
       and case when coalesce(earliest, '00:00') <= coalesce(latest, '24:00') then f.local_time between coalesce(earliest, '00:00') and coalesce(latest, '24:00')
         else f.local_time >= earliest or f.local_time <= latest end
       and (asked.specialty is null or lower(p.specialty) = asked.specialty))
  ) as expected
where found.slots is distinct from expected.slots;

-- A length other than the type's: 90 minutes and the buffer of 10 need a gap of 100; 12:00 is closing, not the buffer's end.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'A', '[2026-04-13 09:00,)');
select test.times(array_agg(slot_start)), min(slot_end - slot_start) as length
from find_slots('Checkup', '2026-04-13', provider_id => 1, duration_minutes => 90, now => '2026-04-01');
select test.times(array_agg(slot_start)) from find_slots('Checkup', '2026-04-13', provider_id => 1, now => '2026-04-01');
select to_char(slot_start, 'DD HH24:MI') as slot, slot_end - slot_start as length
from next_available('Checkup', '2026-04-13', provider_id => 1, duration_minutes => 170, max_results => 1, now => '2026-04-01');
select code, sentence from explain_slots('Checkup', provider_id => 1, room_id => 1, slot_start => '2026-04-13 10:45', duration_minutes => 90, now => '2026-04-01');

-- Bad input.
call test.refused($$select from find_slots('Checkup', provider_id => 1, provider_ids => '{1}')$$);
call test.refused($$select from next_available('Checkup', room_id => 1, room_ids => '{1}')$$);
-- What the patient asks of the provider: all of it, beside everything else.
update clinic.providers set attributes = case name when 'Berg' then '{German,Polish}' when 'Conti' then '{German,female}' else '{}' end::text[];
select distinct provider_name from find_slots('Checkup', '2026-04-13', required_attributes => '{German}', now => '2026-04-01') order by 1;
select distinct provider_name from find_slots('Checkup', '2026-04-13', required_attributes => '{female,German}', now => '2026-04-01');
select distinct provider_name from find_slots('Checkup', '2026-04-13', required_attributes => '{German}', specialty => 'Cardiology', now => '2026-04-01');
select provider_name from next_available('Checkup', '2026-04-13', required_attributes => '{Polish}', max_results => 1, now => '2026-04-01');
select distinct provider_name from find_series('Checkup', 2, from_date => '2026-04-13', required_attributes => '{female}', now => '2026-04-01');
select count(*) from find_slots('Checkup', '2026-04-13', provider_id => 1, required_attributes => '{German}', now => '2026-04-01');
call test.refused($$select from find_slots('Checkup', required_attributes => '{Polish,female}')$$);
call test.refused($$select from next_available('Checkup', required_attributes => '{Polish}', specialty => 'Surgery')$$);
call test.refused($$select from find_slots('Checkup', required_attributes => '{}')$$);
call test.refused($$select from find_series('Checkup', 2, required_attributes => '{German,null}')$$);
call test.violates($$update clinic.providers set attributes = '{null}'$$);
call test.violates($$update clinic.providers set attributes = array['']$$);
call test.refused($$select from find_slots('Checkup', provider_ids => '{}')$$);
call test.refused($$select from find_slots('Checkup', room_ids => '{}')$$);
call test.refused($$select from find_slots('Checkup', weekdays => '{}')$$);
call test.refused($$select from find_slots('Checkup', weekdays => '{1,0}')$$);
call test.refused($$select from next_available('Checkup', weekdays => '{8}')$$);
call test.refused($$select from find_slots('Checkup', provider_ids => '{1,null}')$$);
call test.refused($$select from find_slots('Checkup', provider_ids => '{1,99}')$$);
call test.refused($$select from next_available('Checkup', room_ids => '{99}')$$);
call test.refused($$select from find_slots('Checkup', specialty => 'Dentistry')$$);
call test.refused($$select from find_slots('Checkup', duration_minutes => 0)$$);
call test.refused($$select from explain_slots('Checkup', duration_minutes => 1441)$$);
rollback;
