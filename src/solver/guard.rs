//! The calls of HiGHS, from `guard.cpp`: as HiGHS's own, but what would be an exception of C++ there is [`EXCEPTION`] or
//! [`NO_MEMORY`] here.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_int, c_void};

use highs_sys::HighsInt;

/// The result of a call that ended in an exception.
pub const EXCEPTION: HighsInt = -2;
/// The result of a call that ran out of memory.
pub const NO_MEMORY: HighsInt = -3;

/// What HiGHS calls in the middle of a run.
pub type Callback = unsafe extern "C" fn(
    c_int,
    *const c_char,
    *const highs_sys::HighsCallbackDataOut,
    *mut highs_sys::HighsCallbackDataIn,
    *mut c_void,
);

unsafe extern "C" {
    /// `Highs_create`; null where memory ran out.
    pub fn pg_clinic_create() -> *mut c_void;

    /// `Highs_destroy`, and what the thread's scheduler has.
    pub fn pg_clinic_destroy(engine: *mut c_void);

    /// `Highs_passMip`.
    pub fn pg_clinic_pass_mip(
        engine: *mut c_void,
        columns: HighsInt,
        rows: HighsInt,
        terms: HighsInt,
        format: HighsInt,
        sense: HighsInt,
        offset: f64,
        costs: *const f64,
        lower: *const f64,
        upper: *const f64,
        row_lower: *const f64,
        row_upper: *const f64,
        starts: *const HighsInt,
        indexes: *const HighsInt,
        coefficients: *const f64,
        integrality: *const HighsInt,
    ) -> HighsInt;

    /// `Highs_zeroAllClocks` and `Highs_run`.
    pub fn pg_clinic_run(engine: *mut c_void) -> HighsInt;

    /// `Highs_getDualRay`.
    pub fn pg_clinic_get_dual_ray(engine: *const c_void, has_ray: *mut HighsInt, ray: *mut f64) -> HighsInt;

    /// `Highs_addCols`.
    pub fn pg_clinic_add_columns(
        engine: *mut c_void,
        columns: HighsInt,
        costs: *const f64,
        lower: *const f64,
        upper: *const f64,
        terms: HighsInt,
        starts: *const HighsInt,
        indexes: *const HighsInt,
        coefficients: *const f64,
    ) -> HighsInt;

    /// `Highs_getSolution`.
    pub fn pg_clinic_get_solution(
        engine: *const c_void,
        values: *mut f64,
        column_duals: *mut f64,
        activities: *mut f64,
        row_duals: *mut f64,
    ) -> HighsInt;

    /// `Highs_setSolution` with values of columns alone.
    pub fn pg_clinic_set_solution(engine: *mut c_void, values: *const f64) -> HighsInt;

    /// `Highs_setBoolOptionValue`.
    pub fn pg_clinic_set_flag(engine: *mut c_void, name: *const c_char, value: HighsInt) -> HighsInt;

    /// `Highs_setIntOptionValue`.
    pub fn pg_clinic_set_int(engine: *mut c_void, name: *const c_char, value: HighsInt) -> HighsInt;

    /// `Highs_setDoubleOptionValue`.
    pub fn pg_clinic_set_number(engine: *mut c_void, name: *const c_char, value: f64) -> HighsInt;

    /// `Highs_setStringOptionValue`.
    pub fn pg_clinic_set_text(engine: *mut c_void, name: *const c_char, value: *const c_char) -> HighsInt;

    /// `Highs_getIntInfoValue`.
    pub fn pg_clinic_get_int(engine: *const c_void, name: *const c_char, value: *mut HighsInt) -> HighsInt;

    /// `Highs_getInt64InfoValue`.
    pub fn pg_clinic_get_int64(engine: *const c_void, name: *const c_char, value: *mut i64) -> HighsInt;

    /// `Highs_getDoubleInfoValue`.
    pub fn pg_clinic_get_number(engine: *const c_void, name: *const c_char, value: *mut f64) -> HighsInt;

    /// `Highs_setCallback`.
    pub fn pg_clinic_set_callback(engine: *mut c_void, callback: Callback, data: *mut c_void) -> HighsInt;

    /// `Highs_startCallback`.
    pub fn pg_clinic_start_callback(engine: *mut c_void, kind: c_int) -> HighsInt;
}
