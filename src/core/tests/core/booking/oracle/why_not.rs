//! Why a place isn't offered, and why a day has none.

use super::*;

impl Oracle<'_> {
    /// Why a place isn't offered; empty if it is.
    pub fn reported(
        &self,
        provider: usize,
        room: usize,
        start: Instant,
        kind: Option<BookingKind>,
    ) -> Vec<Refusal> {
        let at = minute(start);
        let of_provider = &self.providers[provider];
        let mut reported = reported(self.reasons(provider, room, start), kind);
        if of_provider.open.contains(&at) && !of_provider.grid.contains(&at) {
            reported.push(Code::OffGrid.into());
        }
        reported.sort();
        reported
    }

    /// The one reason for a day without any offer; `None` if something is offered.
    pub fn day_reason(&self, index: usize, date: NaiveDate, kind: Option<BookingKind>) -> Option<Code> {
        let clinic = self.clinic;
        let provider = &clinic.providers[index];
        let starts = self.grid_minutes(index, |of| of == date);
        let has_offer = |start: &Instant| {
            (0..clinic.rooms.len()).any(|room| self.reported(index, room, *start, kind).is_empty())
        };
        if starts.iter().any(has_offer) {
            return None;
        }
        let of_starts: Vec<_> =
            starts.iter().map(|start| reported(self.reasons_of_provider(index, *start), kind)).collect();
        let time = &self.providers[index];
        let of_today = self.table.iter().filter(|(_, local)| local.date() == date).map(|(at, _)| *at);
        let today: Vec<_> = of_today.filter(|at| time.open.contains(at)).collect();
        let is_off = |at: Minute| time.off.contains(&at);
        let is_busy = |at: Minute| time.busy.contains(&at);
        let fits = |at: Minute| {
            let end = self.slot_minutes(index, instant(at)).end;
            (at..end).all(|at| time.open.contains(&at) && !is_off(at))
                && !self.provider_minutes(index, instant(at)).any(is_busy)
        };
        let normal = self.bookings_of(provider).filter(|b| b.local_date == date && !b.is_overbooked).count();
        let is_full = normal as i64 >= provider.max_daily_appointments.into()
            || today.iter().all(|at| is_off(*at) || is_busy(*at));
        let wants_normal = kind != Some(BookingKind::Overbooked);
        let is_wrong = |reasons: &Vec<Refusal>| reasons.contains(&Code::WrongProvider.into());
        Some(if of_starts.iter().any(is_wrong) {
            Code::WrongProvider
        } else if today.is_empty() {
            Code::Closed
        } else if today.iter().all(|at| is_off(*at)) {
            Code::TimeOff
        } else if of_starts.iter().any(Vec::is_empty) {
            Code::NoRoom
        } else if wants_normal && is_full {
            Code::Full
        } else if wants_normal && !today.iter().any(|at| fits(*at)) {
            Code::GapTooShort
        } else {
            most_common(&of_starts).unwrap_or(Code::OffGrid)
        })
    }
}

fn most_common(of_starts: &[Vec<Refusal>]) -> Option<Code> {
    let mut best = (0, None);
    for code in Code::ALL {
        let count =
            of_starts.iter().filter(|reasons| reasons.iter().any(|reason| reason.code == code)).count();
        if count > best.0 {
            best = (count, Some(code));
        }
    }
    best.1
}

fn reported(reasons: Vec<Refusal>, kind: Option<BookingKind>) -> Vec<Refusal> {
    let is_refused = |kind| reasons.iter().any(|reason| refuses(reason.code, kind));
    let is_free = reasons.iter().any(|reason| reason.code == Code::ProviderFree);
    let wanted: Vec<BookingKind> = match kind {
        Some(kind) => vec![kind],
        None if !is_refused(BookingKind::Normal) || !is_refused(BookingKind::Overbooked) => vec![],
        None if is_free => vec![BookingKind::Normal],
        None => vec![BookingKind::Normal, BookingKind::Overbooked],
    };
    reasons.into_iter().filter(|reason| wanted.iter().any(|kind| refuses(reason.code, *kind))).collect()
}
