//! Resolving an exception: the arguments of each resolution, and the conditions that it needs. Each refusal is a message
//! with its detail and hint.

use chrono::NaiveDate;

use super::record::VisitNotes;
use crate::ids::{ClientId, StaffId, VisitId};
use crate::text::{at, named};
use crate::time::interval::{Instant, Minutes, Span};
use crate::time::zone::Zone;
use crate::word::Word;
use crate::words;

words! {
    /// `clinic.exceptions.resolution`.
    pub enum Resolution {
        /// A worker goes on the same date.
        Reassigned = "reassigned",
        /// The client is visited on another date.
        Rescheduled = "rescheduled",
        /// There is no visit.
        Cancelled = "cancelled",
    }
}

/// The class of a refusal, by which it gets its SQLSTATE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalClass {
    /// A required argument is missing.
    Missing,
    /// An argument makes no sense.
    Argument,
    /// The exception, the visit or the worker isn't in a state that allows it.
    State,
}

/// Why an exception can't be resolved so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its class.
    pub class: RefusalClass,
    /// The message.
    pub message: String,
    /// More about it.
    pub detail: Option<String>,
    /// The advice.
    pub hint: String,
}

impl Refusal {
    fn new(class: RefusalClass, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { class, message: message.into(), detail: None, hint: hint.into() }
    }

    fn missing(argument: &str, hint: &str) -> Self {
        Self::new(RefusalClass::Missing, format!("{argument} must not be null"), hint)
    }

    fn detail(self, detail: String) -> Self {
        Self { detail: Some(detail), ..self }
    }
}

/// Arguments of resolve_exception() as they were given.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResolutionArguments<'a> {
    /// The resolution's word.
    pub resolution: &'a str,
    /// The worker who is to go.
    pub worker: Option<StaffId>,
    /// When the visit is to start.
    pub start: Option<Instant>,
    /// The date of the visit instead.
    pub new_date: Option<NaiveDate>,
    /// Why.
    pub reason: Option<&'a str>,
}

/// A resolution with its own arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolve {
    /// This worker goes, at this time.
    Reassign {
        /// The worker.
        worker: StaffId,
        /// The start.
        start: Instant,
    },
    /// The client is visited on this date.
    Reschedule {
        /// The date.
        new_date: NaiveDate,
    },
    /// There is no visit.
    Cancel,
}

impl ResolutionArguments<'_> {
    /// Checks the arguments. One that the resolution doesn't read is a mistake: somebody expects more to happen.
    ///
    /// # Errors
    /// The first refusal.
    pub fn read(&self) -> Result<Resolve, Refusal> {
        use RefusalClass::Argument;
        if self.reason.is_some_and(|reason| reason.trim().is_empty()) {
            return Err(Refusal::new(Argument, "reason must not be empty", "Leave it out, or say why."));
        }
        let resolution = Resolution::parse(self.resolution).ok_or_else(|| {
            let hint = format!("Resolutions are {}.", Resolution::list());
            Refusal::new(Argument, format!("\"{}\" is no resolution", self.resolution), hint)
        })?;
        let given = [
            ("staff_id", self.worker.is_some(), Resolution::Reassigned),
            ("starts_at", self.start.is_some(), Resolution::Reassigned),
            ("new_date", self.new_date.is_some(), Resolution::Rescheduled),
        ];
        if let Some((name, _, of)) =
            given.into_iter().find(|(_, is_given, of)| *is_given && *of != resolution)
        {
            let hint = format!("Leave {name} out, or ask for resolution {of}.");
            return Err(Refusal::new(Argument, format!("resolution {resolution} takes no {name}"), hint));
        }
        match resolution {
            Resolution::Reassigned => Ok(Resolve::Reassign {
                worker: self.worker.ok_or_else(|| Refusal::missing("staff_id", "Who goes?"))?,
                start: self
                    .start
                    .ok_or_else(|| Refusal::missing("starts_at", "When does the visit start?"))?,
            }),
            Resolution::Rescheduled => Ok(Resolve::Reschedule {
                new_date: self.new_date.ok_or_else(|| Refusal::missing("new_date", "To which date?"))?,
            }),
            Resolution::Cancelled => Ok(Resolve::Cancel),
        }
    }
}

impl Resolve {
    /// The resolution's word.
    #[must_use]
    pub const fn resolution(&self) -> Resolution {
        match self {
            Self::Reassign { .. } => Resolution::Reassigned,
            Self::Reschedule { .. } => Resolution::Rescheduled,
            Self::Cancel => Resolution::Cancelled,
        }
    }
}

/// An exception, and what has happened since it was found.
#[derive(Clone, Debug)]
pub struct ExceptionState {
    /// Its id.
    pub id: i64,
    /// The visit.
    pub visit: VisitId,
    /// The client.
    pub client: ClientId,
    /// The visit's date.
    pub on_date: NaiveDate,
    /// How long a visit to the client takes.
    pub length: Minutes,
    /// The resolution, and the person who resolved it.
    pub resolved: Option<(Resolution, String)>,
    /// The visit's notes.
    pub notes: VisitNotes,
    /// The worker who has the visit in the record, as `Ben (worker 2)`.
    pub assigned: Option<String>,
}

/// How to find exceptions that can be resolved.
pub const OPEN_EXCEPTIONS: &str = "select exception_id, client_id, kind, context ->> 'sentence' from clinic.exception_queue lists the open ones.";

/// How to find workers who can go.
pub const ENABLED_STAFF: &str = "select id, name from clinic.staff where enabled lists those there are.";

impl ExceptionState {
    /// Whether the exception can be resolved at all: it is open, and the visit hasn't been made, called off, or given to
    /// somebody outside the functions since.
    ///
    /// # Errors
    /// The first refusal.
    pub fn check(&self) -> Result<(), Refusal> {
        use RefusalClass::State;
        if let Some((resolution, by)) = &self.resolved {
            let message = format!("exception {} is {resolution} already", self.id);
            return Err(Refusal::new(State, message, OPEN_EXCEPTIONS).detail(format!("{by} resolved it.")));
        }
        if let Some(progress) = self.notes.progress() {
            let hint = "Nothing is left to resolve; clinic.exception_queue leaves it out.";
            return Err(Refusal::new(State, format!("visit {} {progress} already", self.visit), hint));
        }
        if let Some(worker) = &self.assigned {
            let hint = "Change that row of clinic.assignments, or delete it first.";
            return Err(Refusal::new(State, format!("visit {} is in the record already", self.visit), hint)
                .detail(format!("{worker} has it.")));
        }
        Ok(())
    }

    /// The time of the visit if it is reassigned.
    ///
    /// # Errors
    /// A refusal where it starts on another date.
    pub fn reassigned_to(&self, zone: &Zone, start: Instant) -> Result<Span, Refusal> {
        if start < zone.day_start(self.on_date) || start >= zone.day_end(self.on_date) {
            let hint = "For another date: resolution rescheduled, with new_date.";
            return Err(Refusal::new(RefusalClass::Argument, "starts_at is on another date", hint)
                .detail(self.date_text()));
        }
        Ok(Span { start, end: start + self.length })
    }

    /// Whether the visit can move to another date; `other` has the notes of the client's visit of that date.
    ///
    /// # Errors
    /// The first refusal.
    pub fn check_new_date(
        &self,
        new_date: NaiveDate,
        today: NaiveDate,
        other: Option<&VisitNotes>,
    ) -> Result<(), Refusal> {
        use RefusalClass::{Argument, State};
        if new_date == self.on_date {
            let hint =
                "Give another date; on the same one: resolution reassigned, with staff_id and starts_at.";
            return Err(Refusal::new(Argument, "new_date is the visit's own date", hint));
        }
        if new_date < self.on_date && new_date < today {
            return Err(
                Refusal::new(Argument, "new_date is over", "Give a date to come.").detail(self.date_text())
            );
        }
        if let Some(progress) = other.and_then(VisitNotes::progress) {
            let message = format!("client {}'s visit of {new_date} {progress} already", self.client);
            return Err(Refusal::new(State, message, "A client is visited once a day: give another date."));
        }
        Ok(())
    }

    fn date_text(&self) -> String {
        format!("The visit of exception {} is on {}.", self.id, self.on_date)
    }

    /// The result of a resolution, in a sentence. `is_planned`: the new date has a plan in force.
    #[must_use]
    pub fn result(
        &self,
        resolve: &Resolve,
        zone: &Zone,
        worker: Option<&Substitute>,
        is_planned: bool,
    ) -> String {
        let Self { client, on_date, .. } = self;
        match *resolve {
            Resolve::Reassign { start, .. } => {
                let worker = worker.map(Substitute::text).unwrap_or_default();
                format!("{worker} visits client {client} at {}", at(zone, start))
            }
            Resolve::Reschedule { new_date } => {
                let moved = format!("client {client} is visited on {new_date} instead of {on_date}");
                match is_planned {
                    true => format!("{moved}, once replan_rounds('{new_date}') has planned it"),
                    false => moved,
                }
            }
            Resolve::Cancel => format!("client {client} isn't visited on {on_date}"),
        }
    }
}

/// A staff member who is to make a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Substitute {
    /// The staff's id.
    pub id: StaffId,
    /// The name.
    pub name: String,
    /// Whether the staff member still works here.
    pub enabled: bool,
}

impl Substitute {
    /// `Ben (worker 2)`.
    #[must_use]
    pub fn text(&self) -> String {
        named(&self.name, "worker", self.id)
    }

    /// Whether the worker can be sent. A person decides, so duty, skills and capacity don't matter.
    ///
    /// # Errors
    /// A refusal where the staff member is disabled.
    pub fn check(&self) -> Result<(), Refusal> {
        match self.enabled {
            true => Ok(()),
            false => {
                let message = format!("{} is disabled", self.text());
                Err(Refusal::new(RefusalClass::State, message, ENABLED_STAFF))
            }
        }
    }
}
