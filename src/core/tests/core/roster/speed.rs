//! Spelling out all rules of a large clinic takes a moment, not seconds. The bound is loose: machines are shared.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use pg_clinic_core::ids::{ProviderId, StaffId};
use pg_clinic_core::roster::catalog::{Mode, Modes, Period, RuleKind};
use pg_clinic_core::roster::expand::{candidates, expand};
use pg_clinic_core::roster::explain::explain;
use pg_clinic_core::roster::judge::judge;
use pg_clinic_core::roster::problem::{Preference, Shift, StatedBy};
use pg_clinic_core::roster::rules::catalog;
use pg_clinic_core::roster::settings::RuleKey;

use super::problems::{KINDS, person, rule, shift, week};

#[test]
fn spells_out_a_large_clinic() {
    let staff = (1..=100).map(person).collect();
    let shifts = (0..600).map(|at| {
        let hour = [8, 13][at as usize % 2];
        let provider = Some(ProviderId(at / 10 + 1));
        Shift { provider, ..shift(at + 1, at % 5, hour, KINDS[at as usize % 3]) }
    });
    let rules = catalog().map(|entry| {
        let mode = if entry.modes == Modes::Hard { Mode::Hard } else { Mode::Soft };
        let limit = if entry.kind == RuleKind::MinRest { 660 } else { 3 };
        let succession = |kind: &str| entry.needs_succession.then(|| kind.to_owned());
        let (shift_kind, next_shift_kind) = (succession("night"), succession("day"));
        let period = entry.needs_period.then_some(Period::Week);
        {
            let key = RuleKey { shift_kind, next_shift_kind, period, ..RuleKey::of(entry.kind) };
            rule(key, mode, 10, limit)
        }
    });
    let mut problem = week(staff, shifts.collect(), rules.collect());
    for at in 1..=600 {
        let (staff, provider) = (StaffId(at % 100 + 1), ProviderId(at % 60 + 1));
        let (stated_by, is_preferred, is_strong) = (StatedBy::Staff, at % 3 > 0, at % 2 > 0);
        problem.preferences.push(Preference { staff, provider, stated_by, is_preferred, is_strong });
    }
    let began = Instant::now();
    let expansion = expand(&problem, candidates(&problem), &mut || ControlFlow::Continue(())).unwrap();
    let expanded = began.elapsed();
    let assigned: Vec<_> = expansion.pairs.iter().map(|pair| pair.shift % 100 == pair.staff).collect();
    let judgment = judge(&expansion, &assigned);
    let judged = began.elapsed();
    let candidates = explain(&problem, &expansion, &assigned, 17);
    let report = format!(
        "expanded {expanded:?}, judged {judged:?}, explained {:?}: {} instances, {} groups, {} terms",
        began.elapsed(),
        expansion.instances.len(),
        expansion.groups.len(),
        expansion.instances.iter().map(|instance| instance.terms.len()).sum::<usize>(),
    );
    assert_eq!(candidates.len(), 100);
    assert!(judgment.objective != 0);
    if std::env::var_os("ROSTER_SPEED").is_some() {
        eprintln!("{report}");
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{report}");
}
