//! The calls of HiGHS that may run out of memory, from `guard.cpp`: as HiGHS's own, but what would be an exception of
//! C++ there is [`EXCEPTION`] here.
#![allow(unsafe_code)]

use std::ffi::c_void;

use highs_sys::HighsInt;

/// The result of a call that ended in an exception.
pub const EXCEPTION: HighsInt = -2;

unsafe extern "C" {
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

    /// `Highs_run`.
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

    /// `Highs_setSolution` with values of columns alone.
    pub fn pg_clinic_set_solution(engine: *mut c_void, values: *const f64) -> HighsInt;
}
