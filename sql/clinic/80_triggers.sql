-- Triggers fill in and record. What must be refused is refused by a named constraint, save what no constraint can see.

create trigger fill_booking before insert or update or delete on clinic.bookings
  for each row execute function @extschema@.clinic_fill_booking();
comment on trigger fill_booking on clinic.bookings is
  'Queues writers of a day, gives back expired holds in the way, and fills the derived columns.';

create trigger record_booking after insert or update or delete on clinic.bookings
  for each row execute function @extschema@.clinic_record_booking();
comment on trigger record_booking on clinic.bookings is 'Writes clinic.booking_history.';

create trigger keep_time_zone before update of time_zone on clinic.clinics
  for each row execute function @extschema@.clinic_keep_time_zone();
comment on trigger keep_time_zone on clinic.clinics is
  'Bookings have local dates in the clinic''s time zone, so it stays once there is one.';

create trigger keep_bookings before truncate on clinic.bookings
  for each statement execute function @extschema@.clinic_refuse_truncate();
comment on trigger keep_bookings on clinic.bookings is 'TRUNCATE would leave no history, so it is refused.';

create trigger keep_history before truncate on clinic.booking_history
  for each statement execute function @extschema@.clinic_refuse_truncate();
comment on trigger keep_history on clinic.booking_history is 'History is kept forever, so TRUNCATE is refused.';
