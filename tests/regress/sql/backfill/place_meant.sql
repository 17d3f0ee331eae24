-- Which place a booking's id means: what it gave up last, if that isn't over, else where it is. For finding and offering alike.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660, slot_step_minutes = 30;
insert into clinic.bookings (id, provider_id, room_id, appointment_type_id, patient_name, during) values (101, 1, 1, 1, 'Xaver', '[2035-04-16 10:00,)');
-- The place alone; anybody may come at any time.
update clinic.providers set buffer_minutes = 0;
insert into clinic.waitlist (clinic_id, appointment_type_id, patient_name, contact, from_date, to_date) values (1, 1, 'Ann', 'a@x', '2035-04-01', '2035-05-31');
-- What both say, without a trace.
create procedure pg_temp.means(booking bigint) language plpgsql as $$
declare
  found text; offered text;
begin
  begin
    select string_agg(concat_ws(' ', provider_id, room_id, slot_start), ', ') into found from find_backfill(booking);
  exception when others then found := concat(sqlstate, ' ', sqlerrm);
  end;
  begin
    perform offer_backfill(booking);
    select string_agg(concat_ws(' ', f.provider_id, f.room_id, o.slot_start), ', ') into offered from clinic.offers o join clinic.freed_places f on f.id = freed_place_id;
    raise exception using errcode = 'P9998';
  exception when sqlstate 'P9998' then null;
  when others then offered := concat(sqlstate, ' ', sqlerrm);
  end;
  raise info 'find % | offer %', found, offered;
end $$;
savepoint whole;
call pg_temp.means(101);
call pg_temp.means(99);
-- Moved, and moved again: the newest. Cancelled there: that place.
select slot_start from reschedule_booking(101, '2035-04-23 09:30');
call pg_temp.means(101);
select slot_start from reschedule_booking(101, '2035-04-30 11:00');
call pg_temp.means(101);
savepoint moved;
select status from cancel_booking(101);
call pg_temp.means(101);
rollback to moved;
delete from clinic.bookings where id = 101;
call pg_temp.means(101);
rollback to whole;
-- Deleted, cancelled, entered in error, a no-show.
select format('call pg_temp.means(%s)', 101) as means \gset
delete from clinic.bookings where id = 101;
:means;
rollback to whole;
update clinic.bookings set status = 'cancelled' where id = 101;
:means;
rollback to whole;
update clinic.bookings set status = 'entered-in-error' where id = 101;
:means;
rollback to whole;
update clinic.bookings set status = 'noshow' where id = 101;
:means;
rollback to whole;
-- What was given up is over: where it is.
update clinic.bookings set during = '[2035-04-23 09:30,)' where id = 101;
update clinic.freed_places set slot_start = '2015-04-16 10:00', slot_end = '2015-04-16 10:30';
:means;
rollback;
