use chrono::{Datelike, Days, NaiveDate};
use pg_clinic_core::booking::reason::BookingKind;
use pg_clinic_core::booking::score::Score;
use pg_clinic_core::booking::series::{NoPlace, Pattern, Place, Series, best_places, choose};
use pg_clinic_core::booking::slots::{Order, Question, find, refusals};
use pg_clinic_core::ids::{ProviderId, RoomId};
use pg_clinic_core::time::interval::{Instant, Minutes, Span};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::clinics::case;
use crate::zones::date;

/// Monday.
fn from() -> NaiveDate {
    date(2026, 4, 13)
}

fn weekly(count: usize) -> Pattern {
    Pattern { count, every_weeks: 1, from: from(), weekday: None, flexible_days: 2 }
}

/// A place on day `day` after [`from`].
fn place(day: u64, provider: i64, quality: u16) -> Place {
    let date = from() + Days::new(day);
    let start = Instant(day as i64 * 86_400_000_000);
    Place {
        date,
        provider: ProviderId(provider),
        room: RoomId(1),
        slot: Span { start, end: start + Minutes(30) },
        quality: Score::new(f64::from(quality) / 10_000.0),
    }
}

fn chosen(series: &Series) -> Vec<(u32, i64)> {
    series
        .appointments
        .iter()
        .map(|it| (it.choices[0].date.ordinal() - from().ordinal(), it.choices[0].provider.0))
        .collect()
}

fn best(pattern: &Pattern, places: &[Vec<Place>]) -> Result<Series, NoPlace> {
    choose(pattern, places, 2, &mut || ())
}

#[test]
fn the_same_provider_is_worth_other_dates() {
    let places = [
        vec![place(0, 1, 9_000), place(0, 2, 5_000)],
        vec![place(7, 1, 9_000), place(9, 2, 5_000)],
        vec![place(14, 2, 100)],
    ];
    let series = best(&weekly(3), &places).expect("a series");
    assert_eq!((series.provider.0, chosen(&series)), (2, vec![(0, 2), (9, 2), (14, 2)]));
    let alternatives: Vec<_> =
        series.appointments[1].choices[1..].iter().map(|place| place.provider.0).collect();
    assert_eq!(alternatives, [1]);
}

#[test]
fn where_the_date_is_taken_the_nearest_is_chosen_and_then_another_provider() {
    let places = [vec![place(0, 1, 5_000)], vec![place(8, 1, 10), place(9, 1, 9_000)], vec![place(13, 2, 1)]];
    let series = best(&weekly(3), &places).expect("a series");
    assert_eq!(chosen(&series), [(0, 1), (8, 1), (13, 2)]);
}

#[test]
fn the_weekday_is_kept_if_asked_for() {
    let places =
        [(0..9).map(|day| place(day, 1, 5_000)).collect(), (5..16).map(|day| place(day, 1, 5_000)).collect()];
    let thursdays = Pattern { weekday: Some(4), ..weekly(2) };
    assert_eq!(chosen(&best(&thursdays, &places).expect("a series")), [(3, 1), (10, 1)]);
    assert_eq!(thursdays.dates(0), (date(2026, 4, 14), date(2026, 4, 18)));
    assert_eq!(weekly(2).dates(0), (from(), date(2026, 4, 21)), "nothing before from");
    assert_eq!(weekly(2).dates(1), (date(2026, 4, 18), date(2026, 4, 28)));
}

#[test]
fn all_or_nothing() {
    let places = [vec![place(0, 1, 5_000)], vec![place(10, 1, 5_000)]];
    assert_eq!(
        best(&Pattern { weekday: Some(1), ..weekly(2) }, &places),
        Err(NoPlace { nth: 1, due: date(2026, 4, 20) })
    );
    assert_eq!(best(&weekly(2), &[vec![], vec![]]), Err(NoPlace { nth: 0, due: from() }));
}

#[test]
fn two_days_stay_between_appointments() {
    let most: Vec<_> = [1, 2, 3, 4, 5, 52].map(Pattern::max_flexible_days).to_vec();
    assert_eq!(most, [2, 5, 9, 12, 14, 14]);
}

/// The naive oracle: every first date, provider and combination of places; the least cost.
fn least(pattern: &Pattern, places: &[Vec<Place>]) -> Option<(u32, i64, i64)> {
    let mut all = Vec::new();
    for first in (0..7).map(|day| pattern.from + Days::new(day)) {
        if pattern.weekday.is_some_and(|weekday| weekday != first.weekday().number_from_monday()) {
            continue;
        }
        for provider in 1..=3 {
            let mut costs = vec![(0, 0, 0)];
            for (nth, places) in places.iter().enumerate() {
                let due = first + Days::new(nth as u64 * 7 * pattern.every_weeks as u64);
                let fit = places.iter().map(|place| ((place.date - due).num_days().abs(), place));
                let fit: Vec<_> = fit.filter(|(off, _)| *off <= pattern.flexible_days).collect();
                costs = costs
                    .iter()
                    .flat_map(|(others, days, quality)| {
                        fit.iter().map(move |(off, place)| {
                            let other = u32::from(place.provider.0 != provider);
                            (others + other, days + off, quality - i64::from(place.quality.ten_thousandths()))
                        })
                    })
                    .collect();
            }
            all.extend(costs);
        }
    }
    all.into_iter().min()
}

fn cost_of(series: &Series) -> (u32, i64, i64) {
    let each = series.appointments.iter().map(|it| {
        let place = it.choices[0];
        (
            u32::from(place.provider != series.provider),
            (place.date - it.due).num_days().abs(),
            -i64::from(place.quality.ten_thousandths()),
        )
    });
    each.fold((0, 0, 0), |sum, cost| (sum.0 + cost.0, sum.1 + cost.1, sum.2 + cost.2))
}

/// Places of three appointments, few enough to go through all combinations.
fn places_of(every_weeks: u64) -> impl Strategy<Value = Vec<Vec<Place>>> {
    let of = move |nth: u64| {
        let any = (0..9_u64, 1..=3_i64, 0..4_u16);
        vec(any, 0..7).prop_map(move |places| {
            let places = places.into_iter().map(|(day, provider, quality)| {
                place(nth * 7 * every_weeks + day, provider, quality * 2_500)
            });
            // One place a provider and date, as best_places() gives.
            let mut places: Vec<_> = places.collect();
            places.sort_by_key(|place| (place.date, place.provider));
            places.dedup_by_key(|place| (place.date, place.provider));
            places
        })
    };
    (of(0), of(1), of(2)).prop_map(|(first, second, third)| vec![first, second, third])
}

proptest! {
    #![proptest_config(crate::cases(400))]

    #[test]
    fn the_best_of_all_combinations_is_chosen(
        (every_weeks, flexible_days, places) in (1..=3_u64).prop_flat_map(|weeks| {
            (Just(weeks as i64), 0..=Pattern::max_flexible_days(weeks as i64), places_of(weeks))
        }),
        weekday in option::of(1..=7_u32),
    ) {
        let pattern = Pattern { count: 3, every_weeks, from: from(), weekday, flexible_days };
        let series = best(&pattern, &places);
        prop_assert_eq!(series.as_ref().ok().map(cost_of), least(&pattern, &places));
        let Ok(series) = series else { return Ok(()) };
        for (nth, appointment) in series.appointments.iter().enumerate() {
            let (first, last) = pattern.dates(nth);
            prop_assert!(appointment.choices.len() <= 3);
            for place in &appointment.choices {
                prop_assert!(first <= place.date && place.date <= last);
                prop_assert!((place.date - appointment.due).num_days().abs() <= flexible_days);
                prop_assert!(places[nth].contains(place));
            }
        }
    }

    #[test]
    fn places_are_slots_and_one_a_provider_and_date(case in case()) {
        let question = Question {
            order: Order::BestFirst, max_results: None, all_rooms: false, include_overbooked: false, ..case.question.clone() };
        let slots: Vec<_> = find(&case.clinic, &question, &mut || ()).expect("few slots").collect();
        let places = best_places(&case.clinic, slots.iter().copied());
        for place in &places {
            let provider = case.clinic.providers.iter().position(|row| row.id == place.provider).expect("a provider");
            let room = case.clinic.rooms.iter().position(|row| row.id == place.room).expect("a room");
            prop_assert_eq!(refusals(&case.clinic, provider, room, place.slot.start, BookingKind::Normal, question.now), []);
            let rivals = slots.iter().filter(|slot| {
                slot.provider == provider && case.clinic.settings.zone.local_date(slot.start) == place.date
            });
            prop_assert_eq!(rivals.map(|slot| slot.quality).max(), Some(place.quality));
        }
        let days: std::collections::BTreeSet<_> = places.iter().map(|place| (place.date, place.provider)).collect();
        let slot_days: std::collections::BTreeSet<_> = slots.iter().map(|slot| {
            (case.clinic.settings.zone.local_date(slot.start), case.clinic.providers[slot.provider].id)
        }).collect();
        prop_assert_eq!(days.len(), places.len());
        prop_assert_eq!(days, slot_days);
    }
}
