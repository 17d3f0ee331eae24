//! The rounds of a day: as text, one line a worker and each worker's list of visits, at most [`WIDTH`] columns, ASCII but
//! for names; as SVG, workers side by side, in the picture that bookings have.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::day::text::{Cells, NAME, WIDTH, fitted, line_of};
use super::day::{Board, Card, ProviderDay, draw_svg};
use super::measure::{columns, in_columns, one_line};
use crate::booking::status::Status;
use crate::ids::{AreaId, BookingId, ClientId, ProviderId, StaffId, VisitId};
use crate::reports::day_sheet::{self, Appointment, Kind, Row};
use crate::rounds::{Assignment, Day, ExceptionKind, RoundsPlan, VisitKind, Worker, WorkerLoad};
use crate::time::interval::{
    Instant, MICROS_PER_DAY, MICROS_PER_MINUTE, Minutes, Span, TIME, subtract, union,
};
use crate::time::zone::Zone;

/// Columns of "12:30 of 14:00" at the end of a line, and of the bars.
const LOAD: usize = 15;
const BARS: usize = 2;
/// Columns of a client's and of an area's name in a list.
const CLIENT: usize = 25;
const AREA: usize = 14;

/// The data drawn. A worker or client without a name is shown by the id.
#[derive(Clone, Copy, Debug)]
pub struct RoundsBoard<'a> {
    /// The clinic's name.
    pub clinic: &'a str,
    /// The clinic's time zone.
    pub zone: &'a Zone,
    /// The date.
    pub date: NaiveDate,
    /// The input of the plan, its visits by id.
    pub day: &'a Day,
    /// The plan.
    pub plan: &'a RoundsPlan,
    /// Names of workers.
    pub workers: &'a BTreeMap<StaffId, String>,
    /// Names of clients.
    pub clients: &'a BTreeMap<ClientId, String>,
}

/// Draws the day, one line a worker, in the order of their ids.
#[must_use]
pub fn draw_rounds(board: &RoundsBoard<'_>) -> Vec<String> {
    let date = board.date.format("%A %-d %B %Y");
    let mut lines = vec![fitted(&format!("{}, rounds of {date}{}", board.clinic, board.in_zone()))];
    match board.frame() {
        None => lines.push("Nobody is on duty.".to_owned()),
        Some(frame) => board.draw_frame(frame, &mut lines),
    }
    lines.extend(board.not_placed());
    lines
}

/// Draws a worker's visits, one line a visit, in time order.
#[must_use]
pub fn draw_sheet(board: &RoundsBoard<'_>, worker: StaffId) -> Vec<String> {
    let visits = board.visits_of(worker);
    let noun = if visits.len() == 1 { "visit" } else { "visits" };
    let name = board.worker_name(worker);
    let mut heading = format!("{}: {} {noun}", one_line(&name), visits.len());
    if let Some(load) = board.load(worker) {
        heading.push_str(&format!(", {}, {} min of travel", load_in_words(load), load.travel.0));
    }
    if !visits.is_empty() {
        heading.push_str(&board.in_zone());
    }
    let mut lines = vec![fitted(&heading)];
    lines.extend(visits.iter().map(|visit| board.visit_line(visit)));
    lines
}

/// Draws the day as SVG, one column a worker, in the order of their ids; or one worker alone.
#[must_use]
pub fn draw_rounds_svg(board: &RoundsBoard<'_>, only: Option<StaffId>) -> String {
    let is_wanted = |worker: &&Worker| board.is_shown(worker) && only.is_none_or(|only| only == worker.id);
    let workers: Vec<_> = board.workers_by_id().into_iter().filter(is_wanted).collect();
    let names: Vec<_> = workers.iter().map(|worker| board.worker_name(worker.id)).collect();
    let columns = workers.iter().zip(&names);
    let picture = Board {
        clinic: &format!("{}, rounds", board.clinic),
        zone: board.zone,
        date: board.date,
        // Plans are drawn without a clock.
        now: TIME.start,
        providers: columns.map(|(worker, name)| ProviderDay { name, day: board.day_of(worker) }).collect(),
        cards: board.plan.assignments.iter().map(|visit| board.card(visit)).collect(),
        reasons: Vec::new(),
    };
    draw_svg(&picture)
}

impl RoundsBoard<'_> {
    /// The zone of all times of a board, for its heading.
    fn in_zone(&self) -> String {
        match self.zone.name() {
            "" => String::new(),
            name => format!(", {name}"),
        }
    }

    /// A worker's day as a sheet of bookings. Travel is neither a booking nor a gap.
    fn day_of(&self, worker: &Worker) -> day_sheet::Day {
        let visits = self.visits_of(worker.id);
        let windows = union(worker.on_duty.clone());
        let taken =
            visits.iter().map(|visit| Span { start: visit.during.start - visit.travel, ..visit.during });
        let gaps = subtract(&windows, &union(taken.collect())).into_iter();
        let gaps = gaps.map(|span| Row { span, kind: Kind::Gap });
        let visits =
            visits.iter().map(|visit| Row { span: visit.during, kind: Kind::Booking(booking(visit)) });
        let mut rows: Vec<_> = visits.chain(gaps).collect();
        rows.sort_unstable_by_key(|row| (row.span, row.kind));
        day_sheet::Day { windows, rows }
    }

    fn card(&self, visit: &Assignment) -> Card {
        let kind = match self.kind(visit.visit) {
            VisitKind::Redo => "redo",
            VisitKind::Scheduled => "visit",
            VisitKind::WalkIn => "walk-in",
        };
        Card {
            appointment: Appointment {
                id: booking(visit),
                provider: ProviderId(visit.worker.0),
                room: None,
                during: visit.during,
                provider_busy: visit.during,
                room_busy: visit.during,
                is_overbooked: false,
                status: Status::Booked,
                is_hold: false,
            },
            patient: Some(self.client_name(visit.client)),
            appointment_type: kind.to_owned(),
            room: visit.area.and_then(|area| self.area_name(area)).map(str::to_owned),
        }
    }

    fn draw_frame(&self, frame: Span, lines: &mut Vec<String>) {
        let shown = || self.workers_by_id().into_iter().filter(|worker| self.is_shown(worker));
        let widest =
            shown().map(|worker| columns(&one_line(&self.worker_name(worker.id)))).max().unwrap_or(0);
        let name = widest.clamp(NAME.0, NAME.1);
        let cells = Cells::new(frame, WIDTH - name - BARS - LOAD);
        lines.push(String::new());
        lines.push(format!("{:name$} {}  {:>13}", "", cells.hours(self.zone), "visits"));
        lines.extend(shown().map(|worker| self.worker_line(worker, &cells, name)));
        let absent: Vec<_> =
            self.workers_by_id().into_iter().filter(|worker| !self.is_shown(worker)).collect();
        if !absent.is_empty() {
            let names: Vec<_> = absent.iter().map(|worker| self.worker_name(worker.id)).collect();
            lines.push(fitted(&format!("Not on duty: {}", names.join(", "))));
        }
        lines.push(String::new());
        lines.push("V visit  R redo  W walk-in  = goes on  2-9 so many start here".to_owned());
        lines
            .push(format!("- travel  . free  blank: not on duty; one character is {} minutes", cells.step.0));
    }

    fn worker_line(&self, worker: &Worker, cells: &Cells, name: usize) -> String {
        let visits = self.visits_of(worker.id);
        let strip = line_of(cells, |cell| self.character(worker, &visits, cells, cell));
        let load = self.load(worker.id).map_or_else(String::new, load_in_words);
        format!("{}|{strip}| {load:>13}", in_columns(&self.worker_name(worker.id), name))
    }

    fn character(&self, worker: &Worker, visits: &[&Assignment], cells: &Cells, cell: usize) -> char {
        let (span, middle) = (cells.span(cell), cells.middle(cell));
        let mut starting = visits.iter().filter(|visit| span.contains_instant(visit.during.start));
        if let Some(first) = starting.next() {
            return match starting.count() {
                0 => self.letter(first.visit),
                more => char::from_digit((more as u32 + 1).min(9), 10).unwrap_or('9'),
            };
        }
        let is_travel = |visit: &&Assignment| {
            Span::new(visit.during.start - visit.travel, visit.during.start)
                .is_some_and(|travel| travel.contains_instant(middle))
        };
        if visits.iter().any(|visit| visit.during.contains_instant(middle)) {
            '='
        } else if visits.iter().any(is_travel) {
            '-'
        } else if worker.on_duty.iter().any(|duty| duty.contains_instant(middle)) {
            '.'
        } else {
            ' '
        }
    }

    fn visit_line(&self, visit: &Assignment) -> String {
        let clock = |instant| self.zone.wall_time(instant).to_string();
        let (from, to) = (clock(visit.during.start), clock(visit.during.end));
        let client = self.client_name(visit.client);
        let area = visit.area.and_then(|area| self.area_name(area)).unwrap_or("");
        let kind = match self.kind(visit.visit) {
            VisitKind::Redo => "redo",
            VisitKind::Scheduled => "",
            VisitKind::WalkIn => "walk-in",
        };
        let (client, area) = (in_columns(&client, CLIENT), in_columns(area, AREA));
        fitted(&format!("  {from}-{to}  {client}  {area}  travel {:>3}  {kind}", visit.travel.0))
    }

    /// "Not placed: 3 (2 capacity_exceeded, 1 walk_in)", if any is: visits put into the plan since don't
    /// count. Two lines where one would be too long.
    fn not_placed(&self) -> Vec<String> {
        let exceptions = self.plan.exceptions.iter();
        let exceptions: Vec<_> = exceptions.filter(|row| self.plan.assignment(row.visit).is_none()).collect();
        let counts =
            ExceptionKind::ALL.map(|kind| (exceptions.iter().filter(|row| row.kind == kind).count(), kind));
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let counts: Vec<_> = counts.map(|(count, kind)| format!("{count} {}", kind.as_str())).collect();
        let (number, counts) = (format!("Not placed: {}", exceptions.len()), counts.join(", "));
        match format!("{number} ({counts})") {
            _ if exceptions.is_empty() => Vec::new(),
            line if columns(&line) <= WIDTH => vec![line],
            _ => vec![number, fitted(&format!("  {counts}"))],
        }
    }

    /// From the full hour in which the first begins to the end of the last; at most two days.
    fn frame(&self) -> Option<Span> {
        const MICROS_PER_HOUR: i64 = 60 * MICROS_PER_MINUTE;
        let duties = self.day.workers.iter().flat_map(|worker| worker.on_duty.iter().copied());
        let visits = self.plan.assignments.iter().map(|visit| visit.during);
        let spans: Vec<_> = duties.chain(visits).collect();
        let start = spans.iter().map(|span| span.start).min()?;
        let into_hour = self.zone.wall_time(start).micros() % MICROS_PER_HOUR;
        let start = Instant(start.0 - into_hour);
        let end = spans.iter().map(|span| span.end).max()?;
        Span::new(start, end.min(Instant(start.0.saturating_add(2 * MICROS_PER_DAY))))
    }

    fn workers_by_id(&self) -> Vec<&Worker> {
        let mut workers: Vec<_> = self.day.workers.iter().collect();
        workers.sort_by_key(|worker| worker.id);
        workers
    }

    fn is_shown(&self, worker: &Worker) -> bool {
        !worker.on_duty.is_empty() || self.load(worker.id).is_some_and(|load| load.visits > 0)
    }

    fn visits_of(&self, worker: StaffId) -> Vec<&Assignment> {
        let mut visits: Vec<_> =
            self.plan.assignments.iter().filter(|visit| visit.worker == worker).collect();
        visits.sort_by_key(|visit| (visit.during.start, visit.visit));
        visits
    }

    fn load(&self, worker: StaffId) -> Option<&WorkerLoad> {
        let index = self.plan.loads.binary_search_by_key(&worker, |load| load.worker).ok()?;
        Some(&self.plan.loads[index])
    }

    fn letter(&self, visit: VisitId) -> char {
        match self.kind(visit) {
            VisitKind::Redo => 'R',
            VisitKind::Scheduled => 'V',
            VisitKind::WalkIn => 'W',
        }
    }

    fn kind(&self, visit: VisitId) -> VisitKind {
        let index = self.day.visits.binary_search_by_key(&visit, |request| request.id);
        index.map_or(VisitKind::Scheduled, |index| self.day.visits[index].kind)
    }

    fn worker_name(&self, worker: StaffId) -> String {
        self.workers.get(&worker).cloned().unwrap_or_else(|| format!("worker {worker}"))
    }

    fn client_name(&self, client: ClientId) -> String {
        self.clients.get(&client).cloned().unwrap_or_else(|| format!("client {client}"))
    }

    fn area_name(&self, id: AreaId) -> Option<&str> {
        self.day.areas.iter().find(|area| area.id == id).map(|area| area.name.as_str())
    }
}

/// The picture of bookings knows visits by this id.
const fn booking(visit: &Assignment) -> BookingId {
    BookingId(visit.visit.0)
}

fn load_in_words(load: &WorkerLoad) -> String {
    let hours = |minutes: Minutes| format!("{}:{:02}", minutes.0 / 60, minutes.0 % 60);
    format!("{} of {}", hours(load.load), hours(load.capacity))
}
