//! The picture of a day's rounds.

use std::collections::BTreeMap;

use crate::rounds::cases::plan;
use pg_clinic_core::draw::rounds::{RoundsBoard, draw_rounds, draw_rounds_svg, draw_sheet};
use pg_clinic_core::ids::*;
use pg_clinic_core::rounds::*;
use pg_clinic_core::time::interval::Minutes;
use pg_clinic_core::time::zone::Zone;
use proptest::prelude::*;

use crate::rounds::cases::*;
use crate::zones::date;

fn drawn(day: &Day, names: &str) -> (Vec<String>, Vec<String>) {
    see(day, names, |board| (draw_rounds(board), draw_sheet(board, StaffId(1))))
}

fn see<T>(day: &Day, names: &str, look: impl FnOnce(&RoundsBoard<'_>) -> T) -> T {
    let workers = (1..9).map(|id| (StaffId(id), format!("{names}{id}"))).collect();
    let clients: BTreeMap<_, _> = (2..20).map(|id| (ClientId(id), format!("{names} Client {id}"))).collect();
    let zone = &Zone::fixed(0).named("Etc/UTC");
    let plan = plan(day);
    let board = RoundsBoard {
        clinic: "Clinic",
        zone,
        date: date(2000, 1, 1),
        day,
        plan: &plan,
        workers: &workers,
        clients: &clients,
    };
    look(&board)
}

#[test]
fn the_svg_shows_workers_side_by_side_or_one_alone() {
    let visits = vec![visit(1, 1, 30), VisitRequest { kind: VisitKind::Redo, ..visit(2, 1, 30) }];
    let given = day(vec![area(1)], vec![worker(1, 1, 90), worker(2, 1, 60)], visits);
    let drawn = |only| see(&given, "Ada", |board| draw_rounds_svg(board, only));
    let (all, one) = (drawn(None), drawn(Some(StaffId(2))));
    assert!(all.contains("Clinic, rounds, Saturday 1 January 2000"));
    for name in ["Ada1", "Ada2", "client 1", "Ada Client 2", "north_1", "redo"] {
        assert!(all.contains(name), "{name} is missing");
    }
    assert!(one.contains("Ada2") && !one.contains("Ada1") && !one.contains("redo"));
}

#[test]
fn a_character_tells_what_a_worker_does() {
    let areas = vec![Area { travel: Minutes(15), ..area(1) }];
    let workers = vec![
        Worker { on_duty: vec![span(0, 150)], ..worker(1, 1, 120) },
        Worker { on_duty: vec![], ..worker(2, 1, 90) },
    ];
    let visits = vec![
        VisitRequest { kind: VisitKind::Redo, ..visit(1, 1, 30) },
        visit(2, 1, 20),
        VisitRequest { kind: VisitKind::WalkIn, ..visit(3, 1, 10) },
        visit(4, 1, 300),
    ];
    let (board, sheet) = drawn(&day(areas, workers, visits), "Ada ");
    assert_eq!(
        board,
        [
            "Clinic, rounds of Saturday 1 January 2000, Etc/UTC",
            "",
            "             06          07          08             visits",
            "Ada 1       |R=====---V===---W=............|  1:00 of 2:00",
            "Not on duty: Ada 2",
            "",
            "V visit  R redo  W walk-in  = goes on  2-9 so many start here",
            "- travel  . free  blank: not on duty; one character is 5 minutes",
            "Not placed: 1 (1 window_unmatched)",
        ]
    );
    assert_eq!(
        sheet,
        [
            "Ada 1: 3 visits, 1:00 of 2:00, 30 min of travel, Etc/UTC",
            "  06:00-06:30  client 1                   north_1         travel   0  redo",
            "  06:45-07:05  Ada  Client 2              north_1         travel  15",
            "  07:20-07:30  Ada  Client 3              north_1         travel  15  walk-in",
        ]
    );
}

#[test]
fn a_day_without_anybody_says_so() {
    let (board, sheet) = drawn(&Day::default(), "");
    assert_eq!(board[1], "Nobody is on duty.");
    assert_eq!(sheet, ["1: 0 visits"]);
}

proptest! {
    #![proptest_config(crate::cases(64))]

    #[test]
    fn no_line_is_wider_than_a_terminal(day in any_day_with_locks(), names in "[A-Za-z' .-]{0,60}") {
        let (board, sheet) = drawn(&day, &names);
        for line in board.iter().chain(&sheet) {
            prop_assert!(line.chars().count() <= 78, "{}", line);
        }
    }
}
