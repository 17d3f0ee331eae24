//! Who changes rows just now, why, and on whose account: what the histories keep.

use std::cell::RefCell;
use std::ffi::CStr;

use pgrx::pg_sys;

use super::guc;

/// Who or what acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A statement of the client's own.
    User,
    /// A function of ours that does what its caller asks, by its name.
    Function(&'static str),
    /// A hold that ran out gives its time back.
    HoldExpiry,
    /// The job that marks the patients who didn't come.
    NoShowJob,
    /// An offer has ended, and what was held for it is given back.
    OfferEnd,
    /// Bookings that move together are taken up, to be put down elsewhere.
    Parking,
    /// The solver saves what it found.
    Solver,
    /// A plan becomes the record.
    Promotion,
    /// A plan takes over the locks of its parent.
    Inheritance,
}

impl Cause {
    /// Whether time that nobody needs any more is being given back: of an expired hold, of a patient who didn't come, or of an
    /// offer that has ended.
    #[must_use]
    pub const fn gives_back_time(self) -> bool {
        matches!(self, Self::HoldExpiry | Self::NoShowJob | Self::OfferEnd)
    }

    /// Whether plans are written by a solver or a promotion, not by a person.
    #[must_use]
    pub const fn is_planning(self) -> bool {
        matches!(self, Self::Solver | Self::Promotion)
    }

    /// The reason in a history where nobody gives one.
    const fn default_reason(self) -> &'static str {
        match self {
            Self::User => "direct SQL",
            Self::Function(name) => name,
            Self::HoldExpiry => "hold expired",
            Self::NoShowJob => "mark_no_shows",
            Self::OfferEnd => "offer ended",
            Self::Parking => "parked",
            Self::Solver => "solve_plan",
            Self::Promotion => "promote_plan",
            Self::Inheritance => "draft_plan",
        }
    }
}

/// The origin of a change of an assignment, when nobody says.
const MANUAL: &str = "manual";

/// A function under way.
struct Acting {
    cause: Cause,
    reason: Option<String>,
    origin: Option<String>,
}

thread_local! {
    /// The functions under way, innermost last.
    static ACTING: RefCell<Vec<Acting>> = const { RefCell::new(Vec::new()) };
}

/// Who or what acts just now.
#[must_use]
pub fn cause() -> Cause {
    ACTING.with_borrow(|acting| acting.last().map_or(Cause::User, |acting| acting.cause))
}

/// Most characters of a text that a history keeps, its mark of having been cut among them: one without end must not fail the
/// change that it is about.
const MAX_CHARACTERS: usize = 10_000;

/// A text as a history keeps it.
fn kept(mut text: String) -> String {
    let mut ends = text.char_indices().map(|(end, _)| end);
    if let (Some(end), Some(_)) = (ends.nth(MAX_CHARACTERS - 1), ends.next()) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// Who acts by name: the setting `pg_clinic.actor`, else the login.
#[must_use]
pub fn actor() -> String {
    kept(guc::actor().unwrap_or_else(login))
}

/// Who is connected: SQL's `session_user`, which no setting of ours changes.
#[must_use]
pub fn login() -> String {
    // SAFETY: GetUserNameFromId returns a palloc'd name; with noerr it is null for a role dropped meanwhile.
    unsafe {
        let name = pg_sys::GetUserNameFromId(pg_sys::GetSessionUserId(), true);
        if name.is_null() {
            return "unknown".to_owned();
        }
        CStr::from_ptr(name).to_string_lossy().into_owned()
    }
}

/// Why: the reason that the function under way was given, else the setting `pg_clinic.reason`, else the cause's own. A hold
/// expires because its time is over, whatever the setting says.
#[must_use]
pub fn reason() -> String {
    let (cause, given) = ACTING.with_borrow(|acting| {
        acting.last().map_or((Cause::User, None), |acting| (acting.cause, acting.reason.clone()))
    });
    let set = || if cause == Cause::HoldExpiry { None } else { guc::reason() };
    kept(given.or_else(set).unwrap_or_else(|| cause.default_reason().to_owned()))
}

/// Where a change of an assignment comes from: what the function under way says, else the setting `pg_clinic.origin`, else
/// `manual`.
#[must_use]
pub fn origin() -> String {
    let stated = ACTING.with_borrow(|acting| acting.last().and_then(|acting| acting.origin.clone()));
    kept(stated.or_else(guc::origin).unwrap_or_else(|| MANUAL.to_owned()))
}

/// States who acts for as long as it lives; an unwinding error ends it too.
pub struct Attribution(());

impl Attribution {
    /// A function acts; `reason` is what its caller gave.
    #[must_use]
    pub fn function(name: &'static str, reason: Option<String>) -> Self {
        Self::state(Cause::Function(name), reason, None)
    }

    /// A function acts that is an origin of assignments, as `swap`.
    #[must_use]
    pub fn function_from(name: &'static str, reason: Option<String>, origin: String) -> Self {
        Self::state(Cause::Function(name), reason, Some(origin))
    }

    /// A plan becomes the record.
    #[must_use]
    pub fn promotion(plan: i64, reason: String) -> Self {
        Self::state(Cause::Promotion, Some(reason), Some(format!("plan {plan}")))
    }

    /// Something acts that needs no reason of its own.
    #[must_use]
    pub fn of(cause: Cause) -> Self {
        Self::state(cause, None, None)
    }

    fn state(cause: Cause, reason: Option<String>, origin: Option<String>) -> Self {
        ACTING.with_borrow_mut(|acting| acting.push(Acting { cause, reason, origin }));
        Self(())
    }
}

impl Drop for Attribution {
    fn drop(&mut self) {
        ACTING.with_borrow_mut(|acting| {
            acting.pop();
        });
    }
}
