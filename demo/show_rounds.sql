-- A morning of home care, as somebody sees it who has just run `make demo`: planned, argued with, promoted, and planned
-- anew when a nurse falls ill. Each statement is printed before its answer.

\set QUIET on
\set ECHO none
\set SHOW_CONTEXT never
\pset footer off
\pset null ''
set client_min_messages = warning;
set timezone = 'Europe/Berlin';
set datestyle = 'ISO';
set pg_clinic.actor = 'Sue, supervisor';
\set day '2027-05-11'

-- Sentences in lines that fit a page.
create function pg_temp.folded(sentence text) returns text language sql as $$
  select regexp_replace(sentence, '; ', E';\n  ', 'g')
$$;

\echo
\echo '== Green Hills Home Care: who visits whom on Tuesday, 11 May?'
\echo
\set ECHO queries
select (select count(*) from clinic.clients) as clients, (select count(*) from clinic.staff) as nurses,
  (select count(*) from clinic.areas) as areas, (select count(*) from clinic.visits) as visits_of_two_weeks,
  (select count(*) from clinic.client_events where on_date = :'day') as events;

select plan_id, status, message from plan_rounds(:'day');
\set ECHO none
select max(id) as plan from clinic.plans \gset
\echo '== The morning as a picture (rounds_board_svg() draws it for a browser)'
\echo
\set ECHO queries
select * from rounds_board(:plan);
\set ECHO none

select m.visit_id, v.client_id as smoothed, c.name as smoothed_name
from clinic.smoothing_moves as m
join clinic.visits as v on v.id = visit_id join clinic.clients as c on c.id = client_id
where plan_id = :plan and number = 1 \gset
select v.client_id as familiar, c.name as familiar_name
from clinic.visit_trace as t join clinic.visits as v on v.id = visit_id join clinic.clients as c on c.id = client_id
where plan_id = :plan and area_id = 1 and decision = 'chosen' and json_array_length(considered) = 3
  and required_skills <> '{}' order by t.visit_id limit 1 \gset
\echo '== Why this nurse for' :familiar_name 'in Old Town, where people shall see the face they know?'
\echo
\set ECHO queries
select pg_temp.folded(explain_visit(:plan, :familiar)) as why;
\set ECHO none
\echo '… and for' :smoothed_name', whom smoothing moved, so that Gustav has as much to do as Fay?'
\echo
\set ECHO queries
select pg_temp.folded(explain_visit(:plan, :smoothed)) as why;
\set ECHO none

\echo '== What has no place. Nobody is alarmed: it is a list to work off'
\echo
\set ECHO queries
select q.exception_id, name, tier, kind, case when length(sentence) > 88 then left(sentence, 87) || '…' else sentence end as sentence
from clinic.exception_queue as q
cross join lateral (select regexp_replace(context ->> 'sentence', '^not placed \(\w+\); ', '')) as s (sentence)
join clinic.clients as c on c.id = client_id order by kind, q.exception_id;
\set ECHO none

\echo '== Good enough to start with: the plan becomes the record, and Sue decides about three of the list'
\echo
select exception_id as first_visit from clinic.exception_queue where client_id = 503 \gset
select exception_id as dialysis from clinic.exception_queue where client_id = 77 \gset
select exception_id as locked_door from clinic.exception_queue where client_id = 134 or client_id = 384 order by exception_id limit 1 \gset
\set ECHO queries
select inserted, deleted, message from promote_plan(:plan, 'agreed on Monday');
select resolution, message from resolve_exception(:first_visit, 'reassigned', staff_id => 7,
  starts_at => '2027-05-11 10:45', reason => 'Gustav stays longer');
select resolution, message from resolve_exception(:dialysis, 'rescheduled', new_date => '2027-05-13', reason => 'a guest nurse comes');
select resolution, message from resolve_exception(:locked_door, 'cancelled', reason => 'nobody lets us in');
\set ECHO none

update clinic.visits as v set started_at = lower(during), ended_at = upper(during), outcome = 'done'
from clinic.assignments as a where a.visit_id = v.id and on_date = :'day' and upper(during) <= '2027-05-11 09:00';
insert into clinic.client_events (client_id, on_date, kind, made_at, made_by, reason)
values (502, :'day', 'walk_in', '2027-05-11 08:55', 'front desk', 'fell at home');
\echo '== Nine o''clock: Hanna falls ill, and Theo Kranz needs somebody today. What is done stays, and all that can.'
\echo '   Gustav''s long visit, which Sue gave him, takes nobody else the place'
\echo
\set ECHO queries
create temporary table moved as select * from replan_rounds(:'day', '2027-05-11 09:00', without_staff_ids => '{8}');
select plan_id, message from moved where message is not null;
select code, count(*), count(new_staff_id) as placed, string_agg(distinct new_name, ', ') as goes_to
from moved left join (select id, name from clinic.staff) as s (new_staff_id, new_name) using (new_staff_id)
where code is not null group by code;
select client_name, code, before.name as "before", to_char(old_starts_at, 'HH24:MI') as "at",
  now.name as "now", to_char(new_starts_at, 'HH24:MI') as at_now
from moved left join clinic.staff as before on before.id = old_staff_id left join clinic.staff as now on now.id = new_staff_id
where code is not null order by new_starts_at, visit_id limit 8;
\set ECHO none
select max(plan_id) as replanned from moved \gset
\set ECHO queries
select inserted, deleted, kept from promote_plan(:replanned, 'Hanna is ill');
\set ECHO none

\echo '== How far is that from what was agreed on Monday, and from the days before?'
\echo
\set ECHO queries
select coalesce(old_staff_name, 'nobody') as before, count(*) as visits,
  count(*) filter (where new_staff_id is null) as without_a_place
from compare_plans(:plan, :replanned) group by 1 order by 2 desc;
select on_date, source, same_worker, other_worker, percent_other_worker, added, dropped, moved_minutes
from rounds_churn(:'day'::date - 3, :'day');
\set ECHO none

\echo '== Skipped visits are paid for: the subscription renews a day later'
\echo
\set ECHO queries
select client_name, renews_on, moved_renews_on, skipped_dates
from clinic.client_status where skipped_days > 0 order by client_id limit 3;
\set ECHO none
\echo '`scripts/cluster.sh psql demo clinic_demo_rounds` looks around in this database.'
