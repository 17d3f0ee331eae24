select booking_id from book_slot(
  null, :provider, :room, timestamptz '2000-01-01 08:00+00' + make_interval(days => :day, mins => 20 * :seat),
  patient_name => 'Pat Example', patient_id => (:patient::bigint)::text, clinic_id => :clinic, appointment_type_id => :type);
