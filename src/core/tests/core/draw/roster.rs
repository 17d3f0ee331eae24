//! The pictures of a roster: what they say, and that they stay legible and well-formed whatever the names.

use chrono::Days;
use pg_clinic_core::draw::roster::*;
use pg_clinic_core::ids::*;
use pg_clinic_core::time::interval::{Minutes, Span};
use pg_clinic_core::time::zone::Zone;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::draw::day::{name, open_elements};
use crate::zones::{date, utc};

fn shift(id: i64, provider: Option<(i64, &str)>, start: &str, staff_needed: i64) -> Shift {
    let during = Span { start: utc(start), end: utc(start) + Minutes(240) };
    let provider = provider.map(|(id, name)| (ProviderId(id), name.to_owned()));
    let date = Zone::fixed(0).local_date(during.start);
    Shift {
        id: ShiftId(id),
        kind: "day".to_owned(),
        provider,
        during,
        date,
        staff_needed,
        assigned: Vec::new(),
    }
}

fn with(mut shift: Shift, assigned: &[(i64, Fit)]) -> Shift {
    shift.assigned = assigned.iter().map(|(id, fit)| Assigned { staff: StaffId(*id), fit: *fit }).collect();
    shift
}

fn with_board<T>(shifts: Vec<Shift>, names: &[&str], see: impl FnOnce(&Board<'_>) -> T) -> T {
    let people = (1..).zip(names).map(|(id, name)| Person { id: StaffId(id), name: (*name).to_owned() });
    see(&Board {
        clinic: "Clinic",
        subject: "plan 3, OPTIMAL",
        zone: &Zone::fixed(0),
        from: date(2026, 4, 13),
        to: date(2026, 4, 26),
        shifts,
        people: people.collect(),
    })
}

#[test]
fn text_tells_who_is_where() {
    let shifts = vec![
        with(shift(1, Some((1, "Adler")), "2026-04-13 08:00", 1), &[(1, Fit::Preferred)]),
        with(shift(2, Some((1, "Adler")), "2026-04-14 08:00", 1), &[(2, Fit::NonPreferred)]),
        with(shift(3, Some((1, "Adler")), "2026-04-14 13:00", 1), &[(1, Fit::Mixed)]),
        with(shift(4, Some((2, "Dr. Baer-Lichtenstein")), "2026-04-13 08:00", 2), &[(2, Fit::Neutral)]),
        shift(5, None, "2026-04-13 20:00", 2),
        with(shift(6, None, "2026-04-14 20:00", 1), &[(1, Fit::Neutral), (2, Fit::Neutral)]),
        shift(7, None, "2026-04-21 20:00", 0),
    ];
    let lines =
        with_board(shifts, &["Ana", "Beatrice Appleton the Second of Lower Saxony", "Cem"], draw_text);
    let expected = "\
Clinic, plan 3, OPTIMAL
Monday 13 April 2026 to Sunday 26 April 2026

Apr 2026            | Mon 13                 | Tue 14                 |
Adler          08:00|*Ana                    |!Beatrice Appleton the… |
               13:00|                        |~Ana                    |
Dr. Baer-Lich… 08:00| Beatrice Appleton the… |                        |
                    |?open                   |                        |
day            20:00|?open 2                 | Ana                    |
                    |                        | Beatrice Appleton the… |
                    |                        |+1                      |

Apr 2026      | Tue 21                 |
day      20:00| -                      |

* preferred  ! non-preferred  ~ both  ? open  + more than needed
5 of 8 places filled; preferred pairs: 1, non-preferred: 1
Shifts of each, and how many of them preferred:
Ana                 3 1*  Beatrice Appleton…  3     Cem                 0";
    assert_eq!(lines.join("\n"), expected);
}

#[test]
fn a_roster_without_shifts_says_so() {
    let text = with_board(vec![], &["Ana"], draw_text);
    assert_eq!(text[2..], ["There are no shifts on these dates."]);
    assert!(with_board(vec![], &["Ana"], draw_svg).contains("There are no shifts"));
}

#[test]
fn svg_tells_each_shift() {
    let shifts = vec![
        with(shift(1, Some((1, "Adler")), "2026-04-13 08:00", 2), &[(1, Fit::Preferred)]),
        with(shift(2, None, "2026-04-13 20:00", 0), &[(1, Fit::Neutral), (2, Fit::Mixed)]),
    ];
    let svg = with_board(shifts, &["Ana", "Bea"], draw_svg);
    let titles: Vec<_> =
        svg.split("<title>").skip(1).filter_map(|part| part.split("</title>").next()).collect();
    assert_eq!(
        titles,
        [
            "Mon 13 Apr 08:00–12:00 · day · Adler · Ana (preferred) · open",
            "Mon 13 Apr 20:00–00:00 · day · Ana · Bea (preferred by one, non-preferred by the other) · 2 more than needed",
        ]
    );
}

fn any_shift() -> impl Strategy<Value = Shift> {
    let fit = select(vec![Fit::Neutral, Fit::Preferred, Fit::NonPreferred, Fit::Mixed]);
    let who = (proptest::option::of((1_i64..4, name())), name(), vec((1_i64..4, fit), 0..4));
    (0_u64..40, 0_i32..1440, 1_i32..2880, 0_i64..4, who).prop_map(
        |(day, minute, minutes, staff_needed, (provider, kind, assigned))| {
            let date = date(2026, 4, 13) + Days::new(day);
            let start = utc(&format!("{date} 00:00")) + Minutes(minute);
            let during = Span { start, end: start + Minutes(minutes) };
            let provider = provider.map(|(id, name)| (ProviderId(id), name));
            let id = ShiftId(i64::from(minute));
            with(Shift { id, kind, provider, during, date, staff_needed, assigned: Vec::new() }, &assigned)
        },
    )
}

proptest! {
    #![proptest_config(crate::cases(100))]

    #[test]
    fn text_stays_within_its_columns(shifts in vec(any_shift(), 0..40), names in vec(name(), 3)) {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        for line in with_board(shifts, &names, draw_text) {
            prop_assert!(!line.contains('\n'));
            prop_assert!(line.chars().filter(|c| c.is_ascii()).count() <= 78, "{line}");
        }
    }

    #[test]
    fn svg_is_well_formed(shifts in vec(any_shift(), 0..40), names in vec(name(), 3)) {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let svg = with_board(shifts, &names, draw_svg);
        prop_assert_eq!(open_elements(&svg), Ok(Vec::new()), "{}", svg);
        prop_assert!(!svg.chars().any(|c| c.is_control() && c != '\n'));
    }
}
