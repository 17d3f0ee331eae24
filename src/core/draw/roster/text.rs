//! The roster as lines of text: a line a provider and time, a column a date. At most [`WIDTH`] columns, so that psql's
//! frame still fits into 80; ASCII but for names.

use chrono::NaiveDate;

use super::{Assigned, Board, Fit, Shift, Week, clock};
use crate::draw::measure::{columns, in_columns, one_line};

/// Most columns of a line.
const WIDTH: usize = 78;
/// Columns of a row's name.
const NAME: (usize, usize) = (8, 14);
/// Columns of a time of day, and of the space before it.
const TIME: usize = 6;
/// Most columns of a date.
const MAX_DATE: usize = 24;
/// Columns of a person's name below, and of what follows it.
const PERSON: (usize, usize) = (8, 18);
const NUMBERS: usize = 8;

impl Fit {
    const fn sign(self) -> char {
        match self {
            Self::Neutral => ' ',
            Self::Preferred => '*',
            Self::NonPreferred => '!',
            Self::Mixed => '~',
        }
    }
}

/// Draws the board.
#[must_use]
pub fn draw(board: &Board<'_>) -> Vec<String> {
    let mut lines = vec![fitted(&board.title()), fitted(&board.dates())];
    if board.shifts.is_empty() {
        lines.push("There are no shifts on these dates.".to_owned());
        return lines;
    }
    for week in board.weeks() {
        lines.push(String::new());
        draw_week(board, &week, &mut lines);
    }
    lines.push(String::new());
    lines.push("* preferred  ! non-preferred  ~ both  ? open  + more than needed".to_owned());
    lines.push(fitted(&board.summary()));
    draw_people(board, &mut lines);
    lines
}

fn draw_week(board: &Board<'_>, week: &Week<'_>, lines: &mut Vec<String>) {
    let widest = week.shifts.iter().map(|shift| columns(&one_line(shift.owner().name()))).max();
    let name = widest.unwrap_or(0).clamp(NAME.0, NAME.1);
    // Each date takes its bar as well, and one closes the line.
    let date = ((WIDTH - name - TIME - 1) / week.dates.len() - 1).min(MAX_DATE);
    let month = week.dates[0].format("%b %Y").to_string();
    let heading = |on: &NaiveDate| format!(" {}", on.format("%a %-d"));
    lines.push(row(&in_columns(&month, name + TIME), week.dates.iter().map(heading), date));
    let mut owner = None;
    let is_one_row = |a: &&Shift, b: &&Shift| a.owner() == b.owner() && board.starts(a) == board.starts(b);
    for shifts in week.shifts.chunk_by(is_one_row) {
        let first = shifts[0];
        let is_new = owner.replace(first.owner()) != Some(first.owner());
        let named = in_columns(if is_new { first.owner().name() } else { "" }, name);
        let label = format!("{named} {}", clock(board.zone, first.during.start));
        let cells: Vec<_> = week.dates.iter().map(|on| cell(board, shifts, *on)).collect();
        for line in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
            let entries = cells.iter().map(|cell| cell.get(line).cloned().unwrap_or_default());
            let blank = " ".repeat(name + TIME);
            lines.push(row(if line == 0 { &label } else { &blank }, entries, date));
        }
    }
}

fn row(label: &str, entries: impl Iterator<Item = String>, width: usize) -> String {
    let mut line = label.to_owned();
    for entry in entries {
        line.push('|');
        line.push_str(&in_columns(&entry, width));
    }
    line.push('|');
    line
}

/// The entries of a row on a date, a line each, with a sign in front.
fn cell(board: &Board<'_>, shifts: &[&Shift], on: NaiveDate) -> Vec<String> {
    let mut entries = Vec::new();
    for shift in shifts.iter().filter(|shift| shift.date == on) {
        let named = |assigned: &Assigned| format!("{}{}", assigned.fit.sign(), board.name(assigned.staff));
        entries.extend(shift.assigned.iter().map(named));
        match (shift.open(), shift.over()) {
            (1, _) => entries.push("?open".to_owned()),
            (open @ 2.., _) => entries.push(format!("?open {open}")),
            (_, over @ 1..) => entries.push(format!("+{over}")),
            _ if shift.assigned.is_empty() => entries.push(" -".to_owned()),
            _ => {}
        }
    }
    entries
}

/// How many shifts each has, and how many of them with a preferred provider.
fn draw_people(board: &Board<'_>, lines: &mut Vec<String>) {
    let widest = board.people.iter().map(|person| columns(&one_line(&person.name))).max().unwrap_or(0);
    let name = widest.clamp(PERSON.0, PERSON.1);
    let people: Vec<_> = board.people.iter().zip(board.shares()).collect();
    lines.push("Shifts of each, and how many of them preferred:".to_owned());
    for some in people.chunks(WIDTH / (name + NUMBERS)) {
        let entries = some.iter().map(|(person, share)| {
            let preferred = if share.preferred > 0 { format!("{}*", share.preferred) } else { String::new() };
            format!("{} {:>2} {preferred:<4}", in_columns(&person.name, name), share.shifts)
        });
        lines.push(fitted(&entries.collect::<String>()));
    }
}

/// At most a line, without spaces at its end.
fn fitted(text: &str) -> String {
    in_columns(text, WIDTH).trim_end().to_owned()
}
