-- The waitlist, candidates for freed places, and offers to them.

create function join_waitlist(
    appointment_type text default null, patient_name text default null, from_date date default null,
    to_date date default null, patient_id text default null, contact text default null, provider_id bigint default null,
    weekdays integer[] default null, earliest_time time default null, latest_time time default null,
    priority integer default 0, booking_id bigint default null, clinic_id bigint default null,
    appointment_type_id bigint default null, request_id text default null)
  returns bigint
  language c volatile parallel unsafe cost 500
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_join_waitlist';
comment on function join_waitlist(text, text, date, date, text, text, bigint, integer[], time, time, integer, bigint, bigint, bigint, text) is
  'Puts a patient on the waitlist for an appointment type, by its name or by appointment_type_id, and returns the entry''s id. Dates default to today and the booking horizon. With booking_id the patient wants an earlier time than that booking: patient and last date are taken from it; without it patient_name is required. The same wish again, or the same request_id, gives the same entry; a higher priority is taken over. Example: select join_waitlist(''General Checkup'', ''Ada Lovelace'', weekdays => ''{1,2}'')';

create function leave_waitlist(waitlist_id bigint, clinic_id bigint default null) returns boolean
  language c volatile parallel unsafe cost 200
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_leave_waitlist';
comment on function leave_waitlist(bigint, bigint) is
  'Takes a waiting entry off the waitlist. False where it wasn''t waiting any more.';

create function find_backfill(
    booking_id bigint default null, max_results integer default 10, same_type_only boolean default null,
    notice_minutes integer default null, now timestamptz default now(), clinic_id bigint default null,
    provider_id bigint default null, room_id bigint default null, slot_start timestamptz default null,
    slot_end timestamptz default null)
  returns table (
    source text, waitlist_id bigint, former_booking_id bigint, patient_id text, patient_name text, contact text,
    appointment_type_id bigint, provider_id bigint, room_id bigint, slot_start timestamptz, slot_end timestamptz,
    local_date date, local_time time, score double precision, distance_days integer, priority integer,
    waiting_since timestamptz, sentence text)
  language c stable parallel safe cost 20000 rows 10
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_find_backfill';
comment on function find_backfill(bigint, integer, boolean, integer, timestamptz, bigint, bigint, bigint, timestamptz, timestamptz) is
  'Candidates for what a booking gave up last (cancelled, moved away, deleted), else for its place as if it were cancelled; or for a provider''s time in a room (room_id null: in none) from slot_start to slot_end: best first, only those who can really be booked there now, anywhere in the free time around it as long as they take some of it. source: waitlist, earlier_time (has a later booking) or own_cancellation (had one, which was cancelled). Example: select * from find_backfill(17)';

create function offer_backfill(
    booking_id bigint default null, max_offers integer default 3, ttl interval default '2 hours',
    same_type_only boolean default null, notice_minutes integer default null, clinic_id bigint default null,
    provider_id bigint default null, room_id bigint default null, slot_start timestamptz default null,
    slot_end timestamptz default null, reserve boolean default false)
  returns table (
    offer_id bigint, source text, waitlist_id bigint, former_booking_id bigint, patient_id text, patient_name text,
    contact text, slot_start timestamptz, slot_end timestamptz, score double precision, expires_at timestamptz)
  language c volatile parallel unsafe cost 20000 rows 3
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_offer_backfill';
comment on function offer_backfill(bigint, integer, interval, boolean, integer, bigint, bigint, bigint, timestamptz, timestamptz, boolean) is
  'Offers what a booking gave up last, or a provider''s time in a room (room_id null: in none) from slot_start to slot_end, to the best candidates for ttl, at the longest until the appointment would begin, and returns the offers. Patients with an open or declined offer there get no second one. With reserve each of the offered times is held for its patient until the offer ends.';

create function accept_offer(offer_id bigint, clinic_id bigint default null)
  returns table (
    booking_id bigint, status text, slot_start timestamptz, slot_end timestamptz, local_date date, local_time time,
    provider_id bigint, provider_name text, room_id bigint, room_name text,
    appointment_type_id bigint, appointment_type text, is_overbooked boolean, hold_expires_at timestamptz,
    patient_id text, patient_name text, contact text, request_id text)
  language c volatile parallel unsafe cost 5000 rows 1
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_accept_offer';
comment on function accept_offer(bigint, bigint) is
  'Books the offered time, or moves the patient''s later booking there. Open offers that no longer fit are withdrawn. Accepting twice is fine.';

create function decline_offer(offer_id bigint, clinic_id bigint default null) returns boolean
  language c volatile parallel unsafe cost 200
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_decline_offer';
comment on function decline_offer(bigint, bigint) is
  'Notes that a patient doesn''t want the place. False where the offer wasn''t open any more.';

create function withdraw_offers(booking_id bigint, clinic_id bigint default null) returns bigint
  language c volatile parallel unsafe cost 500
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_withdraw_offers';
comment on function withdraw_offers(bigint, bigint) is
  'Takes back the open offers of what a booking gave up, and returns how many. Example: select withdraw_offers(17)';

create function expire_offers(clinic_id bigint default null) returns bigint
  language c volatile parallel unsafe cost 10000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_expire_offers';
comment on function expire_offers(bigint) is
  'Closes offers whose time is over, as expired, or as withdrawn where the appointment would have begun, and returns how many; at most 10000 a call, the earliest first. An expired offer can''t be accepted even before.';

create function clinic_tell_freed() returns trigger
  language c volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_clinic_tell_freed';
comment on function clinic_tell_freed() is
  'Trigger of clinic.bookings: writes what became free, and an event with the backfill candidates.';

create function clinic_record_offer() returns trigger
  language c volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_clinic_record_offer';
comment on function clinic_record_offer() is
  'Trigger of clinic.offers: writes an event for each status an offer takes.';
