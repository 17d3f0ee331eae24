//! What schema clinic and the extension consist of as they are shipped: `sql/shipped/clinic.tsv`, which `make accept-shipped`
//! writes from a clinic just made. [`findings`] tells what differs in the clinic that there is, [`repairs`] how what is
//! missing comes back.

pub mod findings;
mod in_the_way;
pub mod privileges;
pub mod repairs;

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
        /// What a role with a level of access may do: none is shipped.
        Privilege = "privilege",
    }
}

words! {
    /// What is wrong with a thing.
    pub enum Problem {
        /// It isn't there.
        Missing = "missing",
        /// It is another than the one shipped.
        Altered = "altered",
        /// It is there and switched off.
        Disabled = "disabled",
        /// It is there, and not proven for the rows that were there before it; or an index that wasn't built to its end.
        NotValid = "not valid",
        /// It isn't shipped, and works against what is.
        NotOurs = "not ours",
    }
}

impl Kind {
    /// Whether no such thing is shipped.
    const fn is_foreign(self) -> bool {
        matches!(self, Self::Rule | Self::RowSecurity | Self::Inheritance | Self::Owner | Self::Privilege)
    }
}

/// A thing that the catalogs have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Its table and name, as of a [`Thing`].
    pub object: String,
    /// As PostgreSQL writes it back.
    pub definition: String,
    /// Why it doesn't do its work; none where it does.
    pub state: Option<Problem>,
}

impl Found {
    /// Its name, if it is a table or a view.
    #[must_use]
    pub fn relation(&self) -> Option<&str> {
        matches!(self.kind, Kind::Table | Kind::View).then_some(self.object.as_str())
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
        table_of(self.object)
    }

    /// Its name within the table.
    #[must_use]
    pub fn name(&self) -> &'static str {
        name_of(self.object)
    }

    /// Its definition, as `CHECK (…)`, `bigint` or `CREATE INDEX …`. `extension_schema` is the schema of the extension's
    /// functions, as an identifier.
    #[must_use]
    pub fn definition(&self, extension_schema: &str) -> String {
        self.definition.replace(EXTENSION_SCHEMA, extension_schema)
    }

    /// Whether this is its definition.
    #[must_use]
    pub fn is(&self, definition: &str, extension_schema: &str) -> bool {
        let shipped = self.definition(extension_schema);
        shipped == definition || self.kind == Kind::View && unqualified(&shipped) == unqualified(definition)
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

/// A view's definition without the aliases before its columns: since PostgreSQL 16 they are left out where there is only one
/// relation.
fn unqualified(definition: &str) -> String {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut parts = definition.split('.').peekable();
    let mut text = String::new();
    while let Some(part) = parts.next() {
        let alias = part.rfind(|c| !is_of_name(c)).map_or(0, |at| at + 1);
        // What follows the dot: a relation of the schema, a function, or a column.
        let is_alias = parts.peek().is_some_and(|next| {
            let name = next.find(|c| !is_of_name(c)).unwrap_or(next.len());
            &part[alias..] != "clinic" && !next[name..].starts_with('(')
        });
        text.push_str(if is_alias { &part[..alias] } else { part });
        if parts.peek().is_some() && !is_alias {
            text.push('.');
        }
    }
    text
}

fn table_of(object: &str) -> &str {
    object.split_once('.').map_or(object, |(table, _)| table)
}

fn name_of(object: &str) -> &str {
    object.split_once('.').map_or(object, |(_, name)| name)
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
    use super::{Kind, find, things, unqualified};

    #[test]
    fn every_line_is_read() {
        assert_eq!(things().len(), include_str!("../../sql/shipped/clinic.tsv").lines().count());
    }

    #[test]
    fn views_are_the_same_with_and_without_aliases() {
        let (with, without) = (
            "SELECT e.id, f.x FROM clinic.exceptions e, public.renewals(e.id) f WHERE (e.id = 1)",
            "SELECT id, f.x FROM clinic.exceptions e, public.renewals(id) f WHERE (id = 1)",
        );
        assert_eq!(unqualified(with), unqualified(without));
        assert!(unqualified(with).contains("FROM clinic.exceptions e, public.renewals(id)"));
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
