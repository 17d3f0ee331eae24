//! "Why me?", by example.

use pg_clinic_core::ids::{ProviderId, StaffId, TimeOffId};
use pg_clinic_core::roster::catalog::RuleKind;
use pg_clinic_core::roster::explain::explain;
use pg_clinic_core::roster::problem::{Preference, Shift, StatedBy};
use pg_clinic_core::roster::settings::Rules;

use super::problems::{all_pairs, person, shift, span, week};
use super::properties::expanded;

#[test]
fn lists_who_might_have_had_a_shift() {
    let mut problem = week((1..=4).map(person).collect(), Vec::new(), Vec::new());
    problem.rules = Rules::new(Vec::new());
    problem.shifts = vec![
        Shift {
            provider: Some(ProviderId(3)),
            required_skills: vec!["surgery".to_owned()],
            ..shift(1, 0, 8, "day")
        },
        shift(2, 0, 12, "late"),
    ];
    for staff in [0, 1, 2] {
        problem.staff[staff].skills = vec!["surgery".to_owned()];
    }
    problem.staff[1].time_off = vec![(TimeOffId(12), span(0, 0, 1440))];
    problem.preferences = vec![Preference {
        staff: StaffId(1),
        provider: ProviderId(3),
        stated_by: StatedBy::Staff,
        is_preferred: true,
        is_strong: true,
    }];
    let expansion = expanded(&problem, all_pairs(&problem));
    let assigned: Vec<_> = expansion
        .pairs
        .iter()
        .map(|pair| (pair.staff, pair.shift) == (2, 0) || (pair.staff, pair.shift) == (0, 1))
        .collect();
    let found: Vec<_> = explain(&problem, &expansion, &assigned, 0)
        .into_iter()
        .map(|row| {
            let lines = row.cost_by_rule.iter().map(|line| (line.kind, line.cost)).collect::<Vec<_>>();
            (problem.staff[row.staff].id.0, row.is_assigned, row.sentences.join("; "), row.cost_change, lines)
        })
        .collect();
    let load = (RuleKind::LoadBalance, 10);
    assert_eq!(
        found,
        [
            (3, true, String::new(), 0, vec![]),
            (
                1,
                false,
                "Ana (staff 1) works another shift at the same time as shift 2".to_owned(),
                -50,
                vec![(RuleKind::Preferred, -50), load, (RuleKind::PreferenceDebt, -10)]
            ),
            (4, false, "Dan (staff 4) lacks surgery for shift 1".to_owned(), 0, vec![]),
            // Who is off has no share of it.
            (2, false, "Ben (staff 2) is off during shift 1 (time off 12)".to_owned(), 10, vec![load]),
        ]
    );
}
