//! Clients, their subscriptions and the events that bend them: the clients visited on a date, and renewals.
//! A skip is an event, never a status: nothing here changes a client.

use crate::words;
use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::{ANY_TIME, Access, Experience, VisitKind, VisitRequest};
use crate::ids::{AreaId, ClientEventId, ClientId, StaffId, VisitId};
use crate::time::calendar::add_days;
use crate::time::interval::{Instant, Minutes, Span};
use crate::time::windows::{WeeklyWindow, windows_on};
use crate::time::zone::Zone;

/// `clinic.clients`: a home-visit patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its id.
    pub id: ClientId,
    /// The client's area.
    pub area: Option<AreaId>,
    /// Skills that a worker must have, all of them.
    pub skills: Vec<String>,
    /// How important the client is; 1 = most.
    pub tier: i32,
    /// How long a visit takes.
    pub visit: Minutes,
    /// When visits may take place, by weekday; none at all = at any time.
    pub access_windows: Vec<WeeklyWindow>,
    /// Whether workers are let in.
    pub access: Access,
    /// The place in the usual order of the round; those without one come last.
    pub usual_order: Option<i32>,
    /// Visited regularly; `None` = only on request.
    pub subscription: Option<Subscription>,
}

/// When a client is visited regularly, and until when that is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The first date of the present period.
    pub starts_on: NaiveDate,
    /// The date of renewal if nothing is skipped: the first one that isn't paid.
    pub renews_on: NaiveDate,
    /// The last date, if it was cancelled.
    pub ends_on: Option<NaiveDate>,
    /// ISO weekdays of the visits; none = every day.
    pub weekdays: Vec<u8>,
}

impl Subscription {
    /// Whether a visit is due if nothing is skipped.
    #[must_use]
    pub fn is_due_on(&self, date: NaiveDate) -> bool {
        let weekday = date.weekday().number_from_monday();
        self.starts_on <= date
            && self.ends_on.is_none_or(|last| date <= last)
            && (self.weekdays.is_empty() || self.weekdays.iter().any(|day| u32::from(*day) == weekday))
    }
}

words! {
    /// `clinic.client_events.kind`: the request of a client event.
    pub enum ClientEventKind {
        /// Leave the date out.
        Skip = "skip",
        /// Don't leave it out after all.
        Unskip = "unskip",
        /// Come again: something went wrong.
        Redo = "redo",
        /// Come, though it isn't due.
        WalkIn = "walk_in",
    }
}

impl ClientEventKind {
    /// Whether the event leaves a date out, or takes that back.
    #[must_use]
    pub const fn is_about_skipping(self) -> bool {
        matches!(self, Self::Skip | Self::Unskip)
    }
}

/// `clinic.client_events`: something that bends the schedule of a client on a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientEvent {
    /// Its id.
    pub id: ClientEventId,
    /// The client.
    pub client: ClientId,
    /// The date that it is about.
    pub on_date: NaiveDate,
    /// The request.
    pub kind: ClientEventKind,
    /// When it was made.
    pub made_at: Instant,
}

/// A client to be visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The client.
    pub client: ClientId,
    /// Why the client is visited. One visit, whatever the number of reasons: a redo before the regular visit before a walk-in.
    pub kind: VisitKind,
}

/// Clients visited on a date, and those left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DueList {
    /// By client.
    pub due: Vec<Due>,
    /// Clients whose regular visit was skipped, by id; one of them may be due for another reason.
    pub skipped: Vec<ClientId>,
}

/// Whether a date is skipped: the latest skip or unskip made before the date began wins, of two made at the same instant
/// the one with the higher id. `events` are those of one client and date.
#[must_use]
pub fn is_skipped<'a>(events: impl IntoIterator<Item = &'a ClientEvent>, day_start: Instant) -> bool {
    let counts = |event: &&ClientEvent| event.kind.is_about_skipping() && event.made_at < day_start;
    let latest = events.into_iter().filter(counts).max_by_key(|event| (event.made_at, event.id));
    latest.is_some_and(|event| event.kind == ClientEventKind::Skip)
}

/// Clients visited on `date`. A redo or a walk-in counts whenever it was made, on a skipped date too.
#[must_use]
pub fn due(zone: &Zone, date: NaiveDate, clients: &[Client], events: &[ClientEvent]) -> DueList {
    let day_start = zone.day_start(date);
    let mut events_of: BTreeMap<ClientId, Vec<&ClientEvent>> = BTreeMap::new();
    for event in events.iter().filter(|event| event.on_date == date) {
        events_of.entry(event.client).or_default().push(event);
    }
    let mut list = DueList::default();
    for client in clients {
        let events = events_of.get(&client.id).map_or(&[][..], Vec::as_slice);
        let has = |kind| events.iter().any(|event| event.kind == kind);
        let is_regular = client.subscription.as_ref().is_some_and(|regular| regular.is_due_on(date));
        let is_skipped = is_regular && is_skipped(events.iter().copied(), day_start);
        if is_skipped {
            list.skipped.push(client.id);
        }
        let kind = match (has(ClientEventKind::Redo), is_regular && !is_skipped, has(ClientEventKind::WalkIn))
        {
            (true, _, _) => Some(VisitKind::Redo),
            (_, true, _) => Some(VisitKind::Scheduled),
            (_, _, true) => Some(VisitKind::WalkIn),
            _ => None,
        };
        list.due.extend(kind.map(|kind| Due { client: client.id, kind }));
    }
    list.due.sort_by_key(|due| due.client);
    list.skipped.sort_unstable();
    list
}

/// `clinic.client_status`: the effect of skips on a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// When it renews.
    pub renews_on: NaiveDate,
    /// The skipped dates that moved it, ascending.
    pub skipped_dates: Vec<NaiveDate>,
}

/// When a client's subscription renews: a day later for each date of the period that was due and skipped, those included
/// that the period gained by being moved. `events` are the client's.
#[must_use]
pub fn renewal(zone: &Zone, subscription: &Subscription, events: &[ClientEvent]) -> Renewal {
    let mut events_on: BTreeMap<NaiveDate, Vec<&ClientEvent>> = BTreeMap::new();
    for event in events.iter().filter(|event| subscription.is_due_on(event.on_date)) {
        events_on.entry(event.on_date).or_default().push(event);
    }
    let mut renewal = Renewal { renews_on: subscription.renews_on, skipped_dates: Vec::new() };
    for (date, events) in events_on {
        if date < renewal.renews_on && is_skipped(events, zone.day_start(date)) {
            renewal.renews_on = add_days(renewal.renews_on, 1);
            renewal.skipped_dates.push(date);
        }
    }
    renewal
}

/// Number of redos and walk-ins requested after the client's visit of the date had begun, at the time that `begun` has. A
/// client is visited once a day, so they have no effect.
#[must_use]
pub fn requested_too_late(events: &[ClientEvent], begun: &BTreeMap<ClientId, Instant>) -> usize {
    let is_requested = |event: &&ClientEvent| !event.kind.is_about_skipping();
    let is_late = |event: &&ClientEvent| begun.get(&event.client).is_some_and(|begun| *begun < event.made_at);
    events.iter().filter(is_requested).filter(is_late).count()
}

/// The notes of a visit that was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noted {
    /// When the worker came.
    pub started: Instant,
    /// When the worker left; many note only when they come.
    pub ended: Option<Instant>,
    /// When the same worker came to the next client.
    pub next: Option<Instant>,
    /// Whether it has an outcome, so that it has ended.
    pub is_over: bool,
}

/// Longest visit. A note of a longer one is a slip of the pen.
const LONGEST_VISIT: Minutes = Minutes(24 * 60);

/// Length of a visit that should take `planned`, as it was or is expected: until it ended, else as long as planned, but no
/// longer than until the worker was at the next client; one that is under way at least until `now`.
#[must_use]
pub fn worked_minutes(noted: &Noted, planned: Minutes, now: Option<Instant>) -> Minutes {
    let expected = noted.started + planned;
    let end = match (noted.ended, noted.next) {
        (Some(ended), _) => ended,
        (None, Some(next)) => expected.min(next),
        (None, None) if noted.is_over => expected,
        (None, None) => expected.max(now.unwrap_or(expected)),
    };
    let end = end.min(noted.started + LONGEST_VISIT);
    Span::new(noted.started, end).map_or(Minutes(1), Span::whole_minutes)
}

/// The last visit to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastVisit {
    /// Who came.
    pub worker: StaffId,
    /// When.
    pub start: Instant,
}

impl Client {
    /// The visit to this client on `date`, with the record's knowledge of earlier ones.
    #[must_use]
    pub fn visit_on(
        &self,
        zone: &Zone,
        date: NaiveDate,
        id: VisitId,
        kind: VisitKind,
        last: Option<LastVisit>,
        experience: Vec<Experience>,
    ) -> VisitRequest {
        let windows = match self.access_windows.as_slice() {
            [] => vec![ANY_TIME],
            weekly => windows_on(zone, weekly, &[], date),
        };
        VisitRequest {
            id,
            client: self.id,
            area: self.area,
            kind,
            duration: self.visit,
            skills: self.skills.clone(),
            tier: self.tier,
            access: self.access.clone(),
            windows,
            usual_order: self.usual_order.unwrap_or(i32::MAX),
            last_worker: last.map(|last| last.worker),
            usual_start: last.map(|last| zone.at(date, zone.wall_time(last.start))),
            experience,
        }
    }
}
