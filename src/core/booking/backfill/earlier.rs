//! A booking that its patient wants earlier: whether a waitlist entry may name it.

use crate::booking::status::Status;
use crate::ids::AppointmentTypeId;
use crate::time::interval::Instant;

/// A booking that is to be moved to an earlier time.
#[derive(Clone, Debug)]
pub struct ToMove {
    /// Its status.
    pub status: Status,
    /// When it expires, if it is a hold.
    pub hold_expires_at: Option<Instant>,
    /// Its appointment type.
    pub appointment_type: AppointmentTypeId,
    /// The app's key of its patient.
    pub patient: Option<String>,
}

/// Why it can't be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotMovable {
    /// It is over, called off, or a hold that has expired.
    Over,
    /// It is of another appointment type.
    OtherType,
    /// It is another patient's.
    OtherPatient,
}

impl ToMove {
    /// Whether an entry for the type, of the patient if that is given, may name the booking.
    ///
    /// # Errors
    /// Why not.
    pub fn require(
        &self,
        appointment_type: AppointmentTypeId,
        patient: Option<&str>,
        now: Instant,
    ) -> Result<(), NotMovable> {
        if !self.status.is_movable() || self.hold_expires_at.is_some_and(|expiry| expiry <= now) {
            return Err(NotMovable::Over);
        }
        if self.appointment_type != appointment_type {
            return Err(NotMovable::OtherType);
        }
        match (self.patient.as_deref(), patient) {
            (Some(its), Some(given)) if its != given => Err(NotMovable::OtherPatient),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: AppointmentTypeId = AppointmentTypeId(1);
    const NOW: Instant = Instant(1_000);

    fn booking(status: Status, hold_expires_at: Option<i64>) -> ToMove {
        ToMove {
            status,
            hold_expires_at: hold_expires_at.map(Instant),
            appointment_type: TYPE,
            patient: Some("p1".to_owned()),
        }
    }

    #[test]
    fn booked_and_held_bookings_can_be_named() {
        let named =
            Status::ALL.into_iter().filter(|status| booking(*status, None).require(TYPE, None, NOW).is_ok());
        assert_eq!(named.collect::<Vec<_>>(), [Status::Pending, Status::Booked]);
        assert_eq!(booking(Status::Pending, Some(1_001)).require(TYPE, None, NOW), Ok(()));
        assert_eq!(booking(Status::Pending, Some(1_000)).require(TYPE, None, NOW), Err(NotMovable::Over));
    }

    #[test]
    fn type_and_patient_must_be_the_bookings() {
        let booking = booking(Status::Booked, None);
        assert_eq!(booking.require(AppointmentTypeId(2), None, NOW), Err(NotMovable::OtherType));
        assert_eq!(booking.require(TYPE, Some("p2"), NOW), Err(NotMovable::OtherPatient));
        assert_eq!(booking.require(TYPE, Some("p1"), NOW), Ok(()));
        let unknown = ToMove { patient: None, ..booking };
        assert_eq!(unknown.require(TYPE, Some("p2"), NOW), Ok(()));
    }
}
