//! The picture of a day's rounds.

use std::collections::BTreeMap;

use pg_clinic_core::board::{RoundsBoard, draw_rounds, draw_sheet};
use pg_clinic_core::calendar::Zone;
use pg_clinic_core::ids::*;
use pg_clinic_core::interval::Minutes;
use pg_clinic_core::rounds::*;
use proptest::prelude::*;

use super::cases::*;
use crate::zones::date;

fn drawn(day: &Day, names: &str) -> (Vec<String>, Vec<String>) {
    let workers = (1..9).map(|id| (StaffId(id), format!("{names}{id}"))).collect();
    let clients: BTreeMap<_, _> = (2..20).map(|id| (ClientId(id), format!("{names} Client {id}"))).collect();
    let zone = &Zone::fixed(0);
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
    (draw_rounds(&board), draw_sheet(&board, StaffId(1)))
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
            "Clinic, rounds of Saturday 1 January 2000",
            "",
            "             06          07          08             visits",
            "Ada 1       |R=====---V===---W=............|  1:00 of 2:00",
            "Not on duty: Ada 2",
            "",
            "V visit  R redo  W walk-in  = goes on  2-9 so many start here",
            "- on the way  . free  blank: not on duty; one character is 5 minutes",
            "Not placed: 1 (1 window_unmatched)",
        ]
    );
    assert_eq!(
        sheet,
        [
            "Ada 1: 3 visits, 1:00 of 2:00, 30 min on the way",
            "  06:00-06:30  client 1                      north_1         way   0  redo",
            "  06:45-07:05  Ada  Client 2                 north_1         way  15",
            "  07:20-07:30  Ada  Client 3                 north_1         way  15  walk-in",
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
