//! The board as lines of text: one line a provider, one character a few minutes. At most [`WIDTH`] columns, so that
//! psql's frame still fits into 80; ASCII but for names.

use super::{Board, Card, ProviderDay, State};
use crate::draw::measure::{columns, in_columns, one_line};
use crate::reports::day_sheet::{Day, Kind};
use crate::time::interval::{Instant, MICROS_PER_MINUTE, Minutes, Span};
use crate::time::zone::Zone;

/// Most columns of a line.
pub const WIDTH: usize = 78;
/// Columns of a name: never fewer, so that "overbooked" fits, and never more.
pub(in crate::draw) const NAME: (usize, usize) = (12, 20);
/// Columns of the free time at the end of a line, and of the space between.
const FREE: usize = 7;
const BARS: usize = 2;
/// Minutes that a character may mean: the first that fits the day into the line.
const STEPS: [i32; 7] = [5, 10, 15, 20, 30, 60, 120];
/// The label of a line with the text beside it.
const BESIDE: &str = "  overbooked";

/// Draws the board.
#[must_use]
pub fn draw(board: &Board<'_>) -> Vec<String> {
    let mut lines = vec![fitted(&board.title())];
    match board.frame() {
        None => lines.push("Nobody is open, and nothing is booked.".to_owned()),
        Some(frame) => draw_frame(board, frame, &mut lines),
    }
    lines
}

fn draw_frame(board: &Board<'_>, frame: Span, lines: &mut Vec<String>) {
    let widest = board.shown().map(|provider| columns(&one_line(provider.name))).max().unwrap_or(0);
    let name = widest.clamp(NAME.0, NAME.1);
    let cells = Cells::new(frame, WIDTH - name - BARS - FREE);
    lines.push(String::new());
    lines.push(format!("{:name$} {}  {:>5}", "", cells.hours(board.zone), "free"));
    if frame.contains_instant(board.now) {
        let mark = " ".repeat(cells.index(board.now));
        let time = board.zone.wall_time(board.now).to_string();
        lines.push(format!("{:>name$} {mark}v", format!("now {}", &time[..5])));
    }
    for provider in board.shown() {
        lines.push(provider_line(board, provider, &cells, name));
        if board.cards_of(&provider.day).any(|card| card.appointment.is_overbooked) {
            let beside =
                line_of(&cells, |cell| cells.booking(board, &provider.day, cell, true).unwrap_or(' '));
            lines.push(format!("{BESIDE:name$}|{beside}|"));
        }
    }
    lines.extend(board.closed().map(|closed| fitted(&closed)));
    lines.push(String::new());
    let states = State::ALL.map(|state| format!("{} {}", state.letter(), state.name()));
    lines.push(states.join("  "));
    lines.push("= goes on  2-9 so many start here  . free  - buffer  / time off  blank: closed".to_owned());
    lines.push(format!("One character is {} minutes.", cells.step.0));
}

fn provider_line(board: &Board<'_>, provider: &ProviderDay<'_>, cells: &Cells, name: usize) -> String {
    let day = &provider.day;
    let strip = line_of(cells, |cell| {
        cells.booking(board, day, cell, false).unwrap_or_else(|| cells.background(day, cell))
    });
    let free = day.free_minutes();
    let free = format!("{}:{:02}", free / 60, free % 60);
    format!("{}|{strip}| {free:>5}", in_columns(provider.name, name))
}

pub(in crate::draw) fn line_of(cells: &Cells, character: impl Fn(usize) -> char) -> String {
    (0..cells.count).map(character).collect()
}

/// At most a line, without spaces at its end.
pub(in crate::draw) fn fitted(text: &str) -> String {
    in_columns(text, WIDTH).trim_end().to_owned()
}

/// The day cut into characters.
pub(in crate::draw) struct Cells {
    start: Instant,
    pub(in crate::draw) step: Minutes,
    count: usize,
}

impl Cells {
    pub(in crate::draw) fn new(frame: Span, room: usize) -> Self {
        let count = |step: i32| (frame.micros() as u64).div_ceil(Minutes(step).micros() as u64) as usize;
        let step = STEPS.into_iter().find(|step| count(*step) <= room).unwrap_or(STEPS[STEPS.len() - 1]);
        Self { start: frame.start, step: Minutes(step), count: count(step).min(room) }
    }

    fn index(&self, instant: Instant) -> usize {
        (instant.micros_since(self.start) / self.step.micros()).max(0) as usize
    }

    pub(in crate::draw) fn span(&self, cell: usize) -> Span {
        let start = Instant(self.start.0 + cell as i64 * self.step.micros());
        Span { start, end: start + self.step }
    }

    pub(in crate::draw) fn middle(&self, cell: usize) -> Instant {
        let span = self.span(cell);
        Instant(span.start.0 + span.micros() / 2)
    }

    /// Full hours above their characters, as many as leave a space in between.
    pub(in crate::draw) fn hours(&self, zone: &Zone) -> String {
        const MICROS_PER_HOUR: i64 = 60 * MICROS_PER_MINUTE;
        let mut line = String::new();
        for cell in 0..self.count {
            let time = zone.wall_time(self.span(cell).start).micros();
            if time % MICROS_PER_HOUR < self.step.micros() && (line.is_empty() || line.len() < cell) {
                line = format!("{line:cell$}{:02}", time / MICROS_PER_HOUR);
            }
        }
        let width = self.count;
        format!("{line:width$.width$}")
    }

    /// The character of a booking: the letter of its state where it starts, later `=`.
    fn booking(&self, board: &Board<'_>, day: &Day, cell: usize, is_overbooked: bool) -> Option<char> {
        let (span, middle) = (self.span(cell), self.middle(cell));
        let of_line = |card: &&Card| card.appointment.is_overbooked == is_overbooked;
        let cards: Vec<_> = board.cards_of(day).filter(of_line).collect();
        let starting = || cards.iter().filter(|card| span.contains_instant(card.appointment.during.start));
        match (starting().count(), starting().next()) {
            (1, Some(card)) => Some(State::of(&card.appointment).letter()),
            (several @ 2.., _) => char::from_digit(several.min(9) as u32, 10),
            _ => cards.iter().any(|card| card.appointment.during.contains_instant(middle)).then_some('='),
        }
    }

    /// The character where no booking is.
    fn background(&self, day: &Day, cell: usize) -> char {
        let middle = self.middle(cell);
        let kinds = day.rows.iter().filter(|row| row.span.contains_instant(middle)).map(|row| row.kind);
        match kinds.min() {
            Some(Kind::TimeOff(_)) => '/',
            Some(Kind::Gap) => '.',
            _ if day.windows.iter().any(|window| window.contains_instant(middle)) => '-',
            _ => ' ',
        }
    }
}
