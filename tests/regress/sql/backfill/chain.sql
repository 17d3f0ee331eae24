-- A chain: three patients, each waiting for the place that the next one leaves. All three move.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660, slot_step_minutes = 30, backfill_same_type_only = false;
update clinic.providers set buffer_minutes = 0;
insert into clinic.appointment_types (name, duration_minutes) values ('Long', 60);
insert into clinic.bookings (id, provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values
  (101, 1, 1, 1, 'X', 'Xaver', '[2035-04-16 09:00,)'), (102, 1, 1, 1, 'A', 'Ann', '[2035-04-23 09:00,)'),
  (103, 1, 1, 1, 'B', 'Bob', '[2035-04-30 09:00,)'), (104, 1, 1, 1, 'C', 'Cy', '[2035-05-07 09:00,)');
select join_waitlist('Checkup', booking_id => 102, from_date => '2035-04-16', to_date => '2035-04-16'),
  join_waitlist('Checkup', booking_id => 103, from_date => '2035-04-23', to_date => '2035-04-23'),
  join_waitlist('Checkup', booking_id => 104, from_date => '2035-04-30', to_date => '2035-04-30') \g /dev/null
-- Each event names who could take what was just freed: the front desk offers it.
create function pg_temp.next() returns table (left_by text, cause text, place timestamptz, offered_to text, now_at timestamptz) language plpgsql as $$
declare
  event clinic.events;
  offer bigint;
begin
  select * into event from clinic.events where kind = 'freed' and acked_at is null order by id limit 1;
  update clinic.events set acked_at = now() where id = event.id;
  select (select patient_name from clinic.bookings where id = event.booking_id), event.payload ->> 'cause', (event.payload ->> 'slot_start')::timestamptz into left_by, cause, place;
  if jsonb_array_length(event.payload -> 'candidates') > 0 then
    select o.offer_id, o.patient_name into offer, offered_to from offer_backfill(event.booking_id, 1) o;
    select a.slot_start into now_at from accept_offer(offer) a;
  end if;
  return next;
end $$;
select status from cancel_booking(101);
select * from pg_temp.next();
select * from pg_temp.next();
select * from pg_temp.next();
select * from pg_temp.next();
select patient_name, status, slot_start from clinic.bookings order by id;
select booking_id, cause, slot_start from clinic.freed_places order by id;
select patient_name, status from clinic.waitlist order by id;
rollback;
