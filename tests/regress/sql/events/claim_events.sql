-- claim_events, ack_events, prune_events: each event at least once, those of a booking one after the other.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

insert into clinic.providers (name) values ('Berg'), ('Conrad');
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam'), ('Room 3', 'exam');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  select n, n, 1, 'N', '[2035-04-16 09:00,)' from generate_series(1, 3) n;
update clinic.bookings set status = 'arrived' where id = 1;
update clinic.bookings set status = 'fulfilled' where id = 1;
create temp view events as select id, booking_id as booking, kind, claimed_by, deliveries, acked_at is not null as acked from clinic.events order by id;
select id, booking, kind from events;

-- Oldest first, at most n; of booking 1 only the first.
select event_id, clinic_id, booking_id, kind, payload ->> 'slot_start' as start, created_at <= clock_timestamp() as past, deliveries from claim_events('mail', 2);
select event_id from claim_events(consumer => 'sms');
select event_id from claim_events();
select * from events;
-- The next once it is acknowledged; twice is fine, so are ids that aren't there, and none.
select ack_events(null, '{1}');
select ack_events(null, '{1, 1, 99}');
select ack_events(null, '{}');
select event_id, kind from claim_events();
-- Not acknowledged by the end of the lease, they come again.
update clinic.events set claimed_until = clock_timestamp() where acked_at is null and claimed_until is not null;
select event_id, kind, deliveries from claim_events(lease => '1 hour');
select id, claimed_by, claimed_until between now() + '1 hour' and clock_timestamp() + '1 hour' as leased, deliveries from clinic.events where acked_at is null order by id;
-- An event that was never claimed can be acknowledged, to skip it.
select ack_events(null, '{4, 5}');
select ack_events(null, array(select id from clinic.events));
select event_id from claim_events();
-- By default the consumer is who acts.
update clinic.bookings set status = 'arrived' where id = 2;
set local pg_clinic.actor = 'mailer';
select event_id from claim_events();
reset pg_clinic.actor;
select claimed_by from clinic.events where id = 6;

-- Pruning takes what was acknowledged long enough ago, and nothing else. (Hours: a day of the session's zone may have 25.)
update clinic.events set acked_at = now() - interval '744 hours' where id = 1;
update clinic.events set acked_at = now() - interval '700 hours' where id = 2;
select prune_events();
select prune_events('29 days');
select prune_events('1 hour');
-- (What was acknowledged in this very transaction isn't older than its beginning.)
select prune_events('0');
update clinic.events set acked_at = now() - interval '1 second' where acked_at is not null;
select prune_events('0');
select * from events;

-- Another clinic's events are its own.
insert into clinic.clinics (name, time_zone) values ('Second', 'UTC');
call test.refused('select claim_events()');
select event_id from claim_events(clinic_id => 2);
select ack_events(null, '{6}', 2);
set local pg_clinic.clinic_id = 1;
select ack_events(null, '{6}');
select event_id from claim_events(clinic_id => 7);
reset pg_clinic.clinic_id;

-- Arguments.
call test.refused('select claim_events(max_events => 0)');
call test.refused('select claim_events(max_events => 10001)');
call test.refused($$select claim_events(lease => '0')$$);
call test.refused($$select claim_events(lease => '25 hours')$$);
call test.refused($$select claim_events(lease => '1 month')$$);
call test.refused('select ack_events(null, null)');
call test.refused($$select ack_events(null, '{1, null}')$$);
call test.refused($$select prune_events('-1 day')$$);
select event_id from claim_events(null, null, null, 1);

-- Events still to be delivered are read in order from its index, whatever the table holds and statistics say.
create function pg_temp.plan(query text) returns setof text language plpgsql set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
declare line text;
begin
  for line in execute 'explain (costs off) ' || query loop
    if line ~ 'Scan|Sort' then return next btrim(regexp_replace(line, '^[ >-]*', '')); end if;
  end loop;
end $$;
select proconfig from pg_proc where oid = 'claim_events'::regproc;
insert into clinic.events (clinic_id, booking_id, kind, acked_at) select 1, n / 4, 'changed', now() from generate_series(1, 20000) n;
insert into clinic.events (clinic_id, booking_id, kind) select 1, n % 500, 'changed' from generate_series(1, 2000) n;
select pg_temp.plan($$select e.id from clinic.events e
  where e.clinic_id = 1 and e.acked_at is null and (e.claimed_until is null or e.claimed_until <= clock_timestamp())
    and e.id = (select first.id from clinic.events first where (first.clinic_id, first.booking_id) >= (e.clinic_id, e.booking_id) and first.acked_at is null
      order by first.clinic_id, first.booking_id, first.id limit 1)
  order by e.id limit 100 for update skip locked$$);
analyze clinic.events;
select pg_temp.plan($$select e.id from clinic.events e
  where e.clinic_id = 1 and e.acked_at is null and (e.claimed_until is null or e.claimed_until <= clock_timestamp())
    and e.id = (select first.id from clinic.events first where (first.clinic_id, first.booking_id) >= (e.clinic_id, e.booking_id) and first.acked_at is null
      order by first.clinic_id, first.booking_id, first.id limit 1)
  order by e.id limit 100 for update skip locked$$);
select count(*), count(distinct booking_id) from claim_events(max_events => 1000, clinic_id => 1);
rollback;
