insert into bench.bare_bookings (
  clinic_id, provider_id, room_id, appointment_type_id, patient_id, patient_name,
  during, provider_busy, room_busy, local_date, day_seat, day_capacity, session_id)
select :clinic, :provider, :room, :type, (:patient::bigint)::text, 'Pat Example',
  tstzrange(s, s + interval '15 minutes'),
  tstzrange(s, s + interval '20 minutes'), tstzrange(s, s + interval '15 minutes'),
  date '2000-01-01' + :day::integer, :seat::integer + 1, 20, -1 - :seat::bigint - 1000 * :day::bigint
from (select timestamptz '2000-01-01 08:00+00' + make_interval(days => :day, mins => 20 * :seat) as s) as start;
