//! Rules that the rooms share.

pub mod cascade;
