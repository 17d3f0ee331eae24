//! What schema clinic and the extension consist of as they are shipped: `sql/shipped/clinic.tsv`, which `make accept-shipped`
//! writes from a clinic just made.

use std::sync::OnceLock;

use crate::words;

words! {
    /// What a thing of schema clinic, or of the extension, is.
    pub enum Kind {
        /// A table.
        Table = "table",
        /// A column and its type.
        Column = "column",
        /// A column's NOT NULL.
        NotNull = "not null",
        /// A column's default; or how it is generated.
        Default = "default",
        /// A key, a foreign key, an exclusion or a CHECK.
        Constraint = "constraint",
        /// An index that belongs to no constraint.
        Index = "index",
        /// A trigger.
        Trigger = "trigger",
        /// A view.
        View = "view",
        /// A function of the extension.
        Function = "function",
        /// A rule on a table: none is shipped.
        Rule = "rule",
        /// Row-level security of a table: none is shipped.
        RowSecurity = "row security",
        /// A table that inherits from another, or a partition: none is shipped.
        Inheritance = "inheritance",
        /// A table of another owner than the schema's: none is shipped.
        Owner = "owner",
    }
}

/// Stands for the schema of the extension's functions, as an identifier.
const EXTENSION_SCHEMA: &str = "\"@extschema@\"";

/// One thing as it is shipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thing {
    /// What it is.
    pub kind: Kind,
    /// Its table and name, as `bookings.bookings_provider`; of a table, view or function the name.
    pub object: &'static str,
    /// As PostgreSQL writes it back.
    definition: &'static str,
    /// The comment that it has, of those that have one here.
    pub comment: Option<&'static str>,
}

impl Thing {
    /// Its table or view; of a function its name.
    #[must_use]
    pub fn table(&self) -> &'static str {
        self.object.split_once('.').map_or(self.object, |(table, _)| table)
    }

    /// Its name within the table.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.object.split_once('.').map_or(self.object, |(_, name)| name)
    }

    /// Its definition, as `CHECK (…)`, `bigint` or `CREATE INDEX …`. `extension_schema` is the schema of the extension's
    /// functions, as an identifier.
    #[must_use]
    pub fn definition(&self, extension_schema: &str) -> String {
        self.definition.replace(EXTENSION_SCHEMA, extension_schema)
    }
}

/// Everything that is shipped: tables before what they have, keys before the foreign keys that refer to them.
#[must_use]
pub fn things() -> &'static [Thing] {
    static THINGS: OnceLock<Vec<Thing>> = OnceLock::new();
    THINGS.get_or_init(|| include_str!("../../sql/shipped/clinic.tsv").lines().filter_map(read).collect())
}

/// One thing, if it is shipped: `find(Kind::Constraint, "bookings.bookings_provider")`.
#[must_use]
pub fn find(kind: Kind, object: &str) -> Option<&'static Thing> {
    things().iter().find(|thing| thing.kind == kind && thing.object == object)
}

fn read(line: &'static str) -> Option<Thing> {
    let mut fields = line.split('\t');
    let kind = Kind::parse(fields.next()?)?;
    let (object, definition) = (fields.next()?, fields.next()?);
    let comment = fields.next().filter(|comment| !comment.is_empty());
    Some(Thing { kind, object, definition, comment })
}

#[cfg(test)]
mod tests {
    use super::{Kind, find, things};

    #[test]
    fn every_line_is_read() {
        assert_eq!(things().len(), include_str!("../../sql/shipped/clinic.tsv").lines().count());
    }

    #[test]
    fn definitions_name_the_schema_of_the_extension() {
        let trigger = find(Kind::Trigger, "bookings.fill_booking").expect("shipped");
        assert_eq!((trigger.table(), trigger.name()), ("bookings", "fill_booking"));
        assert!(trigger.definition("\"my ext\"").contains("FUNCTION \"my ext\".clinic_fill_booking()"));
        for thing in things() {
            assert!(!thing.definition("x").contains("@extschema@"), "{thing:?}");
        }
    }
}
