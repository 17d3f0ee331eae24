//! What a level of access gives, beside what its roles hold.

use std::collections::BTreeSet;

use super::findings::{Finding, SCHEMA};
use super::{Kind, Problem, find, things};

/// A right on a relation of schema clinic, on a column of it, or on the schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Privilege {
    /// The table or view; none = the schema.
    pub relation: Option<String>,
    /// As GRANT says it: `select`.
    pub right: String,
    /// The column; none = all of the relation.
    pub column: Option<String>,
}

/// A role that was granted a level.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The role's name, as an identifier.
    pub role: String,
    /// The level's name.
    pub level: String,
    /// What the level gives.
    pub granted: BTreeSet<Privilege>,
    /// What the role was granted itself.
    pub held: BTreeSet<Privilege>,
    /// What it has by roles that it is a member of.
    pub inherited: BTreeSet<Privilege>,
}

/// The privileges of a statement `grant WHAT on OBJECTS to …`.
#[must_use]
pub fn privileges(what: &str, objects: &str) -> Vec<Privilege> {
    let relations: Vec<Option<&str>> = match objects.trim() {
        "schema clinic" => vec![None],
        "all tables in schema clinic" => {
            let relations = things().iter().filter(|thing| matches!(thing.kind, Kind::Table | Kind::View));
            relations.map(|thing| Some(thing.object)).collect()
        }
        names => names.split(',').map(|name| name.trim().strip_prefix("clinic.")).collect(),
    };
    let (rights, columns) = match what.split_once('(') {
        None => (what.split(',').map(str::trim).collect::<Vec<_>>(), vec![None]),
        Some((right, columns)) => {
            let columns = columns.trim_end_matches(')').split(',').map(|column| Some(column.trim()));
            (vec![right.trim()], columns.collect())
        }
    };
    let mut privileges = Vec::new();
    for relation in relations {
        for right in &rights {
            privileges.extend(columns.iter().map(|column| Privilege {
                relation: relation.map(str::to_owned),
                right: (*right).to_owned(),
                column: column.map(str::to_owned),
            }));
        }
    }
    privileges
}

impl Privilege {
    /// `select (id) on clinic.staff`.
    #[must_use]
    pub fn text(&self) -> String {
        let column = self.column.as_ref().map(|column| format!(" ({column})")).unwrap_or_default();
        match &self.relation {
            None => format!("{} on schema clinic", self.right),
            Some(relation) => format!("{}{column} on clinic.{relation}", self.right),
        }
    }

    /// Whether one of `others` is this or more: the relation instead of a column.
    fn is_within(&self, others: &BTreeSet<Self>) -> bool {
        others.contains(self) || others.contains(&Self { column: None, ..self.clone() })
    }

    /// Where check_clinic() lists it: `bookings.some_role`.
    fn object(&self, role: &str) -> String {
        format!("{}.{role}", self.relation.as_deref().unwrap_or(SCHEMA))
    }

    /// Whether it is on something of ours that is there.
    fn is_on_ours(&self, is_there: impl Fn(&str) -> bool) -> bool {
        self.relation.as_deref().is_none_or(|relation| {
            is_there(relation)
                && (find(Kind::Table, relation).is_some() || find(Kind::View, relation).is_some())
        })
    }
}

/// What roles lack of their levels, and what they hold beyond. `is_there` says whether there is a table or view of a name.
#[must_use]
pub fn differences(holders: &[Holder], is_there: impl Fn(&str) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for holder in holders {
        let Holder { role, level, granted, held, inherited } = holder;
        let lacks = |privilege: &&Privilege| !privilege.is_within(held) && !privilege.is_within(inherited);
        for privilege in granted.iter().filter(|privilege| privilege.is_on_ours(&is_there)).filter(lacks) {
            let text = privilege.text();
            findings.push(Finding {
                kind: Kind::Privilege,
                object: privilege.object(role),
                problem: Problem::Missing,
                sentence: format!("Role {role} lacks {text}, which level {level} has."),
                remedy: format!("grant {text} to {role}"),
            });
        }
        let is_more = |privilege: &&Privilege| !privilege.is_within(granted);
        for privilege in held.iter().filter(|privilege| privilege.is_on_ours(&is_there)).filter(is_more) {
            let text = privilege.text();
            findings.push(Finding {
                kind: Kind::Privilege,
                object: privilege.object(role),
                problem: Problem::NotOurs,
                sentence: format!("Role {role} has {text}, which level {level} doesn't."),
                remedy: format!("revoke {text} from {role}"),
            });
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{Privilege, privileges};

    fn texts(what: &str, objects: &str) -> Vec<String> {
        privileges(what, objects).iter().map(Privilege::text).collect()
    }

    #[test]
    fn statements_of_grants_are_read() {
        assert_eq!(texts("usage", "schema clinic"), ["usage on schema clinic"]);
        assert_eq!(
            texts("insert, update", "clinic.waitlist,\n  clinic.offers"),
            [
                "insert on clinic.waitlist",
                "update on clinic.waitlist",
                "insert on clinic.offers",
                "update on clinic.offers"
            ]
        );
        assert_eq!(
            texts("select (id, skills)", "clinic.staff"),
            ["select (id) on clinic.staff", "select (skills) on clinic.staff"]
        );
        assert!(
            texts("select", "all tables in schema clinic").contains(&"select on clinic.waiting".to_owned())
        );
    }
}
