-- links: what ties the table to the extension.

-- Renewals are computed by the extension, so the view goes with it, and with the view what was granted on it.
create or replace view clinic.client_status with (security_invoker = true) as
  select c.clinic_id, c.id as client_id, c.name as client_name, c.area_id, c.starts_on, c.renews_on,
    r.moved_renews_on, cardinality(r.skipped_dates) as skipped_days, r.skipped_dates, c.ends_on
  from clinic.clients c
    left join (
      select k.id as clinic_id, of_clinic.client_id, of_clinic.moved_renews_on, of_clinic.skipped_dates
      from clinic.clinics k cross join lateral @extschema@.client_renewals(k.id) of_clinic) r
    on r.clinic_id = c.clinic_id and r.client_id = c.id;
comment on view clinic.client_status is
  'Clients with their subscriptions, skips counted; see client_renewals(). A client without a subscription has no dates.';
comment on column clinic.client_status.clinic_id is 'The clinic.';
comment on column clinic.client_status.client_id is 'The client.';
comment on column clinic.client_status.client_name is 'The client''s name.';
comment on column clinic.client_status.area_id is 'The client''s area; null = in no area.';
comment on column clinic.client_status.starts_on is
  'First date of the subscription''s present period; null = visited on request only.';
comment on column clinic.client_status.renews_on is
  'The first date that isn''t paid, if nothing is skipped: as in clinic.clients.';
comment on column clinic.client_status.moved_renews_on is 'The same with the skips counted: a day later for each.';
comment on column clinic.client_status.skipped_days is 'Number of skipped dates.';
comment on column clinic.client_status.skipped_dates is 'The skipped dates, ascending.';
comment on column clinic.client_status.ends_on is 'Last date of visits, if the subscription was cancelled.';
