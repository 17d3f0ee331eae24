-- Consuming the outbox clinic.events. Each event is delivered at least once, those of a booking one after the other: to one of
-- all consumers, or, where some are subscribed, to each of these.

create function claim_events(
    consumer text default null, max_events integer default 100, lease interval default '1 minute', clinic_id bigint default null)
  returns table (
    event_id bigint, clinic_id bigint, booking_id bigint, kind text, payload jsonb, created_at timestamptz, deliveries integer)
  language c volatile parallel unsafe cost 2000 rows 100
  set search_path = pg_catalog, pg_temp
  -- A queue is read in the order of its index, however many rows old statistics say there are.
  set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
  as 'MODULE_PATHNAME', 'pg_clinic_claim_events';
comment on function claim_events(text, integer, interval, bigint) is
  'Claims at most max_events events, oldest first: the consumer (default: the actor) alone has them during the lease, and until ack_events() it gets no later event of their bookings. Commit, act, then acknowledge. What isn''t acknowledged by the end of the lease is delivered again. A consumer that is subscribed (see subscribe_events) has a queue of its own, all others of the clinic share one. Example: select * from claim_events(''mailer'', 10)';

create function ack_events(consumer text, event_ids bigint[], clinic_id bigint default null) returns integer
  language c volatile parallel unsafe cost 1000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_ack_events';
comment on function ack_events(text, bigint[], bigint) is
  'Acknowledges events of the consumer (null: the actor), so that it doesn''t get them again; returns how many weren''t before. Acknowledging twice is fine, so are ids that aren''t there. Example: select ack_events(''mailer'', ''{17}'')';

create function subscribe_events(
    consumer text, kinds text[] default null, since timestamptz default null, clinic_id bigint default null)
  returns bigint
  language c volatile parallel unsafe cost 10000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_subscribe_events';
comment on function subscribe_events(text, text[], timestamptz, bigint) is
  'From now on the consumer gets every event, or every one of these kinds, for itself, in order by booking, whatever the other consumers do; with since also those kept from then on. Returns how many wait for it. Again: replaces the kinds. Waits for the transactions under way that have written events. The queue that the other consumers of the clinic share gets no more events; what is in it can still be claimed. Example: select subscribe_events(''billing'', ''{fulfilled,noshow}'')';

create function unsubscribe_events(consumer text, clinic_id bigint default null) returns bigint
  language c volatile parallel unsafe cost 10000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_unsubscribe_events';
comment on function unsubscribe_events(text, bigint) is
  'Ends the consumer''s subscription, and returns how many events it had not acknowledged. After the last one of a clinic, events go to the queue again that all consumers share. Example: select unsubscribe_events(''billing'')';

create function prune_events(older_than interval default '30 days', clinic_id bigint default null) returns bigint
  language c volatile parallel unsafe cost 10000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_prune_events';
comment on function prune_events(interval, bigint) is
  'Deletes events acknowledged longer ago than that, and returns how many. What isn''t acknowledged stays, by a single subscribed consumer, too.';
