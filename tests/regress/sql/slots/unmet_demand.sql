-- clinic.unmet_demand: searches that found nothing, where pg_clinic.unmet_demand is on.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 30;
insert into clinic.providers (name, specialty, attributes) values ('Never there', 'Surgery', '{German}');
create temp view unmet as select id, appointment_type_id as type, from_date, to_date, provider_ids, room_ids, specialty, weekdays, earliest_time, latest_time, required_attributes as attributes from clinic.unmet_demand order by id;
-- Off by default: nothing is written.
select count(*) from find_slots('Checkup', '2026-04-14', now => '2026-04-01');
select count(*) from clinic.unmet_demand;

set local pg_clinic.unmet_demand = on;
-- A Tuesday; a Monday is found.
select count(*) from find_slots('Checkup', '2026-04-14', now => '2026-04-01');
select count(*) > 0 as found from find_slots('Checkup', '2026-04-13', now => '2026-04-01');
select count(*) from find_slots('Checkup', '2026-04-13', '2026-04-19', provider_id => 1, room_id => 1, weekdays => '{5,2}', earliest_time => '10:00', now => '2026-04-01');
select count(*) from find_slots('Checkup', '2026-04-13', specialty => 'Surgery', now => '2026-04-01');
select count(*) from find_slots('Checkup', '2026-04-13', required_attributes => '{German}', now => '2026-04-01');
select count(*) > 0 as found from next_available('Checkup', now => '2026-04-01');
select count(*) from next_available('Checkup', '2026-04-03', weekdays => '{7}', latest_time => '12:00', now => '2026-04-01');
select * from unmet;
select bool_and(searched_at between now() and clock_timestamp()) as timed from clinic.unmet_demand;
-- Who looks for another place of a booking has one.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'A', '[2026-04-13 09:00,)');
select count(*) from find_slots('Checkup', '2026-04-14', booking_id => 1, now => '2026-04-01');
-- A question that is refused is none.
call test.refused($$select find_slots('Nothing', '2026-04-14')$$);
select count(*) from clinic.unmet_demand;
-- Whoever may search is noted, too: a portal, which can't read it.
create role test_portal;
select grant_clinic_access('test_portal', 'finder') \g /dev/null
set local role test_portal;
select count(*) from find_slots('Checkup', '2026-04-14', now => '2026-04-01');
call test.refused('select from clinic.unmet_demand');
call test.refused($$insert into clinic.unmet_demand (clinic_id, appointment_type_id, from_date, to_date) values (1, 1, '2026-04-14', '2026-04-14')$$);
reset role;
select count(*) from clinic.unmet_demand;
-- The search is answered whatever becomes of the note.
savepoint before;
alter table clinic.unmet_demand add constraint never check (false) not valid;
select count(*) from find_slots('Checkup', '2026-04-14', now => '2026-04-01');
rollback to before;
drop table clinic.unmet_demand cascade;
select count(*) from find_slots('Checkup', '2026-04-14', now => '2026-04-01');
rollback to before;
set local transaction_read_only = on;
select count(*) from find_slots('Checkup', '2026-04-14', now => '2026-04-01');
select count(*) from clinic.unmet_demand;
rollback;
