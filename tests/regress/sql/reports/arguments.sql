-- Bad input to the analysts' functions, who may call them, and that they mind the clinic.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

-- NULL is the default.
select count(*) from day_sheet(null, null, null, null, null, null, null);
select count(*) > 0 as drawn from day_board(null, null, null);
select day_board_svg(null, null, null) is not null as drawn;
select count(*) from utilization(null, null, null, null, null, '2026-04-14', null);
select count(*) from cancellations(null, null, null, null);
-- Dates that make no sense, in each.
create function pg_temp.each_refuses(arguments text) returns void language plpgsql as $$
declare
  name text;
begin
  foreach name in array '{provider_openings,room_openings,utilization,no_show_rates,lead_times,cancellation_rates,cancellations,refill_rates,waiting_times,lost_capacity}'::text[] loop
    call test.violates(format('select from %I(%s)', name, arguments));
  end loop;
end $$;
select pg_temp.each_refuses($$'2026-04-14', '2026-04-13'$$);
select pg_temp.each_refuses($$'2026-04-13', 'infinity'$$);
select pg_temp.each_refuses($$'-infinity', '2026-04-13'$$);
select pg_temp.each_refuses($$'2026-04-13', '2027-04-14'$$);
select pg_temp.each_refuses($$'290000-01-01', '290000-01-01'$$);
select pg_temp.each_refuses($$'2026-04-13', now => 'infinity'$$);
select pg_temp.each_refuses($$'2026-04-13', clinic_id => 99$$);
call test.refused($$select from utilization('2026-04-13', '2027-04-14')$$);
call test.refused($$select from day_sheet('infinity')$$);
call test.refused($$select from day_sheet('290000-01-01')$$);
call test.refused($$select from day_sheet('1899-12-31')$$);
call test.refused($$select from day_board('-infinity')$$);
call test.refused($$select day_board_svg('290000-01-01')$$);
call test.refused($$select day_board_svg('2026-04-13', 'infinity')$$);
select count(*) from day_sheet('1900-01-01') a, day_sheet('2199-12-31') b;
-- The longest range.
select count(*) from utilization('2026-01-01', '2027-01-01', now => '2026-01-01');
-- Ids and words that aren't there.
call test.refused($$select from day_sheet('2026-04-13', provider_id => 99)$$);
call test.refused($$select from provider_openings('2026-04-13', provider_id => 99)$$);
call test.refused($$select from room_openings('2026-04-13', room_id => 99)$$);
call test.refused($$select from utilization('2026-04-13', provider_id => 99)$$);
call test.refused($$select from utilization('2026-04-13', group_by => 'room', room_id => 99)$$);
call test.refused($$select from utilization('2026-04-13', group_by => 'Provider')$$);
call test.refused($$select from utilization('2026-04-13', group_by => 'type')$$);
call test.refused($$select from utilization('2026-04-13', group_by => 'hour', provider_id => 1, room_id => 1)$$);
-- An id of the other kind is no filter.
call test.refused($$select from utilization('2026-04-13', room_id => 1)$$);
call test.refused($$select from utilization('2026-04-13', group_by => 'room', provider_id => 1)$$);

-- Roles: a reader may use all; a finder none that shows who a patient is or why somebody is off.
create role test_finder;
create role test_reader;
select grant_clinic_access('test_finder', 'finder');
select grant_clinic_access('test_reader', 'reader');
create function test.may_call(role text) returns table (call text, outcome text) language plpgsql as $$
begin
  foreach call in array '{day_sheet,day_board,day_board_svg,provider_openings,room_openings,utilization,no_show_rates,lead_times,cancellation_rates,cancellations,refill_rates,waiting_times,lost_capacity,expected_no_shows}'::text[] loop
    begin
      perform set_config('role', role, true);
      execute format('select count(*) from %I()', call);
      outcome := 'ok';
    exception when others then outcome := sqlstate; end;
    perform set_config('role', 'none', true);
    return next;
  end loop;
end $$;
select f.call, f.outcome as finder, r.outcome as reader
from test.may_call('test_finder') f join test.may_call('test_reader') r using (call);

-- Nothing of another clinic, nor of search_path.
insert into clinic.clinics (name, time_zone) values ('Other', 'America/New_York');
insert into clinic.providers (clinic_id, name) values (2, 'Other');
insert into clinic.rooms (clinic_id, name, room_type) values (2, 'Other room', 'exam');
insert into clinic.appointment_types (clinic_id, name, duration_minutes) values (2, 'Other type', 30);
insert into clinic.provider_availability (clinic_id, provider_id, day_of_week, start_time, end_time) values (2, 2, 1, '09:00', '17:00');
insert into clinic.bookings (clinic_id, provider_id, room_id, appointment_type_id, patient_name, during, status) values
  (2, 2, 2, 2, 'Elsewhere', '[2026-04-13 09:00-04,)', 'noshow'), (2, 2, 2, 2, 'Gone', '[2026-04-13 11:00-04,)', 'cancelled');
call test.refused($$select from utilization('2026-04-13')$$);
create schema decoy;
create table decoy.bookings ();
set local search_path = decoy, public;
select 'day_sheet' as function, count(*) from day_sheet('2026-04-13', clinic_id => 1) union all
select 'utilization', count(*) from utilization('2026-04-13', now => '2026-04-13', clinic_id => 1) union all
select 'no_show_rates', sum(no_shows) from no_show_rates('2026-04-13', clinic_id => 1, now => '2026-04-13') union all
select 'cancellations', count(*) from cancellations('2026-04-13', '2026-04-13', clinic_id => 1);
-- 09:00 in New York is 15:00 in Berlin.
select starts_at, ends_at, kind, patient_name from day_sheet('2026-04-13', clinic_id => 2, now => '2026-04-01');
rollback;
