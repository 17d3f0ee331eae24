//! What the server refused, as a value: a refusal is what many tests are about.

use postgres::Error;

use super::{Result, fail};

/// An error that the server reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The five characters.
    pub sqlstate: String,
    /// What happened.
    pub message: String,
    /// Which row or value.
    pub detail: Option<String>,
    /// The constraint's name.
    pub constraint: Option<String>,
}

impl Refusal {
    /// The refusal, if the error is the server's and not the connection's.
    #[must_use]
    pub fn of(error: &Error) -> Option<Self> {
        error.as_db_error().map(|report| Self {
            sqlstate: report.code().code().to_owned(),
            message: report.message().to_owned(),
            detail: report.detail().map(str::to_owned),
            constraint: report.constraint().map(str::to_owned),
        })
    }
}

/// The answer to a statement, seen as an attempt.
pub trait Attempt<T> {
    /// What the server said: done, or refused. An error of the connection stays one.
    ///
    /// # Errors
    /// When the connection failed.
    fn outcome(self) -> Result<std::result::Result<T, Refusal>>;

    /// The refusal with this SQLSTATE, which the test demands.
    ///
    /// # Errors
    /// When the statement went well, or was refused otherwise.
    fn refused(self, sqlstate: &str) -> Result<Refusal>;
}

impl<T> Attempt<T> for std::result::Result<T, Error> {
    fn outcome(self) -> Result<std::result::Result<T, Refusal>> {
        match self {
            Ok(done) => Ok(Ok(done)),
            Err(error) => match Refusal::of(&error) {
                Some(refusal) => Ok(Err(refusal)),
                None => Err(error.into()),
            },
        }
    }

    fn refused(self, sqlstate: &str) -> Result<Refusal> {
        match self.outcome()? {
            Err(refusal) if refusal.sqlstate == sqlstate => Ok(refusal),
            Err(refusal) => fail!("refused with {refusal:?}, not with {sqlstate}"),
            Ok(_) => fail!("went well, should have been refused with {sqlstate}"),
        }
    }
}
