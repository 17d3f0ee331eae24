//! What is shipped: each thing of schema clinic and of the extension, as PostgreSQL writes it back right after
//! init_clinic(). The list is made by `sql/shipped/catalog.sql`.

use std::collections::HashMap;
use std::sync::OnceLock;

/// A line a thing: kind, object and definition.
const SHIPPED: &str = include_str!("../../../sql/shipped/shipped.tsv");

/// What stands in definitions for the schema of the extension's functions.
const EXTENSION_SCHEMA: &str = "@extschema@";

/// A thing that is shipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thing {
    /// `constraint`, `index`, `trigger`, `not null` …
    pub kind: &'static str,
    /// Its name, of a table's things after the table's: `bookings.fill_booking`.
    pub object: &'static str,
    /// As PostgreSQL writes it.
    pub definition: &'static str,
}

impl Thing {
    /// Its name, without its table's.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.object.split_once('.').map_or(self.object, |(_, name)| name)
    }
}

/// All that is shipped.
pub fn things() -> impl Iterator<Item = Thing> {
    SHIPPED.lines().filter_map(|line| {
        let mut fields = line.split('\t');
        Some(Thing { kind: fields.next()?, object: fields.next()?, definition: fields.next()? })
    })
}

/// The things of a table, as constraints, indexes and triggers.
pub fn of_table(table: &str) -> impl Iterator<Item = Thing> {
    static BY_TABLE: OnceLock<HashMap<&str, Vec<Thing>>> = OnceLock::new();
    let by_table = BY_TABLE.get_or_init(|| {
        let mut by_table: HashMap<&str, Vec<Thing>> = HashMap::new();
        for thing in things() {
            if let Some((table, _)) = thing.object.split_once('.') {
                by_table.entry(table).or_default().push(thing);
            }
        }
        by_table
    });
    by_table.get(table).into_iter().flatten().copied()
}

/// A definition of here and now as the list would have it: the extension's schema by its placeholder, one space between
/// words.
#[must_use]
pub fn normalized(definition: &str, extension_schema: &str) -> String {
    let named = definition.replace(&format!("{extension_schema}."), &format!("{EXTENSION_SCHEMA}."));
    named.split_whitespace().collect::<Vec<_>>().join(" ")
}
