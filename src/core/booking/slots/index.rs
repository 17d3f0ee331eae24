//! A sorted list of spans that quickly finds what overlaps a span. It doesn't know what the spans are.

use std::cmp::Reverse;

use crate::time::interval::{Instant, Span};

/// Spans, which may overlap each other, each with a value.
#[derive(Debug)]
pub(super) struct SpanIndex<T> {
    /// Sorted by start.
    entries: Vec<(Span, T)>,
    /// The latest end among the entries up to and including this one: never falls, so it can be searched.
    reach: Vec<Instant>,
}

impl<T: Copy> SpanIndex<T> {
    pub(super) fn new(mut entries: Vec<(Span, T)>) -> Self {
        entries.sort_by_key(|(span, _)| *span);
        let mut latest = Instant(i64::MIN);
        let reach = entries.iter().map(|(span, _)| {
            latest = latest.max(span.end);
            latest
        });
        Self { reach: reach.collect(), entries }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries that share an instant with `span`, the latest first.
    pub(super) fn overlapping(&self, span: Span) -> impl Iterator<Item = T> {
        let end = self.entries.partition_point(|(entry, _)| entry.start < span.end);
        let backward = self.entries[..end].iter().zip(&self.reach[..end]).rev();
        // Nothing before an entry that reaches too little reaches further.
        let near = backward.take_while(move |(_, reach)| **reach > span.start);
        near.filter(move |((entry, _), _)| entry.overlaps(span)).map(|((_, value), _)| *value)
    }

    pub(super) fn spans(&self) -> impl Iterator<Item = Span> {
        self.entries.iter().map(|(span, _)| *span)
    }
}

/// Spans of which one alone is to cover another.
#[derive(Debug)]
pub(super) struct Cover {
    /// Those that no other covers: by start, and so by end.
    spans: Vec<Span>,
}

impl Cover {
    pub(super) fn new(mut spans: Vec<Span>) -> Self {
        spans.sort_unstable_by_key(|span| (span.start, Reverse(span.end)));
        let mut reach = Instant(i64::MIN);
        spans.retain(|span| {
            let is_new = span.end > reach;
            reach = reach.max(span.end);
            is_new
        });
        Self { spans }
    }

    /// Whether one of the spans contains all of `span`.
    pub(super) fn covers(&self, span: Span) -> bool {
        let started = self.spans.partition_point(|own| own.start <= span.start);
        // The last of those that have begun reaches furthest.
        self.spans[..started].last().is_some_and(|own| own.end >= span.end)
    }
}

impl<T: Copy> Default for SpanIndex<T> {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}
