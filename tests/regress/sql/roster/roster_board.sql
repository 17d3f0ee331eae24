-- roster_board() and roster_board_svg(): a plan and the record as text and as a picture.
\set SHOW_CONTEXT never
set timezone to 'America/New_York';
set datestyle to iso;
begin;
call test.clinic();
insert into clinic.shift_kinds (name) values ('night');
insert into clinic.providers (name) values ('Dr. Baer-Lichtenstein'), ('李小龙');
insert into clinic.staff (name) values ('Ana'), ('Beatrice Appleton'), ('Cem <b>'), ('Dora');
update clinic.staff set enabled = false where id = 4;
insert into clinic.preferences (staff_id, provider_id, stated_by, is_preferred, strength) values
  (1, 1, 'staff', true, 'mild'), (1, 1, 'provider', true, 'strong'), (2, 1, 'provider', false, 'strong'),
  (2, 2, 'staff', true, 'strong'), (2, 2, 'provider', false, 'mild');
insert into clinic.shifts (shift_kind, provider_id, during, staff_needed) values
  ('session', 1, '[2026-04-13 08:00+02, 2026-04-13 12:00+02)', 1),
  ('session', 1, '[2026-04-13 13:00+02, 2026-04-13 17:00+02)', 1),
  ('session', 1, '[2026-04-14 08:00+02, 2026-04-14 12:00+02)', 1),
  ('session', 2, '[2026-04-14 08:00+02, 2026-04-14 12:00+02)', 2),
  ('session', 3, '[2026-04-17 08:30+02, 2026-04-17 12:00+02)', 1),
  ('night', null, '[2026-04-19 22:00+02, 2026-04-20 06:00+02)', 2),
  ('session', 1, '[2026-04-20 08:00+02, 2026-04-20 12:00+02)', 1);
-- Written by hand for once, as a plan that somebody solved.
alter table clinic.plans disable trigger keep_new_plan;
insert into clinic.plans (kind, from_date, to_date, status, created_by)
  values ('roster', '2026-04-13', '2026-04-19', 'FEASIBLE', 'me'), ('rounds', '2026-04-13', '2026-04-13', 'DRAFT', 'me');
insert into clinic.plan_assignments (plan_id, staff_id, shift_id)
  values (1, 1, 1), (1, 2, 3), (1, 2, 4), (1, 3, 4), (1, 3, 5), (1, 1, 5), (1, 3, 2);
insert into clinic.assignments (staff_id, shift_id) values (4, 1), (1, 7);

select roster_board(1);
-- The record: what is assigned, whoever it is; and dates without shifts.
select roster_board(from_date => date '2026-04-13', to_date => date '2026-04-20');
select roster_board(from_date => '2026-05-01');
select count(*), max(length(roster_board)) <= 78 as fits from roster_board(1);

create temp table picture as select roster_board_svg(1) as svg;
select split_part(svg, E'\n', 1) as opens, right(rtrim(svg, E'\n'), 6) as ends from picture;
select string_agg(title[1], E'\n' order by n) as titles
from picture, regexp_matches(svg, '<title>(.*?)</title>', 'g') with ordinality as m (title, n);
select svg ~ '<b>' as raw, svg ~ 'Cem &lt;b&gt;' as escaped from picture;
select roster_board_svg(from_date => date '2026-04-13', to_date => date '2026-04-13') ~ 'record: Monday 13 April 2026' as is_titled;

-- What can't be shown.
call test.refused('select roster_board(7)');
call test.refused('select roster_board_svg(2)');
call test.refused('select roster_board(1, from_date => ''2026-04-13'')');
call test.refused('select roster_board(from_date => date ''2026-04-13'', to_date => date ''2026-04-12'')');
call test.refused('select roster_board(from_date => date ''2026-01-01'', to_date => date ''2027-12-31'')');
rollback;
