-- What each subscribed consumer still has to do: an event is here once for each of them until that one acknowledges it. So a
-- consumer that stands still has rows of its own to catch up with, and nobody else reads them.
--
-- Rows are written by the transaction that writes the event. No foreign keys: one to the subscription would make all bookings
-- lock its row; prune_events() leaves an event that somebody still waits for.

create table clinic.event_deliveries (
  clinic_id       bigint  not null,
  subscription_id bigint  not null,
  event_id        bigint  not null,
  booking_id      bigint  not null,
  claimed_until   timestamptz,
  deliveries      integer not null default 0,
  constraint event_deliveries_pkey primary key (clinic_id, subscription_id, event_id)
  -- Room for the version of a row that claim_events() writes: then it changes no index.
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
-- The first of a booking.
create index event_deliveries_booking_idx on clinic.event_deliveries (clinic_id, subscription_id, booking_id, event_id);
comment on table clinic.event_deliveries is
  'Events that a subscribed consumer hasn''t acknowledged: one row for each consumer and event. Read it with claim_events() and ack_events().';
comment on column clinic.event_deliveries.clinic_id is 'The clinic.';
comment on column clinic.event_deliveries.subscription_id is 'Whose it is: a row of clinic.event_subscriptions.';
comment on column clinic.event_deliveries.event_id is 'The event.';
comment on column clinic.event_deliveries.booking_id is 'Its booking: those of one booking are delivered one after the other.';
comment on column clinic.event_deliveries.claimed_until is 'End of the consumer''s lease: not acknowledged by then, it is delivered again.';
comment on column clinic.event_deliveries.deliveries is 'How often the consumer claimed it.';
