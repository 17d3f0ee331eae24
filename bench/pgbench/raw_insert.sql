insert into clinic.bookings (clinic_id, provider_id, room_id, appointment_type_id, patient_id, patient_name, during)
select :clinic, :provider, :room, :type, (:patient::bigint)::text, 'Pat Example',
  tstzrange(s, s + interval '15 minutes')
from (select timestamptz '2000-01-01 08:00+00' + make_interval(days => :day, mins => 20 * :seat) as s) as start;
