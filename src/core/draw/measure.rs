//! How wide text is: in columns of a terminal, and in pixels of a browser's sans-serif font. Estimates, on the safe
//! side; knows nothing of what the text means.

use std::borrow::Cow;

/// The sign for the part that was cut off.
const ELLIPSIS: char = '…';

/// Whether a character does something to a line rather than be a part of it: a control, a line break, or a mark that turns
/// the direction of writing, for what follows it too.
pub(crate) fn is_control(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `text` on one line: control characters, line breaks too, become spaces.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains(is_control) { Cow::Owned(text.replace(is_control, " ")) } else { Cow::Borrowed(text) }
}

/// Columns of a terminal that a character takes.
fn columns_of(character: char) -> u32 {
    match character {
        _ if is_combining(character) => 0,
        _ if is_wide(character) => 2,
        _ => 1,
    }
}

/// Columns of a terminal that `text` takes.
pub(crate) fn columns(text: &str) -> usize {
    text.chars().map(columns_of).sum::<u32>() as usize
}

/// `text` in exactly `width` columns: cut or filled up.
pub(crate) fn in_columns(text: &str, width: usize) -> String {
    let mut fitted = cut(&one_line(text), width as f64, |character| f64::from(columns_of(character)));
    let missing = width.saturating_sub(columns(&fitted));
    fitted.extend(std::iter::repeat_n(' ', missing));
    fitted
}

/// Pixels that `text` takes at a font size, in the widest of the fonts that browsers take for sans-serif (DejaVu Sans).
pub(crate) fn pixels(text: &str, font_size: f64) -> f64 {
    text.chars().map(em_of).sum::<f64>() * font_size
}

/// As much of `text` as fits into so many pixels, with an ellipsis where it was cut; empty where not one letter fits.
pub(crate) fn in_pixels(text: &str, width: f64, font_size: f64) -> String {
    cut(&one_line(text), width / font_size, em_of)
}

fn cut(text: &str, width: f64, width_of: impl Fn(char) -> f64) -> String {
    if text.chars().map(&width_of).sum::<f64>() <= width {
        return text.to_owned();
    }
    let mut left = width - width_of(ELLIPSIS);
    let fitting = text.chars().take_while(|character| {
        left -= width_of(*character);
        left >= 0.0
    });
    let kept: String = fitting.collect();
    match kept.trim_end() {
        "" => String::new(),
        kept => format!("{kept}{ELLIPSIS}"),
    }
}

/// Width in parts of the font size: DejaVu Sans's, rounded up.
fn em_of(character: char) -> f64 {
    match character {
        _ if is_combining(character) => 0.0,
        _ if is_wide(character) => 1.05,
        'i' | 'j' | 'l' | 'I' | 'J' => 0.3,
        ' ' | '.' | ',' | ':' | ';' | '\'' | '|' | '/' | '!' | '·' | '’' => 0.35,
        'f' | 't' | 'r' | '-' | '(' | ')' | '[' | ']' => 0.42,
        'm' | 'w' | 'W' | 'M' | '@' | '%' | '…' | '—' | 'Æ' | 'Œ' | 'æ' | 'œ' => 1.0,
        'A'..='Z' | '+' | '=' | '&' => 0.8,
        character if character.is_lowercase() || character.is_ascii() => 0.65,
        _ => 0.85,
    }
}

/// Marks that are drawn on the letter before, in the scripts where they are common.
fn is_combining(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{200b}'..='\u{200f}' | '\u{20d0}'..='\u{20ff}'
        | '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' | '\u{feff}')
}

/// East Asian wide and full-width characters, and emoji.
fn is_wide(character: char) -> bool {
    matches!(character, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{303e}' | '\u{3041}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}')
}
