//! The cases as README.md has them. Its first SQL block makes the setting; every other belongs to the case above it:
//!
//! - `-- one:` the statements that follow are a session's of that name, one after the other
//! - `-- 16 at once:` so many sessions run the statement that follows at the same moment, `:n` being the number of each
//! - `--> …` after a statement: a row that it answers, columns parted by ` | `; `refused CODE CONSTRAINT`; `waits` for another
//!   session's end; of several at once, how many ended how. Without such a line a statement must go well.
//! - `-- two goes on` the statement that waited has ended, and answers what follows

use pg_clinic_system_tests::{Result, ensure};

/// A case.
pub struct Case {
    pub title: String,
    pub steps: Vec<Step>,
}

/// Who acts.
#[derive(Clone, Debug, PartialEq)]
pub enum Who {
    Session(String),
    AtOnce(usize),
}

/// A statement, or (empty) the end of one that waited, and what it must come to.
#[derive(Clone, Debug)]
pub struct Step {
    pub who: Who,
    pub sql: String,
    pub expected: Vec<String>,
}

/// The setting, and the cases.
pub fn read(markdown: &str) -> Result<(String, Vec<Case>)> {
    let mut setting = None;
    let mut cases: Vec<Case> = Vec::new();
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("### ") {
            cases.push(Case { title: title.to_owned(), steps: Vec::new() });
        } else if line == "```sql" {
            let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            match cases.last_mut() {
                None if setting.is_none() => setting = Some(block.join("\n")),
                None => (),
                Some(case) => case.steps.extend(steps(&block)),
            }
        }
    }
    for case in &cases {
        ensure!(!case.steps.is_empty(), "case {} has no SQL", case.title);
    }
    Ok((setting.ok_or("README.md has no setting")?, cases))
}

fn steps(block: &[&str]) -> Vec<Step> {
    let mut who = Who::Session("somebody".to_owned());
    let mut steps: Vec<Step> = Vec::new();
    let mut sql = String::new();
    for line in block {
        if let Some(expected) = line.trim_start().strip_prefix("--> ") {
            if let Some(step) = steps.last_mut() {
                step.expected.push(expected.to_owned());
            }
        } else if let Some(count) = line.strip_prefix("-- ").and_then(|line| line.strip_suffix(" at once:")) {
            who = Who::AtOnce(count.parse().unwrap_or(2));
        } else if let Some(session) = line.strip_prefix("-- ").and_then(|line| line.strip_suffix(" goes on"))
        {
            steps.push(Step {
                who: Who::Session(session.to_owned()),
                sql: String::new(),
                expected: Vec::new(),
            });
        } else if let Some(session) = line.strip_prefix("-- ").and_then(|line| line.strip_suffix(":")) {
            who = Who::Session(session.to_owned());
        } else {
            sql += line;
            sql.push('\n');
            // Within $$ a statement has others.
            if line.trim_end().ends_with(';') && sql.matches("$$").count().is_multiple_of(2) {
                steps.push(Step { who: who.clone(), sql: std::mem::take(&mut sql), expected: Vec::new() });
            }
        }
    }
    steps
}
