//! Identifiers. Each kind is its own type, so that a room's id can't be passed where a provider's is meant.

macro_rules! id {
    ($(#[$doc:meta] $name:ident),+ $(,)?) => {$(
        #[$doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub struct $name(pub i64);

        impl crate::fingerprint::Fingerprinted for $name {
            fn write(&self, to: &mut crate::fingerprint::Hasher) {
                self.0.write(to);
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

id! {
    /// `clinic.clinics.id`: the tenant.
    ClinicId,
    /// `clinic.providers.id`: a doctor, who is booked.
    ProviderId,
    /// `clinic.rooms.id`.
    RoomId,
    /// `clinic.sites.id`: a building or branch.
    SiteId,
    /// `clinic.resources.id`: a unit.
    ResourceId,
    /// `clinic.appointment_types.id`.
    AppointmentTypeId,
    /// `clinic.bookings.id`.
    BookingId,
    /// `clinic.time_off.id`.
    TimeOffId,
    /// `clinic.reserved_windows.id`.
    ReservedWindowId,
    /// `clinic.booking_limits.id`.
    BookingLimitId,
    /// `clinic.staff.id`: an assistant, nurse, resident or field worker.
    StaffId,
    /// `clinic.staff_groups.id`.
    StaffGroupId,
    /// `clinic.shift_templates.id`.
    ShiftTemplateId,
    /// `clinic.shifts.id`.
    ShiftId,
    /// `clinic.areas.id`.
    AreaId,
    /// `clinic.clients.id`: a home-visit patient.
    ClientId,
    /// `clinic.client_events.id`.
    ClientEventId,
    /// `clinic.visits.id`: one client on one date.
    VisitId,
    /// `clinic.plans.id`.
    PlanId,
}
