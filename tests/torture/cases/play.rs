//! Plays a case: sessions in threads of their own, so that one can wait for another.

use std::collections::{BTreeMap, HashMap};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use pg_clinic_system_tests::{Crowd, Database, Refusal, Result, ensure};
use postgres::{Client, SimpleQueryMessage};

use super::script::{Step, Who};

/// How a statement ended: its rows, or `refused CODE CONSTRAINT`.
type End = Vec<String>;

/// A session in a thread of its own.
struct Session {
    pid: i32,
    statements: Sender<String>,
    ends: Receiver<End>,
}

/// The sessions of a case.
pub struct Stage<'a> {
    database: &'a Database,
    sessions: HashMap<String, Session>,
}

impl<'a> Stage<'a> {
    pub fn new(database: &'a Database) -> Self {
        Self { database, sessions: HashMap::new() }
    }

    /// Plays all steps; the first that comes to something else fails.
    pub fn play(mut self, steps: &[Step]) -> Result {
        for step in steps {
            let end = match &step.who {
                Who::AtOnce(count) => at_once(self.database, *count, &step.sql)?,
                Who::Session(name) => self.act(name, &step.sql)?,
            };
            // Without an expectation it is enough that it went well.
            let is_fine = match step.expected.is_empty() {
                true => !end.iter().any(|line| line.starts_with("refused") || line == "waits"),
                false => end == step.expected,
            };
            ensure!(
                is_fine,
                "{}\nanswered\n{}\nexpected\n{}",
                step.sql.trim(),
                end.join("\n"),
                step.expected.join("\n")
            );
        }
        Ok(())
    }

    /// Runs a statement, or (an empty one) waits for the end of one that waited.
    fn act(&mut self, name: &str, sql: &str) -> Result<End> {
        if !self.sessions.contains_key(name) {
            self.sessions.insert(name.to_owned(), Session::new(self.database)?);
        }
        let session = &self.sessions[name];
        if sql.is_empty() {
            return Ok(session.ends.recv_timeout(Duration::from_secs(60))?);
        }
        session.statements.send(sql.to_owned())?;
        let mut observer = self.database.connect()?;
        loop {
            if let Ok(end) = session.ends.recv_timeout(Duration::from_millis(2)) {
                return Ok(end);
            }
            let waits = "select exists (select from pg_locks where pid = $1 and not granted)";
            if observer.query_one(waits, &[&session.pid])?.get(0) {
                return Ok(vec!["waits".to_owned()]);
            }
        }
    }
}

impl Session {
    fn new(database: &Database) -> Result<Self> {
        let mut client = connect(database)?;
        let pid = client.query_one("select pg_backend_pid()", &[])?.get(0);
        let (statements, todo) = channel::<String>();
        let (done, ends) = channel();
        std::thread::spawn(move || {
            for sql in todo {
                if done.send(run(&mut client, &sql)).is_err() {
                    break;
                }
            }
        });
        Ok(Self { pid, statements, ends })
    }
}

fn connect(database: &Database) -> Result<Client> {
    let mut client = database.connect()?;
    client.batch_execute("set client_min_messages = warning; set deadlock_timeout = '50ms'")?;
    Ok(client)
}

fn run(client: &mut Client, sql: &str) -> End {
    match client.simple_query(sql) {
        Ok(messages) => messages.iter().filter_map(row).collect(),
        Err(error) => match Refusal::of(&error) {
            Some(Refusal { sqlstate, constraint: Some(constraint), .. }) => {
                vec![format!("refused {sqlstate} {constraint}")]
            }
            Some(Refusal { sqlstate, .. }) => vec![format!("refused {sqlstate}")],
            None => vec!["refused: the connection is lost".to_owned()],
        },
    }
}

fn row(message: &SimpleQueryMessage) -> Option<String> {
    let SimpleQueryMessage::Row(row) = message else { return None };
    let columns: Vec<_> = (0..row.len()).map(|column| row.get(column).unwrap_or("null")).collect();
    Some(columns.join(" | "))
}

/// So many sessions at the same moment; how many ended how, the most common first.
fn at_once(database: &Database, count: usize, sql: &str) -> Result<End> {
    let ends = Crowd::new(database, count)?.act(|number, client| {
        client.batch_execute("set deadlock_timeout = '50ms'")?;
        let end = run(client, &sql.replace(":n", &(number + 1).to_string()));
        // What each answers may differ; how it ended is what counts.
        Ok(match &end[..] {
            [refused] if refused.starts_with("refused") => refused.clone(),
            _ => "done".to_owned(),
        })
    })?;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for end in ends {
        *counts.entry(end).or_default() += 1;
    }
    Ok(counts.into_iter().map(|(end, count)| format!("{count} {end}")).collect())
}
