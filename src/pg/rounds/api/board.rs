//! rounds_board and rounds_board_svg: a plan of rounds as text and as a picture, of all workers or of one.

use pg_clinic_core::draw::rounds::{RoundsBoard, draw_rounds, draw_rounds_svg, draw_sheet};
use pg_clinic_core::ids::StaffId;
use pgrx::pg_sys;

use crate::pg::platform::args::{Args, ResultSet, sql_functions, text};
use crate::pg::platform::clinic::{self, clinic_name};
use crate::pg::platform::error::Result;
use crate::pg::platform::spi::{self, Access};
use crate::pg::reports::load::rounds::{add_former_workers, unknown_worker};
use crate::pg::rounds::load::{Stored, stored};

sql_functions! {
    pg_clinic_rounds_board, pg_finfo_pg_clinic_rounds_board => rounds_board;
    pg_clinic_rounds_board_svg, pg_finfo_pg_clinic_rounds_board_svg => rounds_board_svg;
}

/// What is to be drawn.
struct Asked {
    /// The clinic's name.
    clinic: String,
    stored: Stored,
    /// This worker alone.
    worker: Option<StaffId>,
}

impl Asked {
    fn load(args: &Args) -> Result<Self> {
        let plan: i64 = args.required(0, "plan_id")?;
        let worker = args.opt(1).map(StaffId);
        spi::connect(|spi| {
            let opened = clinic::open(spi, args.opt(2), Access::Snapshot)?;
            let mut stored = stored(spi, &opened, plan)?;
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
    let asked = Asked::load(args)?;
    let board = asked.board();
    let mut set = ResultSet::of_values(args);
    for line in asked.worker.map_or_else(|| draw_rounds(&board), |worker| draw_sheet(&board, worker)) {
        set.push([text(&line)]);
    }
    Ok(set.done())
}

fn rounds_board_svg(args: &Args) -> Result<pg_sys::Datum> {
    let asked = Asked::load(args)?;
    let picture = draw_rounds_svg(&asked.board(), asked.worker);
    Ok(text(&picture).unwrap_or(pg_sys::Datum::null()))
}
