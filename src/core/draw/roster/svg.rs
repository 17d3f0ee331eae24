//! The roster as an SVG picture: a row for each provider or kind of shift, dates side by side, a card for each shift
//! with its people on it. Every text is cut to the room it has; preferences are shown by a sign, an open place
//! by dashes and a word, never by color alone.

use super::{Board, Fit, Owner, Shift, Week, clock};
use crate::draw::measure::{in_pixels, pixels};
use crate::draw::shapes::{
    Area, DETAIL, HEADING, MARGIN, NAME, Pattern, TITLE_HEIGHT, WIDTH, close, escaped, open, put, rect, text,
};

/// Room for the names of rows.
const LABEL: f64 = 140.0;
const MAX_DATE_WIDTH: f64 = 240.0;
const DATES_HEIGHT: f64 = 26.0;
const WEEK_GAP: f64 = 24.0;
/// Measures of a card: the line with the time, a line for each of the people, and the margin.
const TIME_LINE: f64 = 17.0;
const LINE: f64 = 17.0;
const PADDING: f64 = 4.0;
const CARD_GAP: f64 = 4.0;
/// Room for the sign before a name.
const SIGN: f64 = 24.0;
const LEGEND_HEIGHT: f64 = 30.0;
/// The number of people's shares side by side, and the height of a line.
const SHARES: usize = 3;
const SHARE_LINE: f64 = 20.0;
const SHARE_NAME: f64 = 130.0;
const BAR: f64 = 140.0;

const PATTERNS: [Pattern; 2] = [
    ("open", 7.0, "<path d='M-1 8L8 -1M-1 1L1 -1M6 8L8 6' stroke='#b3261e' stroke-opacity='.3'/>"),
    ("preferred", 5.0, "<path d='M0 2.5H5' stroke='#fff' stroke-opacity='.75'/>"),
];

const INK: &str = "#2a66b8";
const ALARM: &str = "#b3261e";
const LIKED: &str = "#17765a";

/// Draws the board.
#[must_use]
pub fn draw(board: &Board<'_>) -> String {
    let mut svg = String::new();
    let title = format!("{}: {}", board.title(), board.dates());
    if board.shifts.is_empty() {
        open(&mut svg, &title, 110.0, &PATTERNS);
        text(&mut svg, "d", MARGIN, 84.0, "There are no shifts on these dates.");
        close(&mut svg);
        return svg;
    }
    let weeks = board.weeks();
    let tables: Vec<_> = weeks.iter().map(Table::new).collect();
    let weeks_height: f64 = tables.iter().map(|table| table.height() + WEEK_GAP).sum();
    let below = TITLE_HEIGHT + weeks_height;
    let lines = board.people.len().div_ceil(SHARES) as f64;
    open(&mut svg, &title, below + 2.0 * LEGEND_HEIGHT + lines * SHARE_LINE + MARGIN, &PATTERNS);
    let mut top = TITLE_HEIGHT;
    for table in &tables {
        table.draw(&mut svg, board, top);
        top += table.height() + WEEK_GAP;
    }
    draw_legend(&mut svg, below);
    text(&mut svg, "n", MARGIN, below + LEGEND_HEIGHT + 13.0, &board.summary());
    draw_shares(&mut svg, board, below + 2.0 * LEGEND_HEIGHT);
    close(&mut svg);
    svg
}

/// A week laid out.
struct Table<'a> {
    week: &'a Week<'a>,
    rows: Vec<Row<'a>>,
    date_width: f64,
}

struct Row<'a> {
    owner: Owner<'a>,
    /// A stack of shifts for each date.
    stacks: Vec<Vec<&'a Shift>>,
    height: f64,
}

impl<'a> Table<'a> {
    fn new(week: &'a Week<'a>) -> Self {
        let of_owner = week.shifts.chunk_by(|a, b| a.owner() == b.owner());
        let rows = of_owner.map(|shifts| {
            let on = |date| shifts.iter().copied().filter(|shift| shift.date == date).collect::<Vec<_>>();
            let stacks: Vec<_> = week.dates.iter().map(|date| on(*date)).collect();
            let height_of =
                |stack: &Vec<&Shift>| stack.iter().map(|shift| card_height(shift) + CARD_GAP).sum();
            let height = stacks.iter().map(height_of).fold(0.0, f64::max) + CARD_GAP;
            Row { owner: shifts[0].owner(), stacks, height }
        });
        let room = WIDTH - 2.0 * MARGIN - LABEL;
        let date_width = (room / week.dates.len() as f64).min(MAX_DATE_WIDTH);
        Self { week, rows: rows.collect(), date_width }
    }

    fn height(&self) -> f64 {
        DATES_HEIGHT + self.rows.iter().map(|row| row.height).sum::<f64>()
    }

    fn x(&self, date: usize) -> f64 {
        MARGIN + LABEL + self.date_width * date as f64
    }

    fn draw(&self, svg: &mut String, board: &Board<'_>, top: f64) {
        let right = self.x(self.week.dates.len());
        for (index, date) in self.week.dates.iter().enumerate() {
            let heading = date.format("%A %-d %B").to_string();
            let heading = in_pixels(&heading, self.date_width - 8.0, HEADING * 1.06);
            text(svg, "h", self.x(index) + 4.0, top + 17.0, &heading);
        }
        let mut y = top + DATES_HEIGHT;
        for (index, row) in self.rows.iter().enumerate() {
            let area = Area { x: MARGIN, y, width: right - MARGIN, height: row.height };
            rect(svg, area, if index % 2 == 0 { "fill='#f1f4f7'" } else { "fill='#fff'" });
            let name = in_pixels(row.owner.name(), LABEL - 12.0, HEADING * 1.06);
            text(svg, "h", MARGIN + 6.0, y + 20.0, &name);
            for (date, stack) in row.stacks.iter().enumerate() {
                let mut card_top = y + CARD_GAP;
                for shift in stack {
                    let height = card_height(shift);
                    let area =
                        Area { x: self.x(date) + 2.0, y: card_top, width: self.date_width - 6.0, height };
                    draw_card(svg, board, shift, area);
                    card_top += height + CARD_GAP;
                }
            }
            y += row.height;
        }
        for date in 0..=self.week.dates.len() {
            let x = self.x(date);
            put(svg, format_args!("<path d='M{x:.1} {top:.1}V{y:.1}' stroke='#b7c0cb'/>\n"));
        }
    }
}

fn card_height(shift: &Shift) -> f64 {
    let open = if shift.open() > 0 { 1 } else { 0 };
    TIME_LINE + LINE * (shift.assigned.len() + open) as f64 + PADDING
}

fn draw_card(svg: &mut String, board: &Board<'_>, shift: &Shift, area: Area) {
    // An inner svg clips what leaves it.
    put(
        svg,
        format_args!(
            "<svg x='{:.1}' y='{:.1}' width='{:.1}' height='{:.1}'><title>{}</title>",
            area.x,
            area.y,
            area.width,
            area.height,
            escaped(&tooltip(board, shift))
        ),
    );
    let whole = Area { x: 0.5, y: 0.5, width: area.width - 1.0, height: area.height - 1.0 };
    let frame = if shift.open() > 0 {
        format!("rx='3' fill='#fff' stroke='{ALARM}' stroke-width='1.6' stroke-dasharray='5 3'")
    } else {
        format!("rx='3' fill='#fff' stroke='{INK}'")
    };
    rect(svg, whole, &frame);
    let mut header = times(board, shift);
    // In a provider's row the kind is news; in its own it isn't.
    if shift.provider.is_some() {
        header = format!("{header} {}", shift.kind);
    }
    if shift.over() > 0 {
        header = format!("+{} {header}", shift.over());
    }
    text(svg, "d", 6.0, 12.5, &in_pixels(&header, area.width - 12.0, DETAIL));
    let mut y = TIME_LINE;
    for assigned in &shift.assigned {
        draw_sign(svg, assigned.fit, SIGN / 2.0 + 1.0, y + LINE / 2.0);
        let name = in_pixels(board.name(assigned.staff), area.width - SIGN - 10.0, NAME * 1.06);
        text(svg, "n", SIGN + 3.0, y + LINE / 2.0 + 4.0, &name);
        y += LINE;
    }
    if shift.open() > 0 {
        rect(
            svg,
            Area { x: 4.0, y, width: area.width - 8.0, height: LINE - 1.0 },
            "fill='url(#pg-clinic-open)'",
        );
        let label = in_pixels(&open_label(shift.open()), area.width - SIGN - 10.0, NAME * 1.06);
        text(svg, "n o", SIGN + 3.0, y + LINE / 2.0 + 4.0, &label);
        text(svg, "n o", SIGN / 2.0 - 2.5, y + LINE / 2.0 + 4.0, "?");
    }
    close(svg);
}

fn open_label(open: i64) -> String {
    if open == 1 { "open".to_owned() } else { format!("{open} open") }
}

/// A star, a cross, both, or a dot, around a point.
fn draw_sign(svg: &mut String, fit: Fit, x: f64, y: f64) {
    match fit {
        Fit::Neutral => put(svg, format_args!("<circle cx='{x:.1}' cy='{y:.1}' r='2' fill='#7b8794'/>")),
        Fit::Preferred => draw_star(svg, x, y),
        Fit::NonPreferred => draw_cross(svg, x, y),
        Fit::Mixed => {
            draw_star(svg, x - 5.5, y);
            draw_cross(svg, x + 6.0, y);
        }
    }
}

fn draw_star(svg: &mut String, x: f64, y: f64) {
    put(
        svg,
        format_args!(
            "<path transform='translate({x:.1} {y:.1})' fill='{LIKED}' \
             d='M0 -6L1.5 -2L5.7 -1.9L2.4 .8L3.5 4.9L0 2.5L-3.5 4.9L-2.4 .8L-5.7 -1.9L-1.5 -2Z'/>"
        ),
    );
}

fn draw_cross(svg: &mut String, x: f64, y: f64) {
    put(
        svg,
        format_args!(
            "<path transform='translate({x:.1} {y:.1})' stroke='{ALARM}' stroke-width='2.2' d='M-4 -4L4 4M-4 4L4 -4'/>"
        ),
    );
}

fn times(board: &Board<'_>, shift: &Shift) -> String {
    format!("{}–{}", clock(board.zone, shift.during.start), clock(board.zone, shift.during.end))
}

fn tooltip(board: &Board<'_>, shift: &Shift) -> String {
    let mut parts =
        vec![format!("{} {}", shift.date.format("%a %-d %b"), times(board, shift)), shift.kind.clone()];
    parts.extend(shift.provider.as_ref().map(|(_, name)| name.clone()));
    let people = shift.assigned.iter().map(|assigned| match assigned.fit {
        Fit::Neutral => board.name(assigned.staff).to_owned(),
        fit => format!("{} ({})", board.name(assigned.staff), fit.name()),
    });
    parts.extend(people);
    if shift.open() > 0 {
        parts.push(open_label(shift.open()));
    }
    if shift.over() > 0 {
        parts.push(format!("{} more than needed", shift.over()));
    }
    parts.join(" · ")
}

fn draw_legend(svg: &mut String, top: f64) {
    let mut x = MARGIN;
    for fit in [Fit::Preferred, Fit::NonPreferred, Fit::Mixed, Fit::Neutral] {
        draw_sign(svg, fit, x + SIGN / 2.0, top + 9.0);
        x = legend_label(svg, x + 26.0, top, fit.name());
    }
    let area = Area { x, y: top + 1.0, width: 24.0, height: 16.0 };
    rect(svg, area, "fill='url(#pg-clinic-open)'");
    rect(
        svg,
        area,
        &format!("rx='3' fill='none' stroke='{ALARM}' stroke-width='1.6' stroke-dasharray='5 3'"),
    );
    x = legend_label(svg, x + 32.0, top, "place open");
    text(svg, "d", x, top + 13.0, "+1");
    legend_label(svg, x + 22.0, top, "more people than needed");
}

/// Writes a label and says where the next entry begins.
fn legend_label(svg: &mut String, x: f64, top: f64, label: &str) -> f64 {
    text(svg, "d", x, top + 13.0, label);
    x + pixels(label, DETAIL) + 22.0
}

/// A bar for each of the people: how many shifts, and how many of them preferred.
fn draw_shares(svg: &mut String, board: &Board<'_>, top: f64) {
    let shares = board.shares();
    let most = shares.iter().map(|share| share.shifts).max().unwrap_or(0).max(1) as f64;
    let width = (WIDTH - 2.0 * MARGIN) / SHARES as f64;
    for (index, (person, share)) in board.people.iter().zip(shares).enumerate() {
        let x = MARGIN + width * (index % SHARES) as f64;
        let y = top + SHARE_LINE * (index / SHARES) as f64;
        text(svg, "d", x, y + 13.0, &in_pixels(&person.name, SHARE_NAME - 8.0, DETAIL));
        let bar = |count: usize| Area {
            x: x + SHARE_NAME,
            y: y + 2.5,
            width: BAR * count as f64 / most,
            height: SHARE_LINE - 7.0,
        };
        rect(svg, bar(share.shifts), "fill='#a9c3e6'");
        rect(svg, bar(share.preferred), &format!("fill='{LIKED}'"));
        rect(svg, bar(share.preferred), "fill='url(#pg-clinic-preferred)'");
        let label = format!("{}, {} preferred", share.shifts, share.preferred);
        text(svg, "d", bar(share.shifts).x + bar(share.shifts).width + 6.0, y + 13.0, &label);
    }
}
