//! Many sessions at once.

use std::sync::{Barrier, Mutex, MutexGuard};

use postgres::Client;

use super::{Attempt, Database, Refusal, Result};

/// One crowd at a time: two of fifty would exceed max_connections.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Sessions that act at the same time.
pub struct Crowd {
    sessions: Vec<Client>,
    _alone: MutexGuard<'static, ()>,
}

impl Crowd {
    /// So many sessions in a database. Waits while a test of the same program has another crowd.
    ///
    /// # Errors
    /// When the server can't be reached.
    pub fn new(database: &Database, size: usize) -> Result<Self> {
        let alone = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let sessions = (0..size).map(|_| database.connect()).collect::<Result<_>>()?;
        Ok(Self { sessions, _alone: alone })
    }

    /// Every session runs its statement, all at once; what became of each.
    ///
    /// # Errors
    /// When a connection failed.
    pub fn run(
        &mut self,
        statement: impl Fn(usize) -> String + Sync,
    ) -> Result<Vec<std::result::Result<(), Refusal>>> {
        self.act(|number, session| session.batch_execute(&statement(number)).outcome())
    }

    /// Every session does something, all beginning at once.
    ///
    /// # Errors
    /// The first of theirs.
    ///
    /// # Panics
    /// When one of them does.
    pub fn act<T: Send>(&mut self, act: impl Fn(usize, &mut Client) -> Result<T> + Sync) -> Result<Vec<T>> {
        let start = Barrier::new(self.sessions.len());
        let (start, act) = (&start, &act);
        std::thread::scope(|scope| {
            let spawn = |(number, session): (usize, _)| {
                scope.spawn(move || {
                    start.wait();
                    act(number, session)
                })
            };
            let threads: Vec<_> = self.sessions.iter_mut().enumerate().map(spawn).collect();
            let join = |thread: std::thread::ScopedJoinHandle<'_, _>| match thread.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            threads.into_iter().map(join).collect()
        })
    }
}
