-- subscribe_events, unsubscribe_events: each subscribed consumer gets every event for itself, in its own order, lease and pace.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
insert into clinic.providers (name) values ('Berg'), ('Conrad');
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam'), ('Room 3', 'exam');
create temp view lag as select clinic_id, consumer, pending_events as pending, claimed_events as claimed, oldest_event_id as oldest,
  waiting_since is not null as waits, lag_seconds >= 0 as lag, most_deliveries as most from clinic.event_lag order by 1, 2;

-- Without a subscription there is one queue.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'N', '[2035-04-16 09:00,)');
select * from lag;

-- From now on mailer and billing each get every event; what was in the shared queue stays there.
select subscribe_events('mailer');
select subscribe_events('billing', '{fulfilled,booked,booked}');
select consumer, kinds from clinic.event_subscriptions order by id;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  select n, n, 1, 'N', '[2035-04-16 09:00,)' from generate_series(2, 3) n;
update clinic.bookings set status = 'arrived' where id = 2;
update clinic.bookings set status = 'fulfilled' where id = 2;
select id, booking_id, kind, acked_at is not null as handed_over from clinic.events order by id;
select * from lag;
select event_id, booking_id, kind, payload ->> 'status' as status, deliveries from claim_events('mailer');
select event_id, booking_id, kind, deliveries from claim_events('billing');
select event_id from claim_events('mailer');
select * from lag;
-- What one has acknowledged the other hasn't. The next of a booking comes once the one before is acknowledged, by that consumer.
select ack_events('mailer', '{2,3}');
select ack_events('mailer', '{2,3,99}');
select event_id, booking_id, kind, deliveries from claim_events('mailer');
select event_id, booking_id, kind, deliveries from claim_events('billing');
select ack_events('billing', '{2}');
-- billing doesn't want arrivals.
select event_id, booking_id, kind, deliveries from claim_events('billing');
-- Not acknowledged by the end of the lease: again, to that consumer.
update clinic.event_deliveries set claimed_until = clock_timestamp() where event_id = 4;
select event_id, kind, deliveries from claim_events('mailer');
select * from lag;
-- A consumer without a subscription gets what is left in the shared queue; then it is told, rather than left to wait.
select event_id, kind from claim_events('sms');
select event_id from claim_events('sms');
select ack_events('sms', '{1}');
call test.refused($$select claim_events('sms')$$);
call test.refused('select claim_events()');
set local pg_clinic.actor = 'billing';
select event_id from claim_events();
select ack_events(null, '{3}');
reset pg_clinic.actor;
-- Whoever acknowledges for another consumer takes nothing from this one.
select ack_events('sms', '{4,5}');
select * from lag;

-- An event that somebody still waits for isn't pruned.
update clinic.events set acked_at = now() - interval '60 days';
select prune_events();
select ack_events('mailer', '{4}'), ack_events('mailer', '{5}'), ack_events('billing', '{5}');
select prune_events();
select * from lag;

-- A new consumer from a moment on, with what happened since. Again: other kinds, and what it doesn't want any more is dropped.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  select n, n, 1, 'N', '[2035-04-16 10:00,)' from generate_series(1, 3) n;
update clinic.bookings set status = 'cancelled' where local_date = '2035-04-16' and slot_start = '2035-04-16 10:00';
select subscribe_events('archive', since => now() - interval '1 hour');
select subscribe_events('archive', '{cancelled}');
select subscribe_events('archive', '{booked}', '2020-01-01');
select subscribe_events('archive', '{booked}', clock_timestamp());
select event_id, kind from claim_events('archive', 2);
select subscribe_events('archive', '{noshow}');
select subscribe_events('archive', since => '2190-01-01');
select * from lag;

-- The end of a subscription: how many it hadn't acknowledged. After the last, events are in one queue again.
select unsubscribe_events('archive'), unsubscribe_events('mailer');
select unsubscribe_events('billing');
select count(*) from clinic.event_deliveries;
update clinic.bookings set status = 'noshow' where id = 3;
select kind from claim_events('mailer');
select * from lag;
call test.refused($$select unsubscribe_events('billing')$$);

-- Each clinic has subscriptions of its own.
insert into clinic.clinics (name, time_zone) values ('Second', 'UTC');
call test.refused($$select subscribe_events('mailer')$$);
select subscribe_events('mailer', clinic_id => 2);
insert into clinic.bookings (clinic_id, provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 1, 1, 1, 'N', '[2035-04-16 11:00,)');
select kind from claim_events('mailer', clinic_id => 1);
select kind from claim_events('mailer', clinic_id => 2);
select * from lag;
set local pg_clinic.clinic_id = 1;

-- An event that somebody deletes keeps nothing else of its booking.
select subscribe_events('mailer');
update clinic.bookings set status = 'arrived' where id = 7;
update clinic.bookings set status = 'checked-in' where id = 7;
delete from clinic.events where id = (select min(event_id) from clinic.event_deliveries);
select kind from claim_events('mailer');
select kind from claim_events('mailer');

-- A claim reads a queue in its order, whatever the table holds and statistics say.
insert into clinic.event_deliveries (clinic_id, subscription_id, event_id, booking_id)
  select 1, s.id, 100000 + n, 100 + n % 500 from clinic.event_subscriptions s, generate_series(1, 3000) n where s.clinic_id = 1;
insert into clinic.events (clinic_id, id, booking_id, kind, acked_at) select 1, 100000 + n, 100 + n % 500, 'changed', now() from generate_series(1, 3000) n;
select count(*), count(distinct booking_id) from claim_events('mailer', 1000);
analyze clinic.event_deliveries, clinic.events;
select count(*), count(distinct booking_id) from claim_events('mailer', 1000, clinic_id => 1);

-- Arguments.
call test.refused('select subscribe_events(null)');
call test.refused($$select subscribe_events('')$$);
call test.refused($$select subscribe_events(' ')$$);
call test.refused($$select subscribe_events(repeat('x', 201))$$);
call test.refused($$select subscribe_events('x', '{}')$$);
call test.refused($$select subscribe_events('x', '{booked,cancled}')$$);
call test.refused($$select subscribe_events('x', '{booked,null}')$$);
call test.refused($$select subscribe_events('x', since => 'infinity')$$);
call test.refused($$select subscribe_events('x', clinic_id => 9)$$);
call test.refused($$select unsubscribe_events(null)$$);
call test.refused($$select ack_events('mailer', null)$$);
select subscribe_events(repeat('x', 200));
call test.violates($$insert into clinic.event_subscriptions (clinic_id, consumer, kinds) values (1, 'y', '{mystery}')$$);
call test.violates($$insert into clinic.event_subscriptions (clinic_id, consumer) values (1, 'mailer')$$);
rollback;
