-- An app's own triggers on bookings: ours stand them, and what they do wrong the constraints refuse.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

update clinic.clinics set booking_horizon_days = 3660;
create table clinic.queue (patient_name text);
insert into clinic.queue values ('First'), ('Second');
-- A patient cancels, and the place goes to the next who waits, in the same statement. A trigger that other functions can fire, as
-- ours, pins its own search_path: theirs is in force.
create function clinic.refill() returns trigger language plpgsql set search_path = public, pg_temp as $$
declare
  next text;
begin
  delete from clinic.queue where patient_name = (select min(patient_name) from clinic.queue) returning patient_name into next;
  if next is not null then
    perform book_slot(null, new.provider_id, new.room_id, lower(new.during), next, appointment_type_id => new.appointment_type_id);
  end if;
  return null;
end $$;
create trigger refill after update on clinic.bookings for each row when (new.status = 'cancelled') execute function clinic.refill();
select booking_id from book_slot('Checkup', 1, 1, '2035-04-16 09:00', 'Ann');
select booking_id, status from cancel_booking(1, 'ill');
update clinic.bookings set status = 'cancelled' where patient_name = 'First';
select patient_name, status, day_seat from clinic.bookings order by id;
-- Each change has its own reason, the nested ones too.
select after ->> 'patient_name' as name, operation, reason from clinic.booking_history order by id;
drop trigger refill on clinic.bookings;

-- Before ours: what it changes is taken as given by the client.
create function clinic.round() returns trigger language plpgsql as $$
begin
  new.during := tstzrange(date_trunc('hour', lower(new.during)), null);
  return new;
end $$;
create trigger a_round before insert on clinic.bookings for each row execute function clinic.round();
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'B', '[2035-04-16 10:20,)') returning during, provider_busy;
drop trigger a_round on clinic.bookings;
-- After ours: it can spoil the derived columns, but not to the point of a double booking.
create function clinic.spoil() returns trigger language plpgsql as $$
begin
  new.provider_busy := '[2000-01-01, 2000-01-02)';
  return new;
end $$;
create trigger z_spoil before insert on clinic.bookings for each row execute function clinic.spoil();
call test.violates($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'C', '[2035-04-16 10:20,)')$$);
drop trigger z_spoil on clinic.bookings;
-- One that takes the row away: the function says so, plain SQL writes nothing.
create function clinic.swallow() returns trigger language plpgsql as 'begin return null; end';
create trigger swallow before insert or update on clinic.bookings for each row execute function clinic.swallow();
call test.refused($$select book_slot('Checkup', 1, 1, '2035-04-16 11:00', 'D')$$);
call test.violates('select check_in_booking(3)');
drop trigger swallow on clinic.bookings;
-- One that raises: its error comes through as it is.
create function clinic.object() returns trigger language plpgsql as $$
begin
  raise exception 'not on Mondays' using errcode = 'ZZ001', detail = 'our rule', hint = 'try Tuesday', constraint = 'our_rule';
end $$;
create trigger object before insert on clinic.bookings for each row execute function clinic.object();
call test.refused($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'D', '[2035-04-16 11:00,)')$$);
call test.refused($$select book_slot('Checkup', 1, 1, '2035-04-16 11:00', 'D')$$);
drop trigger object on clinic.bookings;
-- A constraint of the app's own, by its name.
alter table clinic.bookings add constraint no_doctors check (patient_name not like 'Dr.%');
call test.violates($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'Dr. No', '[2035-04-16 11:00,)')$$);
call test.violates($$select book_slot('Checkup', 1, 1, '2035-04-16 11:00', 'Dr. No')$$);
rollback;
