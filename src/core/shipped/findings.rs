//! What of a clinic isn't as shipped, why that matters, and which SQL puts it right.

use std::collections::{HashMap, HashSet};

use super::{Found, Kind, Problem, Thing, find, name_of, table_of, things};

/// The statement that puts back what is missing.
const UPGRADE: &str = "select upgrade_clinic()";

/// Stands for the schema where a relation's name would.
pub(super) const SCHEMA: &str = "schema clinic";

/// What is longer isn't read by anybody.
const LONGEST_DIFFERENCE: usize = 150;

/// A thing that isn't as shipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// Its table and name.
    pub object: String,
    /// What is wrong.
    pub problem: Problem,
    /// The same as a sentence.
    pub sentence: String,
    /// SQL that puts it right.
    pub remedy: String,
}

impl Finding {
    /// The table or view that it is of.
    #[must_use]
    pub fn table(&self) -> &str {
        table_of(&self.object)
    }
}

/// What there is, by kind and object.
struct Catalog<'a> {
    found: HashMap<(Kind, &'a str), &'a Found>,
    extension_schema: &'a str,
}

/// Everything that isn't as shipped, in the order of the manifest, then what isn't ours. What an absent table or column would
/// have isn't listed besides. `extension_schema` is the schema of the extension's functions, as an identifier.
#[must_use]
pub fn findings(found: &[Found], extension_schema: &str) -> Vec<Finding> {
    let catalog = Catalog {
        found: found.iter().map(|thing| ((thing.kind, thing.object.as_str()), thing)).collect(),
        extension_schema,
    };
    let ours = things().iter().filter_map(|thing| catalog.judge(thing));
    let is_of_ours = |found: &&Found| {
        let relation = |kind| find(kind, table_of(&found.object)).is_some();
        relation(Kind::Table) || relation(Kind::View)
    };
    let foreign = found.iter().filter(|thing| thing.kind.is_foreign()).filter(is_of_ours).map(not_ours);
    ours.chain(foreign).collect()
}

/// The first of `names` that names nothing that is shipped, nor anything found, nor what a role holds.
#[must_use]
pub fn unknown_name<'a>(names: &'a [String], findings: &[Finding], roles: &[&str]) -> Option<&'a str> {
    let shipped = things().iter().map(|thing| thing.object);
    let known: HashSet<&str> =
        shipped.chain(findings.iter().map(|finding| finding.object.as_str())).collect();
    let is_foreign = |name: &str| {
        let relation = table_of(name);
        let is_ours = find(Kind::Table, relation).is_some() || find(Kind::View, relation).is_some();
        let foreign = [Kind::RowSecurity.as_str(), Kind::Owner.as_str()];
        (is_ours || relation == SCHEMA)
            && (foreign.contains(&name_of(name)) || roles.contains(&name_of(name)))
    };
    names.iter().map(String::as_str).find(|name| !known.contains(name) && !is_foreign(name))
}

impl Catalog<'_> {
    fn get(&self, kind: Kind, object: &str) -> Option<&Found> {
        self.found.get(&(kind, object)).copied()
    }

    fn judge(&self, thing: &Thing) -> Option<Finding> {
        if !self.has_place_of(thing) {
            return None;
        }
        let definition = thing.definition(self.extension_schema);
        let (problem, sentence) = match self.get(thing.kind, thing.object) {
            None => match self.usurper(thing) {
                Some(what) => (Problem::Altered, format!("{} is a {what}.", title(thing.kind, thing.object))),
                None => (Problem::Missing, format!("{} is missing.", title(thing.kind, thing.object))),
            },
            Some(found) if !thing.is(&found.definition, self.extension_schema) => {
                let title = title(thing.kind, thing.object);
                (Problem::Altered, format!("{title} {}.", difference(&definition, &found.definition)))
            }
            Some(found) => (found.state?, state_sentence(thing, found.state?)),
        };
        let remedy = self.remedy(thing, problem, &definition);
        Some(Finding { kind: thing.kind, object: thing.object.to_owned(), problem, sentence, remedy })
    }

    /// Whether there are the ordinary table, and the column, that a thing is of.
    fn has_place_of(&self, thing: &Thing) -> bool {
        let table = || self.get(Kind::Table, thing.table());
        match thing.kind {
            Kind::Table | Kind::View | Kind::Function => true,
            Kind::NotNull | Kind::Default if self.get(Kind::Column, thing.object).is_none() => false,
            _ => {
                table().is_some_and(|table| ["table", "unlogged table"].contains(&table.definition.as_str()))
            }
        }
    }

    /// What stands where a table or view should.
    fn usurper(&self, thing: &Thing) -> Option<&str> {
        let other = match thing.kind {
            Kind::Table => Kind::View,
            Kind::View => Kind::Table,
            _ => return None,
        };
        let found = self.get(other, thing.object)?;
        Some(if other == Kind::View { "view" } else { &found.definition })
    }

    /// Another thing of the table with the same definition: the thing was renamed.
    fn renamed(&self, thing: &Thing, definition: &str) -> Option<&str> {
        let is_same = |found: &&&Found| {
            found.kind == thing.kind
                && table_of(&found.object) == thing.table()
                && find(found.kind, &found.object).is_none()
                && without_name(&found.definition, name_of(&found.object))
                    == without_name(definition, thing.name())
        };
        self.found.values().find(is_same).map(|found| name_of(&found.object))
    }

    /// Renames an index of another table that has this name.
    fn makes_room(&self, name: &str) -> String {
        let is_other = |(kind, object): &(Kind, &str)| *kind == Kind::Index && name_of(object) == name;
        match self.found.keys().any(is_other) {
            true => format!("alter index clinic.{name} rename to {name}_other; "),
            false => String::new(),
        }
    }

    fn remedy(&self, thing: &Thing, problem: Problem, definition: &str) -> String {
        let (table, name) = (thing.table(), thing.name());
        let alter = format!("alter table clinic.{table}");
        match (thing.kind, problem) {
            (Kind::Constraint, Problem::Missing) => match self.renamed(thing, definition) {
                Some(other) => format!("{alter} rename constraint {other} to {name}"),
                None => UPGRADE.to_owned(),
            },
            (Kind::Index, Problem::Missing) => {
                let makes_room = self.makes_room(name);
                match self.renamed(thing, definition) {
                    Some(other) => format!("{makes_room}alter index clinic.{other} rename to {name}"),
                    None => format!("{makes_room}{UPGRADE}"),
                }
            }
            (Kind::Trigger, Problem::Missing) => match self.renamed(thing, definition) {
                Some(other) => format!("alter trigger {other} on clinic.{table} rename to {name}"),
                None => UPGRADE.to_owned(),
            },
            (Kind::View | Kind::NotNull, Problem::Missing) => UPGRADE.to_owned(),
            (Kind::Table, Problem::Missing) => self.make_table(table),
            (Kind::Table, _) => self.replace_table(thing),
            (Kind::Column, Problem::Missing) => {
                format!("{alter} add column {}; {UPGRADE}", self.column(thing))
            }
            (Kind::Column, _) => {
                format!("{alter} alter column {name} type {definition} using {name}::{definition}")
            }
            (Kind::NotNull, _) => format!("{alter} alter column {name} set not null"),
            (Kind::Default, _) => self.restore_default(thing, definition),
            (Kind::Constraint, Problem::NotValid) if is_validated_later(definition) => {
                format!("{alter} validate constraint {name}")
            }
            (Kind::Constraint | Kind::Index, Problem::NotValid) => format!("reindex index clinic.{name}"),
            // Foreign keys of other tables depend on keys.
            (Kind::Constraint, _)
                if definition.starts_with("PRIMARY") || definition.starts_with("UNIQUE") =>
            {
                format!("{alter} drop constraint {name} cascade; {UPGRADE}")
            }
            (Kind::Constraint, _) => format!("{alter} drop constraint {name}; {UPGRADE}"),
            (Kind::Index, _) => format!("drop index clinic.{name}; {UPGRADE}"),
            (Kind::Trigger, Problem::Disabled) => format!("{alter} enable trigger {name}"),
            (Kind::Trigger, _) => format!("drop trigger {name} on clinic.{table}; {UPGRADE}"),
            (Kind::View, _) => self.drop_view(thing),
            (Kind::Function, Problem::Missing) => {
                format!(
                    "{definition}; alter extension pg_clinic add function {}.{}",
                    self.extension_schema, thing.object
                )
            }
            (
                Kind::Function
                | Kind::Rule
                | Kind::RowSecurity
                | Kind::Inheritance
                | Kind::Owner
                | Kind::Privilege,
                _,
            ) => definition.to_owned(),
        }
    }

    /// A column as in CREATE TABLE, without NOT NULL: there may be rows.
    fn column(&self, thing: &Thing) -> String {
        let default = find(Kind::Default, thing.object);
        let default = default.map(|default| format!(" {}", default.definition(self.extension_schema)));
        format!("{} {}{}", thing.name(), thing.definition, default.unwrap_or_default())
    }

    /// A table by another name has its primary key; else it is made anew, and empty.
    fn make_table(&self, table: &str) -> String {
        let key = format!(".{table}_pkey");
        let is_key = |(kind, object): &&(Kind, &str)| *kind == Kind::Constraint && object.ends_with(&key);
        if let Some((_, object)) = self.found.keys().find(is_key) {
            return format!("alter table clinic.{} rename to {table}", table_of(object));
        }
        let columns = things().iter().filter(|thing| thing.kind == Kind::Column && thing.table() == table);
        let columns: Vec<_> = columns.map(|thing| self.column(thing)).collect();
        format!("create table clinic.{table} ({}); {UPGRADE}", columns.join(", "))
    }

    /// A table became a view, a foreign table, a partitioned one or an unlogged one.
    fn replace_table(&self, thing: &Thing) -> String {
        let table = thing.object;
        let keyword = match self.get(Kind::Table, table) {
            Some(found) if found.definition == "unlogged table" => {
                return format!("alter table clinic.{table} set logged");
            }
            Some(found) if found.definition == "foreign table" => "foreign table",
            Some(_) => "table",
            None => "view",
        };
        format!("alter {keyword} clinic.{table} rename to {table}_other; {}", self.make_table(table))
    }

    fn drop_view(&self, thing: &Thing) -> String {
        let view = thing.object;
        let found = self.get(Kind::View, view);
        let keyword = match found {
            Some(found) if found.definition.starts_with("materialized") => "materialized view",
            Some(_) => "view",
            None => return format!("alter table clinic.{view} rename to {view}_other; {UPGRADE}"),
        };
        format!("drop {keyword} clinic.{view}; {UPGRADE}")
    }

    fn restore_default(&self, thing: &Thing, definition: &str) -> String {
        let (table, name) = (thing.table(), thing.name());
        let alter = format!("alter table clinic.{table} alter column {name}");
        let found = self.get(Kind::Default, thing.object).map_or("", |found| &found.definition);
        let (is_identity, was_identity) =
            (found.ends_with("as identity"), definition.ends_with("as identity"));
        let is_generated = !is_identity && found.starts_with("generated");
        if is_generated || definition.starts_with("generated always as (") {
            let column =
                find(Kind::Column, thing.object).map(|column| self.column(column)).unwrap_or_default();
            return format!(
                "alter table clinic.{table} drop column {name} cascade; alter table clinic.{table} add column {column}; {UPGRADE}"
            );
        }
        match (is_identity, was_identity) {
            (true, true) => format!("{alter} set {}", definition.trim_end_matches(" as identity")),
            (true, false) => format!("{alter} drop identity; {alter} set {definition}"),
            (false, true) if !found.is_empty() => format!("{alter} drop default; {UPGRADE}"),
            (false, true) => UPGRADE.to_owned(),
            (false, false) => format!("{alter} set {definition}"),
        }
    }
}

/// A thing that works against ours.
fn not_ours(found: &Found) -> Finding {
    let (table, name) = (table_of(&found.object), name_of(&found.object));
    let definition = &found.definition;
    let (sentence, remedy) = match found.kind {
        Kind::RowSecurity => (
            format!(
                "Row security of clinic.{table} hides rows from functions, which take what they see for all."
            ),
            format!("alter table clinic.{table} disable row level security"),
        ),
        Kind::Inheritance => {
            let (child, parent) = definition.split_once(" inherits ").unwrap_or((definition, ""));
            (
                format!("{child} inherits from {parent}: no key and no exclusion holds over both."),
                format!("alter table {child} no inherit {parent}"),
            )
        }
        Kind::Owner => (
            format!("clinic.{table} belongs to another role than schema clinic."),
            format!("alter table clinic.{table} owner to {definition}"),
        ),
        _ => (
            format!("Rule {name} on clinic.{table} changes what statements on it do."),
            format!("drop rule {name} on clinic.{table}"),
        ),
    };
    Finding { kind: found.kind, object: found.object.clone(), problem: Problem::NotOurs, sentence, remedy }
}

/// A thing as the beginning of a sentence.
fn title(kind: Kind, object: &str) -> String {
    let (table, name) = (table_of(object), name_of(object));
    match kind {
        Kind::Table => format!("Table clinic.{table}"),
        Kind::Column => format!("Column {name} of clinic.{table}"),
        Kind::NotNull => format!("NOT NULL of column {name} of clinic.{table}"),
        Kind::Default => format!("The default of column {name} of clinic.{table}"),
        Kind::Constraint => format!("Constraint {name} of clinic.{table}"),
        Kind::Index => format!("Index {name} of clinic.{table}"),
        Kind::Trigger => format!("Trigger {name} of clinic.{table}"),
        Kind::View => format!("View clinic.{table}"),
        Kind::Function => format!("Function {object}"),
        Kind::Rule | Kind::RowSecurity | Kind::Inheritance | Kind::Owner | Kind::Privilege => {
            object.to_owned()
        }
    }
}

fn state_sentence(thing: &Thing, state: Problem) -> String {
    let title = title(thing.kind, thing.object);
    match (state, thing.kind) {
        (Problem::Disabled, Kind::Constraint) => {
            format!("{title} isn't enforced: its triggers are disabled.")
        }
        (Problem::Disabled, _) => format!("{title} is disabled."),
        (_, Kind::Index) => format!("{title} wasn't built to its end: nothing uses it."),
        (_, Kind::Constraint) if !is_validated_later(thing.definition) => {
            format!(
                "The index of constraint {} of clinic.{} wasn't built to its end.",
                thing.name(),
                thing.table()
            )
        }
        _ => format!("{title} isn't proven for the rows that were there before it."),
    }
}

/// Whether a constraint can be made without a look at the rows there are.
fn is_validated_later(definition: &str) -> bool {
    definition.starts_with("CHECK") || definition.starts_with("FOREIGN")
}

/// How a definition differs from the one shipped, in the words from the first that differs to the last.
fn difference(shipped: &str, found: &str) -> String {
    let (shipped, found): (Vec<_>, Vec<_>) = (shipped.split(' ').collect(), found.split(' ').collect());
    let shorter = shipped.len().min(found.len());
    let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
    let start = shipped.iter().zip(&found).take_while(same).count();
    let end = shipped.iter().rev().zip(found.iter().rev()).take(shorter - start).take_while(same).count();
    let middle = |words: &[&str]| words[start..words.len() - end].join(" ");
    match (middle(&shipped), middle(&found)) {
        (lacking, more) if lacking.len().max(more.len()) > LONGEST_DIFFERENCE => {
            "isn't the one shipped".to_owned()
        }
        (lacking, more) if more.is_empty() => format!("lacks \"{lacking}\""),
        (lacking, more) if lacking.is_empty() => format!("has \"{more}\" besides"),
        (lacking, more) => format!("has \"{more}\" instead of \"{lacking}\""),
    }
}

/// A definition in which the thing's own name, which CREATE INDEX and CREATE TRIGGER contain, makes no difference.
fn without_name(definition: &str, name: &str) -> String {
    definition.replacen(&format!(" {name} "), " ", 1)
}
