//! Pictures, as text for a terminal and as SVG for a browser. They draw the values they are given and decide nothing
//! about them.

pub mod day;
mod measure;
pub mod roster;
pub mod rounds;
mod shapes;
