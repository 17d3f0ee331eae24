//! Spans, and wall-clock time against chrono-tz.

mod calendar;
mod interval;
