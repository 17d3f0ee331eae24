//! The SQL functions, one thin file a family. Their DDL is in sql/members.

mod bookings;
mod refusal;
mod requests;
mod set_up;
mod slots;
