//! Bookings: literal cases by module, and slots against a naive oracle.

mod absence;
mod backfill;
mod change;
mod effective;
mod event;
mod explain;
mod freed;
mod loading;
mod oracle;
mod properties;
mod reason;
mod recommend;
mod score;
mod sequence;
mod series;
mod slots;
mod status;
mod together;
mod vacancy;
