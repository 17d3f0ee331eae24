//! The booking functions. Each checks first, to give a clear answer, and then writes a plain row: the table's
//! constraints have the last word.

mod change;
mod jobs;
mod place;
mod series;

use pgrx::pg_sys;

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::error::Result;
use crate::pg::platform::requests::{type_by_id, type_by_name};

sql_functions! {
    pg_clinic_book_slot_by_name, pg_finfo_pg_clinic_book_slot_by_name => book_slot_by_name;
    pg_clinic_book_slot_by_id, pg_finfo_pg_clinic_book_slot_by_id => book_slot_by_id;
    pg_clinic_hold_slot_by_name, pg_finfo_pg_clinic_hold_slot_by_name => hold_slot_by_name;
    pg_clinic_hold_slot_by_id, pg_finfo_pg_clinic_hold_slot_by_id => hold_slot_by_id;
    pg_clinic_book_series_by_name, pg_finfo_pg_clinic_book_series_by_name => book_series_by_name;
    pg_clinic_book_series_by_id, pg_finfo_pg_clinic_book_series_by_id => book_series_by_id;
    pg_clinic_confirm_hold, pg_finfo_pg_clinic_confirm_hold => change::confirm_hold;
    pg_clinic_cancel_booking, pg_finfo_pg_clinic_cancel_booking => change::cancel_booking;
    pg_clinic_reschedule_booking, pg_finfo_pg_clinic_reschedule_booking => change::reschedule_booking;
    pg_clinic_check_in_booking, pg_finfo_pg_clinic_check_in_booking => change::check_in_booking;
    pg_clinic_complete_booking, pg_finfo_pg_clinic_complete_booking => change::complete_booking;
}

fn book_slot_by_name(args: &Args) -> Result<pg_sys::Datum> {
    place::book_slot(args, type_by_name)
}

fn book_slot_by_id(args: &Args) -> Result<pg_sys::Datum> {
    place::book_slot(args, type_by_id)
}

fn hold_slot_by_name(args: &Args) -> Result<pg_sys::Datum> {
    place::hold_slot(args, type_by_name)
}

fn hold_slot_by_id(args: &Args) -> Result<pg_sys::Datum> {
    place::hold_slot(args, type_by_id)
}

fn book_series_by_name(args: &Args) -> Result<pg_sys::Datum> {
    series::book_series(args, type_by_name)
}

fn book_series_by_id(args: &Args) -> Result<pg_sys::Datum> {
    series::book_series(args, type_by_id)
}
