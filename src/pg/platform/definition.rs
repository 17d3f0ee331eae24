//! Whether a function of ours is declared as it is shipped: STRICT, another default or SECURITY DEFINER change what a call
//! means, and whoever may alter the function may do so by accident. Asked at a session's first call of each.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::CStr;

use pg_clinic_core::shipped::{self, Kind};
use pgrx::pg_sys;

use super::shipped::pinned;

/// A version of a row in pg_proc: the transaction that made it and where it lies.
pub type Version = (pg_sys::TransactionId, (u16, u16, u16));

thread_local! {
    /// The versions of functions that were looked at and found well.
    static FOUND_WELL: RefCell<HashMap<pg_sys::Oid, Version>> = RefCell::new(HashMap::new());
}

/// What is wrong with the declaration of a function, as `check` says or as it differs from the one shipped; looked at once a
/// version of it.
///
/// # Safety
/// `check` is handed the row of pg_proc, which it must not keep.
pub unsafe fn fault(
    function: pg_sys::Oid,
    check: impl FnOnce(pg_sys::HeapTuple) -> Option<String>,
) -> Option<String> {
    // SAFETY: the row of pg_proc is pinned until it is released.
    unsafe {
        let cache = pg_sys::SysCacheIdentifier::PROCOID as i32;
        let tuple = pg_sys::SearchSysCache1(cache, pg_sys::Datum::from(function));
        if tuple.is_null() {
            return Some(format!("There is no function with the oid {}.", function.to_u32()));
        }
        let place = (*tuple).t_self;
        let version = (
            (*(*tuple).t_data).t_choice.t_heap.t_xmin,
            (place.ip_blkid.bi_hi, place.ip_blkid.bi_lo, place.ip_posid),
        );
        let is_known = FOUND_WELL.with_borrow(|found| found.get(&function) == Some(&version));
        let fault = if is_known { None } else { check(tuple).or_else(|| difference(function, tuple)) };
        pg_sys::ReleaseSysCache(tuple);
        if fault.is_none() && !is_known {
            FOUND_WELL.with_borrow_mut(|found| found.insert(function, version));
        }
        fault
    }
}

/// How a function's declaration differs from the one shipped.
///
/// # Safety
/// `tuple` must be the function's row of pg_proc.
unsafe fn difference(function: pg_sys::Oid, tuple: pg_sys::HeapTuple) -> Option<String> {
    // SAFETY: as promised. Names are NUL-terminated; pg_get_functiondef() gives a text for a function that there is.
    let (name, schema, declared) = unsafe {
        let row = pg_sys::heap_tuple_get_struct::<pg_sys::FormData_pg_proc>(tuple);
        let name = CStr::from_ptr((*row).proname.data.as_ptr()).to_string_lossy().into_owned();
        let schema = pg_sys::get_namespace_name((*row).pronamespace);
        if schema.is_null() {
            return Some("Its schema was dropped.".to_owned());
        }
        let schema = CStr::from_ptr(pg_sys::quote_identifier(schema)).to_string_lossy().into_owned();
        let argument = pg_sys::Datum::from(function);
        let declared = pinned(|| {
            pg_sys::OidFunctionCall1Coll(
                pg_sys::Oid::from(pg_sys::F_PG_GET_FUNCTIONDEF),
                pg_sys::InvalidOid,
                argument,
            )
        });
        let declared = CStr::from_ptr(pg_sys::text_to_cstring(declared.cast_mut_ptr()));
        (name, schema, declared.to_string_lossy().into_owned())
    };
    let is_it = |thing: &&shipped::Thing| {
        thing.kind == Kind::Function
            && thing.object.strip_prefix(&*name).is_some_and(|rest| rest.starts_with('('))
    };
    let Some(shipped) = shipped::things().iter().find(is_it) else {
        return Some(format!("No function {name} is shipped."));
    };
    let shipped = shipped.definition(&schema);
    let (is, should) = (clauses(&declared), clauses(&shipped));
    let same = is.iter().zip(&should).take_while(|(is, should)| is == should).count();
    if same == is.len() && same == should.len() {
        return None;
    }
    let part = |words: &[&str]| words[same..].iter().take(WORDS_SHOWN).copied().collect::<Vec<_>>().join(" ");
    Some(format!("It is declared … {}, not … {}.", part(&is), part(&should)))
}

/// How many words of a difference are shown.
const WORDS_SHOWN: usize = 6;

/// The words of a declaration, but for COST and ROWS, which are the owner's to tune, and for what it calls.
fn clauses(declaration: &str) -> Vec<&str> {
    let mut words = declaration.split_whitespace();
    let mut clauses = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "COST" | "ROWS" => _ = words.next(),
            "AS" => break,
            word => clauses.push(word),
        }
    }
    clauses
}

#[cfg(test)]
mod tests {
    use super::clauses;

    #[test]
    fn cost_and_rows_make_no_difference() {
        let declaration =
            "create function f(a integer DEFAULT 1)\n LANGUAGE c\n STABLE COST 100 ROWS 5\nAS 'x', $f$y$f$";
        assert_eq!(
            clauses(declaration).join(" "),
            "create function f(a integer DEFAULT 1) LANGUAGE c STABLE"
        );
    }
}
