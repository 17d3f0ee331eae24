create table clinic.smoothing_moves (
  clinic_id         bigint      not null,
  plan_id           bigint      not null,
  number            integer     not null,
  visit_id          bigint      not null,
  old_staff_id      bigint      not null,
  old_starts_at     timestamptz not null,
  old_load_minutes  integer     not null,
  new_staff_id      bigint      not null,
  new_starts_at     timestamptz not null,
  new_load_minutes  integer     not null,
  mean_load_minutes integer     not null,
  constraint smoothing_moves_pkey primary key (clinic_id, plan_id, number),
  constraint smoothing_moves_plan_fkey foreign key (plan_id, clinic_id)
    references clinic.plans (id, clinic_id) on delete cascade
);
comment on table clinic.smoothing_moves is
  'Visits that smoothing moved from a worker with more than areas.smoothing_percent over the area''s mean load to one with less.';
comment on column clinic.smoothing_moves.clinic_id is 'The clinic.';
comment on column clinic.smoothing_moves.plan_id is 'The plan.';
comment on column clinic.smoothing_moves.number is 'The moves in the order in which they were made, from 1.';
comment on column clinic.smoothing_moves.visit_id is 'The visit.';
comment on column clinic.smoothing_moves.old_staff_id is 'The worker before the move.';
comment on column clinic.smoothing_moves.old_starts_at is 'Start before the move.';
comment on column clinic.smoothing_moves.old_load_minutes is 'Minutes of visits that the old worker had before the move.';
comment on column clinic.smoothing_moves.new_staff_id is 'The worker after the move.';
comment on column clinic.smoothing_moves.new_starts_at is 'Start after the move.';
comment on column clinic.smoothing_moves.new_load_minutes is 'Minutes of visits that the new worker had before the move.';
comment on column clinic.smoothing_moves.mean_load_minutes is 'Mean minutes of visits of the area''s workers, rounded.';

-- links: what ties the table to the extension.

alter table clinic.smoothing_moves alter column clinic_id set default @extschema@.current_clinic();

create or replace trigger keep_moves before insert or update or delete on clinic.smoothing_moves
  for each row execute function @extschema@.clinic_keep_plan_rows();
comment on trigger keep_moves on clinic.smoothing_moves is 'Moves are what smoothing did, as long as there is the plan.';
