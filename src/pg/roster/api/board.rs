//! roster_board and roster_board_svg: a plan or the record as text and as a picture.

use pg_clinic_core::draw::roster::{Board, draw_svg, draw_text};
use pgrx::pg_sys;

use crate::pg::platform::args::{Args, ResultSet, sql_functions, text};
use crate::pg::platform::error::Result;
use crate::pg::platform::spi::{self, Access};
use crate::pg::platform::{clinic, session};
use crate::pg::roster::load::board::{Asked, Roster, roster};

sql_functions! {
    pg_clinic_roster_board_of_plan, pg_finfo_pg_clinic_roster_board_of_plan => text_of_plan;
    pg_clinic_roster_board, pg_finfo_pg_clinic_roster_board => text_of_record;
    pg_clinic_roster_board_svg_of_plan, pg_finfo_pg_clinic_roster_board_svg_of_plan => svg_of_plan;
    pg_clinic_roster_board_svg, pg_finfo_pg_clinic_roster_board_svg => svg_of_record;
}

impl Roster {
    fn into_board<T>(self, draw: impl FnOnce(&Board<'_>) -> T) -> T {
        let Self { clinic, subject, zone, from, to, shifts, people } = self;
        draw(&Board { clinic: &clinic, subject: &subject, zone: &zone, from, to, shifts, people })
    }
}

fn load_roster(asked: Asked, clinic: Option<i64>) -> Result<Roster> {
    spi::connect(|spi| {
        let opened = clinic::open(spi, clinic, Access::Snapshot)?;
        let today = opened.today(session::now())?;
        roster(spi, &opened, asked, today)
    })
}

fn of_plan(args: &Args) -> Result<Roster> {
    load_roster(Asked::Plan(args.required(0, "plan_id")?), args.opt(1))
}

fn of_record(args: &Args) -> Result<Roster> {
    let asked = Asked::Record { from: args.date(0, "from_date")?, to: args.date(1, "to_date")? };
    load_roster(asked, args.opt(2))
}

fn lines(args: &Args, roster: Roster) -> pg_sys::Datum {
    let mut set = ResultSet::of_values(args);
    for line in roster.into_board(draw_text) {
        set.push([text(&line)]);
    }
    set.done()
}

fn picture(roster: Roster) -> pg_sys::Datum {
    text(&roster.into_board(draw_svg)).unwrap_or(pg_sys::Datum::null())
}

fn text_of_plan(args: &Args) -> Result<pg_sys::Datum> {
    Ok(lines(args, of_plan(args)?))
}

fn text_of_record(args: &Args) -> Result<pg_sys::Datum> {
    Ok(lines(args, of_record(args)?))
}

fn svg_of_plan(args: &Args) -> Result<pg_sys::Datum> {
    of_plan(args).map(picture)
}

fn svg_of_record(args: &Args) -> Result<pg_sys::Datum> {
    of_record(args).map(picture)
}
