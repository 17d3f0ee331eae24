create table clinic.plan_scores (
  clinic_id  bigint  not null,
  plan_id    bigint  not null,
  rule_kind  text    not null,
  shift_kind text    not null default '',
  instances  integer not null,
  cost       bigint  not null,
  constraint plan_scores_pkey primary key (clinic_id, plan_id, rule_kind, shift_kind),
  constraint plan_scores_plan_fkey foreign key (plan_id, clinic_id)
    references clinic.plans (id, clinic_id) on delete cascade
);
comment on table clinic.plan_scores is 'The cost of each rule in a plan. The costs add up to the plan''s objective.';
comment on column clinic.plan_scores.clinic_id is 'The clinic.';
comment on column clinic.plan_scores.plan_id is 'The plan.';
comment on column clinic.plan_scores.rule_kind is 'The kind of rule, see rule_kinds().';
comment on column clinic.plan_scores.shift_kind is 'The kind of shifts the rule was narrowed to; empty = all.';
comment on column clinic.plan_scores.instances is 'In how many places it cost or earned something.';
comment on column clinic.plan_scores.cost is 'Points; negative = earned.';

-- links: what ties the table to the extension.

alter table clinic.plan_scores alter column clinic_id set default @extschema@.current_clinic();

create or replace trigger keep_scores before insert or update or delete on clinic.plan_scores
  for each row execute function @extschema@.clinic_keep_plan_rows();
comment on trigger keep_scores on clinic.plan_scores is 'Scores are what the solver counted, as long as there is the plan.';
