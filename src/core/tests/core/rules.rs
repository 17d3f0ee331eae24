//! Rules that the rooms share.

mod cascade;
