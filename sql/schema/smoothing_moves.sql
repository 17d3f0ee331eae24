create table clinic.smoothing_moves (
  clinic_id      bigint      not null,
  plan_id        bigint      not null,
  number         integer     not null,
  visit_id       bigint      not null,
  from_staff_id  bigint      not null,
  from_starts_at timestamptz not null,
  from_load      integer     not null,
  to_staff_id    bigint      not null,
  to_starts_at   timestamptz not null,
  to_load        integer     not null,
  mean_load      integer     not null,
  constraint smoothing_moves_pkey primary key (clinic_id, plan_id, number),
  constraint smoothing_moves_plan_fkey foreign key (plan_id, clinic_id)
    references clinic.plans (id, clinic_id) on delete cascade
);
comment on table clinic.smoothing_moves is
  'Visits that smoothing moved from a worker with more than 115 % of the area''s mean load to one with less than 85 %.';
comment on column clinic.smoothing_moves.clinic_id is 'The clinic.';
comment on column clinic.smoothing_moves.plan_id is 'The plan.';
comment on column clinic.smoothing_moves.number is 'The moves in the order in which they were made, from 1.';
comment on column clinic.smoothing_moves.visit_id is 'Which visit.';
comment on column clinic.smoothing_moves.from_staff_id is 'Who had it.';
comment on column clinic.smoothing_moves.from_starts_at is 'When it would have started.';
comment on column clinic.smoothing_moves.from_load is 'Minutes of visits that worker had.';
comment on column clinic.smoothing_moves.to_staff_id is 'Who has it now.';
comment on column clinic.smoothing_moves.to_starts_at is 'When it starts now.';
comment on column clinic.smoothing_moves.to_load is 'Minutes of visits this worker had before.';
comment on column clinic.smoothing_moves.mean_load is 'Mean of the area''s workers in minutes, rounded.';

-- ties: upgrade_clinic() runs the rest again, so it must be fit to run twice.

alter table clinic.smoothing_moves alter column clinic_id set default @extschema@.current_clinic();
