//! The extension's settings. All share the prefix `pg_clinic`, which is reserved.

use std::ffi::{CStr, CString, c_char, c_void};

use pgrx::guc::{GucContext, GucFlags, GucRegistry, GucSetting};
use pgrx::pg_sys;

use super::error::{ClinicError, Result, SqlState};

static CLINIC_ID: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);
static ACTOR: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);
static REASON: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);
static ORIGIN: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);
static EVENTS: GucSetting<bool> = GucSetting::<bool>::new(true);
static UNMET_DEMAND: GucSetting<bool> = GucSetting::<bool>::new(false);
static MAX_MEMORY: GucSetting<i32> = GucSetting::<i32>::new(DEFAULT_MEMORY_KB);
static NOTIFY_CHANNEL: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);

/// 1 GB: what the README's Bounds need.
const DEFAULT_MEMORY_KB: i32 = 1 << 20;
/// With less nothing could be done: a question of a small clinic takes this.
const LEAST_MEMORY_KB: i32 = 4 << 10;
/// As much as PostgreSQL's own settings of memory can say.
const MOST_MEMORY_KB: i32 = i32::MAX;

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
        c"Off is for loading bookings that no consumer is to receive. Default: on.",
        &EVENTS,
        GucContext::Userset,
        GucFlags::default(),
    );
    GucRegistry::define_bool_guc(
        c"pg_clinic.unmet_demand",
        c"Whether searches that find nothing are written to clinic.unmet_demand.",
        c"find_slots() and next_available() write then, save in a transaction that is read-only. Default: off.",
        &UNMET_DEMAND,
        GucContext::Userset,
        GucFlags::default(),
    );
    // As temp_file_limit: whoever it is to keep from taking the machine's memory can't raise it.
    GucRegistry::define_int_guc(
        c"pg_clinic.max_memory",
        c"Most memory that pg_clinic takes in one session.",
        c"What would take more ends in an error, out of memory (53200), and the session goes on. PostgreSQL's own memory, \
          such as work_mem, comes on top. Default: 1GB.",
        &MAX_MEMORY,
        LEAST_MEMORY_KB,
        MOST_MEMORY_KB,
        GucContext::Suset,
        GucFlags::UNIT_KB,
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

/// The bytes that pg_clinic may take in this session.
#[must_use]
pub fn max_memory() -> usize {
    usize::try_from(MAX_MEMORY.get()).unwrap_or_default().saturating_mul(1024)
}

/// Whether changes of bookings become events.
#[must_use]
pub fn events() -> bool {
    EVENTS.get()
}

/// Whether searches that find nothing are noted.
#[must_use]
pub fn unmet_demand() -> bool {
    UNMET_DEMAND.get()
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

/// `pg_clinic.actor`, or `None` where it isn't set.
#[must_use]
pub fn actor() -> Option<String> {
    text(&ACTOR)
}

/// `pg_clinic.reason`, or `None` where it isn't set.
#[must_use]
pub fn reason() -> Option<String> {
    text(&REASON)
}

/// `pg_clinic.origin`, or `None` where it isn't set.
#[must_use]
pub fn origin() -> Option<String> {
    text(&ORIGIN)
}
