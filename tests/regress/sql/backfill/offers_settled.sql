-- Offers end with what they are for: the wish that is settled otherwise, the booking that is earlier by now, the hold that is the
-- desk's. What was held for them is free again, in the same transaction.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660, slot_step_minutes = 30;
update clinic.providers set buffer_minutes = 0;
insert into clinic.providers (name, buffer_minutes) values ('Berg', 0);
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time)
  values (1, 2, '09:00', '12:00'), (2, 1, '09:00', '12:00'), (2, 2, '09:00', '12:00');
insert into clinic.bookings (id, provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values
  (101, 1, 1, 1, 'X', 'Xaver', '[2035-04-16 10:00,)'), (102, 1, 1, 1, 'L', 'Later', '[2035-04-23 09:00,)');
select join_waitlist('Checkup', 'Ann', '2035-04-16', '2035-04-17', patient_id => 'A') as ann, join_waitlist('Checkup', booking_id => 102) as later \gset
insert into clinic.waitlist (clinic_id, appointment_type_id, patient_name, contact, from_date, to_date) values (1, 1, 'Bob', 'b@x', '2035-04-16', '2035-04-17');
-- How the offer stands, what happened to it, and to its hold.
create view pg_temp.offer as
  select o.status, withdrawn_reason as why, h.status as hold, to_char(h.slot_start, 'MM-DD HH24:MI') as held_at,
    (select string_agg(kind, ', ' order by id) from clinic.events e where (payload ->> 'offer_id')::bigint = o.id) as events,
    (select string_agg(cause, ', ' order by id) from clinic.freed_places f where f.booking_id = h.id) as freed
  from clinic.offers o left join clinic.bookings h on h.id = o.hold_booking_id
  where o.id = (select max(id) from clinic.offers);
-- Offers Xaver's place to one of them, lets something happen, tells what came of it, and takes all back.
create procedure pg_temp.after(who text, reserve boolean, statement text) language plpgsql as $$
declare
  offer record; told text;
begin
  delete from clinic.waitlist where patient_name <> who;
  update clinic.bookings set status = 'cancelled' where id = 101;
  perform offer_backfill(101, 1, reserve => reserve);
  if not found then raise info 'NO OFFER'; end if;
  execute replace(replace(statement, ':offer', (select max(id) from clinic.offers)::text), ':hold', coalesce((select hold_booking_id from clinic.offers order by id desc limit 1), 0)::text);
  select * into offer from pg_temp.offer;
  begin
    perform accept_offer((select max(id) from clinic.offers));
    told := 'accepted';
  exception when others then told := concat(sqlstate, ' ', sqlerrm);
  end;
  raise info '% | % %', offer, told, (select string_agg(to_char(slot_start, 'MM-DD HH24:MI'), ' ' order by slot_start) from clinic.bookings where status = 'booked' and patient_name = who);
  raise exception 'undone' using errcode = 'P9998';
exception when sqlstate 'P9998' then null;
when others then raise info '% %', sqlstate, sqlerrm;
end $$;

-- The own booking is earlier by now, at the very time, later still, or cancelled.
select format('call pg_temp.after(%L, %L, %L)', 'Later', reserve, 'update clinic.bookings set provider_id = 2, room_id = 2, ' || change || ' where id = 102') from unnest(array[false, true]) reserve,
  unnest(array['during = ''[2035-04-16 09:30,)''', 'during = ''[2035-04-16 10:00,)''', 'during = ''[2035-04-16 10:30,)''', 'status = ''cancelled''', 'status = ''entered-in-error''']) change \gexec
call pg_temp.after('Later', true, $$select reschedule_booking(102, '2035-04-16 09:00')$$);
call pg_temp.after('Later', true, $$select cancel_booking(102)$$);

-- The wish is met otherwise: booked, confirmed, made the patient's; not by a hold, another type, another date or another patient.
insert into clinic.appointment_types (name, duration_minutes) values ('Other', 30);
select format('call pg_temp.after(%L, %L, %L)', who, reserve, statement) from unnest(array[false, true]) reserve, (values
  ('Ann', 'select book_slot(''Checkup'', 2, 2, ''2035-04-17 09:00'', ''Ann'', patient_id => ''A'')'),
  ('Ann', 'select confirm_hold(h.booking_id) from hold_slot(''Checkup'', 2, 2, ''2035-04-17 09:00'', ''Ann'', patient_id => ''A'') h'),
  ('Ann', 'insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values (2, 2, 1, ''A'', ''Ann'', ''[2035-04-17 09:00,)'')'),
  ('Bob', 'insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, contact, during) values (2, 2, 1, ''Bob'', ''b@x'', ''[2035-04-17 09:00,)'')'),
  ('Ann', 'select hold_slot(''Checkup'', 2, 2, ''2035-04-17 09:00'', ''Ann'', patient_id => ''A'')'),
  ('Ann', 'select book_slot(''Other'', 2, 2, ''2035-04-17 09:00'', ''Ann'', patient_id => ''A'')'),
  ('Ann', 'select book_slot(''Checkup'', 2, 2, ''2035-04-24 09:00'', ''Ann'', patient_id => ''A'')'),
  ('Ann', 'select book_slot(''Checkup'', 2, 2, ''2035-04-17 09:00'', ''Anna'', patient_id => ''A2'')')) made (who, statement) \gexec
-- An own cancellation: called on again, or booked anew.
insert into clinic.bookings (id, provider_id, room_id, appointment_type_id, patient_id, patient_name, during, status) values (103, 2, 2, 1, 'C', 'Cora', '[2035-04-17 11:00,)', 'cancelled');
call pg_temp.after('Cora', true, 'select 1');
call pg_temp.after('Cora', true, 'select reopen_booking(103)');
call pg_temp.after('Cora', true, $$select book_slot('Checkup', 2, 2, '2035-04-23 09:00', 'Cora', patient_id => 'C')$$);
delete from clinic.bookings where id = 103;

-- Who leaves the waitlist is offered nothing; nor after plain SQL.
select format('call pg_temp.after(%L, %L, %L)', 'Ann', reserve, statement) from unnest(array[false, true]) reserve, unnest(array[format('select leave_waitlist(%s)', :ann), format('update clinic.waitlist set status = ''left'' where id = %s', :ann)]) statement \gexec
call pg_temp.after('Later', true, format('select leave_waitlist(%s)', :later));

-- The hold is somebody's, moved, or given back. Only the last leaves the offer open.
select format('call pg_temp.after(%L, true, %L)', who, statement) from unnest(array['Ann', 'Later']) who, unnest(array[
  'select confirm_hold(:hold, ''Quick'')',
  'update clinic.bookings set status = ''booked'', patient_name = ''Quick'', hold_expires_at = null where id = :hold',
  'update clinic.bookings set during = ''[2035-04-16 11:00,)'' where id = :hold',
  'update clinic.bookings set provider_id = 2 where id = :hold',
  'update clinic.bookings set room_id = 2 where id = :hold',
  'select cancel_booking(:hold)',
  'delete from clinic.bookings where id = :hold']) statement \gexec

-- A hold that keeps a place for an offer doesn't move: refused by name, passed over in a range.
select format('call pg_temp.after(%L, true, %L)', 'Ann', statement) from unnest(array[
  'select reschedule_booking(:hold, ''2035-04-16 11:00'')',
  'select swap_bookings(:hold, 102)',
  'select * from apply_absence(array[:hold], array[''2035-04-16 11:00''::timestamptz], array[1], array[1])',
  'select shift_bookings(1, ''2035-04-16 00:00'', ''2035-04-17 00:00'', ''30 minutes'')',
  'select reassign_bookings(1, 2, ''[2035-04-16, 2035-04-17)'')',
  'do $do$ begin perform plan_absence(provider_id => 1, during => ''[2035-04-16, 2035-04-17)''); if found then raise info ''PLANNED''; end if; end $do$']) statement \gexec

-- The patient of a reserved offer is busy meanwhile: as book_slot says it.
delete from clinic.waitlist where patient_name <> 'Ann';
update clinic.bookings set status = 'cancelled' where id = 101;
select count(*) from offer_backfill(101, 1, reserve => true);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values (2, 2, 2, 'A', 'Ann', '[2035-04-16 10:00,)');
select format('call test.refused(%L)', 'select accept_offer(' || max(id) || ')') from clinic.offers \gexec
-- After which the place is there still, for when the patient isn't.
update clinic.bookings set during = '[2035-04-16 11:00,)' where patient_id = 'A' and appointment_type_id = 2;
select slot_start, patient_name from accept_offer((select max(id) from clinic.offers));
rollback;
