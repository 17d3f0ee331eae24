//! How what is missing comes back. What the owner altered or disabled stays as it is.

use std::collections::HashSet;

pub use super::in_the_way::MOST_ROWS;
use super::in_the_way::{key_of, query};
use super::{Found, Kind, Thing, things};

/// One thing to be put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// The thing.
    pub thing: &'static Thing,
    /// SQL that makes it; none for a view, which its script makes.
    pub statement: Option<String>,
    /// A query for the rows that are in its way; see [`Repair::key`].
    pub in_the_way: Option<String>,
}

/// A rule that rows can be in the way of, as drivers know violations of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// NOT NULL.
    Null,
    /// A primary or unique key.
    Duplicate,
    /// An exclusion.
    Collision,
    /// A CHECK.
    Refused,
    /// A foreign key.
    MissingKey,
}

impl Repair {
    /// What rows in its way violate.
    #[must_use]
    pub fn violation(&self) -> Violation {
        let definition = self.thing.definition;
        match self.thing.kind {
            Kind::NotNull => Violation::Null,
            _ if definition.starts_with("EXCLUDE") => Violation::Collision,
            _ if definition.starts_with("CHECK") => Violation::Refused,
            _ if definition.starts_with("FOREIGN KEY") => Violation::MissingKey,
            _ => Violation::Duplicate,
        }
    }

    /// The columns that name the rows in the way.
    #[must_use]
    pub fn key(&self) -> &'static str {
        key_of(self.thing.table()).unwrap_or_default()
    }
}

/// What is to be made, in order.
///
/// # Errors
/// The tables and columns that are missing: they had rows, so making them anew isn't putting them back.
pub fn repairs(found: &[Found], extension_schema: &str) -> Result<Vec<Repair>, Vec<&'static str>> {
    let found: HashSet<(Kind, &str)> =
        found.iter().map(|thing| (thing.kind, thing.object.as_str())).collect();
    let missing: Vec<&'static Thing> =
        things().iter().filter(|thing| !found.contains(&(thing.kind, thing.object))).collect();
    let is_of_a_table =
        |thing: &&&Thing| thing.kind == Kind::Table || found.contains(&(Kind::Table, thing.table()));
    let lost = missing.iter().filter(|thing| is_lost(thing)).filter(is_of_a_table);
    let lost: Vec<_> = lost.map(|thing| thing.object).collect();
    // A table in a view's place is the owner's.
    let makes =
        |thing: &&&Thing| thing.kind != Kind::Function && !found.contains(&(Kind::Table, thing.object));
    if !lost.is_empty() {
        return Err(lost);
    }
    let mut repairs: Vec<_> =
        missing.iter().filter(makes).map(|thing| repair(thing, extension_schema)).collect();
    // What others build on comes first; within a kind the order of the manifest stays.
    repairs.sort_by_key(|repair| (repair.thing.kind, repair.violation() == Violation::MissingKey));
    Ok(repairs)
}

/// Whether rows went with it.
fn is_lost(thing: &Thing) -> bool {
    match thing.kind {
        Kind::Table | Kind::Column => true,
        Kind::Default => thing.definition.starts_with("generated always as ("),
        _ => false,
    }
}

fn repair(thing: &'static Thing, extension_schema: &str) -> Repair {
    let definition = thing.definition(extension_schema);
    let (table, name) = (thing.table(), thing.name());
    let alter = format!("alter table clinic.{table}");
    let statement = match thing.kind {
        Kind::NotNull => Some(format!("{alter} alter column {name} set not null")),
        // The sequence goes on after the last row.
        Kind::Default if definition.ends_with("as identity") => Some(format!(
            "{alter} alter column {name} add {definition}; \
             select setval(pg_get_serial_sequence('clinic.{table}', '{name}'), coalesce(max({name}), 0) + 1, false) \
             from clinic.{table}"
        )),
        Kind::Default => Some(format!("{alter} alter column {name} set {definition}")),
        Kind::Constraint => Some(format!("{alter} add constraint {name} {definition}")),
        Kind::Index => Some(definition),
        Kind::Trigger => Some(match thing.comment {
            None => definition,
            Some(comment) => {
                format!(
                    "{definition}; comment on trigger {name} on clinic.{table} is '{}'",
                    comment.replace('\'', "''")
                )
            }
        }),
        _ => None,
    };
    Repair { thing, statement, in_the_way: query(thing) }
}
