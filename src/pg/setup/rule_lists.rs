//! The core's rule catalog as lists in the constraints of `clinic.rules` and `clinic.rule_overrides`: which kinds there
//! are, and which columns each reads.

use pg_clinic_core::roster::catalog::{CATALOG, Entry, Modes, Period, RuleKind};

/// Whether a kind belongs to a list.
type Belongs = fn(&Entry) -> bool;

/// Replaces `@rule_kinds@` and the like by SQL literals.
#[must_use]
pub fn put_into(sql: &str) -> String {
    let lists: [(&str, Belongs); 10] = [
        ("@rule_kinds@", |_| true),
        ("@hard_kinds@", |entry| entry.modes != Modes::Soft),
        ("@soft_kinds@", |entry| entry.modes != Modes::Hard),
        ("@kinds_of_shifts@", |entry| entry.takes_shift_kind),
        ("@kinds_of_successions@", |entry| entry.needs_succession),
        ("@kinds_of_periods@", |entry| entry.needs_period),
        ("@kinds_of_limits@", |entry| !entry.unit.is_empty()),
        ("@kinds_of_people@", |entry| entry.about.has_person()),
        ("@kinds_of_single_shifts@", |entry| entry.about.has_shift()),
        ("@factors@", Entry::is_factor),
    ];
    let sql = lists.iter().fold(sql.to_owned(), |sql, (name, belongs)| {
        let entries = CATALOG.iter().filter(|entry| is_settable(entry) && belongs(entry));
        sql.replace(name, &literals(entries.map(|entry| entry.name)))
    });
    sql.replace("@periods@", &literals(Period::ALL.map(Period::as_str)))
}

/// Whether people can set rules of the kind. Locks have a table of their own.
#[must_use]
pub fn is_settable(entry: &Entry) -> bool {
    entry.kind != RuleKind::Lock
}

fn literals<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ")
}
