//! Chooses among the places of all bookings at once: an exact assignment, in the order of what is best.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::fit::{Day, crowds, day_at, day_of, fits, kept_at, kept_now, stays_in_the_way};
use super::{Affected, Distance, NoPlace, Place, nearest};
use crate::milp::{Column, Limits, Model, Progress, Row, Solution, Solver, SolverError, Status};

/// Seconds for each question: the relaxation answers most at once. What isn't proven by then is good all the same.
const SECONDS: [f64; 3] = [6.0, 3.0, 2.0];

/// Minutes of a day.
const DAY: i64 = 24 * 60;

/// What becomes of each booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// For each booking the index of its place, or why it has none.
    pub chosen: Vec<Result<usize, NoPlace>>,
    /// Whether no plan is better.
    pub is_best: bool,
}

/// The best plan that gives each booking one of its places, the nearest first in `places`. Calls `on_progress` often, which may
/// break off.
///
/// # Errors
/// [`SolverError`], also where `on_progress` breaks off.
pub fn assign(
    affected: &[Affected],
    places: &[Vec<Place>],
    solver: &mut dyn Solver,
    on_progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Plan, SolverError> {
    let first: Vec<_> = places.iter().map(|places| (!places.is_empty()).then_some(0)).collect();
    if fits(affected, &chosen_places(places, &first)) {
        // Each has the best that it could have.
        return Ok(plan(places, first, true));
    }
    let near = nearest::of_all(places);
    let mut is_best = nearest::are_enough(affected, places, &near);
    let mut assignment = Assignment::new(affected, &near);
    let mut best = vec![None; affected.len()];
    fill(affected, &near, &mut best, on_progress)?;
    for (question, seconds) in assignment.questions().iter().zip(SECONDS) {
        let start = assignment.values(&best);
        let solution = assignment.solve(question, (seconds, start), solver, on_progress)?;
        is_best &= solution.status == Status::Optimal;
        if !solution.values.is_empty() {
            best = assignment.choice(&solution.values);
        }
        assignment.keep(question, &best);
    }
    // Better far away than nowhere.
    let placed = best.iter().flatten().count();
    fill(affected, places, &mut best, on_progress)?;
    is_best &= placed == best.iter().flatten().count();
    if !fits(affected, &chosen_places(places, &best)) {
        return Err(SolverError::Engine("a plan gives one place to two bookings".into()));
    }
    Ok(plan(places, best, is_best))
}

fn plan(places: &[Vec<Place>], chosen: Vec<Option<usize>>, is_best: bool) -> Plan {
    let outcome = |(chosen, places): (Option<usize>, &Vec<Place>)| {
        chosen.ok_or(if places.is_empty() { NoPlace::NoneFree } else { NoPlace::GoneToOthers })
    };
    Plan { chosen: chosen.into_iter().zip(places).map(outcome).collect(), is_best }
}

fn chosen_places<'a, P: AsRef<[Place]>>(places: &'a [P], chosen: &[Option<usize>]) -> Vec<Option<&'a Place>> {
    places.iter().zip(chosen).map(|(places, chosen)| chosen.map(|at| &places.as_ref()[at])).collect()
}

/// Gives who has no place the nearest one that goes with what the others have. Who has little choice chooses first.
fn fill<P: AsRef<[Place]>>(
    affected: &[Affected],
    places: &[P],
    chosen: &mut [Option<usize>],
    on_progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<(), SolverError> {
    const NOTHING: Progress = Progress { incumbent: None, bound: None, nodes: 0, seconds: 0.0 };
    let mut order: Vec<_> = (0..affected.len()).filter(|booking| chosen[*booking].is_none()).collect();
    order.sort_by_key(|booking| places[*booking].as_ref().len());
    for booking in order {
        let mut taken = chosen_places(places, chosen);
        for (at, place) in places[booking].as_ref().iter().enumerate() {
            if on_progress(&NOTHING).is_break() {
                return Err(SolverError::Cancelled);
            }
            taken[booking] = Some(place);
            if fits(affected, &taken) {
                chosen[booking] = Some(at);
                break;
            }
        }
    }
    Ok(())
}

/// What is asked: the cost of each place, and of having none.
struct Question {
    cost: Box<dyn Fn(&Distance) -> i64>,
    cost_of_none: i64,
}

/// The model: a column for each booking and place, which is 1 where the booking gets it.
struct Assignment<'a> {
    places: &'a [&'a [Place]],
    model: Model,
    /// The column of each booking's first place.
    first: Vec<usize>,
    /// Columns that say whether somebody new comes to a day that may be beyond its cap, with who may come.
    entered: Vec<(usize, Vec<usize>)>,
}

/// A term of a row: a place chosen, or a booking that stays where it is.
#[derive(Clone, Copy)]
enum Item {
    Chosen(usize, usize),
    Stays(usize),
}

impl<'a> Assignment<'a> {
    fn new(affected: &[Affected], places: &'a [&'a [Place]]) -> Self {
        let mut model = Model::default();
        let mut first = Vec::with_capacity(places.len());
        for places in places {
            first.push(model.columns.len());
            places.iter().for_each(|_| {
                model.add_column(Column::binary(0.0));
            });
        }
        let mut assignment = Self { places, model, first, entered: Vec::new() };
        for booking in 0..places.len() {
            let columns = assignment.columns(booking);
            assignment.model.add_row(Row::at_most(1.0, columns.map(|column| (column, 1.0))));
        }
        assignment.keep_apart(affected);
        assignment.keep_from_overbooked(affected);
        assignment.keep_caps(affected);
        assignment
    }

    fn columns(&self, booking: usize) -> std::ops::Range<usize> {
        self.first[booking]..self.first[booking] + self.places[booking].len()
    }

    /// The sum of items is at most `most`. A booking stays where it is unless it gets one of its places.
    fn at_most(&mut self, most: i64, items: &[Item], further: Option<(usize, f64)>) {
        let mut terms: Vec<(usize, f64)> = further.into_iter().collect();
        let mut most = most;
        for item in items {
            match item {
                Item::Chosen(booking, at) => terms.push((self.first[*booking] + at, 1.0)),
                Item::Stays(booking) => {
                    most -= 1;
                    terms.extend(self.columns(*booking).map(|column| (column, -1.0)));
                }
            }
        }
        self.model.add_row(Row::at_most(most as f64, terms));
    }

    /// No provider, room or patient has two bookings at a time.
    fn keep_apart(&mut self, affected: &[Affected]) {
        let mut items = Vec::new();
        let mut kept = Vec::new();
        for (booking, affected) in affected.iter().enumerate() {
            kept.extend(kept_now(affected).map(|(thing, span)| (items.len(), thing, span)));
            items.push(Item::Stays(booking));
            for (at, place) in self.places[booking].iter().enumerate() {
                kept.extend(kept_at(affected, place).map(|(thing, span)| (items.len(), thing, span)));
                items.push(Item::Chosen(booking, at));
            }
        }
        for crowd in crowds(kept.into_iter()) {
            let crowd: Vec<_> = crowd.into_iter().map(|item| items[item]).collect();
            let bookings: BTreeSet<_> = crowd.iter().map(|item| item.booking()).collect();
            // One booking is at one place anyway.
            if bookings.len() > 1 {
                self.at_most(1, &crowd, None);
            }
        }
    }

    /// Nobody comes as a normal booking to where an overbooked one stays.
    fn keep_from_overbooked(&mut self, affected: &[Affected]) {
        for (overbooked, of) in affected.iter().enumerate().filter(|(_, of)| of.moving.is_overbooked) {
            for (booking, places) in
                self.places.iter().enumerate().filter(|(booking, _)| *booking != overbooked)
            {
                for (at, _) in places.iter().enumerate().filter(|(_, place)| stays_in_the_way(of, place)) {
                    self.at_most(1, &[Item::Stays(overbooked), Item::Chosen(booking, at)], None);
                }
            }
        }
    }

    /// Who comes to a provider's day finds a seat there.
    fn keep_caps(&mut self, affected: &[Affected]) {
        let mut days: BTreeMap<Day, (i64, Vec<Item>)> = BTreeMap::new();
        for (booking, places) in self.places.iter().enumerate() {
            for (at, place) in places.iter().enumerate() {
                if let Some(left) = place.seats_left {
                    let (least, items) = days.entry(day_at(place)).or_insert((left, Vec::new()));
                    *least = left.min(*least);
                    items.push(Item::Chosen(booking, at));
                }
            }
        }
        for (day, (left, entering)) in days {
            let comers: BTreeSet<_> = entering.iter().map(|item| item.booking()).collect();
            let there: Vec<_> = (0..affected.len()).filter(|at| day_of(&affected[*at]) == day).collect();
            if (comers.len() + there.len()) as i64 <= left {
                continue;
            }
            let mut items = entering.clone();
            for booking in &there {
                items.push(Item::Stays(*booking));
                let keeps = |(_, place): &(usize, &Place)| place.seats_left.is_none() && day_at(place) == day;
                let staying = self.places[*booking].iter().enumerate().filter(keeps);
                items.extend(staying.map(|(at, _)| Item::Chosen(*booking, at)));
            }
            let excess = there.len() as i64 - left;
            if excess <= 0 {
                self.at_most(left, &items, None);
                continue;
            }
            // More are there than may be: they may stay, as long as nobody comes.
            let columns: Vec<_> = entering.iter().map(|item| self.column(*item)).collect();
            let entered = self.model.add_column(Column::binary(0.0));
            for column in &columns {
                self.model.add_row(Row::at_most(0.0, [(*column, 1.0), (entered, -1.0)]));
            }
            self.at_most(left + excess, &items, Some((entered, excess as f64)));
            self.entered.push((entered, columns));
        }
    }

    fn column(&self, item: Item) -> usize {
        match item {
            Item::Chosen(booking, at) => self.first[booking] + at,
            Item::Stays(booking) => self.first[booking],
        }
    }

    /// What is asked one after the other, each without worsening the answers before.
    fn questions(&self) -> [Question; 3] {
        let count = self.places.len() as i64;
        let days =
            self.places.iter().copied().flatten().map(|place| place.distance.days).max().unwrap_or_default();
        let provider = count * DAY + 1;
        let room = count * 10_000 + 1;
        [
            Question { cost: Box::new(|distance| distance.days), cost_of_none: count * days + 1 },
            Question {
                cost: Box::new(move |distance| {
                    i64::from(distance.is_other_provider) * provider + distance.minutes
                }),
                cost_of_none: 0,
            },
            Question {
                cost: Box::new(move |distance| {
                    i64::from(distance.is_other_room) * room + i64::from(distance.lack)
                }),
                cost_of_none: 0,
            },
        ]
    }

    fn solve(
        &mut self,
        question: &Question,
        (seconds, start): (f64, Vec<f64>),
        solver: &mut dyn Solver,
        on_progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Result<Solution, SolverError> {
        for (column, cost) in self.costs(question) {
            self.model.columns[column].cost = cost as f64;
        }
        let limits = Limits { time_limit_seconds: Some(seconds), start: Some(start), ..Limits::default() };
        let solution = solver.solve(&self.model, &limits, on_progress)?;
        if solution.status == Status::Cancelled {
            return Err(SolverError::Cancelled);
        }
        Ok(solution)
    }

    /// What each column costs beyond having no place at all.
    fn costs(&self, question: &Question) -> Vec<(usize, i64)> {
        let cost = |place: &Place| (question.cost)(&place.distance) - question.cost_of_none;
        let all = self.places.iter().copied().flatten().map(cost);
        all.enumerate().collect()
    }

    /// What the answer costs stays the most that may be paid, in all questions after it.
    fn keep(&mut self, question: &Question, choice: &[Option<usize>]) {
        let values = self.values(choice);
        let costs = self.costs(question);
        let paid: f64 = costs.iter().map(|(column, cost)| values[*column] * *cost as f64).sum();
        self.model.add_row(Row::at_most(paid, costs.into_iter().map(|(column, cost)| (column, cost as f64))));
    }

    fn values(&self, choice: &[Option<usize>]) -> Vec<f64> {
        let mut values = vec![0.0; self.model.columns.len()];
        for (booking, at) in choice.iter().enumerate() {
            if let Some(at) = at {
                values[self.first[booking] + at] = 1.0;
            }
        }
        for (entered, columns) in &self.entered {
            let comes = columns.iter().any(|column| values[*column] > 0.5);
            values[*entered] = f64::from(u8::from(comes));
        }
        values
    }

    fn choice(&self, values: &[f64]) -> Vec<Option<usize>> {
        let at = |booking: usize| self.columns(booking).position(|column| values[column] > 0.5);
        (0..self.places.len()).map(at).collect()
    }
}

impl Item {
    const fn booking(self) -> usize {
        match self {
            Self::Chosen(booking, _) | Self::Stays(booking) => booking,
        }
    }
}
