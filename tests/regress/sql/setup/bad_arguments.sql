-- Arguments that make no sense are errors with a SQLSTATE and a clear message; never a crash, never a silent guess.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

-- NULL for what is required: 22004.
call test.refused('select from find_slots()');
call test.refused('select from find_slots(null, appointment_type_id => null)');
call test.violates('select from next_available()');
call test.violates('select from explain_slots()');
call test.violates('select from find_series()');
call test.violates('select from find_series(count => 2)');
call test.violates($$select book_slot(null, 1, 1, '2035-04-16 09:00', 'A')$$);
call test.violates($$select book_series(null, '{1}', '{1}', '{2035-04-16 09:00}', 'A')$$);
call test.refused($$select book_slot('Checkup', 1, 1, null, 'A')$$);
call test.refused($$select book_slot('Checkup', 1, 1, '2035-04-16 09:00')$$);
call test.violates($$select hold_slot(null, 1, 1, '2035-04-16 09:00', 'A')$$);
call test.refused($$select init_clinic(null, 'UTC')$$);
call test.refused($$select init_clinic('C', null)$$);
call test.refused($$select grant_clinic_access(null, 'reader')$$);
call test.refused($$select grant_clinic_access('pg_monitor', null)$$);

-- Dates: reversed, infinite, more than a year at once, out of all years.
call test.refused($$select from find_slots('Checkup', '2026-04-14', '2026-04-13')$$);
call test.violates($$select from find_slots('Checkup', to_date => '2026-04-12', now => '2026-04-13')$$);
call test.refused($$select from find_slots('Checkup', '-infinity', '2026-04-13')$$);
call test.refused($$select from find_slots('Checkup', '2026-04-13', 'infinity')$$);
call test.refused($$select from find_slots('Checkup', '2026-04-13', '2027-04-14')$$);
select count(*) from find_slots('Checkup', '2026-04-13', '2027-04-13', now => '2026-04-01');
call test.violates($$select from find_slots('Checkup', '0001-01-01', '5874897-12-31')$$);
call test.refused($$select from find_slots('Checkup', date '290000-01-01')$$);
call test.violates($$select from find_slots('Checkup', date '5874897-12-31')$$);
call test.violates($$select from find_slots('Checkup', date '4714-11-24 BC')$$);
call test.refused($$select from find_slots('Checkup', now => 'infinity')$$);
call test.refused($$select from find_slots('Checkup', now => '290000-01-01')$$);
call test.violates($$select from find_slots('Checkup', now => '-infinity')$$);
call test.violates($$select from next_available('Checkup', 'infinity')$$);
call test.violates($$select from next_available('Checkup', '-infinity')$$);
call test.violates($$select from next_available('Checkup', now => '294276-12-31')$$);
call test.violates($$select from next_available('Checkup', '5874897-12-31', now => '2026-04-13')$$);
select count(*) from next_available('Checkup', '4714-11-24 BC', max_results => 1, now => '2026-04-13');
call test.violates($$select from explain_slots('Checkup', 'infinity')$$);
call test.violates($$select from explain_slots('Checkup', '290000-01-01')$$);
call test.violates($$select from explain_slots('Checkup', slot_start => 'infinity')$$);
call test.violates($$select from explain_slots('Checkup', slot_start => '290000-01-01')$$);
call test.refused($$select from explain_slots('Checkup', '2026-04-14', slot_start => '2026-04-13 10:00', now => '2026-04-01')$$);
call test.violates($$select book_slot('Checkup', 1, 1, 'infinity', 'A')$$);
call test.refused($$select book_slot('Checkup', 1, 1, '290000-01-01', 'A')$$);
call test.violates($$select book_slot('Checkup', 1, 1, '4713-01-01 BC', 'A', override_reason => 'x')$$);
-- The last and first years that are answered.
select count(*) from find_slots('Checkup', '2199-12-01', '2199-12-31', now => '2199-11-30 12:00');
select count(*) from find_slots('Checkup', '1900-01-01', '1900-01-31', now => '1900-01-01 12:00');

-- max_results.
call test.refused($$select from find_slots('Checkup', max_results => 0)$$);
call test.refused($$select from find_slots('Checkup', max_results => -1)$$);
call test.violates($$select from find_slots('Checkup', max_results => -2147483648)$$);
call test.violates($$select from next_available('Checkup', max_results => -1)$$);
select count(*) from find_slots('Checkup', '2026-04-13', max_results => 2147483647, now => '2026-04-01');
select count(*) from next_available('Checkup', '2026-04-13', max_results => 2147483647, now => '2026-04-01');

-- Names that aren't there, empty or strange.
call test.violates($$select from find_slots('')$$);
call test.violates($$select from find_slots('chekup')$$);
call test.violates($$select from find_slots('Checkup ')$$);
call test.refused($$select from find_slots('"; drop table clinic.bookings; --')$$);
call test.violates($$select from find_slots(appointment_type_id => 0)$$);
call test.violates($$select from find_slots(appointment_type_id => -9223372036854775808)$$);
call test.violates($$select from find_slots('Checkup', provider_id => 9223372036854775807)$$);
call test.violates($$select from find_slots('Checkup', clinic_id => -1)$$);
update clinic.appointment_types set enabled = false;
call test.refused($$select from find_slots('Checkup')$$);
call test.violates($$select from next_available('Checkup')$$);
call test.violates($$select from explain_slots('Checkup')$$);
update clinic.appointment_types set enabled = true;
-- Texts that book_slot hands on: blank where something is needed, empty keys.
update clinic.clinics set booking_horizon_days = 3660;
call test.violates($$select book_slot('Checkup', 1, 1, '2035-04-16 09:00', '')$$);
call test.violates($$select book_slot('Checkup', 1, 1, '2035-04-16 09:00', 'A', patient_id => '')$$);
call test.violates($$select book_slot('Checkup', 1, 1, '2035-04-16 09:00', 'A', request_id => '')$$);
-- Other columns than the answer has are PostgreSQL's to refuse.
call test.violates($$select * from book_slot('Checkup', 1, 1, '2035-04-16 09:00', 'A') as b (id int)$$);
rollback;
