//! The board as an SVG picture: time runs down, providers are side by side. Every text is cut to the room it has, and
//! every box clips what would leave it all the same; states differ by letter and pattern, not by color alone.

use super::lanes::lanes;
use super::{Board, Card, ProviderDay, State};
use crate::draw::measure::{in_pixels, one_line, pixels};
use crate::draw::shapes::{
    Area, DETAIL, HEADING, MARGIN, NAME, Pattern, TITLE_HEIGHT, WIDTH, close, escaped, open, put, rect, text,
};
use crate::reports::day_sheet::{Kind, Row, frame};
use crate::time::interval::{Instant, MICROS_PER_MINUTE, Span};

/// Most providers side by side; more go into further bands below.
const MAX_COLUMNS: usize = 8;
const MAX_COLUMN_WIDTH: f64 = 280.0;
/// Room for the hours' labels.
const AXIS: f64 = 48.0;
const NAME_HEIGHT: f64 = 30.0;
const BAND_GAP: f64 = 22.0;
const LEGEND_ROW: f64 = 24.0;
/// Pixels per minute: as many as make the shortest booking [`READABLE`] high, within these.
const SCALE: (f64, f64) = (1.4, 2.6);
const READABLE: f64 = 17.0;
/// The band with the state's letter at the left of a booking.
const STRIP: f64 = 17.0;

/// How a state looks.
struct Look {
    body: &'static str,
    strip: &'static str,
    /// Dashes of the frame; empty = a solid line.
    dashes: &'static str,
    pattern: Option<&'static str>,
}

impl State {
    const fn look(self) -> Look {
        let (body, strip, dashes, pattern) = match self {
            Self::Booked => ("#e3eefc", "#2a66b8", "", None),
            Self::Arrived => ("#dff4ea", "#17765a", "", Some("slant")),
            Self::CheckedIn => ("#ebe3fb", "#6541b0", "", Some("dots")),
            Self::Fulfilled => ("#e9ebee", "#5b6570", "", Some("bars")),
            Self::Hold => ("#fff6df", "#946300", "5 3", None),
            Self::Pending => ("#fff6df", "#946300", "1.5 2.5", None),
            Self::NoShow => ("#fdeaea", "#b3261e", "", Some("cross")),
        };
        Look { body, strip, dashes, pattern }
    }
}

const PATTERNS: [Pattern; 5] = [
    ("slant", 7.0, "<path d='M-1 8L8 -1M-1 1L1 -1M6 8L8 6' stroke='#17765a' stroke-opacity='.35'/>"),
    ("dots", 6.0, "<circle cx='3' cy='3' r='1' fill='#6541b0' fill-opacity='.4'/>"),
    ("bars", 5.0, "<path d='M0 2.5H5' stroke='#5b6570' stroke-opacity='.28'/>"),
    ("cross", 8.0, "<path d='M0 0L8 8M0 8L8 0' stroke='#b3261e' stroke-opacity='.3'/>"),
    ("off", 9.0, "<path d='M-1 -1L10 10M-1 8L1 10M8 -1L10 1' stroke='#8d98a6' stroke-opacity='.8'/>"),
];

/// From instants to pixels, within a band.
#[derive(Clone, Copy)]
struct Scale {
    frame: Span,
    pixels_per_minute: f64,
    top: f64,
}

impl Scale {
    fn y(&self, instant: Instant) -> f64 {
        let minutes = instant.micros_since(self.frame.start) as f64 / MICROS_PER_MINUTE as f64;
        self.top + minutes * self.pixels_per_minute
    }

    fn height(&self) -> f64 {
        self.frame.micros() as f64 / MICROS_PER_MINUTE as f64 * self.pixels_per_minute
    }

    fn area(&self, x: f64, width: f64, span: Span) -> Area {
        let y = self.y(span.start);
        Area { x, y, width, height: self.y(span.end) - y }
    }
}

/// Draws the board.
#[must_use]
pub fn draw(board: &Board<'_>) -> String {
    let mut svg = String::new();
    let shown: Vec<_> = board.shown().collect();
    if shown.is_empty() {
        open(&mut svg, &board.title(), 110.0, &PATTERNS);
        text(&mut svg, "d", MARGIN, 84.0, "Nobody is open, and nothing is booked.");
        close(&mut svg);
        return svg;
    }
    // Bands of about the same width, each over the hours it needs.
    let columns = shown.len().div_ceil(shown.len().div_ceil(MAX_COLUMNS));
    let pixels_per_minute = pixels_per_minute(board);
    let mut top = TITLE_HEIGHT;
    let mut bands = Vec::new();
    for providers in shown.chunks(columns) {
        let Some(frame) = frame(board.zone, providers.iter().map(|provider| &provider.day)) else { continue };
        let scale = Scale { frame, pixels_per_minute, top: top + NAME_HEIGHT };
        top = scale.top + scale.height() + BAND_GAP;
        bands.push((scale, providers));
    }
    open(&mut svg, &board.title(), top + 3.0 * LEGEND_ROW + MARGIN, &PATTERNS);
    for (scale, providers) in bands {
        draw_band(&mut svg, board, &scale, providers, columns);
    }
    draw_legend(&mut svg, board, top);
    close(&mut svg);
    svg
}

fn pixels_per_minute(board: &Board<'_>) -> f64 {
    let bookings = board.shown().flat_map(|provider| board.cards_of(&provider.day));
    let shortest = bookings.map(|card| card.appointment.during.micros()).min();
    shortest.map_or(SCALE.0, |micros| {
        (READABLE / (micros as f64 / MICROS_PER_MINUTE as f64)).clamp(SCALE.0, SCALE.1)
    })
}

fn draw_band(
    svg: &mut String,
    board: &Board<'_>,
    scale: &Scale,
    providers: &[&ProviderDay<'_>],
    columns: usize,
) {
    let left = MARGIN + AXIS;
    let width = ((WIDTH - left - MARGIN) / columns as f64).min(MAX_COLUMN_WIDTH);
    let right = left + width * providers.len() as f64;
    for (index, provider) in providers.iter().enumerate() {
        let column =
            Area { x: left + width * index as f64, y: scale.top, width: width - 6.0, height: scale.height() };
        draw_background(svg, scale, provider, column);
    }
    draw_hours(svg, board, scale, left, right);
    draw_now(svg, board, scale, (left, right), 1.0);
    for (index, provider) in providers.iter().enumerate() {
        let column = Area { x: left + width * index as f64, width: width - 6.0, y: 0.0, height: 0.0 };
        draw_day(svg, board, scale, provider, column);
    }
    // Faintly over the bookings as well, so that it can be followed.
    draw_now(svg, board, scale, (left, right), 0.3);
}

/// The clock: a line, and the time at its left.
fn draw_now(svg: &mut String, board: &Board<'_>, scale: &Scale, (left, right): (f64, f64), opacity: f64) {
    if !scale.frame.contains_instant(board.now) {
        return;
    }
    let y = scale.y(board.now);
    put(
        svg,
        format_args!(
            "<path d='M{left:.1} {y:.1}H{right:.1}' stroke='#c6251b' stroke-width='1.6' stroke-opacity='{opacity}'/>"
        ),
    );
    rect(svg, Area { x: left - 42.0, y: y - 8.0, width: 38.0, height: 16.0 }, "rx='3' fill='#c6251b'");
    text(svg, "s", left - 23.0, y + 4.0, &time(board, board.now));
}

fn draw_day(svg: &mut String, board: &Board<'_>, scale: &Scale, provider: &ProviderDay<'_>, column: Area) {
    for row in &provider.day.rows {
        let area = scale.area(column.x, column.width, row.span);
        match row.kind {
            Kind::TimeOff(id) => {
                let label = board.reason(id).map_or("time off".to_owned(), |reason| format!("off: {reason}"));
                middle_label(svg, area, &label);
            }
            Kind::Gap => draw_gap(svg, row, area),
            Kind::Booking(_) => {}
        }
    }
    for (card, part) in lanes(board.cards_of(&provider.day).collect()) {
        let (x, width) = (column.x + part.from * column.width, part.width * column.width);
        draw_card(svg, board, provider, card, scale.area(x, width, card.appointment.during));
    }
}

fn draw_background(svg: &mut String, scale: &Scale, provider: &ProviderDay<'_>, column: Area) {
    let name = in_pixels(provider.name, column.width, HEADING * 1.06);
    text(svg, "h", column.x, column.y - 10.0, &name);
    rect(svg, column, "fill='#e4e8ed'");
    for window in &provider.day.windows {
        rect(svg, scale.area(column.x, column.width, *window), "fill='#fff'");
    }
    for row in provider.day.rows.iter().filter(|row| matches!(row.kind, Kind::TimeOff(_))) {
        let area = scale.area(column.x, column.width, row.span);
        rect(svg, area, "fill='#edf0f3'");
        rect(svg, area, "fill='url(#pg-clinic-off)'");
    }
    rect(svg, column, "fill='none' stroke='#b7c0cb'");
}

fn draw_gap(svg: &mut String, row: &Row, area: Area) {
    let minutes = row.span.micros() / MICROS_PER_MINUTE;
    let label = match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min free"),
        (hours, 0) => format!("{hours} h free"),
        (hours, minutes) => format!("{hours} h {minutes} min free"),
    };
    let inner = Area { x: area.x + 3.0, y: area.y + 1.5, width: area.width - 6.0, height: area.height - 3.0 };
    if inner.height > 0.0 {
        rect(svg, inner, "rx='3' fill='none' stroke='#9fb0c3' stroke-dasharray='2 4'");
    }
    middle_label(svg, area, &label);
}

/// A label in the middle of an area, if it is high enough.
fn middle_label(svg: &mut String, area: Area, label: &str) {
    if area.height < DETAIL + 5.0 {
        return;
    }
    let label = in_pixels(label, area.width - 10.0, DETAIL);
    text(svg, "g o", area.x + area.width / 2.0, area.y + area.height / 2.0 + DETAIL / 3.0, &label);
}

fn draw_hours(svg: &mut String, board: &Board<'_>, scale: &Scale, left: f64, right: f64) {
    const MICROS_PER_HOUR: i64 = 60 * MICROS_PER_MINUTE;
    let minutes = scale.frame.micros() / MICROS_PER_MINUTE;
    let now = scale.frame.contains_instant(board.now).then(|| scale.y(board.now));
    for minute in 0..=minutes {
        let instant = Instant(scale.frame.start.0 + minute * MICROS_PER_MINUTE);
        let past = board.zone.wall_time(instant).micros() % MICROS_PER_HOUR;
        if past != 0 && past != MICROS_PER_HOUR / 2 {
            continue;
        }
        let y = scale.y(instant);
        let stroke = if past == 0 { "stroke='#aab4c0'" } else { "stroke='#d3dae2' stroke-dasharray='1 5'" };
        put(svg, format_args!("<path d='M{left:.1} {y:.1}H{right:.1}' {stroke}/>"));
        // The clock's own label is in the same place.
        if past == 0 && now.is_none_or(|now| (now - y).abs() > 14.0) {
            put(
                svg,
                format_args!(
                    "<text class='a' x='{:.1}' y='{:.1}'>{}</text>\n",
                    left - 6.0,
                    y + 4.0,
                    time(board, instant)
                ),
            );
        }
    }
}

fn draw_card(svg: &mut String, board: &Board<'_>, provider: &ProviderDay<'_>, card: &Card, area: Area) {
    let booking = &card.appointment;
    let state = State::of(booking);
    let look = state.look();
    let area = Area {
        x: area.x + 2.0,
        y: area.y + 0.5,
        width: area.width - 4.0,
        height: (area.height - 1.0).max(2.0),
    };
    // An inner svg clips what leaves it.
    put(
        svg,
        format_args!(
            "<svg x='{:.1}' y='{:.1}' width='{:.1}' height='{:.1}'><title>{}</title>",
            area.x,
            area.y,
            area.width,
            area.height,
            escaped(&tooltip(board, provider, card, state))
        ),
    );
    draw_box(svg, &look, booking.is_overbooked, area.width, area.height);
    if area.height >= 11.0 {
        let y = (area.height / 2.0 + 4.0).min(14.0);
        put(svg, format_args!("<text class='s' x='{:.1}' y='{y:.1}'>{}</text>", STRIP / 2.0, state.letter()));
        if booking.is_overbooked && area.height >= 26.0 {
            put(svg, format_args!("<text class='s' x='{:.1}' y='{:.1}'>+</text>", STRIP / 2.0, y + 12.0));
        }
        draw_label(svg, board, card, state, area);
    }
    svg.push_str("</svg>\n");
}

fn draw_box(svg: &mut String, look: &Look, is_overbooked: bool, width: f64, height: f64) {
    let whole = Area { x: 0.5, y: 0.5, width: width - 1.0, height: height - 1.0 };
    rect(svg, whole, &format!("rx='3' fill='{}'", look.body));
    if let Some(pattern) = look.pattern {
        rect(svg, whole, &format!("rx='3' fill='url(#pg-clinic-{pattern})'"));
    }
    rect(svg, Area { width: STRIP, ..whole }, &format!("rx='3' fill='{}'", look.strip));
    let line = if is_overbooked { 2.5 } else { 1.0 };
    rect(
        svg,
        whole,
        &format!(
            "rx='3' fill='none' stroke='{}' stroke-width='{line}' stroke-dasharray='{}'",
            look.strip, look.dashes
        ),
    );
}

fn draw_label(svg: &mut String, board: &Board<'_>, card: &Card, state: State, area: Area) {
    let left = STRIP + 5.0;
    let width = area.width - left - 4.0;
    let patient = card.patient.as_deref().map_or(state.name().into(), one_line);
    let timed = format!("{} {patient}", time(board, card.appointment.during.start));
    let label = if pixels(&timed, NAME) <= width || width > 110.0 { &*timed } else { &*patient };
    let is_tall = area.height >= 30.0;
    let y = if is_tall { 14.0 } else { area.height / 2.0 + 4.0 };
    let label = in_pixels(label, width, NAME);
    let details = match &card.room {
        Some(room) => format!("{room} · {}", card.appointment_type),
        None => card.appointment_type.clone(),
    };
    if is_tall {
        text(svg, "n o", left, y, &label);
        text(svg, "d o", left, 27.0, &in_pixels(&details, width, DETAIL));
        return;
    }
    let used = pixels(&label, NAME) + 8.0;
    // Cut to less than this, details say nothing.
    let details = if width - used > 40.0 { in_pixels(&details, width - used, DETAIL) } else { String::new() };
    put(
        svg,
        format_args!(
            "<text class='o' x='{left:.1}' y='{y:.1}'><tspan class='n'>{}</tspan><tspan class='d' dx='8'>{}</tspan></text>",
            escaped(&label),
            escaped(&details)
        ),
    );
}

fn tooltip(board: &Board<'_>, provider: &ProviderDay<'_>, card: &Card, state: State) -> String {
    let Span { start, end } = card.appointment.during;
    let beside = if card.appointment.is_overbooked { ", overbooked" } else { "" };
    let room = card.room.as_ref().map_or_else(String::new, |room| format!("{room} · "));
    format!(
        "{}–{} {} · {} · {room}{} · {}{beside}",
        time(board, start),
        time(board, end),
        card.patient.as_deref().unwrap_or("no name yet"),
        card.appointment_type,
        provider.name,
        state.name()
    )
}

fn draw_legend(svg: &mut String, board: &Board<'_>, top: f64) {
    let mut x = MARGIN;
    let mut entry = |svg: &mut String, label: &str, draw: &dyn Fn(&mut String, f64)| {
        draw(svg, x);
        text(svg, "d", x + 34.0, top + 13.0, label);
        x += 34.0 + pixels(label, DETAIL) + 20.0;
    };
    for state in State::ALL {
        entry(svg, state.name(), &|svg, x| swatch(svg, state, false, x, top));
    }
    entry(svg, "overbooked, beside", &|svg, x| swatch(svg, State::Booked, true, x, top));
    let area = |x| Area { x, y: top, width: 28.0, height: 18.0 };
    let second_row = top + LEGEND_ROW;
    x = MARGIN;
    let mut entry = |svg: &mut String, label: &str, styles: &[&str]| {
        for style in styles {
            rect(svg, Area { y: second_row, ..area(x) }, style);
        }
        text(svg, "d", x + 34.0, second_row + 13.0, label);
        x += 34.0 + pixels(label, DETAIL) + 20.0;
    };
    entry(svg, "free", &["rx='3' fill='none' stroke='#9fb0c3' stroke-dasharray='2 4'"]);
    entry(svg, "buffer after a booking", &["fill='#fff' stroke='#b7c0cb'"]);
    entry(svg, "time off", &["fill='#edf0f3'", "fill='url(#pg-clinic-off)'"]);
    entry(svg, "closed", &["fill='#e4e8ed'"]);
    if let Some(closed) = board.closed() {
        let label = in_pixels(&closed, WIDTH - 2.0 * MARGIN, DETAIL);
        text(svg, "d", MARGIN, second_row + LEGEND_ROW + 13.0, &label);
    }
}

fn swatch(svg: &mut String, state: State, is_overbooked: bool, x: f64, y: f64) {
    put(svg, format_args!("<svg x='{x:.1}' y='{y:.1}' width='28' height='18'>"));
    draw_box(svg, &state.look(), is_overbooked, 28.0, 18.0);
    let letter = if is_overbooked { '+' } else { state.letter() };
    put(svg, format_args!("<text class='s' x='{:.1}' y='13'>{letter}</text></svg>", STRIP / 2.0));
}

fn time(board: &Board<'_>, instant: Instant) -> String {
    board.zone.wall_time(instant).to_string().chars().take(5).collect()
}
