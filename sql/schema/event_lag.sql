-- links: what ties the table to the extension.

create or replace view clinic.event_lag with (security_invoker = true) as
  select w.clinic_id, w.consumer, w.pending_events, w.claimed_events, w.oldest_event_id, e.created_at as waiting_since,
    coalesce(greatest(extract(epoch from now() - e.created_at), 0), 0)::double precision as lag_seconds, w.most_deliveries
  from (
    select s.clinic_id, s.consumer, d.pending_events, d.claimed_events, d.oldest_event_id, d.most_deliveries
    from clinic.event_subscriptions s cross join lateral (
      select count(*) as pending_events, count(*) filter (where claimed_until > now()) as claimed_events,
        min(event_id) as oldest_event_id, coalesce(max(deliveries), 0) as most_deliveries
      from clinic.event_deliveries where clinic_id = s.clinic_id and subscription_id = s.id) d
    union all
    select c.id, null::text as consumer, q.pending_events, q.claimed_events, q.oldest_event_id, q.most_deliveries
    from clinic.clinics c cross join lateral (
      select count(*) as pending_events, count(*) filter (where claimed_until > now()) as claimed_events,
        min(id) as oldest_event_id, coalesce(max(deliveries), 0) as most_deliveries
      from clinic.events where clinic_id = c.id and acked_at is null) q
    where q.pending_events > 0 or not exists (select from clinic.event_subscriptions s where s.clinic_id = c.id)) w
  left join clinic.events e on e.id = w.oldest_event_id;
comment on view clinic.event_lag is
  'How far each consumer is behind. Of a clinic without subscriptions one row, of the queue that all share; with them, one for each, and one of what is left in that queue.';
comment on column clinic.event_lag.clinic_id is 'The clinic.';
comment on column clinic.event_lag.consumer is 'The subscribed consumer; null = the shared queue.';
comment on column clinic.event_lag.pending_events is 'How many events it hasn''t acknowledged.';
comment on column clinic.event_lag.claimed_events is 'How many of them are claimed now.';
comment on column clinic.event_lag.oldest_event_id is 'The first of them.';
comment on column clinic.event_lag.waiting_since is 'When that one happened.';
comment on column clinic.event_lag.lag_seconds is 'How many seconds ago; 0 where nothing waits.';
comment on column clinic.event_lag.most_deliveries is 'How often one of them was claimed, at most: a high number is an event on which the consumer fails.';
