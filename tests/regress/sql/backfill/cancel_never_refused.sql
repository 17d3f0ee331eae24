-- Whatever is wrong with who could take a freed place, or with telling consumers: the booking is cancelled, with a WARNING.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values
  (1, 1, 1, 'p1', 'Ann', '[2035-04-16 09:00,)'), (1, 1, 1, 'p2', 'Ben', '[2035-04-16 10:00,)');
select join_waitlist('Checkup', 'Dora', '2035-04-16', '2035-04-20', 'p4', 'tel. 4');
create temp view announced as
  select b.id, b.status, e.kind, (select payload ? 'candidates' from clinic.events f where f.booking_id = b.id and f.kind = 'freed') as has_suggestions, (select reason from clinic.booking_history h where h.booking_id = b.id order by version desc limit 1) as reason
  from clinic.bookings b left join clinic.events e on e.booking_id = b.id and e.kind = 'cancelled' where b.status = 'cancelled' order by b.id;
-- Both ways, after something was done: what is said and what came of it.
create procedure pg_temp.cancel(deed text) language plpgsql as $$
declare
  said record;
begin
  begin
    execute deed;
    for said in select booking_id, status, candidate_count, candidates from cancel_booking(1, 'ill')
    loop raise info 'cancel_booking: % % % %', said.booking_id, said.status, said.candidate_count, jsonb_array_length(said.candidates); end loop;
    update clinic.bookings set status = 'cancelled' where id = 2;
    for said in select * from announced loop raise info '%', said; end loop;
    raise exception 'undo' using errcode = 'P9999';
  exception when sqlstate 'P9999' then null;
  end;
end $$;
-- As it should be.
call pg_temp.cancel('select');
-- A damaged row of the waitlist.
call pg_temp.cancel('alter table clinic.waitlist disable trigger user, alter column priority drop not null; update clinic.waitlist set priority = null');
call pg_temp.cancel($$alter table clinic.waitlist disable trigger user; alter table clinic.waitlist drop constraint waitlist_dates; update clinic.waitlist set to_date = 'infinity'$$);
-- A table or column that isn't there any more.
call pg_temp.cancel('alter table clinic.waitlist rename to gone');
call pg_temp.cancel('alter table clinic.waitlist rename column priority to urgency');
call pg_temp.cancel('alter table clinic.provider_availability rename to gone');
-- Triggers of the app's: on what tells of freed time; not on the event of the change itself, which is as dear as the history.
create function clinic.object() returns trigger language plpgsql as $$ begin raise exception 'no more changes' using errcode = 'APP01', detail = 'its detail', hint = 'its hint'; end $$;
call pg_temp.cancel('create trigger object before insert on clinic.freed_places for each row execute function clinic.object()');
-- It divides by zero, runs out of something, or finds a deadlock: all the same.
create function clinic.fail() returns trigger language plpgsql as $$ begin raise exception 'as told' using errcode = tg_argv[0]; end $$;
call pg_temp.cancel('create trigger fail before insert on clinic.freed_places for each row execute function clinic.fail(''53200'')');
call pg_temp.cancel('create trigger fail before insert on clinic.freed_places for each row execute function clinic.fail(''40P01'')');
call pg_temp.cancel('create trigger fail before insert on clinic.freed_places for each row execute function clinic.fail(''40001'')');
call pg_temp.cancel('create trigger fail before insert on clinic.freed_places for each row execute function clinic.fail(''XX000'')');
-- But who cancels the statement, or shuts the server down, means it.
savepoint interrupted;
create trigger fail before insert on clinic.freed_places for each row execute function clinic.fail('57014');
select * from cancel_booking(1);
rollback to interrupted;
create trigger fail before insert on clinic.freed_places for each row execute function clinic.fail('57P01');
update clinic.bookings set status = 'cancelled' where id = 1;
rollback to interrupted;
-- Nobody may notify.
set local pg_clinic.notify_channel = 'clinic';
create role test_owner;
grant create, usage on schema public to test_owner;
call pg_temp.cancel('revoke execute on function pg_notify(text, text) from public; alter schema clinic owner to test_owner; grant all on all tables in schema clinic to test_owner; alter table clinic.bookings owner to test_owner');
reset pg_clinic.notify_channel;
-- An event, and a history, that can't be written refuses the change: nothing is lost in silence.
create trigger object before insert on clinic.events for each row execute function clinic.object();
call test.refused('select cancel_booking(1)');
drop trigger object on clinic.events;
create trigger object before insert on clinic.booking_history for each row execute function clinic.object();
call test.refused('select cancel_booking(1)');
drop trigger object on clinic.booking_history;
-- Texts without end are kept up to 10,000 characters, the mark of the cut among them.
set local client_min_messages to error;
create function pg_temp.kept(given text) returns text language plpgsql as $$
begin
  perform set_config('pg_clinic.actor', given, true);
  update clinic.bookings set contact = length(given)::text where id = 2;
  return (select format('%s of %s, ends in %s', length(actor), length(given), right(actor, 1)) from clinic.booking_history order by id desc limit 1);
end $$;
select pg_temp.kept(repeat(letter, length)) from unnest('{1,9999,10000,10001,20000}'::int[]) length, unnest('{a,é,😀}'::text[]) letter;
select set_config('pg_clinic.actor', repeat('a', 20000), true) is not null as set;
select status from cancel_booking(1, repeat('r', 20000));
select length(actor), right(actor, 2), length(reason), right(reason, 2), length(after ->> 'cancellation_reason') as given from clinic.booking_history order by id desc limit 1;
rollback;
