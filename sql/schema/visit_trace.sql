create table clinic.visit_trace (
  clinic_id  bigint  not null,
  plan_id    bigint  not null,
  visit_id   bigint  not null,
  kind       text    not null,
  decision   text    not null,
  staff_id   bigint,
  starts_at  timestamptz,
  considered json    not null,
  constraint visit_trace_pkey primary key (clinic_id, plan_id, visit_id),
  constraint visit_trace_plan_fkey foreign key (plan_id, clinic_id)
    references clinic.plans (id, clinic_id) on delete cascade,
  constraint visit_trace_kind check (kind in (@visit_kinds@)),
  constraint visit_trace_decision check (decision in (@decisions@)),
  constraint visit_trace_placed check (num_nonnulls(staff_id, starts_at) = case decision when 'unplaced' then 0 else 2 end)
);
comment on table clinic.visit_trace is
  'For each visit of a plan of rounds the workers considered, and the decision, before smoothing. explain_visit() says it in words.';
comment on column clinic.visit_trace.clinic_id is 'The clinic.';
comment on column clinic.visit_trace.plan_id is 'The plan.';
comment on column clinic.visit_trace.visit_id is 'The visit. No foreign key: it was checked with the plan''s assignment.';
comment on column clinic.visit_trace.kind is 'Why the client is visited: redo, scheduled (by subscription) or walk_in.';
comment on column clinic.visit_trace.decision is
  'chosen: at the lowest cost. locked: by a lock. kept: as it was before replan_rounds(). unplaced: an exception.';
comment on column clinic.visit_trace.staff_id is 'The worker who got it, before smoothing.';
comment on column clinic.visit_trace.starts_at is 'When it would start, before smoothing.';
comment on column clinic.visit_trace.considered is
  'Every worker considered, in order: {"staff_id", "remaining_minutes": capacity left then} with either "rule_kind" (why passed over) or "travel_minutes", "cost" (points by term, those of 0 left out; none = it costs nothing) and "starts_at", which for the one chosen is the column. Not jsonb, which would take half as much space again.';

-- links: what ties the table to the extension.

alter table clinic.visit_trace alter column clinic_id set default @extschema@.current_clinic();

create or replace trigger keep_trace before insert or update or delete on clinic.visit_trace
  for each row execute function @extschema@.clinic_keep_plan_rows();
comment on trigger keep_trace on clinic.visit_trace is 'A trace is what planning did, as long as there is the plan.';
