//! The error of a statement of ours that PostgreSQL doesn't understand: its text never changes, so the tables were altered, or are
//! of another version.

use pg_clinic_core::statement::{self, Suspect};
use pgrx::PgSqlErrorCode;

use super::caught::Raised;
use super::error::{ClinicError, SqlState};

/// The error that names the table or column that `sql` stumbled over; `None` where something else was raised, or elsewhere.
pub fn error(sql: &str, raised: &Raised) -> Option<ClinicError> {
    if let Some((table, column)) = raised.unfilled().filter(|_| raised.is_of(sql)) {
        return Some(unfilled(&table, &column));
    }
    let position = raised.position_in(sql);
    let suspect = match position {
        Some(position) if is_misunderstood(raised) || raised.is_of_class("22") => {
            statement::suspect(sql, position)?
        }
        None if (is_misunderstood(raised) || is_too_long(raised)) && raised.is_of(sql) => {
            statement::suspects(sql)?
        }
        None if raised.is_of_class("22") && raised.is_of(sql) && statement::only_reads(sql) => {
            let suspect = statement::suspects(sql)?;
            let error =
                ClinicError::new(SqlState::SetUp, format!("{suspect} has a value that it can't have"))
                    .detail(sentence(&raised.message()))
                    .hint(
                        "A constraint of a table was dropped or altered: correct the rows and put it back.",
                    );
            return Some(about(error, &suspect));
        }
        _ => return None,
    };
    let error = ClinicError::new(SqlState::SetUp, format!("{suspect} isn't as pg_clinic made it"))
        .detail(sentence(&raised.message()))
        .hint(HINT);
    Some(about(error, &suspect))
}

fn sentence(message: &str) -> String {
    let (first, rest) = message.split_at(message.chars().next().map_or(0, char::len_utf8));
    format!("{}{rest}.", first.to_uppercase())
}

/// With the names of the suspect, where it is one.
fn about(error: ClinicError, suspect: &Suspect<'_>) -> ClinicError {
    match (&suspect.relations[..], suspect.column) {
        ([table], Some(column)) => error.column(column, table),
        ([table], None) => error.table(table),
        _ => error,
    }
}

/// The error for a column that was left NULL: what would have filled it, a default, an identity or a trigger, is gone.
fn unfilled(table: &str, column: &str) -> ClinicError {
    ClinicError::new(SqlState::SetUp, format!("nothing fills column {column} of clinic.{table}, which must not be null"))
        .detail("Its default, its identity or a trigger was dropped or switched off, or the column is a new one without a default.")
        .hint("select * from check_clinic() says what is not as it should be, and upgrade_clinic() puts it back.")
        .column(column, table)
}

/// The error of a script of ours that meets a table which was dropped, renamed or altered; `None` for others.
pub fn script_error(raised: &Raised) -> Option<ClinicError> {
    const MEETINGS: [PgSqlErrorCode; 4] = [
        PgSqlErrorCode::ERRCODE_UNDEFINED_TABLE,
        PgSqlErrorCode::ERRCODE_UNDEFINED_COLUMN,
        PgSqlErrorCode::ERRCODE_WRONG_OBJECT_TYPE,
        PgSqlErrorCode::ERRCODE_DATATYPE_MISMATCH,
    ];
    let meets = MEETINGS.iter().any(|code| *code as i32 == raised.sqlstate());
    let message = raised.message();
    let (first, rest) = message.split_at(message.chars().next().map_or(0, char::len_utf8));
    meets.then(|| {
        ClinicError::new(SqlState::SetUp, "schema clinic isn't as pg_clinic made it")
            .detail(format!("{}{rest}.", first.to_uppercase()))
            .hint(HINT)
    })
}

/// Whether an error says that the text isn't understood (class 42), rather than that it isn't allowed.
fn is_misunderstood(raised: &Raised) -> bool {
    raised.is_of_class("42") && raised.sqlstate() != PgSqlErrorCode::ERRCODE_INSUFFICIENT_PRIVILEGE as i32
}

/// Whether a text doesn't fit its column. No column of ours has a length.
fn is_too_long(raised: &Raised) -> bool {
    raised.sqlstate() == PgSqlErrorCode::ERRCODE_STRING_DATA_RIGHT_TRUNCATION as i32
}

/// What to do about tables that aren't as they were made.
const HINT: &str = "It was renamed, dropped or altered, or the tables are of another version: select * from check_clinic() says \
                        what is not as it should be.";
