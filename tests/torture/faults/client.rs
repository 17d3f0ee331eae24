//! A client's life: statement after statement, as its seed says, whatever becomes of the server.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use pg_clinic_system_tests::{Chance, Database, Refusal, Result};
use postgres::{Client, SimpleQueryMessage};

use super::verbs::{self, Step};

/// How a transaction ended, as far as the client knows.
pub enum End {
    /// The server said so.
    Done(Vec<Told>),
    /// It was rolled back on purpose.
    RolledBack,
    /// With this SQLSTATE.
    Refused(Refusal),
    /// The connection was lost on the way: either.
    Unknown,
}

/// What the client was told of a booking.
pub struct Told {
    /// `booking`, or `gone` where it was deleted.
    pub what: String,
    pub booking: i64,
    pub status: String,
    pub provider: String,
    pub room: String,
    pub start: String,
}

/// One transaction.
pub struct Deed {
    /// In the history as its reason.
    pub tag: String,
    pub verbs: Vec<&'static str>,
    /// Not in READ COMMITTED.
    pub has_one_snapshot: bool,
    pub sql: String,
    /// Its backend, and from when to when it was at it.
    pub pid: i32,
    pub began: Instant,
    pub ended: Instant,
    pub end: End,
}

/// A connection.
struct Session {
    client: Client,
    pid: i32,
}

/// What a client did.
#[derive(Default)]
pub struct Life {
    pub deeds: Vec<Deed>,
    /// A hash of the texts of the first [`HASHED`] transactions: the same for the same seed.
    pub hash: u64,
    pub connections: usize,
}

/// So many transactions go into the hash, which two runs with one seed share however far each came.
pub const HASHED: usize = 100;

/// A client, by number.
pub struct Plan {
    pub number: usize,
    pub seed: u64,
    pub until: Instant,
}

/// A transaction to be: what decides it is the chance alone.
struct Transaction {
    verbs: Vec<&'static str>,
    isolation: &'static str,
    sql: String,
    is_rolled_back: bool,
}

impl Transaction {
    fn new(chance: &mut Chance, step: Step) -> Self {
        let isolation = match chance.between(1, 10) {
            1..=6 => "read committed",
            7..=8 => "repeatable read",
            _ => "serializable",
        };
        let count = if chance.percent(75) { 1 } else { chance.between(2, 4) };
        let (mut verbs, mut statements) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let verb = verbs::any(chance);
            verbs.push(verb.name);
            statements.push((verb.sql)(chance, step));
        }
        let is_rolled_back = count > 1 && chance.percent(15);
        let sql = match (count, is_rolled_back) {
            (1, _) => statements.remove(0),
            (_, false) => format!("begin;\n{};\ncommit", statements.join(";\n")),
            (_, true) => format!("begin;\n{};\nrollback", statements.join(";\n")),
        };
        Self { verbs, isolation, sql, is_rolled_back }
    }
}

impl Plan {
    /// Lives until it is time.
    pub fn live(&self, database: &Database) -> Life {
        let mut life = Life { hash: 0xcbf2_9ce4_8422_2325, ..Life::default() };
        let mut chance = Chance::new(self.seed.wrapping_mul(1_000).wrapping_add(self.number as u64));
        let mut session = None;
        for number in 0.. {
            let transaction = Transaction::new(&mut chance, Step { client: self.number, number });
            if number < HASHED {
                for byte in transaction.isolation.bytes().chain(transaction.sql.bytes()) {
                    life.hash = (life.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
                }
            }
            let Some(open) = self.session(&mut session, database, &mut life) else { break };
            let tag = format!("c{}-{number}", self.number);
            let (pid, began) = (open.pid, Instant::now());
            let end = run(&mut open.client, &transaction, &tag);
            if matches!(end, End::Unknown) {
                session = None;
            }
            life.deeds.push(Deed {
                tag,
                verbs: transaction.verbs,
                has_one_snapshot: transaction.isolation != "read committed",
                sql: transaction.sql,
                pid,
                began,
                ended: Instant::now(),
                end,
            });
        }
        life
    }

    /// A session, a new one where the last was lost; `None` once it is time.
    fn session<'a>(
        &self,
        session: &'a mut Option<Session>,
        database: &Database,
        life: &mut Life,
    ) -> Option<&'a mut Session> {
        loop {
            if Instant::now() >= self.until {
                return None;
            }
            if session.as_ref().is_some_and(|open| !open.client.is_closed()) {
                return session.as_mut();
            }
            *session = self.connect(database).ok();
            match session {
                Some(_) => life.connections += 1,
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    fn connect(&self, database: &Database) -> Result<Session> {
        let mut client = database.connect()?;
        client.batch_execute(&format!(
            "set client_min_messages = warning; set pg_clinic.actor = 'c{}'; set deadlock_timeout = '200ms'; \
             set lock_timeout = '60s'",
            self.number
        ))?;
        let pid = client.query_one("select pg_backend_pid()", &[])?.get(0);
        Ok(Session { client, pid })
    }
}

fn run(client: &mut Client, transaction: &Transaction, tag: &str) -> End {
    // In a message of its own: so a single statement is a transaction of nothing else.
    let settings = format!(
        "set pg_clinic.reason = '{tag}'; set default_transaction_isolation = '{}'",
        transaction.isolation
    );
    if client.batch_execute(&settings).is_err() {
        // A cancel may hit this, too: then nothing was done.
        return if client.is_closed() { End::Unknown } else { End::RolledBack };
    }
    match client.simple_query(&transaction.sql) {
        Ok(_) if transaction.is_rolled_back => End::RolledBack,
        Ok(messages) => End::Done(messages.iter().filter_map(told).collect()),
        Err(error) => match Refusal::of(&error).filter(|refusal| !refusal.sqlstate.starts_with("57P")) {
            // Where a transaction block has failed, it is still open.
            Some(refusal) if client.batch_execute("rollback").is_ok() => End::Refused(refusal),
            _ => End::Unknown,
        },
    }
}

fn told(message: &SimpleQueryMessage) -> Option<Told> {
    let SimpleQueryMessage::Row(row) = message else { return None };
    let what = row.get(0).filter(|what| matches!(*what, "booking" | "gone"))?;
    let text = |column| row.get(column).map(str::to_owned);
    Some(Told {
        what: what.to_owned(),
        booking: row.get(1)?.parse().ok()?,
        status: text(2)?,
        provider: text(3)?,
        room: text(4)?,
        start: text(5)?,
    })
}

/// How often each verb ended how. A refusal undoes every statement of its transaction: it counts for the single ones, and for
/// `several at once`.
pub fn figures(lives: &[Life]) -> BTreeMap<&'static str, BTreeMap<String, usize>> {
    let mut figures: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    let mut count = |verb, end: String| *figures.entry(verb).or_default().entry(end).or_default() += 1;
    for deed in lives.iter().flat_map(|life| &life.deeds) {
        let end = match &deed.end {
            End::Done(_) => "ok",
            End::RolledBack => "rolled back",
            End::Refused(refusal) => &refusal.sqlstate,
            End::Unknown => "lost",
        };
        let is_alone = deed.verbs.len() == 1;
        if !is_alone {
            count("several at once", end.to_owned());
        }
        let is_undone = !is_alone && matches!(deed.end, End::Refused(_));
        for verb in &deed.verbs {
            count(verb, if is_undone { "undone" } else { end }.to_owned());
        }
    }
    figures
}
