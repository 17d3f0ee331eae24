//! A transaction that remembers what it was reported, so that a failure can be reported in SQL.

use pg_clinic_system_tests::{Attempt, Refusal, Result};
use postgres::types::FromSql;
use postgres::{Client, Row};

/// One case's transaction.
pub struct Session<'a> {
    client: &'a mut Client,
    log: Vec<String>,
}

impl<'a> Session<'a> {
    pub fn begin(client: &'a mut Client) -> Result<Self> {
        // What a failed case left.
        client.batch_execute("rollback; begin")?;
        Ok(Self { client, log: Vec::new() })
    }

    pub fn rollback(self) -> Result {
        Ok(self.client.batch_execute("rollback")?)
    }

    /// What stays of the case so far.
    pub fn log(&self) -> String {
        self.log.join(";\n")
    }

    /// A statement that goes well.
    pub fn run(&mut self, statement: &str) -> Result {
        self.log.push(statement.to_owned());
        self.client.batch_execute(statement).map_err(|error| format!("{statement}: {error:?}"))?;
        Ok(())
    }

    /// A statement that stays only if it goes well.
    pub fn run_if_possible(&mut self, statement: &str) -> Result {
        self.client.batch_execute("savepoint s")?;
        match self.client.batch_execute(statement).outcome()? {
            Ok(()) => self.log.push(statement.to_owned()),
            Err(_) => self.client.batch_execute("rollback to s")?,
        }
        self.client.batch_execute("release s")?;
        Ok(())
    }

    /// A statement that leaves nothing behind.
    pub fn attempt(&mut self, statement: &str) -> Result<std::result::Result<(), Refusal>> {
        self.client.batch_execute("savepoint s")?;
        let outcome = self.client.batch_execute(statement).outcome()?;
        self.client.batch_execute("rollback to s; release s")?;
        Ok(outcome)
    }

    pub fn query(&mut self, question: &str) -> Result<Vec<Row>> {
        let rows = self.client.query(question, &[]);
        Ok(rows.map_err(|error| format!("{question}: {error:?}"))?)
    }

    /// The one value of a question.
    pub fn value<T: for<'v> FromSql<'v>>(&mut self, question: &str) -> Result<T> {
        let row = self.client.query_one(question, &[]).map_err(|error| format!("{question}: {error:?}"))?;
        Ok(row.try_get(0)?)
    }
}
