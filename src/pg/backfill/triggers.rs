//! Triggers of offers, and the one that looks for candidates when a booking is called off.

mod offer;
mod suggest;

use crate::pg::platform::args::sql_functions;

sql_functions! {
    pg_clinic_clinic_record_offer, pg_finfo_pg_clinic_clinic_record_offer => offer::record_offer;
    pg_clinic_clinic_suggest_backfill, pg_finfo_pg_clinic_clinic_suggest_backfill => suggest::suggest_backfill;
}
