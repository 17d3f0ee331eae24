-- Wishes for an earlier time, and offers, when the booking, its type or what is beside the place changes.
\set SHOW_CONTEXT never
set timezone to 'UTC';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set time_zone = 'UTC', booking_horizon_days = 3660, slot_step_minutes = 30;
insert into clinic.providers (name, buffer_minutes) values ('Berg', 0), ('Clark', 0);
update clinic.providers set buffer_minutes = 0;
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam'), ('Room 3', 'exam');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time)
  select p, d, '08:00', '18:00' from generate_series(1, 3) p, generate_series(1, 5) d;
create view pg_temp.open_offers as select id, status, withdrawn_reason from clinic.offers order by id;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, patient_id, during) values
  (1, 1, 1, 'A', 'pa', '[2035-04-16 10:00,)'), (1, 1, 1, 'B', 'pb', '[2035-04-18 10:00,)');

-- Who is here wants no earlier time any more: the offer is withdrawn, and what was held for it is free.
savepoint start;
select join_waitlist('Checkup', 'B', '2035-04-01', '2035-04-30', booking_id => 2) is not null as joined;
select candidate_count from cancel_booking(1);
select patient_name from offer_backfill(1, reserve => true, notice_minutes => 0);
update clinic.bookings set status = 'arrived' where id = 2;
select status, withdrawn_reason from pg_temp.open_offers;
select status, cancellation_reason from clinic.bookings where id > 2;
call test.refused($$ select accept_offer((select max(id) from clinic.offers)) $$);
select count(*) from find_backfill(1, notice_minutes => 0);
rollback to start;

-- A type that is disabled, or that the provider doesn't do any more, stops new bookings, not moves.
select join_waitlist('Checkup', 'B', '2035-04-01', '2035-04-30', booking_id => 2) is not null as joined;
select join_waitlist('Checkup', 'C', '2035-04-01', '2035-04-30', patient_id => 'pc') is not null as joined;
select source, patient_name from find_backfill(1, notice_minutes => 0) order by 1;
savepoint here;
update clinic.appointment_types set enabled = false;
select source, patient_name from find_backfill(1, notice_minutes => 0) order by 1;
delete from clinic.waitlist where booking_id = 2;
select join_waitlist('Checkup', 'B', '2035-04-01', '2035-04-17', booking_id => 2) is not null as joined;
call test.refused($$ select join_waitlist('Checkup', 'D') $$);
rollback to here;
insert into clinic.provider_types (provider_id, appointment_type_id) values (2, 1);
select source, patient_name from find_backfill(1, notice_minutes => 0) order by 1;
update clinic.bookings set during = '[2035-04-16 15:00,2035-04-16 15:30)' where id = 2;
select source, patient_name from find_backfill(1, notice_minutes => 0) order by 1;
select booking_id, slot_start from reschedule_booking(2, '2035-04-16 14:00');
rollback to start;

-- Preparation and clean-up of the offered appointment: who takes the room, or the provider, within them ends the offer.
insert into clinic.appointment_types (name, duration_minutes, before_minutes, after_minutes) values ('Prep', 30, 10, 15);
select join_waitlist('Prep', 'W', '2035-04-01', '2035-04-30', patient_id => 'w') is not null as joined;
select patient_name from offer_backfill(provider_id => 2, room_id => 3, slot_start => '2035-04-16 10:30', slot_end => '2035-04-16 11:00', same_type_only => false, notice_minutes => 0);
savepoint offered;
select provider_id from book_slot('Checkup', 3, 3, '2035-04-16 11:00', 'N');
select status, withdrawn_reason from pg_temp.open_offers;
rollback to offered;
select provider_id from book_slot('Checkup', 3, 3, '2035-04-16 10:00', 'N');
select status, withdrawn_reason from pg_temp.open_offers;
rollback to offered;
select provider_id from book_slot('Checkup', 2, 1, '2035-04-16 11:00', 'N');
select status, withdrawn_reason from pg_temp.open_offers;
rollback to offered;
select provider_id from book_slot('Checkup', 3, 3, '2035-04-16 11:30', 'N');
select provider_id from book_slot('Checkup', 2, 1, '2035-04-16 11:30', 'M');
select status, withdrawn_reason from pg_temp.open_offers;
rollback to start;
-- One without a room leaves it to others.
insert into clinic.appointment_types (name, duration_minutes, needs_room) values ('Phone', 30, false);
select join_waitlist('Phone', 'W', '2035-04-01', '2035-04-30', patient_id => 'w') is not null as joined;
select patient_name from offer_backfill(provider_id => 2, room_id => 3, slot_start => '2035-04-16 10:30', slot_end => '2035-04-16 11:00', same_type_only => false, notice_minutes => 0);
select provider_id from book_slot('Checkup', 3, 3, '2035-04-16 10:30', 'N');
select status, withdrawn_reason from pg_temp.open_offers;
select status, room_id from accept_offer((select max(id) from clinic.offers));
rollback to start;

-- A request that asks for an open wish again is the entry's: its retry finds it, and it stands for nothing else.
select join_waitlist('Checkup', 'J', '2035-04-16', '2035-04-16', patient_id => 'j') as first \gset
select join_waitlist('Checkup', 'J', '2035-04-16', '2035-04-16', patient_id => 'j', request_id => 'jr') = :first as is_same;
select leave_waitlist(:first);
select join_waitlist('Checkup', 'J', '2035-04-16', '2035-04-16', patient_id => 'j', request_id => 'jr') = :first as is_same;
call test.refused($$ select join_waitlist('Checkup', 'K', '2035-04-16', '2035-04-16', patient_id => 'k', request_id => 'jr') $$);
rollback;
