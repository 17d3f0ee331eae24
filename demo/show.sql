-- The main job, as somebody sees it who has just run `make demo`. Each statement is printed before its answer.

\set QUIET on
\set ECHO none
\set SHOW_CONTEXT never
\pset footer off
\pset null ''
set timezone = 'Europe/Berlin';
set datestyle = 'ISO';

-- The next working day, and a place on it that is taken.
select (now() at time zone 'Europe/Berlin')::date
  + case extract(isodow from now() at time zone 'Europe/Berlin') when 5 then 3 when 6 then 2 else 1 end as day \gset
select provider_id, room_id, lower(during) as start
from clinic.bookings
where local_date = :'day' and provider_id = 1 and room_id = 1 and status = 'booked' and not is_overbooked
order by during offset 3 limit 1 \gset taken_

\echo
\echo '== Downtown Clinic: 5 providers, 8 rooms, two weeks of bookings around today'
\echo
\set ECHO queries
select local_date as day, count(*) as rows, count(day_seat) + count(overbook_seat) as taken,
  count(*) filter (where is_overbooked) as overb,
  string_agg(distinct status, ' ' order by status) as statuses
from clinic.bookings group by 1 order by 1;
\set ECHO none

\echo '== Where can a patient go for a checkup on the next working day, in the morning? Best first.'
\echo
\set ECHO queries
select to_char(local_date + local_time, 'Dy HH24:MI') as start, provider_name, room_name, quality_score as score,
  round(preference_score::numeric, 2) as pref, round(compactness_score::numeric, 2) as compact,
  room_score as room, is_overbooked as overbooked
from find_slots('General Checkup', :'day', preferred_from => '09:00',
                preferred_until => '12:00', max_results => 8);
\set ECHO none

\echo '== Why is Dr. Weber not offered in Exam 1 at this time? Every reason, not only the first.'
\echo
\set ECHO queries
select code, blocking_id as booking, sentence
from explain_slots('General Checkup', :'day', provider_id => 1, room_id => 1,
                   slot_start => :'taken_start');
\set ECHO none

\echo '== The earliest places for a minor surgery with Dr. Nowak, whatever the day'
\echo
\set ECHO queries
select to_char(slot_start, 'Dy DD Mon HH24:MI') as start, provider_name, room_name,
  quality_score as score
from next_available('Minor Surgery', provider_id => 4, max_results => 3);
\set ECHO none

select * from find_slots('General Checkup', :'day', preferred_from => '09:00',
                         preferred_until => '12:00', max_results => 1) \gset best_
\echo '== Book the best one'
\echo
\set ECHO queries
set pg_clinic.actor = 'Maria, front desk';
select booking_id, slot_start, provider_name, room_name, patient_name, status
from book_slot('General Checkup', :best_provider_id, :best_room_id, :'best_slot_start',
               patient_name => 'Nora Blum', patient_id => 'P9001');
\set ECHO none
select id from clinic.bookings where patient_id = 'P9001' \gset booking_

-- An error in full is too wide for this page (DETAIL says which booking, HINT what to do): code and message will do.
\set ON_ERROR_STOP off
\set VERBOSITY sqlstate

\echo '== Somebody else wanted it too, and is refused. So is a plain INSERT: there is no way around it.'
\echo
\set ECHO queries
select booking_id from book_slot('General Checkup', :best_provider_id, :best_room_id, :'best_slot_start',
                         patient_name => 'Otto Late', patient_id => 'P9002');
\echo :LAST_ERROR_MESSAGE
\echo
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
values (:best_provider_id, :best_room_id, 1, 'Otto Late', tstzrange(:'best_slot_start', null));
\echo :LAST_ERROR_MESSAGE
\echo
\set ECHO none
\set ON_ERROR_STOP on
\set VERBOSITY default

\echo '== The patient cancels. The place is free at once, and these patients could take it …'
\echo
\set ECHO queries
select b.booking_id, b.status, b.candidate_count, candidate ->> 'source' as source,
  candidate ->> 'patient_name' as patient_name, candidate ->> 'score' as score
from cancel_booking(:booking_id, reason => 'has a cold') b, jsonb_array_elements(candidates) candidate limit 4;
\set ECHO none
\echo
\echo '… but Otto is still on the phone.'
\echo
\set ECHO queries
select booking_id, slot_start, patient_name, status
from book_slot('General Checkup', :best_provider_id, :best_room_id, :'best_slot_start',
               patient_name => 'Otto Late', patient_id => 'P9002');
\set ECHO none

\echo '== What happened to the first booking, who did it, and why'
\echo
\set ECHO queries
select version, operation, actor, reason,
  before ->> 'status' as before, after ->> 'status' as after
from clinic.booking_history where booking_id = :booking_id order by version;
\set ECHO none

-- A class for six. Five are found a place in it by name; then it is looked for again.
insert into clinic.appointment_types (name, duration_minutes, capacity, required_room_type, color)
values ('Back School', 60, 6, 'treatment', '#9c755f');
select provider_id, room_id, slot_start from find_slots('Back School', :'day', include_overbooked => false, max_results => 1) \gset class_
-- Each patient takes one of the provider's places of the day.
update clinic.providers set max_daily_appointments = max_daily_appointments + 6 where id = :class_provider_id;
select booked.booking_id from unnest('{Anna Berg,Ben Cole,Carla Diaz,Dan Egli,Eva Fink}'::text[]) as patient,
  lateral book_slot('Back School', :class_provider_id, :class_room_id, :'class_slot_start', patient) as booked \g /dev/null
\echo '== A back school for six: five are in it, so it comes first, with one place left. Then it is full.'
\echo
\set ECHO queries
select to_char(slot_start, 'Dy HH24:MI') as start, provider_name, room_name, quality_score as score, places_left
from find_slots('Back School', :'day', include_overbooked => false, max_results => 3);
select status from book_slot('Back School', :class_provider_id, :class_room_id, :'class_slot_start', 'Finn Gray');
select code, sentence from explain_slots('Back School', slot_start => :'class_slot_start', provider_id => :class_provider_id,
                                         room_id => :class_room_id, is_overbooked => false);
\set ECHO none

-- An hour of Dr. Weber's some days from then, kept for urgent visits until the day before.
select date::date as kept_day from generate_series(:'day'::date + 2, :'day'::date + 13, interval '1 day') as date
where extract(isodow from date) < 6 and not exists (
  select from clinic.time_off where coalesce(provider_id, 1) = 1 and room_id is null and during && tstzrange(date, date + interval '1 day'))
order by date limit 1 \gset
insert into clinic.appointment_types (name, duration_minutes) values ('Urgent Visit', 15);
insert into clinic.reserved_windows (provider_id, day_of_week, start_time, end_time, release_before)
values (1, extract(isodow from :'kept_day'::date), '14:00', '15:00', '1 day') returning id as kept_id \gset
insert into clinic.reserved_window_types (reserved_window_id, appointment_type_id)
select :kept_id, id from clinic.appointment_types where name = 'Urgent Visit';
update clinic.bookings set status = 'cancelled', cancellation_reason = 'the demo needs the hour'
where provider_id = 1 and status = 'booked'
  and provider_busy && tstzrange(:'kept_day'::date + time '13:30', :'kept_day'::date + time '15:30');
\echo '== Some days later Dr. Weber is kept for urgent visits from 14 to 15, until the day before'
\echo
\set ECHO queries
select count(*) as urgent_places
from find_slots('Urgent Visit', :'kept_day', provider_id => 1, earliest_time => '14:00', latest_time => '14:30');
select count(*) as checkup_places
from find_slots('General Checkup', :'kept_day', provider_id => 1, earliest_time => '14:00', latest_time => '14:30');
select code, sentence
from explain_slots('General Checkup', slot_start => :'kept_day'::date + time '14:00', provider_id => 1, room_id => 1);
select count(*) as checkup_places_the_day_before
from find_slots('General Checkup', :'kept_day', provider_id => 1, earliest_time => '14:00', latest_time => '14:30',
                now => :'kept_day'::date - interval '9 hours');
\set ECHO none

-- One portable ultrasound for all.
insert into clinic.appointment_types (name, duration_minutes) values ('Sonography', 30);
insert into clinic.resources (name, kind) values ('Ultrasound 1', 'ultrasound');
insert into clinic.type_resources (appointment_type_id, kind)
select id, 'ultrasound' from clinic.appointment_types where name = 'Sonography';
select provider_id, room_id, slot_start
from find_slots('Sonography', :'day', :'day'::date + 7, include_overbooked => false, max_results => 1) \gset sono_
\echo '== There is one portable ultrasound: while it is out, nobody else can have it'
\echo
\set ECHO queries
select booking_id, provider_name, local_time
from book_slot('Sonography', :sono_provider_id, :sono_room_id, :'sono_slot_start', 'Gina Hart');
select distinct code, sentence
from explain_slots('Sonography', slot_start => :'sono_slot_start', is_overbooked => false) where code = 'no_resource';
\set ECHO none

\echo '== The whole day, as the front desk sees it (day_board_svg() draws it for a browser)'
\echo
\set ECHO queries
select * from day_board(:'day');
\set ECHO none
\echo '`make psql` looks around in this database.'
