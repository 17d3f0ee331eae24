-- A plain INSERT into clinic.bookings: the trigger fills in what is derived, whatever the client says about it.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

create temp view derived as select id, during, provider_busy, room_busy, local_date, day_seat, day_capacity, overbook_seat, overbook_limit
  from clinic.bookings order by id;
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
update clinic.rooms set turnover_minutes = 5 where id = 1;
insert into clinic.overbooking_rules (max_overbook) values (3);

-- The shortest insert, with a start alone: the type's duration, the buffer of 10, the turnover of 5, the first seat of 20.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 1, 1, 'A', tstzrange('2026-04-13 09:00', null)) returning id, clinic_id, status, is_overbooked;
-- With an end of its own, which stays.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 1, 1, 'B', '[2026-04-13 10:00, 2026-04-13 10:07)');
-- Overbooked: a place of the other kind.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked)
  values (1, 2, 1, 'C', '[2026-04-13 09:20,)', true);
-- What occupies no time has no seat.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status)
  select 1, 1, 1, status, '[2026-04-13 09:00,)', status
  from unnest('{proposed,cancelled,noshow,waitlist,entered-in-error}'::text[]) status;
select * from derived;
delete from clinic.bookings;

-- Forged values of every derived column are replaced: the row couldn't be told from an honest one.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, overridden_by, provider_busy, room_busy,
    local_date, day_seat, day_capacity, overbook_seat, overbook_limit)
  values (1, 1, 1, 'A', '[2026-04-13 09:00,)', 'mallory', '[2000-01-01, 2000-01-02)', 'empty', '2000-01-01', 7, 9999, 8, 9999);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked, overridden_by, provider_busy,
    room_busy, local_date, day_seat, day_capacity, overbook_seat, overbook_limit)
  values (1, 1, 1, 'B', '[2026-04-13 09:35,)', true, 'mallory', '[2000-01-01, 2000-01-02)', '(,)', 'infinity', -7, -9, 77, 9999);
select * from derived;
select id, overridden_by from clinic.bookings where overridden_by is not null;
-- By UPDATE neither, alone or along with an honest change.
update clinic.bookings set provider_busy = '[2000-01-01, 2000-01-02)', room_busy = 'empty', local_date = '2000-01-01', day_seat = 7,
  day_capacity = 9999, overbook_seat = null, overbook_limit = 7, overridden_by = 'mallory';
update clinic.bookings set provider_busy = '[2000-01-01, 2000-01-02)', room_busy = 'empty', local_date = '2000-01-01', day_seat = 7,
  overbook_seat = 3, status = 'arrived', contact = 'x';
update clinic.bookings set during = tstzrange(lower(during) + interval '1 hour', upper(during) + interval '1 hour'),
  provider_busy = 'empty', room_busy = 'empty', local_date = '2000-01-01', day_seat = null, day_capacity = 0, overbook_seat = 9, overbook_limit = 0
  where is_overbooked;
select * from derived;
select id, overridden_by from clinic.bookings where overridden_by is not null;
-- is_overbooked is the client's wish alone: beside a booking, a normal one is refused and not made an overbooked one.
call test.violates($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 1, 1, 'C', '[2026-04-13 09:00,)')$$);

-- Who overrides is the actor, whatever the client says; and stays so until the reason changes.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, override_reason, overridden_by)
  values (1, 1, 1, 'D', '[2026-04-13 15:00,)', 'urgent', 'mallory') returning override_reason, overridden_by = session_user as by_session_user;
set local pg_clinic.actor = 'dr.adler';
update clinic.bookings set overridden_by = 'mallory' where patient_name = 'D' returning override_reason, overridden_by = session_user as by_session_user;
update clinic.bookings set override_reason = 'very urgent' where patient_name = 'D' returning override_reason, overridden_by;
update clinic.bookings set override_reason = null where patient_name = 'D' returning override_reason, overridden_by;
rollback;
