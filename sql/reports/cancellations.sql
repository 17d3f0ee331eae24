-- cancellations(): $1 clinic, $2 first and $3 last date.
select booking_id, slot_start, slot_end, local_date, local_time, provider_id, provider_name, appointment_type_id,
  appointment_type, cancelled_at, notice_hours, cancellation_reason, freed_minutes, is_refilled, refill_booking_id, refilled_minutes
from clinic.cancelled_appointments
where clinic_id = $1 and local_date between $2 and $3
order by local_date, slot_start, booking_id
