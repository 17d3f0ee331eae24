//! Triggers of plans and of the record.

mod plan;
mod record;

use crate::pg::platform::args::sql_functions;

sql_functions! {
    pg_clinic_clinic_record_assignment, pg_finfo_pg_clinic_clinic_record_assignment => record::record_assignment;
    pg_clinic_clinic_keep_promoted, pg_finfo_pg_clinic_clinic_keep_promoted => plan::keep_promoted;
    pg_clinic_clinic_keep_answer, pg_finfo_pg_clinic_clinic_keep_answer => plan::keep_answer;
    pg_clinic_clinic_keep_plan_rows, pg_finfo_pg_clinic_clinic_keep_plan_rows => plan::keep_plan_rows;
}
