//! Triggers of offers and wishes, and those that tell what became free.

mod freed;
mod offer;
mod wish;

use crate::pg::platform::args::sql_functions;

sql_functions! {
    pg_clinic_clinic_record_offer, pg_finfo_pg_clinic_clinic_record_offer => offer::record_offer;
    pg_clinic_clinic_tell_freed, pg_finfo_pg_clinic_clinic_tell_freed => freed::tell_freed;
    pg_clinic_clinic_settle_wish, pg_finfo_pg_clinic_clinic_settle_wish => wish::settle_wish;
}
