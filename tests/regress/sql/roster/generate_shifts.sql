-- generate_shifts(): shifts of a period from weekly templates.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

insert into clinic.providers (name) values ('Berg');
insert into clinic.shift_kinds (name) values ('night');
insert into clinic.shift_templates (provider_id, day_of_week, start_time, end_time, required_skills) values
  (1, 1, '08:00', '12:00', '{surgery}'), (2, 1, '13:00', '17:00', '{}');
insert into clinic.shift_templates (shift_kind, day_of_week, start_time, end_time, staff_needed) values ('night', 7, '20:00', '06:00', 2);
create view pg_temp.made as
  select id, shift_kind as kind, provider_id as provider, during, staff_needed as needed, required_skills as skills, template_id as template, template_date
  from clinic.shifts order by id;

select generate_shifts('2026-04-13', '2026-04-19');
select * from pg_temp.made;
-- Again: nothing new, and what was changed by hand stays. A longer period: only what is missing.
update clinic.shifts set staff_needed = 3, during = '[2026-04-13 09:00, 2026-04-13 12:00)' where id = 1;
update clinic.shift_templates set staff_needed = 5;
select generate_shifts('2026-04-13', '2026-04-19');
select generate_shifts('2026-04-13', '2026-04-20');
select * from pg_temp.made;
-- What was deleted by hand comes back; what was written by hand is nobody's business.
delete from clinic.shifts where id = 2;
insert into clinic.shifts (provider_id, during) values (2, '[2026-04-13 13:00, 2026-04-13 17:00)');
select generate_shifts('2026-04-13');
-- Validity, inclusive.
delete from clinic.shifts;
update clinic.shift_templates set valid_from = '2026-04-20', valid_until = '2026-04-27' where id = 1;
delete from clinic.shift_templates where id <> 1;
select generate_shifts('2026-04-01', '2026-05-31');
select template_date from clinic.shifts order by 1;

-- Time off of provider or clinic that covers the shift: none. Less than that, a room's, a staff member's or another's: one.
update clinic.shift_templates set valid_from = null, valid_until = null;
insert into clinic.shift_templates (day_of_week, start_time, end_time) values (1, '08:00', '12:00');
insert into clinic.staff (name) values ('Ana');
create function pg_temp.on_monday(off text) returns text language plpgsql as $$
declare
  templates text;
begin
  delete from clinic.shifts;
  delete from clinic.time_off;
  execute 'insert into clinic.time_off ' || off;
  perform generate_shifts('2026-04-13');
  select coalesce(string_agg(template_id::text, ' ' order by template_id), 'none') into templates from clinic.shifts;
  return templates;
end $$;
select pg_temp.on_monday($$(provider_id, during) values (1, '[2026-04-13 08:00, 2026-04-13 12:00)')$$);
select pg_temp.on_monday($$(provider_id, during) values (1, '[2026-04-13 08:01, 2026-04-13 12:00)')$$);
select pg_temp.on_monday($$(provider_id, during) values (2, '(,)')$$);
select pg_temp.on_monday($$(during) values ('[2026-04-13, 2026-04-14)')$$);
select pg_temp.on_monday($$(provider_id, during) values (1, '[2026-04-13 08:00, 2026-04-13 10:00)'), (null, '[2026-04-13 10:00, 2026-04-13 12:00)')$$);
select pg_temp.on_monday($$(room_id, during) values (1, '(,)')$$);
select pg_temp.on_monday($$(staff_id, during) values (1, '(,)')$$);
-- A disabled provider has no sessions.
update clinic.providers set enabled = false where id = 1;
select pg_temp.on_monday($$(room_id, during) values (1, '(,)')$$);

-- The clocks change: in the night of 29 March 2026 a night is an hour shorter, on 25 October an hour longer. A start in the gap moves
-- to its end, a shift inside the gap isn't; a start in the fold is the first, an end the last.
delete from clinic.shifts;
delete from clinic.shift_templates;
insert into clinic.shift_templates (shift_kind, day_of_week, start_time, end_time) values
  ('night', 6, '20:00', '06:00'), ('night', 7, '02:30', '06:00'), ('night', 7, '02:00', '03:00'), ('night', 7, '02:30', '02:45');
select generate_shifts('2026-03-28', '2026-03-29'), generate_shifts('2026-10-24', '2026-10-25'), generate_shifts('2026-11-01');
select template_id as template, during, upper(during) - lower(during) as lasts from clinic.shifts order by template_id, during;
-- It doesn't depend on the session's time zone.
create temp table berlin as select template_id, template_date, during from clinic.shifts;
delete from clinic.shifts;
set local timezone to 'America/New_York';
select generate_shifts('2026-03-28', '2026-03-29'), generate_shifts('2026-10-24', '2026-10-25'), generate_shifts('2026-11-01');
select count(*) from (select template_id, template_date, during from clinic.shifts except select * from berlin) differing;
set local timezone to 'Europe/Berlin';

-- What can't be.
call test.refused('select generate_shifts(null)');
call test.refused($$select generate_shifts('2026-04-13', '2026-04-12')$$);
call test.refused($$select generate_shifts('2026-04-13', '2028-04-13')$$);
call test.refused($$select generate_shifts('infinity')$$);
call test.refused($$select generate_shifts('1500-01-01')$$);
call test.refused($$select generate_shifts('2026-04-13', clinic_id => 9)$$);
insert into clinic.shift_templates (day_of_week, start_time, end_time) select 1, '08:00', '09:00' from generate_series(1, 2000);
call test.refused($$select generate_shifts('2026-01-01', '2026-12-31')$$);
rollback;
