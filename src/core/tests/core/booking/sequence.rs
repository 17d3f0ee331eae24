//! Types in sequence, each so many days after the one before: against all chains there are.

use std::cmp::Reverse;

use chrono::{Days, NaiveDate};
use pg_clinic_core::booking::score::Score;
use pg_clinic_core::booking::series::{Gap, NoPlace, Place, Places, Sequence, Series};
use pg_clinic_core::ids::{ProviderId, RoomId};
use pg_clinic_core::time::calendar::WallTime;
use pg_clinic_core::time::interval::Instant;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::zones::date;

const HOUR: i64 = 60 * 60_000_000;

fn from() -> NaiveDate {
    date(2026, 4, 13)
}

fn day(nth: i64) -> NaiveDate {
    from() + Days::new(nth as u64)
}

/// A place of an appointment: its day after [`from`], provider, hour and quality.
type Given = (i64, i64, i64, u16);

fn places(given: &[Given]) -> Places {
    let mut places = Places::default();
    for (nth, provider, hour, quality) in given {
        let place = Place {
            start: Instant((nth * 24 + hour) * HOUR),
            time: WallTime::new(hour * HOUR).expect("an hour"),
            room: Some(RoomId(1)),
            quality: Score::of_ten_thousandths(*quality),
        };
        places.insert(day(*nth), ProviderId(*provider), place).expect("few places");
    }
    places
}

fn sequence(gaps: &[(i64, i64)], search_weeks: Option<i64>) -> Sequence {
    let gaps = gaps.iter().map(|(least, most)| Gap { least: *least, most: *most }).collect();
    Sequence { gaps, from: from(), until: day(60), search_weeks }
}

/// As the edge does it: week by week.
fn best(sequence: &Sequence, given: &[Vec<Given>]) -> Result<Series, NoPlace> {
    let all: Vec<_> = given.iter().map(|given| places(given)).collect();
    let mut farthest: Option<NoPlace> = None;
    for mut chain in sequence.stages() {
        match all.iter().try_for_each(|places| chain.add(places)) {
            Ok(()) => {
                return Ok(chain
                    .choose(&all.iter().collect::<Vec<_>>(), 2, &mut || ())
                    .expect("what is possible"));
            }
            Err(no_place) if farthest.is_none_or(|farthest| no_place.nth > farthest.nth) => {
                farthest = Some(no_place)
            }
            Err(_) => (),
        }
    }
    Err(farthest.expect("a week"))
}

/// Day and provider of each.
fn chosen(series: &Series) -> Vec<(i64, i64)> {
    let first = |choice: &pg_clinic_core::booking::series::Chosen| {
        ((choice.date - from()).num_days(), choice.provider.0)
    };
    series.appointments.iter().map(|appointment| first(&appointment.choices[0])).collect()
}

#[test]
fn the_second_dose_is_three_to_four_weeks_after_the_first() {
    let first = vec![(0, 1, 9, 50), (1, 1, 9, 50)];
    // Twenty days after the first day is too soon, 21 after the second is 22.
    let second = vec![(20, 1, 9, 99), (22, 1, 9, 50), (29, 1, 9, 99)];
    let series = best(&sequence(&[(21, 28)], None), &[first, second]).expect("a series");
    assert_eq!(chosen(&series), [(0, 1), (22, 1)]);
    let due: Vec<_> = series.appointments.iter().map(|appointment| appointment.due).collect();
    assert_eq!(due, [day(0), day(21)]);
}

#[test]
fn the_same_provider_is_worth_days() {
    let first = vec![(0, 1, 9, 50), (2, 2, 9, 50)];
    let second = vec![(21, 3, 9, 50), (24, 2, 9, 50)];
    let series = best(&sequence(&[(21, 28)], None), &[first, second]).expect("a series");
    assert_eq!(chosen(&series), [(2, 2), (24, 2)]);
}

#[test]
fn a_week_without_a_chain_gives_way_to_a_later_one() {
    let given = [vec![(0, 1, 9, 50), (9, 1, 9, 50)], vec![(30, 1, 9, 50)]];
    assert_eq!(chosen(&best(&sequence(&[(21, 28)], None), &given).expect("a series")), [(9, 1), (30, 1)]);
    assert_eq!(best(&sequence(&[(21, 28)], Some(0)), &given), Err(NoPlace { nth: 1, due: day(21) }));
}

#[test]
fn an_alternative_leaves_the_others_where_they_are() {
    let given = [vec![(0, 1, 9, 50), (1, 1, 9, 50), (6, 1, 9, 50)], vec![(22, 1, 9, 50), (40, 1, 9, 50)]];
    let series = best(&sequence(&[(21, 28)], None), &given).expect("a series");
    let days = |nth: usize| {
        let choices = series.appointments[nth].choices.iter();
        choices.map(|choice| (choice.date - from()).num_days()).collect::<Vec<_>>()
    };
    assert_eq!((days(0), days(1)), (vec![0, 1], vec![22]));
}

/// The cost of each chain that begins within the first week, by what the module says.
fn costs(sequence: &Sequence, given: &[Vec<Given>]) -> Vec<(usize, i64, Reverse<i64>)> {
    let mut chains: Vec<Vec<Given>> = vec![Vec::new()];
    for (nth, places) in given.iter().enumerate() {
        let fits = |chain: &Vec<Given>, place: &Given| match chain.last() {
            None => place.0 < 7,
            Some(before) => {
                (sequence.gaps[nth - 1].least..=sequence.gaps[nth - 1].most).contains(&(place.0 - before.0))
            }
        };
        chains = chains
            .iter()
            .flat_map(|chain| {
                places
                    .iter()
                    .filter(move |place| fits(chain, place))
                    .map(move |place| [&chain[..], &[*place]].concat())
            })
            .collect();
    }
    let cost = |chain: Vec<Given>| {
        let with = |provider: i64| chain.iter().filter(|place| place.1 != provider).count();
        let others = chain.iter().map(|place| with(place.1)).min().expect("an appointment");
        let least: i64 = sequence.gaps.iter().map(|gap| gap.least).sum();
        let last = chain.last().expect("an appointment").0;
        (others, last - least, Reverse(chain.iter().map(|place| i64::from(place.3)).sum()))
    };
    chains.into_iter().map(cost).collect()
}

proptest! {
    #![proptest_config(crate::cases(1_000))]

    #[test]
    fn the_best_chain_of_the_first_week_is_found(
        gaps in vec((1..4i64, 0..4i64), 1..4),
        given in vec(vec((0..14i64, 1..4i64, 8..11i64, 0..100u16), 1..7), 4),
    ) {
        let gaps: Vec<_> = gaps.into_iter().map(|(least, more)| (least, least + more)).collect();
        let sequence = sequence(&gaps, Some(0));
        let given = &given[..=gaps.len()];
        let found = best(&sequence, given);
        let costs = costs(&sequence, given);
        prop_assert_eq!(found.is_ok(), !costs.is_empty());
        if let Ok(series) = found {
            let firsts: Vec<_> = series.appointments.iter().map(|appointment| appointment.choices[0]).collect();
            let others = firsts.iter().filter(|choice| choice.provider != series.provider).count();
            let least: i64 = gaps.iter().map(|gap| gap.0).sum();
            let last = (firsts.last().expect("one").date - from()).num_days();
            let quality = firsts.iter().map(|choice| i64::from(choice.place.quality.ten_thousandths())).sum();
            prop_assert_eq!(Some((others, last - least, Reverse(quality))), costs.into_iter().min());
            for (pair, (least, most)) in firsts.windows(2).zip(&gaps) {
                prop_assert!((*least..=*most).contains(&(pair[1].date - pair[0].date).num_days()));
            }
        }
    }
}
