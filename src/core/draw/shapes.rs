//! The parts of pictures: the frame of an SVG, boxes and lines of text, escaped. Knows nothing of what is drawn.

use std::borrow::Cow;
use std::fmt::Write;

use super::measure::{in_pixels, is_control};

/// Width of a picture.
pub(crate) const WIDTH: f64 = 1200.0;
/// Left free on each side.
pub(crate) const MARGIN: f64 = 16.0;
/// The height of the title.
pub(crate) const TITLE_HEIGHT: f64 = 52.0;
const TITLE: f64 = 19.0;
/// Font size of a heading, class `h`.
pub(crate) const HEADING: f64 = 14.0;
/// Font size of a name, class `n`.
pub(crate) const NAME: f64 = 12.0;
/// Font size of a detail, class `d`, and of a label in the middle, class `g`.
pub(crate) const DETAIL: f64 = 10.5;

const STYLE: &str = "text{font-family:Arial,Helvetica,'Liberation Sans','DejaVu Sans',sans-serif;fill:#1d2733}\
.h{font-size:14px;font-weight:600}.n{font-size:12px;font-weight:600}.d{font-size:10.5px;fill:#3c4858}\
.s{font-size:11px;font-weight:700;fill:#fff;text-anchor:middle}.a{font-size:11px;fill:#566273;text-anchor:end}\
.g{font-size:10.5px;fill:#5a6675;text-anchor:middle}.o{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}";

/// A box on the picture.
#[derive(Clone, Copy)]
pub(crate) struct Area {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// A pattern: its name, the size of its tile, what is drawn on it.
pub(crate) type Pattern = (&'static str, f64, &'static str);

/// Begins a picture so high, with its title at the top; [`close`] ends it.
pub(crate) fn open(svg: &mut String, title: &str, height: f64, patterns: &[Pattern]) {
    put(
        svg,
        format_args!(
            "<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{height:.0}' viewBox='0 0 {WIDTH} {height:.0}' \
         role='img' aria-label='{}'>\n<style>{STYLE}</style>\n<defs>",
            escaped(title)
        ),
    );
    for (name, size, drawing) in patterns {
        put(
            svg,
            format_args!(
                "<pattern id='pg-clinic-{name}' width='{size}' height='{size}' patternUnits='userSpaceOnUse'>{drawing}</pattern>"
            ),
        );
    }
    put(svg, format_args!("</defs>\n<rect width='100%' height='100%' fill='#fff'/>\n"));
    let title = escaped(&in_pixels(title, WIDTH - 2.0 * MARGIN, TITLE)).into_owned();
    put(
        svg,
        format_args!(
            "<text x='{MARGIN}' y='32' style='font-size:{TITLE}px;font-weight:700'>{title}</text>\n"
        ),
    );
}

/// Ends the picture.
pub(crate) fn close(svg: &mut String) {
    svg.push_str("</svg>\n");
}

/// A rectangle.
pub(crate) fn rect(svg: &mut String, area: Area, style: &str) {
    let Area { x, y, width, height } = area;
    put(
        svg,
        format_args!(
            "<rect x='{x:.1}' y='{y:.1}' width='{:.1}' height='{:.1}' {style}/>",
            width.max(0.0),
            height.max(0.0)
        ),
    );
}

/// A line of text, from `x` on, with its base line at `y`.
pub(crate) fn text(svg: &mut String, class: &str, x: f64, y: f64, text: &str) {
    put(svg, format_args!("<text class='{class}' x='{x:.1}' y='{y:.1}'>{}</text>\n", escaped(text)));
}

/// Appends what `format_args!` gives.
pub(crate) fn put(svg: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a String never fails.
    let _ = svg.write_fmt(what);
}

/// `text` for the inside of an element or a quoted attribute. XML has no way to write most control characters.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    let is_special =
        |c: char| matches!(c, '&' | '<' | '>' | '"' | '\'' | '\u{fffe}' | '\u{ffff}') || is_control(c);
    if !text.contains(is_special) {
        return text.into();
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            control if is_control(control) => escaped.push(' '),
            character => escaped.push(character),
        }
    }
    escaped.into()
}
