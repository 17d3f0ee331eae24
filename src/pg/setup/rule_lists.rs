//! The core's lists in the constraints of the tables: the rule catalog (which kinds there are, and which columns each
//! reads), and the words of rounds.

use pg_clinic_core::roster::catalog::{CATALOG, Entry, Modes, Period, RuleKind};
use pg_clinic_core::rounds::{
    ClientEventKind, DecisionKind, ExceptionKind, Resolution, VisitKind, VisitOutcome,
};

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
    let sql = sql.replace("@periods@", &literals(Period::ALL.map(Period::as_str)));
    put_words_of_rounds_into(&sql)
}

/// Replaces the placeholders of the words of rounds.
fn put_words_of_rounds_into(sql: &str) -> String {
    sql.replace("@client_event_kinds@", &literals(ClientEventKind::ALL.map(ClientEventKind::as_str)))
        .replace("@visit_outcomes@", &literals(VisitOutcome::ALL.map(VisitOutcome::as_str)))
        .replace("@visit_kinds@", &literals(VisitKind::ALL.map(VisitKind::as_str)))
        .replace("@decisions@", &literals(DecisionKind::ALL.map(DecisionKind::as_str)))
        .replace("@exception_kinds@", &literals(ExceptionKind::ALL.map(ExceptionKind::as_str)))
        .replace("@resolutions@", &literals(Resolution::ALL.map(Resolution::as_str)))
}

/// Whether people can set rules of the kind. Locks stand in a table of their own.
#[must_use]
pub fn is_settable(entry: &Entry) -> bool {
    entry.kind != RuleKind::Lock
}

fn literals<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ")
}
