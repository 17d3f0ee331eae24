//! The place that a function has judged and is about to write, so that the trigger doesn't judge it again where the clinic
//! enforces its rules. Another place, as a trigger of the app's own may have made of it, is judged there.

use std::cell::RefCell;

use pg_clinic_core::time::interval::Instant;

use super::load::Place;

thread_local! {
    /// The place that is being written.
    static JUDGED: RefCell<Option<Judged>> = const { RefCell::new(None) };
}

/// A place, as far as rules look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The clinic.
    pub clinic: i64,
    /// With whom.
    pub provider: i64,
    /// `None` = in no room.
    pub room: Option<i64>,
    /// What for.
    pub appointment_type: i64,
    /// From when on.
    pub start: Instant,
    /// As what.
    pub is_overbooked: bool,
}

impl Judged {
    /// Runs `write`, which writes a booking there.
    pub fn write<T>(self, write: impl FnOnce() -> T) -> T {
        let _writing = Writing(JUDGED.replace(Some(self)));
        write()
    }
}

/// What was judged before: a trigger of the app's own may call a function within another.
struct Writing(Option<Judged>);

impl Drop for Writing {
    fn drop(&mut self) {
        JUDGED.set(self.0.take());
    }
}

/// Whether it is the place that a function has judged.
#[must_use]
pub fn is_judged(place: &Place, start: Instant) -> bool {
    JUDGED.with_borrow(|judged| {
        judged.as_ref().is_some_and(|judged| {
            (judged.clinic, judged.provider, judged.room) == (place.clinic, place.provider, place.room)
                && judged.appointment_type == place.appointment_type
                && (judged.start, judged.is_overbooked) == (start, place.is_overbooked)
        })
    })
}
