//! roster_board and roster_board_svg: a plan or the record as text and as a picture.

use chrono::NaiveDate;
use pg_clinic_core::draw::roster::{Board, draw_svg, draw_text};
use pgrx::{IntoDatum, pg_sys};

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::signatures::{Rows, signatures};
use crate::pg::platform::spi::{self, Access};
use crate::pg::platform::sql_types::{Bigint, Date, Text};
use crate::pg::platform::{clinic, session};
use crate::pg::roster::load::board::{BoardQuery, Roster, roster};

sql_functions! {
    pg_clinic_roster_board, pg_finfo_pg_clinic_roster_board => roster_board;
    pg_clinic_roster_board_svg, pg_finfo_pg_clinic_roster_board_svg => roster_board_svg;
}

signatures! {
    /// Arguments of `roster_board`.
    RosterBoard = roster_board(plan_id: Bigint = null, from_date: Date = null, to_date: Date = null, clinic_id: Bigint = null)
        -> table RosterBoardLine { roster_board: Text };
    /// Arguments of `roster_board_svg`.
    RosterBoardSvg = roster_board_svg(
        plan_id: Bigint = null, from_date: Date = null, to_date: Date = null, clinic_id: Bigint = null,
    ) -> Text;
}

impl Roster {
    fn into_board<T>(self, draw: impl FnOnce(&Board<'_>) -> T) -> T {
        let Self { clinic, subject, zone, from, to, shifts, people } = self;
        draw(&Board { clinic: &clinic, subject: &subject, zone: &zone, from, to, shifts, people })
    }
}

fn load(
    plan: Option<i64>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    clinic: Option<i64>,
) -> Result<Roster> {
    let query = match plan {
        None => BoardQuery::Record { from, to },
        Some(id) if from.is_none() && to.is_none() => BoardQuery::Plan(id),
        Some(_) => {
            return Err(ClinicError::new(
                SqlState::InvalidArgument,
                "plan_id and dates can't be given together",
            )
            .hint("A plan has its own dates. Without plan_id it is the record that is shown."));
        }
    };
    spi::connect(|spi| {
        let opened = clinic::open(spi, clinic, Access::Snapshot)?;
        let today = opened.today(session::now())?;
        roster(spi, &opened, query, today)
    })
}

fn roster_board(args: &Args) -> Result<pg_sys::Datum> {
    let RosterBoard { plan_id, from_date, to_date, clinic_id } = RosterBoard::read(args)?;
    let mut rows = Rows::<RosterBoardLine>::new(args);
    for line in load(plan_id, from_date, to_date, clinic_id)?.into_board(draw_text) {
        rows.push(RosterBoardLine { roster_board: line.into() });
    }
    Ok(rows.done())
}

fn roster_board_svg(args: &Args) -> Result<pg_sys::Datum> {
    let RosterBoardSvg { plan_id, from_date, to_date, clinic_id } = RosterBoardSvg::read(args)?;
    let picture = load(plan_id, from_date, to_date, clinic_id)?.into_board(draw_svg);
    Ok(picture.into_datum().unwrap_or(pg_sys::Datum::null()))
}
