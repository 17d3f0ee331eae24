//! Which rows keep a constraint or a unique index from being put back: a query, made from the definition.

use super::{Kind, Thing, things};

/// How many rows are named.
pub const MOST_ROWS: usize = 10;

/// The query's rows have one column: the primary key, as text. There is one row more than are named if there are more.
pub fn query(thing: &Thing) -> Option<String> {
    let definition = thing.definition;
    let violated = match thing.kind {
        Kind::NotNull => format!("from clinic.{} where {} is null", thing.table(), thing.name()),
        Kind::Constraint if definition.starts_with("CHECK ") => {
            format!("from clinic.{} where not {}", thing.table(), parenthesized(definition)?.0)
        }
        Kind::Constraint if definition.starts_with("FOREIGN KEY ") => {
            without_parent(thing.table(), definition)?
        }
        Kind::Constraint if definition.starts_with("EXCLUDE ") => exclusive(thing.table(), definition)?,
        Kind::Constraint => unique(thing.table(), definition)?,
        Kind::Index if definition.starts_with("CREATE UNIQUE ") => unique(thing.table(), definition)?,
        _ => return None,
    };
    let key = key_of(thing.table())?;
    let columns: Vec<_> = key.split(", ").collect();
    let shown = match columns[..] {
        [only] => format!("{only}::text"),
        _ => format!("format('({})', {key})", vec!["%s"; columns.len()].join(", ")),
    };
    Some(format!("select {shown} as the_row {violated} order by {key} limit {}", MOST_ROWS + 1))
}

/// The columns of a table's primary key: `id`.
pub fn key_of(table: &str) -> Option<&'static str> {
    let is_key = |thing: &&Thing| {
        thing.kind == Kind::Constraint
            && thing.table() == table
            && thing.definition.starts_with("PRIMARY KEY")
    };
    inner(things().iter().find(is_key)?.definition)
}

/// Rows that share what must be unique.
fn unique(table: &str, definition: &str) -> Option<String> {
    let (keys, condition) = (inner(definition)?, condition(definition));
    let not_null: Vec<_> = elements(keys).into_iter().map(|key| format!("{key} is not null")).collect();
    let not_null =
        if definition.contains(" NULLS NOT DISTINCT ") { "true".to_owned() } else { not_null.join(" and ") };
    Some(format!(
        "from (select *, count(*) over (partition by {keys}) > 1 as is_in_the_way from clinic.{table} \
         where {condition} and {not_null}) as one where is_in_the_way"
    ))
}

/// Rows that an exclusion keeps apart: equal in all its keys, of which one may be a range that overlaps.
fn exclusive(table: &str, definition: &str) -> Option<String> {
    let condition = condition(definition);
    let elements = elements(inner(definition)?);
    let keys: Vec<_> = elements.iter().filter_map(|element| element.strip_suffix(" WITH =")).collect();
    let range = elements.iter().find_map(|element| element.strip_suffix(" WITH &&"));
    let not_null: Vec<_> = keys.iter().chain(&range).map(|key| format!("{key} is not null")).collect();
    let (keys, not_null) = (keys.join(", "), not_null.join(" and "));
    let collides = match range {
        None => format!("count(*) over (partition by {keys}) > 1"),
        // In the order of their starts, one begins before another of those before it ends, or the next begins before it ends.
        Some(range) => {
            let (start, end) = (
                format!("coalesce(lower({range}), '-infinity')"),
                format!("coalesce(upper({range}), 'infinity')"),
            );
            let by_start = format!("over (partition by {keys} order by {start}");
            format!(
                "coalesce(max({end}) {by_start} rows between unbounded preceding and 1 preceding) > {start}, false) \
                 or coalesce(lead({start}) {by_start}) < {end}, false)"
            )
        }
    };
    let not_empty = range.map(|range| format!(" and not isempty({range})")).unwrap_or_default();
    Some(format!(
        "from (select *, {collides} as is_in_the_way from clinic.{table} \
         where {condition} and {not_null}{not_empty}) as one where is_in_the_way"
    ))
}

/// Rows whose foreign key points nowhere.
fn without_parent(table: &str, definition: &str) -> Option<String> {
    let (columns, rest) = parenthesized(definition)?;
    let columns = elements(&columns[1..columns.len() - 1]);
    let (parent, rest) = rest.strip_prefix(" REFERENCES ")?.split_once('(')?;
    let referred = elements(rest.split_once(')')?.0);
    let not_null: Vec<_> = columns.iter().map(|column| format!("child.{column} is not null")).collect();
    let equal: Vec<_> =
        columns.iter().zip(referred).map(|(column, key)| format!("parent.{key} = child.{column}")).collect();
    Some(format!(
        "from clinic.{table} child where {} and not exists (select from {parent} parent where {})",
        not_null.join(" and "),
        equal.join(" and ")
    ))
}

/// The condition of a partial index or exclusion.
fn condition(definition: &str) -> &str {
    definition
        .split_once(" WHERE ")
        .map_or("true", |(_, condition)| parenthesized(condition).map_or("true", |(condition, _)| condition))
}

/// What stands in the first parentheses.
fn inner(definition: &str) -> Option<&str> {
    parenthesized(definition).map(|(text, _)| &text[1..text.len() - 1])
}

/// The first parentheses with what they hold, and what follows.
fn parenthesized(text: &str) -> Option<(&str, &str)> {
    let start = text.find('(')?;
    let mut depth = 0;
    let mut is_quoted = false;
    for (at, character) in text.char_indices().skip_while(|(at, _)| *at < start) {
        match character {
            '\'' => is_quoted = !is_quoted,
            '(' if !is_quoted => depth += 1,
            ')' if !is_quoted => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&text[start..=at], &text[at + 1..]));
        }
    }
    None
}

/// A list's elements, parted by the commas outside parentheses.
fn elements(list: &str) -> Vec<&str> {
    let mut elements = Vec::new();
    let mut rest = list;
    while !rest.is_empty() {
        let mut depth = 0;
        let mut is_quoted = false;
        let end = rest.char_indices().find(|(_, character)| {
            match character {
                '\'' => is_quoted = !is_quoted,
                '(' if !is_quoted => depth += 1,
                ')' if !is_quoted => depth -= 1,
                ',' => return depth == 0 && !is_quoted,
                _ => {}
            }
            false
        });
        let (element, others) = end.map_or((rest, ""), |(at, _)| (&rest[..at], &rest[at + 1..]));
        elements.push(element.trim());
        rest = others;
    }
    elements
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, find};
    use super::{condition, elements, query};

    fn query_of(object: &str) -> String {
        query(find(Kind::Constraint, object).expect("shipped")).expect("a constraint can be violated")
    }

    #[test]
    fn lists_are_parted_outside_parentheses_and_quotes() {
        assert_eq!(elements("a, f(b, ','), (c)"), ["a", "f(b, ',')", "(c)"]);
        assert_eq!(
            elements("COALESCE(x, ''::text) WITH =, r WITH &&"),
            ["COALESCE(x, ''::text) WITH =", "r WITH &&"]
        );
    }

    #[test]
    fn a_condition_ends_with_its_parentheses() {
        assert_eq!(condition("EXCLUDE USING btree (a WITH =) WHERE ((b > (1))) DEFERRABLE"), "((b > (1)))");
        assert_eq!(condition("UNIQUE (a)"), "true");
    }

    #[test]
    fn queries_name_the_key_of_the_rows() {
        assert_eq!(
            query_of("bookings.bookings_patient_id"),
            "select id::text as the_row from clinic.bookings where not ((patient_id <> ''::text)) order by id limit 11"
        );
        assert_eq!(
            query_of("area_neighbors.area_neighbors_area_fkey"),
            "select format('(%s, %s, %s)', clinic_id, area_id, neighbor_id) as the_row from clinic.area_neighbors child \
             where child.area_id is not null and child.clinic_id is not null and not exists \
             (select from clinic.areas parent where parent.id = child.area_id and parent.clinic_id = child.clinic_id) \
             order by clinic_id, area_id, neighbor_id limit 11"
        );
    }
}
