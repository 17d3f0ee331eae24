-- What ties the tables to the extension: triggers, the default of clinic_id, and a view. drop extension … cascade takes these and
-- nothing else; upgrade_clinic() runs this file again, so it must be fit to run twice.
--
-- Triggers fill in and record. What must be refused is refused by a named constraint, save what no constraint can see.

create or replace trigger fill_booking before insert or update or delete on clinic.bookings
  for each row execute function @extschema@.clinic_fill_booking();
comment on trigger fill_booking on clinic.bookings is
  'Queues writers of a day, gives back expired holds in the way, and fills the derived columns.';

create or replace trigger record_booking after insert or update or delete on clinic.bookings
  for each row execute function @extschema@.clinic_record_booking();
comment on trigger record_booking on clinic.bookings is 'Writes clinic.booking_history and clinic.events.';

-- To choose candidates your own way: alter table clinic.bookings disable trigger suggest_backfill, and call
-- find_backfill() in a trigger of yours. The name sorts after record_booking, whose event it adds to.
create or replace trigger suggest_backfill after update of status on clinic.bookings
  for each row when (new.status = 'cancelled' and old.status in (@occupying@))
  execute function @extschema@.clinic_suggest_backfill();
comment on trigger suggest_backfill on clinic.bookings is
  'Writes who could take the freed place into the event of the cancellation.';

create or replace trigger record_assignment after insert or update or delete on clinic.assignments
  for each row execute function @extschema@.clinic_record_assignment();
comment on trigger record_assignment on clinic.assignments is 'Writes clinic.assignment_history.';

create or replace trigger record_offer after insert or update of status on clinic.offers
  for each row execute function @extschema@.clinic_record_offer();
comment on trigger record_offer on clinic.offers is 'Writes an event for each status an offer takes.';

create or replace trigger keep_time_zone before update of time_zone on clinic.clinics
  for each row execute function @extschema@.clinic_keep_time_zone();
comment on trigger keep_time_zone on clinic.clinics is
  'Bookings have local dates in the clinic''s time zone, so it stays once there is one.';

create or replace trigger keep_promoted
  before update of clinic_id, id, promoted_by, promoted_at, promotion_reason, kind, from_date, to_date, options,
    input_fingerprint, status, objective, bound, gap, solve_ms, conflict, created_by, created_at on clinic.plans
  for each row when (old.promoted_at is not null)
  execute function @extschema@.clinic_keep_promoted();
comment on trigger keep_promoted on clinic.plans is
  'A promoted plan stays as it was promoted: the record''s history names it.';

create or replace trigger keep_promoted_plan before delete on clinic.plans
  for each row when (old.promoted_at is not null) execute function @extschema@.clinic_keep_promoted();
comment on trigger keep_promoted_plan on clinic.plans is
  'A promoted plan isn''t deleted: the record''s history names it.';

create or replace trigger keep_answer before update on clinic.plans
  for each row when (old.promoted_at is null
    and (num_nonnulls(new.promoted_by, new.promoted_at, new.promotion_reason) > 0
      or old.input_fingerprint is distinct from new.input_fingerprint or old.status <> new.status
      or old.objective is distinct from new.objective or old.bound is distinct from new.bound
      or old.gap is distinct from new.gap or old.solve_ms is distinct from new.solve_ms
      or old.conflict is distinct from new.conflict
      or old.created_by <> new.created_by or old.created_at <> new.created_at))
  execute function @extschema@.clinic_keep_answer();
comment on trigger keep_answer on clinic.plans is
  'What a solver found, who made the plan and who promoted it: functions write it, no hand does.';

create or replace trigger keep_new_plan before insert on clinic.plans
  for each row when (new.status <> 'DRAFT' or num_nonnulls(new.promoted_by, new.promoted_at, new.promotion_reason,
    new.input_fingerprint, new.objective, new.bound, new.gap, new.solve_ms, new.conflict) > 0)
  execute function @extschema@.clinic_keep_answer();
comment on trigger keep_new_plan on clinic.plans is 'A new plan is a draft: nobody has solved or promoted it yet.';

create or replace trigger keep_promoted_assignments before insert or update or delete on clinic.plan_assignments
  for each row execute function @extschema@.clinic_keep_plan_rows();
comment on trigger keep_promoted_assignments on clinic.plan_assignments is
  'A promoted plan keeps the assignments it was promoted with. Others may be edited.';

create or replace trigger keep_scores before insert or update or delete on clinic.plan_scores
  for each row execute function @extschema@.clinic_keep_plan_rows();
comment on trigger keep_scores on clinic.plan_scores is 'Scores are what the solver counted, as long as there is the plan.';

create or replace trigger keep_resolved before update on clinic.exceptions
  for each row when (old.resolution is not null) execute function @extschema@.clinic_keep_resolved();
comment on trigger keep_resolved on clinic.exceptions is
  'What became of an exception, by whom and why, stays as it was written.';

create or replace trigger keep_bookings before truncate on clinic.bookings
  for each statement execute function @extschema@.clinic_refuse_truncate();
comment on trigger keep_bookings on clinic.bookings is 'TRUNCATE would leave no history, so it is refused.';

create or replace trigger keep_history before truncate on clinic.booking_history
  for each statement execute function @extschema@.clinic_refuse_truncate();
comment on trigger keep_history on clinic.booking_history is 'History is kept forever, so TRUNCATE is refused.';

create or replace trigger keep_record before truncate on clinic.assignments
  for each statement execute function @extschema@.clinic_refuse_truncate();
comment on trigger keep_record on clinic.assignments is 'TRUNCATE would leave no history, so it is refused.';

create or replace trigger keep_record_history before truncate on clinic.assignment_history
  for each statement execute function @extschema@.clinic_refuse_truncate();
comment on trigger keep_record_history on clinic.assignment_history is 'History is kept forever, so TRUNCATE is refused.';

-- So that a site with one clinic never has to name it.
alter table clinic.providers alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.rooms alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.appointment_types alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.provider_availability alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.availability_overrides alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.time_off alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.overbooking_rules alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.scoring_profiles alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.waitlist alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.bookings alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.staff alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.staff_groups alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.staff_group_members alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.staff_availability alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.shift_kinds alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.shift_templates alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.shifts alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.preferences alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.wishes alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.plans alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.plan_assignments alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.plan_scores alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.locks alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.assignments alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.rules alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.rule_overrides alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.areas alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.area_neighbours alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.clients alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.client_access_windows alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.client_events alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.visits alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.visit_trace alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.smoothing_moves alter column clinic_id set default @extschema@.current_clinic();
alter table clinic.exceptions alter column clinic_id set default @extschema@.current_clinic();

-- Renewals are computed by the extension, so the view goes with it, and with the view what was granted on it.
create or replace view clinic.client_status with (security_invoker = true) as
  select c.clinic_id, c.id as client_id, c.name as client_name, c.area_id, c.starts_on, c.renews_on,
    r.renews_on as moved_renews_on, cardinality(r.skipped_dates) as skipped_days, r.skipped_dates, c.ends_on
  from clinic.clients c
    left join (
      select k.id as clinic_id, of_clinic.client_id, of_clinic.renews_on, of_clinic.skipped_dates
      from clinic.clinics k cross join lateral @extschema@.client_renewals(k.id) of_clinic) r
    on r.clinic_id = c.clinic_id and r.client_id = c.id;
comment on view clinic.client_status is
  'Clients with their subscriptions, and what skips have done to them; see client_renewals(). Who has no subscription has no dates.';
comment on column clinic.client_status.clinic_id is 'The clinic.';
comment on column clinic.client_status.client_id is 'The client.';
comment on column clinic.client_status.client_name is 'The client''s name.';
comment on column clinic.client_status.area_id is 'Where; null = in no area.';
comment on column clinic.client_status.starts_on is
  'First date of the subscription''s present period; null = visited on request only.';
comment on column clinic.client_status.renews_on is
  'The first date that isn''t paid, if nothing is skipped: as in clinic.clients.';
comment on column clinic.client_status.moved_renews_on is 'The same with the skips counted: a day later for each.';
comment on column clinic.client_status.skipped_days is 'How many dates were skipped.';
comment on column clinic.client_status.skipped_dates is 'Which, ascending.';
comment on column clinic.client_status.ends_on is 'Last date of visits, if the subscription was cancelled.';
