-- Boards of rounds, changes from day to day, and renewals of subscriptions.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
insert into clinic.areas (name) values ('north'), ('south');
insert into clinic.staff (name, home_area_id, capacity_minutes) values
  ('Ana', 1, 240), ('Ben <b>', 1, 300), ('Cleo', 2, 240), ('Dora', null, 480);
insert into clinic.staff_availability (staff_id, day_of_week, start_time, end_time)
  select s, d, '08:00', '12:00' from generate_series(1, 2) s, generate_series(1, 5) d;
insert into clinic.staff_availability (staff_id, day_of_week, start_time, end_time) values (3, 1, '08:00', '12:00');
insert into clinic.clients (name, area_id, starts_on, renews_on, ends_on, visit_days) values
  ('Abel', 1, '2026-04-01', '2026-05-01', null, '{1,2,3,4,5}'),
  ('Brandt', 1, '2026-04-01', '2026-05-01', null, '{}'),
  ('Celik', 2, null, null, null, '{}'),
  ('Diaz', null, '2026-04-01', '2026-05-01', '2026-04-20', '{}'),
  ('Engel', 2, '2026-04-06', '2026-04-20', null, '{1}');

-- Renewal. Abel: the day before counts, to the last minute; the day itself is too late.
insert into clinic.client_events (client_id, on_date, kind, made_at) values
  (1, '2026-04-13', 'skip', '2026-04-12 23:59:59'),
  (1, '2026-04-14', 'skip', '2026-04-14 00:00'),
  (1, '2026-04-15', 'skip', '2026-04-01 09:00'),
  (1, '2026-04-15', 'unskip', '2026-04-02 09:00'),
  (1, '2026-04-16', 'unskip', '2026-04-01 09:00'),
  (1, '2026-04-16', 'skip', '2026-04-02 09:00'),
  -- An unskip on the day itself comes too late as well; a redo brings the visit back, but not the day.
  (1, '2026-04-16', 'unskip', '2026-04-16 07:00'),
  (1, '2026-04-16', 'redo', '2026-04-16 07:00'),
  -- A Saturday, on which nothing is due. 1 May, which two skips before made a date of the period; then one beyond.
  (1, '2026-04-18', 'skip', '2026-04-01 09:00'),
  (1, '2026-05-01', 'skip', '2026-04-01 09:00'),
  (1, '2026-05-05', 'skip', '2026-04-01 09:00'),
  -- The period before the present one.
  (1, '2026-03-31', 'skip', '2026-03-01 09:00');
-- Brandt: of two in the same instant the higher id is the later.
insert into clinic.client_events (id, client_id, on_date, kind, made_at) values
  (101, 2, '2026-04-13', 'skip', '2026-04-01 09:00'), (102, 2, '2026-04-13', 'unskip', '2026-04-01 09:00'),
  (104, 2, '2026-04-14', 'skip', '2026-04-01 09:00'), (103, 2, '2026-04-14', 'unskip', '2026-04-01 09:00');
insert into clinic.client_events (client_id, on_date, kind, made_at) values
  -- Celik has no subscription, Diaz none after the 20th.
  (3, '2026-04-13', 'skip', '2026-04-01 09:00'),
  (4, '2026-04-20', 'skip', '2026-04-01 09:00'), (4, '2026-04-21', 'skip', '2026-04-01 09:00');
select * from client_renewals();
select * from clinic.client_status order by client_id;
-- The same at every call.
select upgrade_clinic();
select client_id, moved_renews_on from clinic.client_status where skipped_days > 0 order by 1;

-- Visits of five dates: two in the record, two in plans alone, one nowhere.
insert into clinic.visits (client_id, on_date)
  select c, date '2026-04-13' + d from generate_series(0, 4) d, generate_series(1, 5) c order by d, c;
insert into clinic.assignments (staff_id, visit_id, during) values
  (1, 1, '[2026-04-13 08:00, 2026-04-13 08:30)'), (1, 2, '[2026-04-13 09:00, 2026-04-13 09:30)'),
  (2, 3, '[2026-04-13 10:00, 2026-04-13 10:30)'), (2, 4, '[2026-04-13 11:00, 2026-04-13 11:30)'),
  -- On the next date Abel is later, Brandt sees Ben, Celik and Diaz aren't visited, Engel is new.
  (1, 6, '[2026-04-14 08:20, 2026-04-14 08:50)'), (2, 7, '[2026-04-14 08:30, 2026-04-14 09:00)'),
  (2, 9, '[2026-04-14 11:00, 2026-04-14 11:30)'), (3, 10, '[2026-04-14 11:00, 2026-04-14 11:30)');
update clinic.visits set outcome = 'cancelled' where id = 9;
-- Written directly for once, as plans that were made.
alter table clinic.plans disable trigger keep_new_plan;
insert into clinic.plans (kind, from_date, to_date, status) values
  ('rounds', '2026-04-14', '2026-04-14', 'FEASIBLE'), ('rounds', '2026-04-15', '2026-04-15', 'FEASIBLE'),
  ('rounds', '2026-04-15', '2026-04-15', 'FEASIBLE'), ('rounds', '2026-04-15', '2026-04-15', 'DRAFT'),
  ('roster', '2026-04-15', '2026-04-15', 'FEASIBLE'), ('rounds', '2026-04-17', '2026-04-17', 'FEASIBLE');
insert into clinic.plan_assignments (plan_id, staff_id, visit_id, during, travel_minutes) values
  (2, 3, 11, '[2026-04-15 08:00, 2026-04-15 08:30)', 10),
  (3, 1, 11, '[2026-04-15 08:20, 2026-04-15 08:50)', 10), (3, 2, 12, '[2026-04-15 08:30, 2026-04-15 09:15)', 10),
  (3, 1, 13, '[2026-04-15 09:10, 2026-04-15 09:40)', 20), (3, 3, 15, '[2026-04-15 11:00, 2026-04-15 11:30)', 10),
  (6, 3, 21, '[2026-04-17 08:00, 2026-04-17 08:30)', 10);
alter table clinic.visit_trace disable trigger keep_trace;
alter table clinic.exceptions disable trigger keep_written;
insert into clinic.visit_trace (plan_id, visit_id, kind, decision, staff_id, starts_at, considered)
  select plan_id, visit_id, case visit_id when 12 then 'redo' when 13 then 'walk_in' else 'scheduled' end, 'chosen', staff_id,
    lower(during), '[]'
  from clinic.plan_assignments;
insert into clinic.visit_trace (plan_id, visit_id, kind, decision, considered) values (3, 14, 'scheduled', 'unplaced', '[]');
insert into clinic.exceptions (plan_id, visit_id, client_id, on_date, kind, context, detected_at, detected_by)
  values (3, 14, 4, '2026-04-15', 'no_eligible_worker', '{"cause": "no_eligible_worker", "tier": 1, "area_id": null,
    "eligible_busy_staff_ids": [], "nearby": [], "sentence": ""}', '2026-04-14 18:00', 'me');

select * from rounds_churn('2026-04-12', '2026-04-17');
-- Two dates are needed to compare anything.
select count(*) from rounds_churn('2026-04-13', '2026-04-13');

-- The plan: all workers, and the list of one; who visits nobody; who has left since.
select rounds_board(3);
select rounds_board(3, 1);
select rounds_board(3, staff_id => 4);
update clinic.staff set enabled = false where id = 2;
select rounds_board(3, 2);
select rounds_board(4);
select * from rounds_board(3) where rounds_board like 'Ben%';
select count(*), max(length(rounds_board)) <= 78 as fits from rounds_board(3);
update clinic.staff set enabled = true where id = 2;

create temp table picture as select rounds_board_svg(3) as svg, rounds_board_svg(3, 2) as of_one;
select split_part(svg, E'\n', 1) as opens, right(rtrim(svg, E'\n'), 6) as ends from picture;
select string_agg(title[1], E'\n' order by n) as titles
from picture, regexp_matches(svg, '<title>(.*?)</title>', 'g') with ordinality as m (title, n);
select svg ~ '<b>' as raw, svg ~ 'Ben &lt;b&gt;' as escaped, of_one ~ 'Ben' as has_ben, of_one ~ 'Ana|Abel' as has_others from picture;

-- Refusals.
call test.refused('select rounds_board(77)');
call test.refused('select rounds_board(5)');
call test.refused('select rounds_board_svg(5)');
call test.refused('select rounds_board(3, 99)');
call test.refused('select rounds_board_svg(3, 99)');
call test.refused('select rounds_board(null)');
call test.refused('select rounds_board(3, clinic_id => 9)');
call test.refused($$select from rounds_churn(null, '2026-04-13')$$);
call test.refused($$select from rounds_churn('2026-04-13', null)$$);
call test.refused($$select from rounds_churn('2026-04-14', '2026-04-13')$$);
call test.refused($$select from rounds_churn('2026-01-01', '2027-06-30')$$);
call test.refused($$select from rounds_churn('2026-01-01', 'infinity')$$);
call test.refused('select from client_renewals(9)');

-- The view has the rights of its reader, and keeps clinics apart.
insert into clinic.clinics (name, time_zone) values ('Boston clinic', 'America/New_York');
insert into clinic.clients (clinic_id, name, starts_on, renews_on) values (2, 'Frost', '2026-04-01', '2026-05-01');
insert into clinic.client_events (clinic_id, client_id, on_date, kind, made_at) values
  (2, 6, '2026-04-13', 'skip', '2026-04-13 05:59:59'), (2, 6, '2026-04-14', 'skip', '2026-04-14 06:00');
select clinic_id, client_id, moved_renews_on, skipped_dates from clinic.client_status order by 1, 2;
select client_name, skipped_days from clinic.client_status where clinic_id = 2;
call test.refused('select from client_renewals()');
create role test_reader;
create role test_finder;
select grant_clinic_access('test_reader', 'reader'), grant_clinic_access('test_finder', 'finder');
set local role test_reader;
select count(*) from clinic.client_status;
set local role test_finder;
call test.refused('select from clinic.client_status');
call test.refused('select from client_renewals(1)');
reset role;
rollback;
