//! The core's rule catalog as lists in the constraints of `clinic.rules` and `clinic.rule_overrides`: which kinds there
//! are, and which columns each reads.

use pg_clinic_core::roster::catalog::{Entry, Excuses, Modes, Period};
use pg_clinic_core::roster::rules::catalog;
use pg_clinic_core::roster::settings::MAX_ROLLING_DAYS;

/// Whether a kind belongs to a list.
type Belongs = fn(&Entry) -> bool;

/// Replaces `@rule_kinds@` and the like by SQL literals.
#[must_use]
pub fn put_into(sql: &str) -> String {
    let lists: [(&str, Belongs); 13] = [
        ("@rule_kinds@", |_| true),
        ("@hard_kinds@", |entry| entry.modes != Modes::Soft),
        ("@soft_kinds@", |entry| entry.modes != Modes::Hard),
        ("@kinds_of_shifts@", |entry| entry.takes_shift_kind),
        ("@kinds_of_successions@", |entry| entry.needs_succession),
        ("@kinds_of_periods@", |entry| entry.needs_period),
        ("@kinds_of_limits@", Entry::has_limit),
        ("@kinds_of_people@", |entry| entry.about.has_person()),
        ("@kinds_of_single_shifts@", |entry| entry.about.has_shift()),
        ("@factors@", Entry::is_factor),
        ("@kinds_excused_by_assignment@", |entry| {
            entry.is_approvable() && matches!(entry.excuses, Excuses::Assignment | Excuses::After)
        }),
        ("@kinds_excused_by_amount@", |entry| entry.is_approvable() && entry.excuses == Excuses::Amount),
        ("@kinds_excused_by_dates@", |entry| entry.is_approvable() && entry.excuses == Excuses::Dates),
    ];
    let sql = lists.iter().fold(sql.to_owned(), |sql, (name, belongs)| {
        let entries = catalog().filter(|entry| entry.is_settable() && belongs(entry));
        sql.replace(name, &literals(entries.map(|entry| entry.kind.as_str())))
    });
    let sql = sql.replace("@max_rolling_days@", &MAX_ROLLING_DAYS.to_string());
    sql.replace("@periods@", &literals(Period::ALL.map(Period::as_str)))
}

fn literals<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ")
}
