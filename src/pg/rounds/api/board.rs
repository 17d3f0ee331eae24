//! rounds_board and rounds_board_svg: a plan of rounds as text and as a picture, of all workers or of one.

use pg_clinic_core::draw::rounds::{RoundsBoard, draw_rounds, draw_rounds_svg, draw_sheet};
use pg_clinic_core::ids::StaffId;
use pgrx::{IntoDatum, pg_sys};

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::clinic::{self, clinic_name};
use crate::pg::platform::error::Result;
use crate::pg::platform::signatures::{Bigint, Required, Rows, Text, signatures};
use crate::pg::platform::spi::{self, Access};
use crate::pg::reports::load::rounds::add_former_workers;
use crate::pg::rounds::load::{Stored, stored, unknown_worker};

sql_functions! {
    pg_clinic_rounds_board, pg_finfo_pg_clinic_rounds_board => rounds_board;
    pg_clinic_rounds_board_svg, pg_finfo_pg_clinic_rounds_board_svg => rounds_board_svg;
}

signatures! {
    /// Arguments of `rounds_board`.
    RoundsBoardArguments = rounds_board(
        plan_id: Required<Bigint>, staff_id: Bigint = null, clinic_id: Bigint = null,
    ) -> table RoundsBoardLine { rounds_board: Text };
    /// Arguments of `rounds_board_svg`.
    RoundsBoardSvgArguments = rounds_board_svg(
        plan_id: Required<Bigint>, staff_id: Bigint = null, clinic_id: Bigint = null,
    ) -> Text;
}

/// The plan to draw.
struct RoundsBoardQuery {
    /// The clinic's name.
    clinic: String,
    stored: Stored,
    /// This worker alone.
    worker: Option<StaffId>,
}

impl RoundsBoardQuery {
    fn load(plan_id: i64, staff_id: Option<i64>, clinic_id: Option<i64>) -> Result<Self> {
        let worker = staff_id.map(StaffId);
        spi::connect(|spi| {
            let opened = clinic::open(spi, clinic_id, Access::Snapshot)?;
            let mut stored = stored(spi, &opened, plan_id)?;
            add_former_workers(spi, opened.clinic, &mut stored)?;
            if let Some(unknown) = worker.filter(|worker| !stored.loaded.workers.contains_key(worker)) {
                return Err(unknown_worker(opened.clinic, unknown));
            }
            Ok(Self { clinic: clinic_name(spi, opened.clinic)?, stored, worker })
        })
    }

    fn board(&self) -> RoundsBoard<'_> {
        let Stored { plan, loaded, rounds } = &self.stored;
        RoundsBoard {
            clinic: &self.clinic,
            zone: &loaded.zone,
            date: plan.from,
            day: &loaded.day,
            plan: rounds,
            workers: &loaded.workers,
            clients: &loaded.clients,
        }
    }
}

fn rounds_board(args: &Args) -> Result<pg_sys::Datum> {
    let RoundsBoardArguments { plan_id, staff_id, clinic_id } = RoundsBoardArguments::read(args)?;
    let query = RoundsBoardQuery::load(plan_id, staff_id, clinic_id)?;
    let board = query.board();
    let lines = query.worker.map_or_else(|| draw_rounds(&board), |worker| draw_sheet(&board, worker));
    let mut rows = Rows::<RoundsBoardLine>::new(args);
    for line in lines {
        rows.push(RoundsBoardLine { rounds_board: line.into() });
    }
    Ok(rows.done())
}

fn rounds_board_svg(args: &Args) -> Result<pg_sys::Datum> {
    let RoundsBoardSvgArguments { plan_id, staff_id, clinic_id } = RoundsBoardSvgArguments::read(args)?;
    let query = RoundsBoardQuery::load(plan_id, staff_id, clinic_id)?;
    let picture = draw_rounds_svg(&query.board(), query.worker);
    Ok(picture.into_datum().unwrap_or(pg_sys::Datum::null()))
}
