-- Resources in stock: units that appointments of a type hold while they last.
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
set timezone to 'UTC';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set time_zone = 'UTC', booking_horizon_days = 3660, slot_step_minutes = 60;
insert into clinic.providers (name) select 'Provider ' || n from generate_series(2, 5) n;
update clinic.providers set buffer_minutes = 0, max_daily_appointments = 100;
insert into clinic.rooms (name, room_type) select 'Room ' || n, 'exam' from generate_series(2, 4) n;
update clinic.appointment_types set name = 'Ultrasound', duration_minutes = 60;
insert into clinic.appointment_types (name, duration_minutes) values ('Talk', 60);
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) select p, 1, '09:00', '12:00' from generate_series(2, 5) p;
create temp view held as
  select b.id as booking, r.name as unit, to_char(lower(h.busy), 'HH24:MI') || '-' || to_char(upper(h.busy), 'HH24:MI') as busy
  from clinic.booking_resources h join clinic.resources r on r.id = h.resource_id join clinic.bookings b on b.id = h.booking_id
  order by h.busy, r.id;
-- Runs one statement; prints its result, or the error with what a driver sees.
create procedure pg_temp.try(statement text) language plpgsql as $$
declare state text; message text; detail text; hint text; name text; place text; result text;
begin
  if statement ~* '^select' then execute statement into result; else execute statement; end if;
  raise info '% -> %', statement, coalesce(result, 'done');
exception when others then
  get stacked diagnostics state = returned_sqlstate, message = message_text, detail = pg_exception_detail, hint = pg_exception_hint,
    name = constraint_name, place = table_name;
  raise info '% -> % %', statement, state, message;
  raise info '  DETAIL %', case when detail not like 'Failing row%' then detail end;
  raise info '  HINT %', hint;
  raise info '  CONSTRAINT % of %', name, place;
end $$;

-- Two portable carts for four rooms.
insert into clinic.resources (name, kind) values ('Cart A', 'cart'), ('Cart B', 'cart');
insert into clinic.type_resources (appointment_type_id, kind) values (1, 'cart');
call pg_temp.try('select status from book_slot(''Ultrasound'', 1, 1, ''2035-04-16 10:00'', ''a'')');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (2, 2, 1, 'b', '[2035-04-16 10:00,)');
select * from held;
call pg_temp.try('select status from book_slot(''Ultrasound'', 3, 3, ''2035-04-16 10:00'', ''c'')');
call pg_temp.try('insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (3, 3, 1, ''c'', ''[2035-04-16 10:30,)'')');
-- No override lifts it.
call pg_temp.try('insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, override_reason) values (3, 3, 1, ''c'', ''[2035-04-16 10:00,)'', ''urgent'')');
call pg_temp.try('select status from book_slot(''Ultrasound'', 3, 3, ''2035-04-16 10:00'', ''c'', override_reason => ''urgent'')');
call pg_temp.try('select status from book_slot(''Ultrasound'', null, null, ''2035-04-16 10:00'', ''c'')');
select to_char(slot_start, 'HH24:MI') as start, count(*) as providers from find_slots('Ultrasound', '2035-04-16') group by 1 order by 1;
select code, sentence from explain_slots('Ultrasound', slot_start => '2035-04-16 10:00', provider_id => 3, room_id => 3);
-- A type that holds nothing doesn't ask.
select count(*) as talks from find_slots('Talk', '2035-04-16', provider_id => 3) where slot_start = '2035-04-16 10:00';

-- Moves: a unit is kept where it is free, two bookings change places in one statement, what is called off gives back.
call pg_temp.try('select status from reschedule_booking(1, ''2035-04-16 11:00'')');
select * from held;
update clinic.bookings set during = case id when 1 then tstzrange('2035-04-16 10:00', '2035-04-16 11:00') else tstzrange('2035-04-16 11:00', '2035-04-16 12:00') end;
select * from held;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (3, 3, 1, 'c', '[2035-04-16 10:00,)'), (4, 4, 2, 'd', '[2035-04-16 10:00,)');
-- To a type that needs one, and back.
call pg_temp.try('update clinic.bookings set appointment_type_id = 1 where provider_id = 4');
call pg_temp.try('update clinic.bookings set appointment_type_id = 2 where provider_id = 3');
call pg_temp.try('update clinic.bookings set appointment_type_id = 1 where provider_id = 4');
select provider_id, unit, busy from held join clinic.bookings on id = booking order by busy, unit;
call pg_temp.try('select status from cancel_booking(1)');
select provider_id, unit, busy from held join clinic.bookings on id = booking order by busy, unit;
delete from clinic.bookings where provider_id = 4;
select count(*) from held;
delete from clinic.bookings;

-- Several at once, and several kinds.
insert into clinic.resources (name, kind) values ('Laser', 'laser');
insert into clinic.appointment_types (name, duration_minutes) values ('Twice', 60), ('Never', 60);
insert into clinic.type_resources (appointment_type_id, kind, quantity) values (3, 'cart', 2), (3, 'laser', 1), (4, 'cart', 3), (4, 'moon', 1);
call pg_temp.try('select status from book_slot(''Twice'', 1, 1, ''2035-04-16 09:00'', ''a'')');
select unit, busy from held;
select code, sentence from explain_slots('Twice', slot_start => '2035-04-16 09:00', provider_id => 3, room_id => 3);
select code, sentence from explain_slots('Never', slot_start => '2035-04-16 10:00', provider_id => 3, room_id => 3);
select count(*) from find_slots('Never', '2035-04-16');
delete from clinic.bookings;

-- Time off of a unit; a disabled one is given out no more, but kept, and kept on a move.
insert into clinic.time_off (resource_id, during, reason) values (1, '[2035-04-16 09:00, 2035-04-16 10:00)', 'repair');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'a', '[2035-04-16 09:00,)');
select unit, busy from held;
call pg_temp.try('insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (2, 2, 1, ''b'', ''[2035-04-16 09:00,)'')');
select code, sentence from explain_slots('Ultrasound', slot_start => '2035-04-16 09:00', provider_id => 2, room_id => 2);
update clinic.resources set enabled = false;
select count(*) from find_slots('Ultrasound', '2035-04-16');
select to_char(slot_start, 'HH24:MI') as start from find_slots('Ultrasound', '2035-04-16', provider_id => 1, booking_id => (select id from clinic.bookings)) order by 1;
call pg_temp.try('select status from reschedule_booking((select id from clinic.bookings), ''2035-04-16 11:00'')');
select unit, busy from held;
update clinic.resources set enabled = true;
delete from clinic.bookings;
delete from clinic.time_off;

-- A hold that ran out gives its unit to whoever comes, wherever it is; one that hasn't doesn't.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, during, status, hold_expires_at) values
  (1, 1, 1, '[2035-04-16 09:00,)', 'pending', now() + interval '1 hour'), (2, 2, 1, '[2035-04-16 09:00,)', 'pending', now() + interval '1 hour');
call pg_temp.try('select status from book_slot(''Ultrasound'', 3, 3, ''2035-04-16 09:00'', ''c'')');
update clinic.bookings set hold_expires_at = now() - interval '1 hour' where provider_id = 2;
select count(distinct provider_id) from find_slots('Ultrasound', '2035-04-16') where slot_start = '2035-04-16 09:00';
call pg_temp.try('select status from book_slot(''Ultrasound'', 3, 3, ''2035-04-16 09:00'', ''c'')');
select provider_id, unit, busy from held join clinic.bookings on id = booking order by busy, unit;
delete from clinic.bookings;

-- A retry writes nothing.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, request_id) values (1, 1, 1, 'a', '[2035-04-16 09:00,)', 'r');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, request_id) values (1, 1, 1, 'a', '[2035-04-16 09:00,)', 'r')
  on conflict (clinic_id, request_id) do nothing;
select unit, busy from held;

-- Who stays at its time keeps its units, whatever the stock is by now: alone, and together with others.
update clinic.resources set enabled = false;
call pg_temp.try('select booking_id, provider_id, room_id from reschedule_booking((select max(id) from clinic.bookings), ''2035-04-16 09:00'', provider_id => 2)');
call pg_temp.try('select booking_id, provider_id from reassign_bookings(2, 3, ''[2035-04-16,2035-04-17)'')');
call pg_temp.try('select booking_id, is_moved, room_id from apply_absence(array[(select max(id) from clinic.bookings)], ''{2035-04-16 09:00}'', ''{1}'', ''{2}'')');
select unit, busy from held;
call pg_temp.try('select booking_id from shift_bookings(1, ''2035-04-16'', ''2035-04-17'', ''30 minutes'')');
update clinic.resources set enabled = true;
call pg_temp.try('select booking_id from shift_bookings(1, ''2035-04-16'', ''2035-04-17'', ''30 minutes'')');
select unit, busy from held;

-- Bad input.
call pg_temp.try('delete from clinic.resources where name = ''Cart A''');
call pg_temp.try('insert into clinic.type_resources (appointment_type_id, kind, quantity) values (2, ''cart'', 0)');
call pg_temp.try('insert into clinic.type_resources (appointment_type_id, kind, quantity) values (2, '' '', 1)');
call pg_temp.try('insert into clinic.resources (name, kind) values (''Cart A'', ''cart'')');
call pg_temp.try('insert into clinic.time_off (provider_id, resource_id, during) values (1, 1, ''[2035-04-16,)'')');
call pg_temp.try('insert into clinic.booking_resources (booking_id, resource_id, busy) select id, 1, during from clinic.bookings');
call pg_temp.try('update clinic.booking_resources set resource_id = 3');
rollback;
