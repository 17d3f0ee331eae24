-- The appointment type of a question: by name or by id, exactly one of them. A name is exact, else the only one without regard to case.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
-- book_slot knows no other "now" than the clock's, so these dates are years ahead.
update clinic.clinics set booking_horizon_days = 3660;

-- An untyped literal and any spelling of the one name there is.
select count(*) from find_slots('Checkup', '2035-04-16', now => '2035-04-01');
select count(*) from find_slots('CHECKUP', '2035-04-16', now => '2035-04-01');
select count(*) from next_available(appointment_type => 'checkup', from_date => '2035-04-16', now => '2035-04-01', max_results => 1);
select appointment_type_id, appointment_type from book_slot('checkUP', 1, 1, '2035-04-16 09:00', 'A', request_id => 'r');
-- The same request in another spelling, or by id, is the same request.
select booking_id from book_slot('Checkup', 1, 1, '2035-04-16 09:00', 'A', request_id => 'r');
select booking_id from book_slot(null, 1, 1, '2035-04-16 09:00', 'A', request_id => 'r', appointment_type_id => 1);
select appointment_type from book_series('CheckUp', '{1}', '{1}', '{2035-04-16 10:00}', 'A', request_id => 's');
select appointment_type from hold_slot('checkup', 1, 1, '2035-04-16 11:00');
select code from explain_slots('checkup', slot_start => '2035-04-16 11:00', now => '2035-04-01') order by code;
select count(*) from find_series('checkup', 2, from_date => '2035-04-16', now => '2035-04-01', max_alternatives => 0);

-- Where another name differs in case only, exact ones still mean themselves, and no other spelling means one of them.
insert into clinic.appointment_types (name, duration_minutes) values ('CHECKUP', 60), ('CheckuP', 45);
select slot_end - slot_start as duration from find_slots('CHECKUP', '2035-04-23', now => '2035-04-01', max_results => 1);
select slot_end - slot_start as duration from find_slots('Checkup', '2035-04-23', now => '2035-04-01', max_results => 1);
call test.refused($$select from find_slots('checkup', '2035-04-23')$$);
call test.refused($$select from book_slot('checkup', 1, 1, '2035-04-23 09:00', 'A')$$);
call test.refused($$select from book_series('checkup', '{1}', '{1}', '{2035-04-23 09:00}', 'A', request_id => 't')$$);

-- No such type. Digits are a name too; the hint says how an id is passed.
call test.refused($$select from find_slots('Chekup')$$);
call test.refused($$select from find_slots('1')$$);
call test.refused($$select from book_slot('1', 1, 1, '2035-04-23 09:00', 'A')$$);
call test.refused($$select from find_slots(appointment_type_id => 9)$$);
insert into clinic.appointment_types (name, duration_minutes) values ('1', 20);
select slot_end - slot_start as duration from find_slots('1', '2035-04-23', now => '2035-04-01', max_results => 1);
-- A disabled one is named.
update clinic.appointment_types set enabled = false where name = '1';
call test.refused($$select from find_slots('1')$$);

-- Both and neither.
call test.refused($$select from find_slots('Checkup', appointment_type_id => 1)$$);
call test.refused($$select from book_slot('Checkup', 1, 1, '2035-04-23 09:00', 'A', appointment_type_id => 1)$$);
call test.refused($$select from find_slots()$$);
call test.refused($$select from hold_slot(null, 1, 1, '2035-04-23 09:00')$$);
call test.refused($$select from find_series(count => 2)$$);
call test.refused($$select from book_series(null, '{1}', '{1}', '{2035-04-23 09:00}', 'A')$$);
call test.refused($$select from explain_slots('Checkup', appointment_type_id => 1)$$);
call test.refused($$select from next_available('Checkup', appointment_type_id => 1)$$);
-- What else must be given is missed by name.
call test.refused($$select from book_slot('Checkup')$$);
call test.refused($$select from find_series('Checkup')$$);
call test.refused($$select from book_series('Checkup')$$);
rollback;
