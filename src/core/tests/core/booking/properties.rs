//! Properties of finding, booking and explaining, over random clinics around the days when clocks change.

use pg_clinic_core::booking::clinic::{Clinic, Occupied};
use pg_clinic_core::booking::explain::{WhyNot, explain};
use pg_clinic_core::booking::reason::{BookingKind, Refusal};
use pg_clinic_core::booking::score::Score;
use pg_clinic_core::booking::slots::{Question, Slot, ToLoad, best, find, refusals, weighed_dates};
use pg_clinic_core::time::calendar::{TimesOfDay, Weekdays};
use pg_clinic_core::time::interval::{Instant, Span};
use proptest::prelude::*;

use crate::booking::oracle::{Expected, Oracle};
use crate::clinics::{Case, case};
use crate::zones::to_local;

proptest! {
    #![proptest_config(crate::cases(64))]

    #[test]
    fn finds_what_the_oracle_finds(case in case()) {
        let question = Question { max_results: None, ..case.question.clone() };
        let found: Vec<_> = find_all(&case.clinic, &question).iter().map(as_expected).collect();
        same(&found, &Oracle::new(&case).slots())?;
    }

    #[test]
    fn explains_what_the_oracle_explains(case in case(), kind in any_kind()) {
        let oracle = Oracle::new(&case);
        let mut expected = Vec::new();
        for provider in 0..case.clinic.providers.len() {
            for start in oracle.starts(provider) {
                expected.extend(rows_at(&case, &oracle, provider, start, kind));
            }
            for date in case.question.from.iter_days().take_while(|date| *date <= case.question.to) {
                let reason = oracle.day_reason(provider, date, kind);
                expected.extend(reason.map(|code| (provider, date.to_string(), None, None, code.into())));
            }
        }
        expected.sort();
        same(&explained(&case, None, kind), &expected)?;
    }

    #[test]
    fn explains_any_instant(case in case(), kind in any_kind()) {
        let oracle = Oracle::new(&case);
        let rows = (0..case.clinic.providers.len()).flat_map(|provider| rows_at(&case, &oracle, provider, case.at, kind));
        let mut expected: Vec<_> = rows.collect();
        expected.sort();
        same(&explained(&case, Some(case.at), kind), &expected)?;
    }

    #[test]
    fn books_what_the_oracle_allows(case in case(), kind in select_kind(), provider in 0_usize..3, room in 0_usize..3) {
        let (provider, room) = (provider % case.clinic.providers.len(), room % case.clinic.rooms.len());
        let oracle = Oracle::new(&case);
        let starts = oracle.starts(provider).into_iter().step_by(7).chain([case.at]);
        for start in starts {
            let reported = refusals(&case.clinic, provider, room, start, kind, case.question.now);
            prop_assert_eq!(reported, oracle.refusals(provider, room, start, kind), "at {:?}", start);
        }
    }

    #[test]
    fn the_best_place_at_a_start_is_the_oracles(case in case(), kind in select_kind(), is_overridden in any::<bool>()) {
        let mut case = case;
        case.question.preferred = TimesOfDay::default();
        let oracle = Oracle::new(&case);
        let starts = (0..case.clinic.providers.len()).flat_map(|provider| oracle.starts(provider)).step_by(7);
        for start in starts.chain([case.at]) {
            let chosen = best(&case.clinic, start, kind, is_overridden, case.question.now);
            let chosen = chosen.map(|slot| (slot.provider, slot.room, i64::from(slot.quality.ten_thousandths())));
            prop_assert_eq!(chosen, oracle.best(start, kind, is_overridden), "at {:?}", start);
        }
    }

    #[test]
    fn every_place_is_either_found_or_explained(case in case()) {
        let question = Question { all_rooms: true, include_overbooked: true, max_results: None,
            acceptable: TimesOfDay::default(), weekdays: Weekdays::ALL, ..case.question.clone() };
        let found = find_all(&case.clinic, &question);
        let explained = explained(&case, None, None);
        for slot in &found {
            let is_explained = explained.iter().any(|row| (row.0, row.2, row.3) == (slot.provider, Some(slot.start), Some(slot.room)));
            prop_assert!(!is_explained, "{:?}", slot);
        }
        let mut places: Vec<_> = explained.iter().filter_map(|row| Some((row.0, row.2?, row.3?))).collect();
        places.dedup();
        let starts: usize = Oracle::new(&case).starts_of_all();
        prop_assert_eq!(found.len() + places.len(), starts * case.clinic.rooms.len());
    }
}

proptest! {
    // Without the oracle a case takes little time.
    #![proptest_config(crate::cases(160))]

    #[test]
    fn every_slot_found_can_be_booked(case in case()) {
        for slot in find_all(&case.clinic, &case.question).iter().step_by(5) {
            let kind = if slot.is_overbooked { BookingKind::Overbooked } else { BookingKind::Normal };
            let reported = refusals(&case.clinic, slot.provider, slot.room, slot.start, kind, case.question.now);
            prop_assert_eq!(reported, vec![]);
        }
    }

    #[test]
    fn max_results_gives_the_first_ones(case in case(), max_results in 0_usize..60) {
        let all = find_all(&case.clinic, &Question { max_results: None, ..case.question.clone() });
        let first = find_all(&case.clinic, &Question { max_results: Some(max_results), ..case.question.clone() });
        same(&first, &all[..max_results.min(all.len())])?;
    }

    #[test]
    fn a_date_is_the_same_asked_alone_or_among_others(case in case()) {
        let question = Question { max_results: None, ..case.question.clone() };
        let all = find_all(&case.clinic, &question);
        for date in question.from.iter_days().take_while(|date| *date <= question.to) {
            let alone = find_all(&case.clinic, &Question { from: date, to: date, ..question.clone() });
            let among: Vec<_> = all.iter().filter(|slot| to_local(case.tz, slot.start).date() == date).copied().collect();
            same(&alone, &among)?;
        }
    }

    #[test]
    fn nothing_that_is_not_loaded_matters(case in case(), kind in any_kind()) {
        let clinic = &case.clinic;
        let (duration, pause) = (clinic.longest_duration(), clinic.longest_pauses(std::slice::from_ref(&clinic.appointment_type)));
        let (from, to) = (case.question.from, case.question.to);
        let (from, to) = weighed_dates(&clinic.scoring_profiles, from, to);
        let load = ToLoad::of_dates(&clinic.settings, &clinic.providers, duration, pause, from, to);
        let few = loaded(&case, &load);
        same(&find_all(clinic, &case.question), &find_all(&few.clinic, &case.question))?;
        same(&explained(&case, None, kind), &explained(&few, None, kind))?;

        let date = to_local(case.tz, case.at).date();
        let of_start = ToLoad::of_start(&clinic.settings, duration, pause, case.at);
        let few = loaded(&case, &of_start);
        for kind in [BookingKind::Normal, BookingKind::Overbooked] {
            let reported = |clinic| refusals(clinic, 0, 0, case.at, kind, case.question.now);
            same(&reported(clinic), &reported(&few.clinic))?;
        }
        let of_date = ToLoad::of_dates(&clinic.settings, &clinic.providers, duration, pause, date, date);
        let few = loaded(&case, &of_date.hull(of_start));
        same(&explained(&case, Some(case.at), kind), &explained(&few, Some(case.at), kind))?;
    }
}

/// Fails with the first few rows that only one side has, instead of all rows.
fn same<T: PartialEq + std::fmt::Debug>(got: &[T], expected: &[T]) -> Result<(), TestCaseError> {
    if got == expected {
        return Ok(());
    }
    let only_in = |a: &[T], b: &[T]| {
        format!("{:#?}", a.iter().filter(|row| !b.contains(row)).take(3).collect::<Vec<_>>())
    };
    let (surplus, missing) = (only_in(got, expected), only_in(expected, got));
    let (got, expected) = (got.len(), expected.len());
    Err(TestCaseError::fail(format!(
        "{got} rows instead of {expected}; too many: {surplus}; missing: {missing}"
    )))
}

/// Provider, date, start, room and reason, in the order of the rows.
type Row = (usize, String, Option<Instant>, Option<usize>, Refusal);

fn rows_at(
    case: &Case,
    oracle: &Oracle<'_>,
    provider: usize,
    start: Instant,
    kind: Option<BookingKind>,
) -> Vec<Row> {
    let date = to_local(case.tz, start).date().to_string();
    let rooms = 0..case.clinic.rooms.len();
    let reported = rooms.flat_map(|room| {
        oracle.reported(provider, room, start, kind).into_iter().map(move |reported| (room, reported))
    });
    reported.map(|(room, reported)| (provider, date.clone(), Some(start), Some(room), reported)).collect()
}

fn explained(case: &Case, at: Option<Instant>, kind: Option<BookingKind>) -> Vec<Row> {
    let Question { from, to, now, .. } = case.question;
    let rows = explain(&case.clinic, &WhyNot { from, to, at, kind, now }, &mut || ()).expect("few rows");
    let rows = rows.map(|row| {
        let refusal = Refusal { code: row.code, blocker: row.blocker };
        (row.provider, row.date.to_string(), row.start, row.room, refusal)
    });
    rows.collect()
}

fn find_all(clinic: &Clinic, question: &Question) -> Vec<Slot> {
    find(clinic, question, &mut || ()).expect("few slots").collect()
}

fn as_expected(slot: &Slot) -> Expected {
    let whole = |component: Score| i64::from(component.ten_thousandths());
    Expected {
        start: slot.start,
        end: slot.end,
        provider: slot.provider,
        room: slot.room,
        is_overbooked: slot.is_overbooked,
        quality: slot.quality.ten_thousandths().into(),
        components: [
            slot.preference,
            slot.compactness,
            slot.room_score,
            slot.overbooking_score(),
            slot.continuity,
            slot.load,
        ]
        .map(whole),
        places: slot.group.map(|group| (group.places_left.into(), group.is_begun)),
    }
}

fn loaded(case: &Case, load: &ToLoad) -> Case {
    let mut few = case.clone();
    few.clinic.occupied.retain(|booking| is_loaded(load, booking));
    few.clinic.time_off.retain(|off| off.during.end > load.lo && off.during.start < load.hi);
    few
}

/// Whether a booking has to be loaded, by the words of the core's `ToLoad`.
fn is_loaded(load: &ToLoad, booking: &Occupied) -> bool {
    let (one, other) = (booking.provider_busy, booking.room_busy);
    let busy = Span { start: one.start.min(other.start), end: one.end.max(other.end) };
    let in_dates = load.first_date <= booking.local_date && booking.local_date <= load.last_date;
    let is_prepared = busy.start < booking.during.start && booking.local_date <= load.last_prepared;
    let counts = load.from <= booking.local_date && booking.local_date <= load.to;
    let is_in_reach = busy.end > load.lo && busy.start < load.hi;
    in_dates && counts || (in_dates || is_prepared) && is_in_reach
}

fn select_kind() -> impl Strategy<Value = BookingKind> {
    prop_oneof![Just(BookingKind::Normal), Just(BookingKind::Overbooked)]
}

fn any_kind() -> impl Strategy<Value = Option<BookingKind>> {
    prop_oneof![Just(None), select_kind().prop_map(Some)]
}
