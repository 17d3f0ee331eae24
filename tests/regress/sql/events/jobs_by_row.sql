-- A row that a job can't change is told, and keeps none of the others.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set no_show_since = '-infinity';
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, status, during)
  select 1, 1, 1, 'Missed ' || i, 'booked', tstzrange(date '2015-01-05' + i + time '09:00', null) from generate_series(1, 250) i;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, status, hold_expires_at, during)
  select 1, 1, 1, 'Held ' || i, 'pending', '2015-01-01', tstzrange(date '2015-01-05' + i + time '10:00', null) from generate_series(1, 3) i;
insert into clinic.bookings (id, provider_id, room_id, appointment_type_id, patient_name, status, during) values (1000, 1, 1, 1, 'Cancelled', 'cancelled', '[2035-04-16 10:00,)');
insert into clinic.waitlist (patient_name, appointment_type_id, from_date, to_date) select 'W' || i, 1, '2035-04-16', '2035-04-16' from generate_series(1, 3) i;
insert into clinic.offers (clinic_id, id, freed_place_id, source, waitlist_id, patient_name, score, expires_at, slot_start, slot_end)
  select 1, i, test.freed_place(1000), 'waitlist', i, 'W', 1, '2015-01-01', '2035-04-16 10:00', '2035-04-16 10:30' from generate_series(1, 3) i;
create temp view rows as select status, count(*) from clinic.bookings where id < 1000 group by 1 order by 1;

create function clinic.object() returns trigger language plpgsql as $$
begin
  if new.id % tg_argv[0]::int = 0 then
    raise exception 'row % stays', new.id using errcode = 'APP01', detail = 'its detail', hint = 'its hint';
  end if;
  return new;
end $$;
-- Some fail: of 250 missed two, of three holds one, of three offers one.
create trigger object before update on clinic.bookings for each row execute function clinic.object('126');
create trigger object before update on clinic.offers for each row execute function clinic.object('2');
savepoint ready;
select * from run_due_jobs();
select * from rows;
select id, status from clinic.offers order by id;
-- They stay due, and are tried again; nothing else is done twice.
select * from run_due_jobs();
rollback to ready;
select mark_no_shows(), expire_holds(), expire_offers();
select count(*) filter (where operation = 'update') as updates, count(distinct reason) filter (where operation = 'update') as reasons from clinic.booking_history;
rollback to ready;

-- All fail: the job ends, and says so once for many.
drop trigger object on clinic.bookings;
create trigger object before update on clinic.bookings for each row execute function clinic.object('1');
drop trigger object on clinic.offers;
create trigger object before update on clinic.offers for each row execute function clinic.object('1');
select * from run_due_jobs();
select * from rows;
rollback to ready;

-- Skipped without a word, or taken back: before, of the same row, or after; by one that skips the row alone, and that of its chunk.
create function clinic.skip() returns trigger language plpgsql as $$
begin
  if new.id % 2 = 1 then return new; end if;
  case tg_argv[0]
    when 'skips' then return null;
    when 'keeps' then new.status := old.status;
    when 'after' then
      execute format('update clinic.%I set status = $1 where id = $2', tg_table_name) using old.status, old.id;
  end case;
  return new;
end $$;
drop trigger object on clinic.bookings;
drop trigger object on clinic.offers;
savepoint silent;
create trigger a_skip before update on clinic.bookings for each row when (new.status is distinct from old.status) execute function clinic.skip('skips');
create trigger a_skip before update on clinic.offers for each row execute function clinic.skip('skips');
select mark_no_shows(), expire_holds(), expire_offers();
select * from rows;
select id, status from clinic.offers order by id;
rollback to silent;
create trigger a_skip before update on clinic.bookings for each row execute function clinic.skip('keeps');
create trigger z_skip before update on clinic.offers for each row execute function clinic.skip('keeps');
select * from run_due_jobs();
select * from rows;
rollback to silent;
create trigger skip after update on clinic.bookings for each row when (new.status <> old.status and pg_trigger_depth() < 1) execute function clinic.skip('after');
create trigger skip after update on clinic.offers for each row when (new.status <> old.status and pg_trigger_depth() < 1) execute function clinic.skip('after');
select * from run_due_jobs();
select * from rows;
rollback to ready;

-- A clinic that can't be served keeps none of the others; a job that can't run, none of the others.
drop trigger object on clinic.bookings;
drop trigger object on clinic.offers;
insert into clinic.clinics (name, time_zone) values ('Second', 'UTC');
alter table clinic.offers rename column expires_at to ends_at;
select * from run_due_jobs();
select * from rows;
rollback to ready;

-- More that fail than one call takes up: those behind them have their turn, too.
drop trigger object on clinic.bookings;
set local client_min_messages to error;
set local pg_clinic.events to off;
alter table clinic.bookings disable trigger user;
insert into clinic.bookings (id, provider_id, room_id, appointment_type_id, patient_name, status, during, provider_busy, room_busy, local_date, day_seat, day_capacity, session_id)
  select 100000 + i, 1, 1, 1, 'Old', 'booked', r, r, r, (date '1950-01-01' + i), 1, 1, -100000 - i from generate_series(1, 10100) i, lateral (select tstzrange(date '1950-01-01' + i + time '09:00', date '1950-01-01' + i + time '09:30') as r) s;
alter table clinic.bookings enable trigger user;
-- Two thirds without a word. Ours don't fire, to be quick.
create function clinic.refuse() returns trigger language plpgsql as $$
begin
  if new.id > 102050 or new.id <= 100000 then
    -- What ours would do.
    new.day_seat := null;
    new.day_capacity := null;
    return new;
  end if;
  if new.id % 3 = 0 then raise exception 'row % stays', new.id using errcode = 'APP01'; end if;
  return null;
end $$;
create trigger a_object before update on clinic.bookings for each row execute function clinic.refuse();
alter table clinic.bookings enable always trigger a_object;
set local session_replication_role to replica;
select job, changed, failed, left(first_error, 40) as first_error from run_due_jobs() where job = 'mark_no_shows';
select count(*) from clinic.bookings where id > 100000 and status = 'noshow';
select count(*) from clinic.bookings where id > 110000 and status = 'noshow';
set local session_replication_role to origin;
rollback to ready;

-- What is to end the statement does; so does what the server lacks.
drop trigger object on clinic.bookings;
create function clinic.fail() returns trigger language plpgsql as $$ begin raise exception 'as told' using errcode = tg_argv[0]; end $$;
savepoint failing;
create trigger fail before update on clinic.bookings for each row execute function clinic.fail('57014');
select * from run_due_jobs();
rollback to failing;
create trigger fail before update on clinic.bookings for each row execute function clinic.fail('57014');
select expire_holds();
rollback to failing;
create trigger fail before update on clinic.bookings for each row execute function clinic.fail('53100');
select * from run_due_jobs();
rollback;
