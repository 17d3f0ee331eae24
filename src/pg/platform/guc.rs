//! The extension's settings. All share the prefix `pg_clinic`, which is reserved.

use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char, c_void};

use pgrx::guc::{GucContext, GucFlags, GucRegistry, GucSetting};
use pgrx::pg_sys;

use super::error::{ClinicError, Result, SqlState};

static CLINIC_ID: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);
static ACTOR: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);
static REASON: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);
static ORIGIN: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);
static EVENTS: GucSetting<bool> = GucSetting::<bool>::new(true);
static NOTIFY_CHANNEL: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);

/// Registers the settings. Called once, when the library is loaded.
pub fn register() {
    let settings = [
        (
            c"pg_clinic.clinic_id",
            c"Clinic meant by functions and inserts that name none.",
            c"An id of clinic.clinics. Default: empty, which means the only clinic there is.",
            &CLINIC_ID,
        ),
        (
            c"pg_clinic.actor",
            c"Who acts, as kept in the histories of bookings and assignments.",
            c"The app's own user. Default: empty, which means the session user.",
            &ACTOR,
        ),
        (
            c"pg_clinic.reason",
            c"Why, as kept in the histories of bookings and assignments.",
            c"Default: empty, which means the calling function's name or 'direct SQL'.",
            &REASON,
        ),
        (
            c"pg_clinic.origin",
            c"Where a change of an assignment comes from, as kept in clinic.assignment_history.",
            c"Such as 'sick call'. promote_plan() and swap_assignments() say it themselves. Default: empty, which means \
              'manual'.",
            &ORIGIN,
        ),
    ];
    for (name, short, long, setting) in settings {
        GucRegistry::define_string_guc(name, short, long, setting, GucContext::Userset, GucFlags::default());
    }
    GucRegistry::define_bool_guc(
        c"pg_clinic.events",
        c"Whether changes of bookings are written to clinic.events.",
        c"Off is for loading bookings that nobody is to be told of. Default: on.",
        &EVENTS,
        GucContext::Userset,
        GucFlags::default(),
    );
    // SAFETY: the hook has the signature that the setting's type asks for.
    unsafe {
        GucRegistry::define_string_guc_with_hooks(
            c"pg_clinic.notify_channel",
            c"Channel that a transaction which writes events notifies once.",
            c"Consumers LISTEN on it instead of asking again and again. A transaction that notifies commits behind a \
              lock of the whole server. Default: empty, which means no NOTIFY.",
            &NOTIFY_CHANNEL,
            GucContext::Userset,
            GucFlags::default(),
            Some(check_channel),
            None,
            None,
        );
    }
    // SAFETY: a NUL-terminated literal; we are in _PG_init.
    unsafe { pg_sys::MarkGUCPrefixReserved(c"pg_clinic".as_ptr()) };
}

/// Refuses a channel that NOTIFY would refuse: then it would be a booking that fails.
#[pgrx::pg_guard]
unsafe extern "C-unwind" fn check_channel(
    value: *mut *mut c_char,
    _extra: *mut *mut c_void,
    _source: pg_sys::GucSource::Type,
) -> bool {
    // SAFETY: PostgreSQL hands a place with null or a NUL-terminated string, and takes a palloc'd detail.
    unsafe {
        let fits = (*value).is_null() || CStr::from_ptr(*value).count_bytes() < pg_sys::NAMEDATALEN as usize;
        if !fits {
            pg_sys::GUC_check_errdetail_string =
                pg_sys::pstrdup(c"A channel's name has at most 63 bytes.".as_ptr());
        }
        fits
    }
}

/// Whether changes of bookings become events.
#[must_use]
pub fn events() -> bool {
    EVENTS.get()
}

/// The channel to notify of new events, if there is one.
#[must_use]
pub fn notify_channel() -> Option<String> {
    text(&NOTIFY_CHANNEL)
}

fn text(setting: &GucSetting<Option<CString>>) -> Option<String> {
    setting.get().map(|value| value.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
}

/// `pg_clinic.clinic_id`, or `None` where it isn't set.
pub fn clinic_id() -> Result<Option<i64>> {
    text(&CLINIC_ID)
        .map(|value| {
            value.trim().parse().map_err(|_| {
                ClinicError::new(SqlState::InvalidArgument, "the setting pg_clinic.clinic_id is not a number")
                    .detail(format!("It is \"{value}\"."))
                    .hint("Set it to an id of clinic.clinics, or reset it.")
            })
        })
        .transpose()
}

/// Who acts: the setting, else the session user.
#[must_use]
pub fn actor() -> String {
    text(&ACTOR).unwrap_or_else(|| {
        // SAFETY: GetUserNameFromId returns a palloc'd name; with noerr it is null for a role dropped meanwhile.
        unsafe {
            let name = pg_sys::GetUserNameFromId(pg_sys::GetSessionUserId(), true);
            if name.is_null() {
                return "unknown".to_owned();
            }
            CStr::from_ptr(name).to_string_lossy().into_owned()
        }
    })
}

/// Why, when nobody says: plain SQL did it.
const DIRECT_SQL: &str = "direct SQL";
/// Where a change of an assignment comes from, when nobody says.
const MANUAL: &str = "manual";

/// What a function under way says of itself.
struct Call {
    function: &'static str,
    reason: Option<String>,
    origin: Option<String>,
}

thread_local! {
    /// The functions under way, innermost last.
    static CALLS: RefCell<Vec<Call>> = const { RefCell::new(Vec::new()) };
}

/// Why: what the function under way was given, else the setting, else the function's name, else direct SQL.
#[must_use]
pub fn reason() -> String {
    CALLS.with_borrow(|calls| match calls.last() {
        Some(Call { reason: Some(reason), .. }) => reason.clone(),
        Some(Call { function, .. }) => text(&REASON).unwrap_or_else(|| (*function).to_owned()),
        None => text(&REASON).unwrap_or_else(|| DIRECT_SQL.to_owned()),
    })
}

/// Where a change of an assignment comes from: what the function under way says, else the setting, else manual.
#[must_use]
pub fn origin() -> String {
    CALLS
        .with_borrow(|calls| calls.last().and_then(|call| call.origin.clone()))
        .or_else(|| text(&ORIGIN))
        .unwrap_or_else(|| MANUAL.to_owned())
}

/// Names the expiry of holds among the calls.
const EXPIRY: &str = "expire_holds";
/// Its reason, in the history and on the row.
const EXPIRED: &str = "hold expired";
/// Names the marking of patients who didn't come.
const NO_SHOWS: &str = "mark_no_shows";
/// Names the saving of what a solver found.
const SOLVING: &str = "solve_plan";
/// Names the making of a plan the record.
const PROMOTION: &str = "promote_plan";

/// Whether time that has run out is being given back just now: of an expired hold, or of a patient who didn't come.
#[must_use]
pub fn is_expiry() -> bool {
    CALLS.with_borrow(|calls| calls.last().is_some_and(|call| [EXPIRY, NO_SHOWS].contains(&call.function)))
}

/// Whether a solver or a promotion writes plans just now, and no hand.
#[must_use]
pub fn is_planning() -> bool {
    CALLS.with_borrow(|calls| calls.last().is_some_and(|call| [SOLVING, PROMOTION].contains(&call.function)))
}

/// Says why for as long as it lives; an unwinding error ends it too.
pub struct BecauseOf(());

impl BecauseOf {
    /// `reason`, if given, else that `function` was called.
    #[must_use]
    pub fn call(function: &'static str, reason: Option<String>) -> Self {
        Self::says(Call { function, reason, origin: None })
    }

    /// The same of a function that is an origin of assignments: `plan 7`, `swap`.
    #[must_use]
    pub fn call_from(function: &'static str, reason: Option<String>, origin: String) -> Self {
        Self::says(Call { function, reason, origin: Some(origin) })
    }

    fn says(call: Call) -> Self {
        CALLS.with_borrow_mut(|calls| calls.push(call));
        Self(())
    }

    /// Says that a hold has expired.
    #[must_use]
    pub fn expiry() -> Self {
        Self::call(EXPIRY, Some(EXPIRED.to_owned()))
    }

    /// Says that a plan becomes the record.
    #[must_use]
    pub fn promotion(plan: i64, reason: String) -> Self {
        Self::call_from(PROMOTION, Some(reason), format!("plan {plan}"))
    }

    /// Says that what a solver found is saved.
    #[must_use]
    pub fn solving() -> Self {
        Self::call(SOLVING, None)
    }

    /// Says that patients didn't come.
    #[must_use]
    pub fn no_shows() -> Self {
        Self::call(NO_SHOWS, None)
    }
}

impl Drop for BecauseOf {
    fn drop(&mut self) {
        CALLS.with_borrow_mut(|calls| {
            calls.pop();
        });
    }
}
