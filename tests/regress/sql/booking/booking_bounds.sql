-- Bounds of during other than [start, end) are refused, not rewritten: the trigger completes an end that is left out, and
-- changes nothing else that the client says. What is too far away for a local date is refused by the same constraint.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

create procedure pg_temp.violates(during tstzrange) language plpgsql as $$
begin
  call test.violates(format('insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, ''A'', %L)', during));
end $$;
call pg_temp.violates('(2026-04-13 09:00, 2026-04-13 09:30)');
call pg_temp.violates('[2026-04-13 09:00, 2026-04-13 09:30]');
call pg_temp.violates('(2026-04-13 09:00, 2026-04-13 09:30]');
call pg_temp.violates('(2026-04-13 09:00,)');
call pg_temp.violates('[290000-01-01 09:00+00,)');
call pg_temp.violates('[290000-01-01 09:00+00, 290000-01-01 09:30+00)');
call pg_temp.violates('[294276-12-31 23:50+00,)');
call pg_temp.violates('[4713-01-01 00:00+00 BC, 4713-01-01 01:00+00 BC)');
rollback;
