//! Triggers of bookings.

mod columns;
mod fill;
mod limits;
mod met;
mod person;
mod record;
mod resources;
mod scan;
mod seats;
mod sessions;

use crate::pg::platform::args::sql_functions;

sql_functions! {
    pg_clinic_clinic_fill_booking, pg_finfo_pg_clinic_clinic_fill_booking => fill::fill_booking;
    pg_clinic_clinic_follow_person, pg_finfo_pg_clinic_clinic_follow_person => person::follow_person;
    pg_clinic_clinic_assign_resources, pg_finfo_pg_clinic_clinic_assign_resources => resources::assign_resources;
    pg_clinic_clinic_record_booking, pg_finfo_pg_clinic_clinic_record_booking => record::record_booking;
}
