//! Time: instants and spans, the calendar's dates and times of day, weekly windows, and the zones that turn one into the
//! other; instants in JSON.

pub mod calendar;
pub mod interval;
pub mod rfc3339;
pub mod windows;
pub mod zone;
