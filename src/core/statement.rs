//! What of schema clinic a statement of ours is about, read from its text: where PostgreSQL doesn't understand the statement any
//! more, a table was altered, and the error names it.

use std::fmt;

/// Words that follow a table and are no alias of it.
const NO_ALIAS: [&str; 22] = [
    "cross",
    "for",
    "full",
    "group",
    "having",
    "inner",
    "join",
    "lateral",
    "left",
    "limit",
    "natural",
    "on",
    "order",
    "returning",
    "right",
    "select",
    "set",
    "union",
    "using",
    "values",
    "where",
    "with",
];

/// Words that are operators, at which PostgreSQL points where the values beside don't fit it.
const OPERATORS: [&str; 6] = ["between", "ilike", "in", "is", "like", "not"];

/// A table or column of schema clinic that isn't as a statement expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect<'a> {
    /// The table or view, without its schema. Several where the text leaves it open.
    pub relations: Vec<&'a str>,
    /// The column, if it is one.
    pub column: Option<&'a str>,
}

/// What stands in `sql` at a position, in characters from 1; `None` where the statement names nothing of schema clinic.
#[must_use]
pub fn suspect(sql: &str, position: usize) -> Option<Suspect<'_>> {
    let start = sql.char_indices().nth(position.checked_sub(1)?)?.0;
    let mentions = mentions(sql);
    let all = || suspects(sql).map(|suspect| suspect.relations);
    let word = word_at(sql, start);
    if let Some(relation) = word.strip_prefix("clinic.") {
        return Some(Suspect { relations: vec![relation], column: None });
    }
    let rest = &sql[start + word.len()..];
    // A function that doesn't take the column it is given.
    if let Some(argument) = rest.strip_prefix('(').filter(|_| !word.is_empty()) {
        let at = sql.len() - argument.len();
        let is_name = !word_at(sql, at).is_empty() && !argument.starts_with("select ");
        return if is_name { suspect(sql, sql[..at].chars().count() + 1) } else { suspects(sql) };
    }
    match word.split_once('.') {
        Some((alias, column)) => {
            let named = mentions.iter().find(|mention| mention.alias == alias);
            let relations = named.map(|mention| vec![mention.relation]).or_else(all)?;
            Some(Suspect { relations, column: Some(column) })
        }
        None if word.is_empty() || OPERATORS.contains(&word) => suspects(sql),
        None => {
            let written = written_before(sql, start).map(|relation| vec![relation]);
            Some(Suspect { relations: written.or_else(all)?, column: Some(word) })
        }
    }
}

/// Everything of schema clinic that a statement names; `None` where that is nothing.
#[must_use]
pub fn suspects(sql: &str) -> Option<Suspect<'_>> {
    let mut relations: Vec<&str> = Vec::new();
    for mention in mentions(sql) {
        if !relations.contains(&mention.relation) {
            relations.push(mention.relation);
        }
    }
    (!relations.is_empty()).then_some(Suspect { relations, column: None })
}

/// Whether a statement writes nothing, so that nothing of an app's runs in it.
#[must_use]
pub fn only_reads(sql: &str) -> bool {
    !["insert into ", "update clinic.", "delete from "].iter().any(|verb| sql.contains(verb))
}

/// A table or view that a statement names, and what it calls it.
struct Mention<'a> {
    relation: &'a str,
    alias: &'a str,
}

fn mentions(sql: &str) -> Vec<Mention<'_>> {
    let starts = sql.match_indices("clinic.").map(|(at, prefix)| at + prefix.len());
    let mention = |at: usize| {
        let relation = word_at(sql, at);
        let mut rest = sql[at + relation.len()..].split_ascii_whitespace();
        let next = rest.next().filter(|word| *word != "as").or_else(|| rest.next()).unwrap_or_default();
        let alias = word_at(next, 0);
        let is_alias = !alias.is_empty() && !NO_ALIAS.contains(&alias);
        Mention { relation, alias: if is_alias { alias } else { relation } }
    };
    starts.map(mention).filter(|mention| !mention.relation.is_empty()).collect()
}

/// The table whose list of columns to write a position is in.
fn written_before(sql: &str, position: usize) -> Option<&str> {
    let before = &sql[..position];
    let begins = before.rfind("insert into clinic.")? + "insert into clinic.".len();
    let relation = word_at(sql, begins);
    let list = before.get(begins + relation.len()..)?;
    (list.trim_start().starts_with('(') && !list.contains(')')).then_some(relation)
}

/// The name that begins at a byte: letters, digits, `_` and the dots between.
fn word_at(sql: &str, start: usize) -> &str {
    let rest = sql.get(start..).unwrap_or_default();
    let is_part = |char: char| char.is_ascii_alphanumeric() || char == '_' || char == '.';
    let end = rest.find(|char| !is_part(char)).unwrap_or(rest.len());
    let word = &rest[..end];
    if word.starts_with(|char: char| char.is_ascii_digit()) { "" } else { word }
}

impl fmt::Display for Suspect<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(column) = self.column {
            write!(f, "column {column} of ")?;
        }
        let names: Vec<String> = self.relations.iter().map(|relation| format!("clinic.{relation}")).collect();
        match &names[..] {
            [others @ .., last] if !others.is_empty() => write!(f, "{} or {last}", others.join(", ")),
            _ => f.write_str(&names.concat()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(sql: &str, at: &str) -> Option<String> {
        let byte = sql.find(at).unwrap();
        suspect(sql, sql[..byte].chars().count() + 1).map(|suspect| suspect.to_string())
    }

    #[test]
    fn a_missing_table_is_named() {
        let sql = "select w.id from clinic.waitlist w join clinic.bookings as b on b.id = w.booking_id where note = 'ü' and x = 1 and w.y is null";
        assert_eq!(named(sql, "clinic.waitlist").as_deref(), Some("clinic.waitlist"));
        assert_eq!(named(sql, "w.id").as_deref(), Some("column id of clinic.waitlist"));
        assert_eq!(named(sql, "b.id").as_deref(), Some("column id of clinic.bookings"));
        assert_eq!(named(sql, "x = 1").as_deref(), Some("column x of clinic.waitlist or clinic.bookings"));
        assert_eq!(named(sql, "= w.").as_deref(), Some("clinic.waitlist or clinic.bookings"));
        assert_eq!(
            named(sql, "is null").as_deref(),
            Some("clinic.waitlist or clinic.bookings"),
            "an operator"
        );
    }

    #[test]
    fn a_table_without_an_alias_goes_by_its_name() {
        let sql = "select upper(during) from clinic.bookings where bookings.id = 1";
        assert_eq!(named(sql, "during").as_deref(), Some("column during of clinic.bookings"));
        assert_eq!(named(sql, "upper").as_deref(), Some("column during of clinic.bookings"));
        assert_eq!(named(sql, "bookings.id").as_deref(), Some("column id of clinic.bookings"));
    }

    #[test]
    fn a_written_column_is_of_the_table_written() {
        let sql = "insert into clinic.offers (a, b) select b from clinic.bookings";
        assert_eq!(named(sql, "b) select").as_deref(), Some("column b of clinic.offers"));
        assert_eq!(named(sql, "b from").as_deref(), Some("column b of clinic.offers or clinic.bookings"));
    }

    #[test]
    fn who_writes_is_known() {
        assert!(only_reads("select id from clinic.bookings for update"));
        assert!(!only_reads(
            "with gone as (delete from clinic.events returning 1) select count(*) from gone"
        ));
        assert!(!only_reads("update clinic.bookings set status = $1"));
        assert!(!only_reads("insert into clinic.bookings (id) values ($1)"));
    }

    #[test]
    fn a_statement_about_others_names_nothing() {
        assert_eq!(suspect("select cron.schedule($1)", 8), None);
        assert_eq!(suspect("select 1", 0), None);
        assert_eq!(suspect("select 1", 99), None);
    }
}
