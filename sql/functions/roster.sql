-- Shifts from weekly templates, and the rules that hold for them.

create function generate_shifts(from_date date, to_date date default null, clinic_id bigint default null) returns bigint
  language c volatile parallel unsafe cost 10000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_generate_shifts';
comment on function generate_shifts(date, date, bigint) is
$$Makes the shifts of clinic.shift_templates on the clinic's dates from_date to to_date (default from_date), and returns how many. Example: select generate_shifts(date '2026-04-13', date '2026-04-19')
What is there already is neither made twice nor changed, so it can be called again; a deleted shift comes back. No shift is made of a disabled provider, where the clinic or the provider has time off all the time, or where the clocks skip it. Wall-clock times: a night over a change of the clocks is an hour shorter or longer.$$;

create function rule_kinds()
  returns table (
    rule_kind text, unit text, modes text[], columns text[], built_in_mode text, built_in_weight bigint,
    built_in_limit bigint, scopes text[], meaning text)
  language c immutable parallel safe cost 100 rows 30
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_rule_kinds';
comment on function rule_kinds() is
$$The kinds of rules that clinic.rules and clinic.rule_overrides can set. Example: select rule_kind, modes, meaning from rule_kinds()
unit: what limit_value counts. modes: which may be set. columns: which of shift_kind, next_shift_kind, period and limit_value are read; those with ! must be given (limit_value unless the mode is off). built_in_…: what holds where no rule says otherwise. scopes: which columns of clinic.rule_overrides may narrow it; a rule over several days (a period, a run) takes the setting that holds on its first date within the plan, so dates that begin later don't touch it. lock can't be set: it stands for clinic.locks.$$;

create function effective_rules(
    staff_id bigint default null, on_date date default null, plan_id bigint default null, shift_id bigint default null,
    clinic_id bigint default null)
  returns table (
    rule_kind text, shift_kind text, next_shift_kind text, period text, wins boolean, scope text, source text, mode text,
    weight bigint, over_weight bigint, limit_value bigint, approved_by text, reason text)
  language c stable parallel safe cost 10000 rows 50
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_effective_rules';
comment on function effective_rules(bigint, date, bigint, bigint, bigint) is
$$The setting of each rule that holds (wins) for a person, date (default the shift's, else today), plan and shift, and the settings it beats, the next specific first. Example: select rule_kind, mode, limit_value, scope from effective_rules(7, date '2026-04-13') where wins
The most specific wins, whole: built-in < clinic < group < plan < dates < person < shift; scope says how specific a setting is, source which row it is. What is left out matches only settings that leave it open too. A row with mode waived approves what it names, unless the rule is off; the rule stays for all else. Weights are those in force: a plan's what-if weights for that plan. Of cover a shift has one rule; without shift_id the rules of each kind of shift are listed.$$;

-- Roster. Plans propose; promote_plan() alone writes the record. All act with the caller's rights.

create function solve_roster(
    from_date date, to_date date default null, parent_plan_id bigint default null,
    without_staff_ids bigint[] default null, weights jsonb default null, keep_before date default null, time_limit interval default '60 seconds',
    node_limit bigint default null, clinic_id bigint default null)
  returns table (
    plan_id bigint, status text, objective bigint, bound double precision, gap double precision,
    solve_ms double precision, shifts bigint, assigned bigint, message text)
  language c volatile parallel unsafe cost 10000000 rows 1
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_solve_roster';
comment on function solve_roster(date, date, bigint, bigint[], jsonb, date, interval, bigint, bigint) is
  'Plans who works which shift from from_date to to_date (by default a week), provably best: OPTIMAL, FEASIBLE, INFEASIBLE (message says why) or UNKNOWN. Keeps the plan; changes nothing else. What if: without without_staff_ids, with other weights ({"load_balance": 20}), all before a date as parent_plan_id (else the record) has it.';

create function draft_plan(
    from_date date, to_date date default null, parent_plan_id bigint default null,
    without_staff_ids bigint[] default null, weights jsonb default null, keep_before date default null, clinic_id bigint default null)
  returns bigint
  language c volatile parallel unsafe cost 100000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_draft_plan';
comment on function draft_plan(date, date, bigint, bigint[], jsonb, date, bigint) is
  'Makes a plan without solving it and returns its id: insert its locks into clinic.locks and its rules into clinic.rule_overrides, then call solve_plan(). Locks of parent_plan_id are copied, those about the new plan''s dates. A lock that can have no effect is refused.';

create function solve_plan(
    plan_id bigint, time_limit interval default '60 seconds', node_limit bigint default null,
    clinic_id bigint default null)
  returns table (
    plan_id bigint, status text, objective bigint, bound double precision, gap double precision,
    solve_ms double precision, shifts bigint, assigned bigint, message text)
  language c volatile parallel unsafe cost 10000000 rows 1
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_solve_plan';
comment on function solve_plan(bigint, interval, bigint, bigint) is
  'Solves a plan, or solves it again, with the locks, rules and rows of now. A promoted plan stays as it is.';

create function explain_assignment(plan_id bigint, shift_id bigint, clinic_id bigint default null)
  returns table (
    staff_id bigint, staff_name text, is_assigned boolean, is_allowed boolean, cost_change bigint,
    sentences text[], cost_by_rule jsonb)
  language c stable parallel safe cost 100000 rows 40
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_explain_assignment';
comment on function explain_assignment(bigint, bigint, bigint) is
  'Why this person? Every candidate for a shift of a plan: those who have it, then those who could by what choosing them instead would cost, then the others with the reasons why not, in sentences. In a plan without a roster nobody is assigned anything: then it says who could have the shift, taken by itself.';

create function compare_plans(old_plan_id bigint, new_plan_id bigint, clinic_id bigint default null)
  returns table (
    aspect text, shift_id bigint, visit_id bigint, old_starts_at timestamptz, new_starts_at timestamptz,
    old_staff_id bigint, old_staff_name text, new_staff_id bigint, new_staff_name text, rule_kind text,
    shift_kind text, old_cost bigint, new_cost bigint, cost_change bigint)
  language c stable parallel safe cost 10000 rows 50
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_compare_plans';
comment on function compare_plans(bigint, bigint, bigint) is
  'The differences of two plans of one kind: assignments of shifts or visits (aspect assignment) and, of rosters, the costs of rules (aspect rule).';

create function promote_plan(
    plan_id bigint, reason text, approve text[] default null, clinic_id bigint default null)
  returns table (
    plan_id bigint, from_date date, to_date date, inserted bigint, deleted bigint, kept bigint, message text)
  language c volatile parallel unsafe cost 100000 rows 1
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_promote_plan';
comment on function promote_plan(bigint, text, text[], bigint) is
  'Makes a plan the record of its dates, all or nothing, and says what that replaces. Rows of the record that are as the plan says stay untouched. The plan is judged anew: one that breaks hard rules by now, or was edited so that it does, is refused unless approve has the key of each, from plan_violations(): each becomes an approval in the caller''s name, with the reason, which needs the right to approve. What the plan''s own overrides allowed is written as approvals, too. message says where the score differs from the one when it was solved.';

create function plan_violations(plan_id bigint, clinic_id bigint default null)
  returns table (
    key text, rule_kind text, shift_kind text, next_shift_kind text, period text, staff_id bigint, shift_id bigint,
    from_date date, to_date date, amount bigint, sentence text)
  language c stable parallel safe cost 100000 rows 20
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_plan_violations';
comment on function plan_violations(bigint, bigint) is
  'Every hard rule that a plan breaks by the rows of now without an approval, with the key under which promote_plan() takes its approval. Example: select * from promote_plan(3, ''short week'', approve => array(select key from plan_violations(3) where rule_kind = ''max_shifts'')). The key says what is broken, where and how far: what is new, or has grown since, has another one. Of rounds the sentence is the key.';

create function record_violations(from_date date, to_date date default null, clinic_id bigint default null)
  returns table (
    rule_kind text, shift_kind text, next_shift_kind text, period text, is_hard boolean, staff_id bigint,
    shift_id bigint, from_date date, to_date date, amount bigint, cost bigint, sentence text, override_id bigint,
    approved_by text, approval_reason text)
  language c stable parallel safe cost 100000 rows 20
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_record_violations';
comment on function record_violations(date, date, bigint) is
  'Every rule that the record''s shifts break from from_date to to_date (by default a week), by date, with the approval if there is one. Judged by the same code as plans. For visits: rounds_violations().';

create function fairness(
    from_date date, to_date date default null, rule_kind text default 'load_balance', shift_kind text default null,
    clinic_id bigint default null)
  returns table (
    staff_id bigint, staff_name text, contract_percent integer, worked bigint, fair_share double precision,
    debt double precision)
  language c stable parallel safe cost 100000 rows 20
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_fairness';
comment on function fairness(date, date, text, text, bigint) is
$$What everybody had from from_date to to_date (by default a week) by the record, beside their fair share. Example: select * from fairness('2026-01-05', '2026-02-15', shift_kind => 'night') order by debt desc
rule_kind: load_balance (shifts, or those of shift_kind), or preference_debt (preferred matches). A shift that somebody worked is a share of everybody who could have: enabled, skilled, available and not on leave that day, by contract_percent, from the day they were entered or first worked. debt is fair_share less worked: who has one gets more in the next roster.$$;

create function approve_violation(
    rule_kind text, staff_id bigint, shift_id bigint, on_date date, reason text, shift_kind text default null,
    next_shift_kind text default null, period text default null, to_date date default null,
    clinic_id bigint default null)
  returns bigint
  language c volatile parallel unsafe cost 1000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_approve_violation';
comment on function approve_violation(text, bigint, bigint, date, text, text, text, text, date, bigint) is
$$Approves what the record breaks of a rule, in the caller's name, and returns the id in clinic.rule_overrides, of several the first. Example: select approve_violation('max_shifts', 7, null, date '2026-04-15', 'emergency coverage', 'night', period => 'month')
Pass what record_violations() gives: its from_date as on_date. What is approved is what is broken now, and no more: of limits on shifts, weekends and the like the assignments of on_date, else the last ones that are too many; of minutes, minimums and people the amount; of runs their dates. What comes on top breaks the rule again. An approval goes with its assignment. With staff_id and shift_id somebody can be approved before the record has them. A rule that isn't broken there is refused.$$;

create function swap_assignments(
    assignment_id bigint, other_assignment_id bigint, reason text default null, clinic_id bigint default null)
  returns table (
    assignment_id bigint, shift_id bigint, visit_id bigint, old_staff_id bigint, new_staff_id bigint)
  language c volatile parallel unsafe cost 1000 rows 2
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_swap_assignments';
comment on function swap_assignments(bigint, bigint, text, bigint) is
  'Two people swap shifts or visits in the record, in one step.';

-- The roster to look at: a plan, or the record of some dates, as text and as picture.

create function roster_board(
    plan_id bigint default null, from_date date default null, to_date date default null, clinic_id bigint default null)
  returns table (roster_board text)
  language c stable parallel safe cost 10000 rows 50
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_roster_board';
comment on function roster_board(bigint, date, date, bigint) is
$$A plan, or without plan_id the record from from_date (default today) to to_date (default six days later), as text for psql, at most 78 columns wide: a row a provider (or kind of shift) and time, a column a date, a week below the other. Example: select roster_board(3)
Of the record: select roster_board(from_date => date '2026-04-13'). Before a name: * preferred, ! non-preferred (whoever of the two says so), ~ both. ?open 2: two people are missing; +1: one more than needed. Below: what each has.$$;

create function roster_board_svg(
    plan_id bigint default null, from_date date default null, to_date date default null, clinic_id bigint default null)
  returns text
  language c stable parallel safe cost 20000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_roster_board_svg';
comment on function roster_board_svg(bigint, date, date, bigint) is
$$A plan, or without plan_id the record of some dates (as roster_board has it), as an SVG picture, 1,200 pixels wide. Example, in a shell: psql -AtX -c "select roster_board_svg(3)" -o roster.svg
A row a provider (or kind of shift), a column a date, a card a shift. Needs no script and no other file; names are escaped.$$;
