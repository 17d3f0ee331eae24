//! Who wrote a row: the actor, as the app says, and the login, which nobody can set; and when.

use std::ffi::CStr;

use pgrx::{IntoDatum, pg_sys};

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::attribution::{self, Cause};
use crate::pg::platform::error::Result;
use crate::pg::platform::trigger::{Call, Change, Columns, Values, misplaced};

sql_functions! {
    pg_clinic_clinic_note_author, pg_finfo_pg_clinic_clinic_note_author => note_author;
}

/// What an author did, in two columns.
struct Authorship {
    /// The actor.
    by: &'static CStr,
    /// Whether the actor counts, whatever is given. Who approves isn't always who writes it down.
    is_actor: bool,
    /// The login.
    login: &'static CStr,
    deed: Deed,
}

/// What makes somebody the author.
enum Deed {
    /// Adding the row.
    Add,
    /// Adding or changing the row: it counts as it stands.
    Write,
    /// Filling in these columns, or changing what they say.
    Set(&'static [(&'static CStr, pg_sys::Oid)]),
}

impl Authorship {
    const fn actor(by: &'static CStr, login: &'static CStr, deed: Deed) -> Self {
        Self { by, is_actor: true, login, deed }
    }

    const fn given(by: &'static CStr, login: &'static CStr, deed: Deed) -> Self {
        Self { by, is_actor: false, login, deed }
    }
}

/// The authors that a table keeps.
fn authorships(table: &str) -> Option<&'static [Authorship]> {
    const CREATED: Authorship = Authorship::actor(c"created_by", c"created_login", Deed::Add);
    Some(match table {
        "access_levels" => &[const { Authorship::actor(c"granted_by", c"granted_login", Deed::Write) }],
        "client_events" => &[const { Authorship::actor(c"made_by", c"made_login", Deed::Add) }],
        "clients" => {
            const APPROVAL: Deed = Deed::Set(&[
                (c"access_approved_by", pg_sys::TEXTOID),
                (c"access_approved_at", pg_sys::TIMESTAMPTZOID),
            ]);
            &[const { Authorship::given(c"access_approved_by", c"access_approved_login", APPROVAL) }]
        }
        "exceptions" => {
            const RESOLUTION: Deed = Deed::Set(&[(c"resolution", pg_sys::TEXTOID)]);
            &[
                const { Authorship::actor(c"detected_by", c"detected_login", Deed::Add) },
                const { Authorship::actor(c"resolved_by", c"resolved_login", RESOLUTION) },
            ]
        }
        "locks" => &[CREATED],
        "plans" => {
            const PROMOTION: Deed = Deed::Set(&[(c"promoted_at", pg_sys::TIMESTAMPTZOID)]);
            &[CREATED, const { Authorship::actor(c"promoted_by", c"promoted_login", PROMOTION) }]
        }
        "rule_overrides" => &[const { Authorship::given(c"approved_by", c"approved_login", Deed::Write) }],
        _ => return None,
    })
}

/// When a row was written.
const CREATED_AT: (&CStr, pg_sys::Oid) = (c"created_at", pg_sys::TIMESTAMPTZOID);

/// Whether a table's `created_at` is as sure as who wrote the row.
fn notes_time(table: &str) -> bool {
    matches!(table, "client_events" | "locks" | "plans" | "rule_overrides")
}

/// The time at which a row was written: that of the transaction, as the column's default has it, whatever is given; and it
/// stays.
fn writing_time(call: &Call<'_>, old: Option<&Values>) -> Result<Change> {
    let at = Columns::find(call, &[CREATED_AT])?.0[0];
    let time = match old {
        Some(old) => old.datum(at),
        // SAFETY: always callable.
        None => unsafe { pg_sys::GetCurrentTransactionStartTimestamp() }.into_datum(),
    };
    Ok((at, time))
}

/// The trigger `note_author`.
fn note_author(args: &Args) -> Result<pg_sys::Datum> {
    let table = Call::new(args)?.table().1;
    let call = Call::for_row(args, &table, pg_sys::TRIGGER_EVENT_BEFORE)?;
    let (Some(tuple), Some(authorships)) = (call.new_row(), authorships(&table)) else {
        return Err(misplaced());
    };
    // SAFETY: the tuples are the trigger's and of its table.
    let values = |tuple| unsafe { Values::of(tuple, call.desc()) };
    let (old, new) = (call.old().map(values), values(tuple));
    let mut changes = Vec::new();
    for authorship in authorships {
        changes.extend(authorship.changes(&call, old.as_ref(), &new)?);
    }
    if notes_time(&table) {
        changes.push(writing_time(&call, old.as_ref())?);
    }
    Ok(call.changed(&changes))
}

impl Authorship {
    fn changes(&self, call: &Call<'_>, old: Option<&Values>, new: &Values) -> Result<Vec<Change>> {
        let columns = Columns::find(call, &[(self.by, pg_sys::TEXTOID), (self.login, pg_sys::TEXTOID)])?;
        let [by, login] = columns.0;
        let written = match old {
            Some(old) if !self.is_deed(call, old, new)? => [old.datum(by), old.datum(login)],
            // What a plan takes over from its parent stays whose it was.
            None if attribution::cause() == Cause::Inheritance => [new.datum(by), new.datum(login)],
            _ if self.is_done(call, new)? => {
                [attribution::actor().into_datum(), attribution::login().into_datum()]
            }
            // Nobody did it yet. A name given all the same is refused by the table's CHECK.
            _ => [new.datum(by), None],
        };
        let columns = [(by, written[0]), (login, written[1])];
        Ok(columns.into_iter().filter(|(column, _)| self.is_actor || *column != by).collect())
    }

    /// Whether a change of the row is one of which an author is kept.
    fn is_deed(&self, call: &Call<'_>, old: &Values, new: &Values) -> Result<bool> {
        match self.deed {
            Deed::Add => Ok(false),
            Deed::Write => Ok(true),
            Deed::Set(watched) => {
                for column in watched {
                    let at = Columns::find(call, &[*column])?.0[0];
                    let is_same = match column.1 {
                        pg_sys::TEXTOID => old.get::<String>(at) == new.get::<String>(at),
                        _ => old.datum(at) == new.datum(at),
                    };
                    if !is_same {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }

    /// Whether the row says that it was done.
    fn is_done(&self, call: &Call<'_>, new: &Values) -> Result<bool> {
        let Deed::Set(watched) = self.deed else { return Ok(true) };
        for column in watched {
            if new.datum(Columns::find(call, &[*column])?.0[0]).is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
