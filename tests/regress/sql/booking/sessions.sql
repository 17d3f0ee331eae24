-- Where a read may run: read-only and serializable transactions, parallel workers, prepared statements, cursors, views.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'A', '[2035-04-16 10:00,)');
-- In a worker, with the setting of this session.
select init_clinic('Other', 'UTC');
set local pg_clinic.clinic_id = 1;
select set_config(case when current_setting('server_version_num')::int < 160000 then 'force_parallel_mode' else 'debug_parallel_query' end, 'on', true);
create function pg_temp.is_parallel(query text) returns boolean language plpgsql as $$
declare
  line text;
begin
  for line in execute 'explain ' || query loop
    if line like '%Gather%' then return true; end if;
  end loop;
  return false;
end $$;
select pg_temp.is_parallel($$select count(*), current_clinic() from find_slots('Checkup', date '2035-04-16')$$);
select count(*), current_clinic() from find_slots('Checkup', date '2035-04-16');
select count(*) from next_available('Checkup', '2035-04-16');
select count(*) from explain_slots('Checkup', '2035-04-16');
select set_config(case when current_setting('server_version_num')::int < 160000 then 'force_parallel_mode' else 'debug_parallel_query' end, 'off', true);

-- A prepared statement sees every change, of rows and of tables.
prepare free as select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2035-04-16');
execute free;
update clinic.bookings set status = 'cancelled';
execute free;
alter table clinic.bookings add column color text;
alter table clinic.providers add column color text default 'red';
create index on clinic.bookings (color);
execute free;
update clinic.bookings set status = 'booked', color = 'blue';
execute free;
deallocate free;
-- A cursor keeps the answer of its moment.
declare free cursor for select slot_start::time from find_slots('Checkup', date '2035-04-16') order by 1;
fetch 1 from free;
delete from clinic.bookings;
fetch all from free;
close free;
-- A view, a join, a set of questions, a LIMIT.
create temp view monday as select * from find_slots('Checkup', date '2035-04-16');
select count(*), count(p.id) from monday m join clinic.providers p on p.id = m.provider_id and p.clinic_id = 1;
select day, count(slot_start) from generate_series(date '2035-04-15', '2035-04-17', '1 day') day left join lateral find_slots('Checkup', day::date) on true group by 1 order by 1;
select slot_start::time from find_slots('Checkup', date '2035-04-16') limit 2;
select (find_slots('Checkup', date '2035-04-16', max_results => 1)).slot_start;
-- What runs in a function sees what that function did before.
create function pg_temp.seen() returns bigint language plpgsql as $$
begin
  insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'B', '[2035-04-16 09:00,)');
  return (select count(*) from find_slots('Checkup', date '2035-04-16'));
end $$;
select pg_temp.seen();
-- Read only: finding yes, booking no, also where it needn't write.
set transaction read only;
select count(*) from find_slots('Checkup', date '2035-04-16');
select count(*) from next_available('Checkup', '2035-04-16');
select count(*) from explain_slots('Checkup', '2035-04-16');
call test.violates($$select book_slot('Checkup', 1, 1, '2035-04-16 11:00', 'C')$$);
call test.violates('select cancel_booking(2)');
rollback;

-- Serializable, and repeatable read.
begin isolation level serializable;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
select count(*) from find_slots('Checkup', date '2035-04-16');
select status from book_slot('Checkup', 1, 1, '2035-04-16 09:00', 'A');
select count(*) from find_slots('Checkup', date '2035-04-16');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'B', '[2035-04-16 10:00,)');
select day_seat from clinic.bookings order by id;
rollback;
