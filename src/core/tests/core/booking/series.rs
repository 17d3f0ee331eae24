use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate, Timelike, Weekday};
use pg_clinic_core::booking::reason::BookingKind;
use pg_clinic_core::booking::score::Score;
use pg_clinic_core::booking::series::{
    Chosen, NoPlace, Pattern, Place, Places, Rhythm, Series, Stage, is_to_come, moved_start,
};
use pg_clinic_core::booking::slots::{Order, Question, find, refusals};
use pg_clinic_core::ids::{ProviderId, RoomId};
use pg_clinic_core::time::calendar::{WallTime, Weekdays};
use pg_clinic_core::time::interval::Instant;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::clinics::case;
use crate::zones::{date, to_local};

const MINUTE: i64 = 60_000_000;

/// Monday.
fn from() -> NaiveDate {
    date(2026, 4, 13)
}

fn pattern(count: usize, rhythm: Rhythm) -> Pattern {
    Pattern {
        count,
        rhythm,
        from: from(),
        until: date(2027, 4, 13),
        flexible_days: 2,
        search_weeks: Some(0),
        max_left_out: 0,
    }
}

fn weekly(count: usize) -> Pattern {
    pattern(count, Rhythm::Weekly { every: 1, weekday: None })
}

/// A place on day `day` after [`from`]: its provider, hour and quality.
type Given = (u64, i64, i64, u16);

fn places(given: &[Given]) -> Places {
    let mut best_first = given.to_vec();
    best_first
        .sort_by_key(|(day, provider, hour, quality)| (*day, *provider, std::cmp::Reverse(*quality), *hour));
    let mut places = Places::default();
    for (day, provider, hour, quality) in best_first {
        let place = Place {
            start: Instant((day as i64 * 24 + hour) * 60 * MINUTE),
            time: WallTime::new(hour * 60 * MINUTE).expect("an hour"),
            room: Some(RoomId(1)),
            quality: Score::of_ten_thousandths(quality),
        };
        places.insert(from() + Days::new(day), ProviderId(provider), place).expect("few places");
    }
    places
}

/// As the edge does it: stage by stage.
fn best(pattern: &Pattern, places: &Places) -> Result<Series, NoPlace> {
    let mut farthest: Option<NoPlace> = None;
    for dues in pattern.stages() {
        let mut stage = Stage::new(pattern, dues);
        let mut keep = |nth| loop {
            if stage.keep_possible(nth, places)? {
                return Ok::<(), NoPlace>(());
            }
        };
        match (0..pattern.count).try_for_each(&mut keep) {
            Ok(()) => return Ok(stage.choose(places, 2, &mut || ()).expect("what is possible")),
            Err(no_place) if farthest.is_none_or(|farthest| no_place.nth > farthest.nth) => {
                farthest = Some(no_place)
            }
            Err(_) => (),
        }
    }
    Err(farthest.unwrap_or(NoPlace { nth: 0, due: pattern.from }))
}

fn day_of(chosen: &Chosen) -> i64 {
    (chosen.date - from()).num_days()
}

/// Day, provider and hour of each.
fn chosen(series: &Series) -> Vec<(i64, i64, i64)> {
    let first =
        |chosen: &Chosen| (day_of(chosen), chosen.provider.0, chosen.place.time.micros() / 60 / MINUTE);
    series.appointments.iter().map(|it| first(&it.choices[0])).collect()
}

#[test]
fn the_same_provider_is_worth_other_dates() {
    let places =
        places(&[(0, 1, 9, 9_000), (0, 2, 9, 5_000), (7, 1, 9, 9_000), (9, 2, 9, 5_000), (14, 2, 9, 100)]);
    let series = best(&weekly(3), &places).expect("a series");
    assert_eq!((series.provider.0, chosen(&series)), (2, vec![(0, 2, 9), (9, 2, 9), (14, 2, 9)]));
    let alternatives: Vec<_> =
        series.appointments[1].choices[1..].iter().map(|place| place.provider.0).collect();
    assert_eq!(alternatives, [1]);
}

#[test]
fn where_the_date_is_taken_the_nearest_is_chosen_and_then_another_provider() {
    let places = places(&[(0, 1, 9, 5_000), (8, 1, 9, 10), (9, 1, 9, 9_000), (13, 2, 9, 1)]);
    let series = best(&weekly(3), &places).expect("a series");
    assert_eq!(chosen(&series), [(0, 1, 9), (8, 1, 9), (13, 2, 9)]);
}

#[test]
fn a_series_keeps_its_time_of_day_though_others_are_better() {
    let given: Vec<Given> =
        (0..3).flat_map(|week| [(week * 7, 1, 10, 100), (week * 7, 1, 11 + week as i64, 9_000)]).collect();
    let series = best(&weekly(3), &places(&given)).expect("a series");
    assert_eq!(chosen(&series), [(0, 1, 10), (7, 1, 10), (14, 1, 10)]);
}

#[test]
fn where_no_time_suits_all_two_do() {
    let given = [
        (0, 1, 9, 1),
        (0, 1, 10, 9),
        (7, 1, 10, 9),
        (7, 1, 11, 99),
        (14, 1, 11, 99),
        (14, 1, 12, 99),
        (21, 1, 9, 99),
    ];
    let series = best(&weekly(4), &places(&given)).expect("a series");
    assert_eq!(chosen(&series), [(0, 1, 9), (7, 1, 11), (14, 1, 11), (21, 1, 9)]);
}

#[test]
fn an_alternative_is_at_the_time_of_the_series_if_it_can_be() {
    let given = [(0, 1, 9, 5), (7, 1, 9, 5), (7, 2, 9, 1), (7, 2, 15, 9_000), (8, 1, 15, 9_000)];
    let series = best(
        &Pattern { rhythm: Rhythm::Weekly { every: 1, weekday: Some(1) }, ..weekly(2) },
        &places(&given),
    );
    let series = series.expect("a series");
    let hours: Vec<_> = series.appointments[1]
        .choices
        .iter()
        .map(|it| (day_of(it), it.provider.0, it.place.time.micros() / 60 / MINUTE))
        .collect();
    assert_eq!(hours, [(7, 1, 9), (8, 1, 15), (7, 2, 9)]);
}

#[test]
fn the_weekday_is_kept_if_asked_for() {
    let given: Vec<Given> = (0..16).map(|day| (day, 1, 9, 5_000)).collect();
    let thursdays = Pattern { rhythm: Rhythm::Weekly { every: 1, weekday: Some(4) }, ..weekly(2) };
    assert_eq!(chosen(&best(&thursdays, &places(&given)).expect("a series")), [(3, 1, 9), (10, 1, 9)]);
    let stage =
        |pattern: &Pattern, nth| Stage::new(pattern, pattern.stages().next().expect("a stage")).dates(nth);
    assert_eq!(stage(&thursdays, 0), Some((date(2026, 4, 14), date(2026, 4, 18))));
    assert_eq!(stage(&weekly(2), 0), Some((from(), date(2026, 4, 21))), "nothing before from");
    assert_eq!(stage(&weekly(2), 1), Some((date(2026, 4, 18), date(2026, 4, 28))));
}

#[test]
fn all_or_nothing() {
    let given = places(&[(0, 1, 9, 5_000), (10, 1, 9, 5_000)]);
    assert_eq!(
        best(&Pattern { rhythm: Rhythm::Weekly { every: 1, weekday: Some(1) }, ..weekly(2) }, &given),
        Err(NoPlace { nth: 1, due: date(2026, 4, 20) })
    );
    assert_eq!(best(&weekly(2), &places(&[])), Err(NoPlace { nth: 0, due: from() }));
}

#[test]
fn later_weeks_are_tried_where_the_first_has_no_series() {
    let given = places(&[(0, 1, 9, 5_000), (23, 1, 9, 5_000), (30, 1, 9, 5_000)]);
    assert!(best(&Pattern { search_weeks: Some(2), flexible_days: 0, ..weekly(2) }, &given).is_err());
    for search_weeks in [Some(3), None] {
        let series =
            best(&Pattern { search_weeks, flexible_days: 0, ..weekly(2) }, &given).expect("a series");
        assert_eq!(chosen(&series), [(23, 1, 9), (30, 1, 9)]);
    }
}

#[test]
fn two_days_stay_between_appointments() {
    let most: Vec<_> = [0, 1, 3, 7, 14, 21, 28, 35, 364].map(Pattern::max_flexible_days).to_vec();
    assert_eq!(most, [0, 0, 0, 2, 5, 9, 12, 14, 14]);
}

#[test]
fn due_dates_of_every_rhythm() {
    let due = |rhythm, count| {
        let dues = pattern(count, rhythm).stages().next().expect("a stage");
        dues[0].iter().map(|date| date.format("%m-%d").to_string()).collect::<Vec<_>>().join(" ")
    };
    let workdays = Weekdays::of(1..=5);
    let days = |numbers: &[u32]| Weekdays::of(numbers.iter().copied());
    assert_eq!(
        due(Rhythm::Weekdays { every: 1, weekdays: workdays }, 7),
        "04-13 04-14 04-15 04-16 04-17 04-20 04-21"
    );
    assert_eq!(due(Rhythm::Weekdays { every: 2, weekdays: days(&[2, 3]) }, 4), "04-14 04-15 04-28 04-29");
    let monthly = |every, weeks: &[i32], numbers| Rhythm::Monthly {
        every,
        weeks: weeks.to_vec(),
        weekdays: days(numbers),
    };
    assert_eq!(due(monthly(1, &[1, 3], &[4]), 4), "04-16 05-07 05-21 06-04");
    assert_eq!(due(monthly(2, &[-1], &[5]), 3), "04-24 06-26 08-28");
    assert_eq!(due(monthly(1, &[5], &[4]), 2), "04-30 07-30");
    assert_eq!(due(monthly(1, &[4, -1], &[5]), 4), "04-24 05-22 05-29 06-26", "a date counts once");
    let dates = vec![date(2026, 4, 14), date(2026, 4, 15), date(2026, 6, 1)];
    assert_eq!(due(Rhythm::Dates(dates), 3), "04-14 04-15 06-01");
}

// --- the naive oracle

/// Stages of due dates, by the words of the manual.
fn naive_stages(pattern: &Pattern, weekdays: &[u32]) -> Vec<Vec<Vec<NaiveDate>>> {
    let weekday = |date: NaiveDate| date.weekday().number_from_monday();
    let all: Vec<NaiveDate> = pattern.from.iter_days().take(1_500).collect();
    let weeks = pattern.search_weeks.unwrap_or(i64::MAX / 7 - 1);
    let in_search = |date: NaiveDate| {
        date <= pattern.until && (date - pattern.from).num_days() < (weeks + 1).saturating_mul(7)
    };
    match &pattern.rhythm {
        Rhythm::Dates(dates) => vec![vec![dates.clone()]],
        Rhythm::Weekly { every, weekday: wanted } => {
            let series = |first: NaiveDate| {
                (0..pattern.count as u64).map(|nth| first + Days::new(nth * 7 * *every as u64)).collect()
            };
            all.chunks(7)
                .filter(|week| in_search(week[0]))
                .map(|week| {
                    let firsts = week.iter().filter(|date| {
                        **date <= pattern.until && wanted.is_none_or(|wanted| weekday(**date) == wanted)
                    });
                    firsts.map(|date| series(*date)).collect()
                })
                .collect()
        }
        Rhythm::Weekdays { every, .. } => {
            let firsts: Vec<_> = all.iter().filter(|date| weekdays.contains(&weekday(**date))).collect();
            let series = |first: NaiveDate| {
                let monday = |date: NaiveDate| date.week(Weekday::Mon).first_day();
                let due = all.iter().filter(|date| {
                    **date >= first
                        && weekdays.contains(&weekday(**date))
                        && (monday(**date) - monday(first)).num_weeks() % every == 0
                });
                due.take(pattern.count).copied().collect()
            };
            let beginnings = firsts.iter().enumerate().filter(|(nth, date)| in_search(***date) || *nth == 0);
            beginnings.map(|(_, date)| vec![series(**date)]).collect()
        }
        Rhythm::Monthly { every, weeks, .. } => {
            let is_due = |date: NaiveDate| {
                let of_month = |nth: u8| {
                    NaiveDate::from_weekday_of_month_opt(date.year(), date.month(), date.weekday(), nth)
                };
                let last = (1..=5).rev().find_map(of_month);
                weekdays.contains(&weekday(date))
                    && weeks.iter().any(|week| {
                        if *week < 0 { last == Some(date) } else { of_month(*week as u8) == Some(date) }
                    })
            };
            let month = |date: NaiveDate| date.year() * 12 + date.month() as i32;
            let due: Vec<_> = all.iter().copied().filter(|date| is_due(*date)).collect();
            let series = |first: NaiveDate| {
                let due = due
                    .iter()
                    .filter(|date| **date >= first && i64::from(month(**date) - month(first)) % every == 0);
                due.take(pattern.count).copied().collect()
            };
            let beginnings = due.iter().enumerate().filter(|(nth, date)| in_search(**date) || *nth == 0);
            beginnings.map(|(_, date)| vec![series(*date)]).collect()
        }
    }
}

/// Others, days off, times of day, and badness.
type Cost = (u32, i64, usize, i64);

/// Of the first stage that has any: every provider and combination of places; the least cost.
fn least(pattern: &Pattern, weekdays: &[u32], given: &[Given]) -> Option<Cost> {
    naive_stages(pattern, weekdays).iter().find_map(|dues| {
        dues.iter()
            .flat_map(|due| (1..=3).map(move |provider| (due, provider)))
            .filter_map(|(due, provider)| least_of(pattern, due, provider, given))
            .min()
    })
}

fn least_of(pattern: &Pattern, due: &[NaiveDate], provider: i64, given: &[Given]) -> Option<Cost> {
    let mut partial: Vec<(u32, i64, BTreeSet<i64>, i64)> = vec![(0, 0, BTreeSet::new(), 0)];
    for (nth, date) in due.iter().enumerate() {
        let neighbors = [nth.checked_sub(1).map(|nth| due[nth]), due.get(nth + 1).copied()];
        let allowed = neighbors.map(|other| {
            let gap = other.map_or(99, |other| (other - *date).num_days().abs());
            ((gap - 3) / 2).max(0).min(pattern.flexible_days)
        });
        let fit: Vec<_> = given
            .iter()
            .filter_map(|(day, of, hour, quality)| {
                let on = from() + Days::new(*day);
                let off = (on - *date).num_days();
                let is_near = -allowed[0] <= off && off <= allowed[1];
                (is_near && pattern.from <= on && on <= pattern.until).then_some((
                    off.abs(),
                    *of,
                    *hour,
                    i64::from(*quality),
                ))
            })
            .collect();
        partial = partial
            .iter()
            .flat_map(|(others, days, hours, badness)| {
                fit.iter().map(move |(off, of, hour, quality)| {
                    let mut hours = hours.clone();
                    hours.insert(*hour);
                    (others + u32::from(*of != provider), days + off, hours, badness - quality)
                })
            })
            .collect();
    }
    partial.into_iter().map(|(others, days, hours, badness)| (others, days, hours.len(), badness)).min()
}

fn cost_of(series: &Series) -> Cost {
    let first = || series.appointments.iter().map(|it| (it.due, it.choices[0]));
    (
        first().filter(|(_, it)| it.provider != series.provider).count() as u32,
        first().map(|(due, it)| (it.date - due).num_days().abs()).sum(),
        first().map(|(_, it)| it.place.time).collect::<BTreeSet<_>>().len(),
        first().map(|(_, it)| -i64::from(it.place.quality.ten_thousandths())).sum(),
    )
}

/// A rhythm with its weekdays.
fn rhythm() -> impl Strategy<Value = (Rhythm, Vec<u32>)> {
    let days = || vec(1..=7_u32, 1..=3);
    prop_oneof![
        3 => (1..=2_i64, option::of(1..=7_u32)).prop_map(|(every, weekday)| (Rhythm::Weekly { every, weekday }, Vec::new())),
        2 => (1..=2_i64, days()).prop_map(|(every, days)| {
            (Rhythm::Weekdays { every, weekdays: Weekdays::of(days.iter().copied()) }, days)
        }),
        2 => (1..=2_i64, vec(select(vec![1, 2, 3, 4, 5, -1]), 1..=3), days()).prop_map(|(every, weeks, days)| {
            (Rhythm::Monthly { every, weeks, weekdays: Weekdays::of(days.iter().copied()) }, days)
        }),
        1 => vec(0..30_u64, 3).prop_filter_map("three dates", |days| {
            let dates: BTreeSet<_> = days.into_iter().map(|day| from() + Days::new(day)).collect();
            (dates.len() == 3).then(|| (Rhythm::Dates(dates.into_iter().collect()), Vec::new()))
        }),
    ]
}

/// Few days, hours and qualities, so that there are ties; few places on a day, so that all combinations can be tried.
fn given() -> impl Strategy<Value = Vec<Given>> {
    vec((0..40_u64, 1..=3_i64, 8..12_i64, 0..4_u16), 0..70).prop_map(|given| {
        let mut given: Vec<Given> =
            given.into_iter().map(|(day, of, hour, quality)| (day, of, hour, quality * 2_500)).collect();
        // One place a provider, date and time, as find() gives.
        given.sort_unstable();
        given.dedup_by_key(|(day, of, hour, _)| (*day, *of, *hour));
        given
    })
}

proptest! {
    #![proptest_config(crate::cases(400))]

    #[test]
    fn the_best_of_all_combinations_is_chosen(
        (rhythm, weekdays) in rhythm(),
        flexible_days in 0..=4_i64,
        search_weeks in select(vec![Some(0), Some(1), Some(3), None]),
        last_day in 5..60_u64,
        given in given(),
    ) {
        let until = from() + Days::new(last_day);
        let mut pattern = Pattern { count: 3, rhythm, from: from(), until, flexible_days: 0, search_weeks, max_left_out: 0 };
        if !matches!(pattern.rhythm, Rhythm::Dates(_)) {
            pattern.flexible_days = flexible_days.min(pattern.most_flexible_days());
        }
        let series = best(&pattern, &places(&given));
        prop_assert_eq!(series.as_ref().ok().map(cost_of), least(&pattern, &weekdays, &given));
        let Ok(series) = series else { return Ok(()) };
        for appointment in &series.appointments {
            prop_assert!(appointment.choices.len() <= 3);
            let days: BTreeSet<_> = appointment.choices.iter().map(|it| (it.date, it.provider)).collect();
            prop_assert_eq!(days.len(), appointment.choices.len(), "one place a provider and date");
            for choice in &appointment.choices {
                prop_assert!((choice.date - appointment.due).num_days().abs() <= pattern.flexible_days);
                let is_given = given.iter().any(|(day, of, hour, quality)| {
                    (from() + Days::new(*day), *of, *hour * 60 * MINUTE, *quality)
                        == (choice.date, choice.provider.0, choice.place.time.micros(), choice.place.quality.ten_thousandths())
                });
                prop_assert!(is_given);
            }
        }
    }

    /// Daily, on days with a place or none: as many as may be are left out, of the first beginning with which that's enough.
    #[test]
    fn days_without_a_place_are_left_out(days in vec(any::<bool>(), 30), max_left_out in 0..4_usize, is_list in any::<bool>()) {
        let given: Vec<Given> = (0..30).filter(|day| days[*day as usize]).map(|day| (day, 1, 9, 5_000)).collect();
        let daily = match is_list {
            true => Rhythm::Dates((0..6).map(|day| from() + Days::new(day)).collect()),
            false => Rhythm::Weekdays { every: 1, weekdays: Weekdays::ALL },
        };
        let count = if is_list { 6 } else { 3 };
        let pattern = Pattern { flexible_days: 0, max_left_out, ..pattern(count, daily) };
        let walk = |first: usize| {
            let (mut taken, mut left_out) = (Vec::new(), Vec::new());
            for (day, has_place) in days.iter().enumerate().take(if is_list { 6 } else { 30 }).skip(first) {
                if taken.len() < count {
                    if *has_place { taken.push(day) } else { left_out.push(day) }
                }
            }
            (left_out.len() <= max_left_out && !taken.is_empty()).then_some((taken, left_out))
        };
        let expected = (0..if is_list { 1 } else { 7 }).find_map(walk);
        let found = best(&pattern, &places(&given)).ok().map(|series| {
            let day = |date: NaiveDate| (date - from()).num_days() as usize;
            let taken: Vec<_> = series.appointments.iter().map(|it| day(it.choices[0].date)).collect();
            (taken, series.left_out.iter().copied().map(day).collect::<Vec<_>>())
        });
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn places_are_slots(case in case()) {
        let question = Question {
            order: Order::BestFirst, max_results: None, all_rooms: false, include_overbooked: false, ..case.question.clone() };
        let slots: Vec<_> = find(&case.clinic, &question, &mut || ()).expect("few slots").collect();
        let mut places = Places::default();
        places.add(&case.clinic, slots.iter().copied()).expect("few places");
        let pattern = Pattern {
            count: 1, rhythm: Rhythm::Weekly { every: 1, weekday: None }, from: question.from, until: question.to,
            flexible_days: 14, search_weeks: None, max_left_out: 0 };
        let series = best(&pattern, &places);
        prop_assert_eq!(series.is_err(), slots.is_empty());
        let Ok(series) = series else { return Ok(()) };
        for choice in &series.appointments[0].choices {
            let provider = case.clinic.providers.iter().position(|row| row.id == choice.provider).expect("a provider");
            let room = case.clinic.rooms.iter().position(|row| row.id == choice.place.room).expect("a room");
            prop_assert_eq!(refusals(&case.clinic, provider, room, choice.place.start, BookingKind::Normal, question.now), []);
            let is_found = slots.iter().any(|slot| {
                (slot.provider, slot.room, slot.start, slot.quality) == (provider, room, choice.place.start, choice.place.quality)
            });
            prop_assert!(is_found);
        }
    }
}

// --- series that are there

proptest! {
    #![proptest_config(crate::cases(200))]

    /// The date is that of the weekday in the same week, the time of day is the one asked for, as chrono-tz has it; a time that
    /// never is becomes the first that is.
    #[test]
    fn a_moved_booking_is_at_that_time_of_that_week(
        case in case(),
        time in option::of((0..96_i64).prop_map(|quarter| WallTime::new(quarter * 15 * MINUTE).expect("a time"))),
        weekday in option::of(1..=7_u32),
    ) {
        let zone = &case.clinic.settings.zone;
        let moved = moved_start(zone, case.at, time, weekday);
        let (was, is) = (to_local(case.tz, case.at), to_local(case.tz, moved));
        let minutes = |at: chrono::NaiveDateTime| i64::from(at.hour()) * 60 + i64::from(at.minute());
        let day = weekday.map_or(was.date(), |weekday| {
            was.date().week(Weekday::Mon).first_day() + Days::new(u64::from(weekday) - 1)
        });
        let wanted = time.map_or(minutes(was), |time| time.micros() / MINUTE);
        let is_there = (-300..=300).map(|minutes| to_local(case.tz, Instant(moved.0 + minutes * MINUTE)))
            .any(|at| at.date() == day && minutes(at) == wanted);
        if is_there {
            prop_assert_eq!((is.date(), minutes(is)), (day, wanted));
        } else {
            let before = to_local(case.tz, Instant(moved.0 - MINUTE));
            let asked = day.and_time(chrono::NaiveTime::MIN) + chrono::TimeDelta::minutes(wanted);
            prop_assert!(before < asked && asked < is, "{} isn't just after {}", is, asked);
        }
        if day == was.date() && wanted == minutes(was) {
            prop_assert_eq!(moved, case.at);
        }
    }

    #[test]
    fn a_change_concerns_what_is_to_come(day in -3..3_i64, hour in 0..24_i64, from in option::of(-3..3_i64), now_hour in 0..24_i64) {
        let on = |day: i64| if day < 0 { self::from() - Days::new(day.unsigned_abs()) } else { self::from() + Days::new(day.unsigned_abs()) };
        let at = |day: i64, hour: i64| Instant((day * 24 + hour) * 60 * MINUTE);
        let concerned = is_to_come(on(day), at(day, hour), from.map(on), at(0, now_hour));
        let has_begun = day < 0 || day == 0 && hour <= now_hour;
        let expected = !has_begun && from.is_none_or(|from| day >= from);
        prop_assert_eq!(concerned, expected);
    }
}
