-- Consuming the outbox clinic.events. Each event is delivered at least once, those of a booking one after the other.

create function claim_events(
    max_events integer default 100, lease interval default '1 minute', consumer text default null, clinic_id bigint default null)
  returns table (
    event_id bigint, clinic_id bigint, booking_id bigint, kind text, payload jsonb, created_at timestamptz, deliveries integer)
  language c volatile parallel unsafe cost 2000 rows 100
  set search_path = pg_catalog, pg_temp
  -- A queue is read in the order of its index, however many rows old statistics say there are.
  set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
  as 'MODULE_PATHNAME', 'pg_clinic_claim_events';
comment on function claim_events(integer, interval, text, bigint) is
  'Claims at most max_events events, oldest first: nobody else gets them during the lease, and until ack_events() nobody gets a later event of their bookings. Commit, act, then acknowledge. What isn''t acknowledged by the end of the lease is delivered again. Example: select * from claim_events(10)';

create function ack_events(event_ids bigint[], clinic_id bigint default null) returns integer
  language c volatile parallel unsafe cost 1000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_ack_events';
comment on function ack_events(bigint[], bigint) is
  'Acknowledges events, so that they aren''t delivered again; returns how many weren''t before. Acknowledging twice is fine, so are ids that aren''t there.';

create function prune_events(older_than interval default '30 days', clinic_id bigint default null) returns bigint
  language c volatile parallel unsafe cost 10000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_prune_events';
comment on function prune_events(interval, bigint) is
  'Deletes events acknowledged longer ago than that, and returns how many. What isn''t acknowledged stays.';
