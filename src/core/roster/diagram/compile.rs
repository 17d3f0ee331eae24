//! States and arcs, layer by layer from the first. Must never look at the future further than what the rest of the layers
//! may still add to a sum.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::layout::{Effect, Layout, Rule};
use super::merge::{Raw, merge};
use super::{Arc, Caps, Diagram, Unfit};
use crate::roster::expand::Check;
use crate::roster::instance::{Cost, Instance};

/// So many states are looked at between two calls of the caller's check.
const STATES_PER_CHECK: usize = 4096;

/// A sum that can't matter any more.
const SETTLED: i64 = i64::MIN;

/// A sum that stays below its minimum: what is added to it is earned at once.
const BELOW: i64 = i64::MIN + 1;

/// A sum that stays above its maximum: what is added to it is paid at once.
const ABOVE: i64 = i64::MAX;

/// The diagram of a layout. If there are too many states, the rule with most values in the largest layer is left
/// out, and all begins anew.
pub(super) fn compile(layout: &Layout<'_>, caps: Caps, check: &mut Check<'_>) -> Result<Diagram, Unfit> {
    if let Some(most) = caps.sets {
        // Without the other rules, to the diagram's own cap.
        let mut is_other: Vec<_> = layout.rules.iter().map(|rule| !rule.is_of_rivals()).collect();
        for (rule, _) in layout.lights.iter().flat_map(|light| &light.adds) {
            is_other[*rule] = true;
        }
        if run(layout, is_other, Caps { relaxes: false, ..caps }, check)?.paths() > most {
            return Err(Unfit::TooLarge);
        }
    }
    run(layout, vec![false; layout.rules.len()], caps, check)
}

/// The diagram of a layout's rules but those that are left out.
fn run(
    layout: &Layout<'_>,
    mut left_out: Vec<bool>,
    caps: Caps,
    check: &mut Check<'_>,
) -> Result<Diagram, Unfit> {
    let mut looked_at = 0;
    loop {
        let mut compiler = Compiler::new(layout, &left_out);
        let widest = compiler.run(caps.states, check)?;
        looked_at += compiler.raw.states;
        let Some(widest) = widest else {
            let free = layout.rules.iter().zip(&left_out).filter(|(_, is_left_out)| **is_left_out);
            let free: Vec<_> = free.map(|(rule, _)| rule).collect();
            let constant = layout.constant + free.iter().map(|rule| least_cost(rule)).sum::<i64>();
            let left_out = free.into_iter().map(|rule| rule.number).collect();
            let raw = Raw { states: looked_at, ..compiler.raw };
            return merge(raw, layout.choices.clone(), constant, left_out).ok_or(Unfit::NoWay);
        };
        // The largest first; after a few, many at once.
        let count = (left_out.iter().filter(|is| **is).count() / 2).max(1);
        if widest.is_empty() || !caps.relaxes {
            return Err(Unfit::TooLarge);
        }
        widest.into_iter().take(count).for_each(|rule| left_out[rule] = true);
    }
}

/// The least that a rule may cost.
fn least_cost(rule: &Rule<'_>) -> i64 {
    let Rule { instance, .. } = rule;
    let (mut low, mut high) = (instance.constant, instance.constant);
    for &(factor, _) in &instance.terms {
        (low, high) = (low + factor.min(0), high + factor.max(0));
    }
    // The cost is convex: it is least at a bound of the rule, else at an end of the range.
    let bounds = [instance.min, instance.max, Some(0), Some(1)].into_iter().flatten();
    let values = bounds.map(|bound| bound.clamp(low, high)).chain([low, high]);
    values.map(|value| instance.cost_at(value)).min().unwrap_or(0)
}

/// What a state says: the sums of the rules that have begun and aren't over, and the literals of several layers that are true
/// already.
struct Frame {
    rules: Vec<usize>,
    lights: Vec<usize>,
}

struct Compiler<'a> {
    layout: &'a Layout<'a>,
    left_out: &'a [bool],
    raw: Raw,
    event_of: HashMap<Vec<usize>, usize>,
    /// By rule and by light, while an arc is made.
    sums: Vec<i64>,
    is_on: Vec<bool>,
    /// By rule: what its lights that are on won't add any more.
    spent: Vec<(i64, i64)>,
}

impl<'a> Compiler<'a> {
    fn new(layout: &'a Layout<'a>, left_out: &'a [bool]) -> Self {
        Self {
            layout,
            left_out,
            raw: Raw { layers: Vec::new(), events: vec![Vec::new()], states: 1 },
            event_of: HashMap::new(),
            sums: vec![SETTLED; layout.rules.len()],
            is_on: vec![false; layout.lights.len()],
            spent: vec![(0, 0); layout.rules.len()],
        }
    }

    /// Makes all layers. If there are too many states: the rules by how many values they have in the largest layer, the most
    /// first.
    fn run(&mut self, most: usize, check: &mut Check<'_>) -> Result<Option<Vec<usize>>, Unfit> {
        let mut frame = self.frame(0);
        let mut states: Vec<Box<[i64]>> = vec![Box::default()];
        let mut largest = (self.frame(0), Vec::new());
        for layer in 0..self.layout.layers.len() {
            let next = self.frame(layer + 1);
            let begins = self.begins(layer);
            let mut known: HashMap<Box<[i64]>, usize, BuildHasherDefault<Mix>> = HashMap::default();
            let mut arcs = Vec::with_capacity(states.len());
            let mut found = Vec::new();
            for (number, state) in states.iter().enumerate() {
                if number % STATES_PER_CHECK == 0 && check().is_break() {
                    return Err(Unfit::Stopped);
                }
                let mut own = Vec::new();
                for (choice, effect) in &self.layout.layers[layer].options {
                    let Some((key, cost, events)) = self.step(layer, state, effect, [&frame, &begins, &next])
                    else {
                        continue;
                    };
                    let to = *known.entry(key).or_insert_with_key(|key| {
                        found.push(key.clone());
                        found.len() - 1
                    });
                    own.push(Arc { to, choice: *choice, cost, events });
                }
                arcs.push(own);
                if self.raw.states + found.len() > most {
                    let layers = [(next, found), (frame, states), largest];
                    let largest = layers.iter().max_by_key(|(_, states)| states.len());
                    return Ok(largest.map(|(frame, states)| widest(frame, states)));
                }
            }
            self.raw.states += found.len();
            self.raw.layers.push(arcs);
            let before = (std::mem::replace(&mut frame, next), std::mem::replace(&mut states, found));
            if before.1.len() > largest.1.len() {
                largest = before;
            }
        }
        Ok(None)
    }

    /// What a state before this layer says.
    fn frame(&self, layer: usize) -> Frame {
        let is_open = |layers: (usize, usize)| layers.0 < layer && layer <= layers.1;
        self.members(is_open)
    }

    fn begins(&self, layer: usize) -> Frame {
        self.members(|layers| layers.0 == layer)
    }

    fn members(&self, is_in: impl Fn((usize, usize)) -> bool) -> Frame {
        let (rules, lights) = (&self.layout.rules, &self.layout.lights);
        let takes_part = |rule: &usize| !self.left_out[*rule] && is_in(rules[*rule].layers);
        Frame {
            rules: (0..rules.len()).filter(takes_part).collect(),
            lights: (0..lights.len()).filter(|&light| is_in(lights[light].layers)).collect(),
        }
    }

    /// The state to which a choice leads from another one, what it costs, and which watched groups it meets first; `None` if
    /// a rule can't hold any more. Of the frames, `old` is before the layer, `new` after it.
    fn step(
        &mut self,
        layer: usize,
        state: &[i64],
        effect: &Effect,
        [old, begins, new]: [&Frame; 3],
    ) -> Option<(Box<[i64]>, i64, usize)> {
        let (sums, bits) = state.split_at(old.rules.len());
        old.rules.iter().zip(sums).for_each(|(&rule, &sum)| self.sums[rule] = sum);
        old.lights.iter().zip(bits).for_each(|(&light, &bit)| self.is_on[light] = bit != 0);
        for &rule in &begins.rules {
            self.sums[rule] = self.layout.rules[rule].instance.constant;
        }
        begins.lights.iter().for_each(|&light| self.is_on[light] = false);
        let (mut cost, mut events) = (0, Vec::new());
        for &(rule, factor) in &effect.adds {
            cost += self.add(rule, factor);
        }
        for &light in &effect.lights {
            if !self.is_on[light] {
                self.is_on[light] = true;
                let layout = self.layout;
                let Some(light) = layout.lights.get(light) else { continue };
                cost += light.cost + light.adds.iter().map(|&(rule, by)| self.add(rule, by)).sum::<i64>();
                events.extend(light.watched);
            }
        }
        cost += self.settle(layer, [old, begins, new])?;
        Some((self.key(new), cost, self.events(events)))
    }

    /// The number of a set of watched groups.
    fn events(&mut self, set: Vec<usize>) -> usize {
        if set.is_empty() {
            return 0;
        }
        *self.event_of.entry(set).or_insert_with_key(|set| {
            self.raw.events.push(set.clone());
            self.raw.events.len() - 1
        })
    }

    /// Adds to a rule's sum, and says what that costs at once.
    fn add(&mut self, rule: usize, factor: i64) -> i64 {
        if self.left_out[rule] {
            return 0;
        }
        let Cost::PerUnit { under, over } = self.layout.rules[rule].instance.cost else {
            if self.sums[rule] != SETTLED {
                self.sums[rule] += factor;
            }
            return 0;
        };
        match self.sums[rule] {
            SETTLED => 0,
            BELOW => -under * factor,
            ABOVE => over * factor,
            _ => {
                self.sums[rule] += factor;
                0
            }
        }
    }

    /// Says of each sum what can still matter, and sums up what is certain to be paid; `None` if a rule can't hold.
    fn settle(&mut self, layer: usize, [old, begins, new]: [&Frame; 3]) -> Option<i64> {
        let (layout, mut cost) = (self.layout, 0);
        for &light in new.lights.iter().filter(|light| self.is_on[**light]) {
            for &(rule, factor) in &layout.lights[light].adds {
                let spent = &mut self.spent[rule];
                *spent = (spent.0 + factor.min(0), spent.1 + factor.max(0));
            }
        }
        let mut holds = true;
        for &number in old.rules.iter().chain(&begins.rules) {
            let rule = &layout.rules[number];
            let (low, high) = rule.rest[layer - rule.layers.0];
            let spent = self.spent[number];
            let sum = self.sums[number];
            if let Some((sum, paid)) = settled(rule.instance, sum, (low - spent.0, high - spent.1)) {
                self.sums[number] = sum;
                cost += paid;
            } else {
                holds = false;
                break;
            }
        }
        for &light in &new.lights {
            layout.lights[light].adds.iter().for_each(|&(rule, _)| self.spent[rule] = (0, 0));
        }
        holds.then_some(cost)
    }

    /// The state as it is known: of the literals that are true only those that something still depends on.
    fn key(&self, frame: &Frame) -> Box<[i64]> {
        let sums = frame.rules.iter().map(|&rule| self.sums[rule]);
        let bits = frame.lights.iter().map(|&light| {
            let row = &self.layout.lights[light];
            let counts = |rule: usize| !self.left_out[rule] && self.sums[rule] != SETTLED;
            let matters =
                row.cost != 0 || row.watched.is_some() || row.adds.iter().any(|&(rule, _)| counts(rule));
            i64::from(self.is_on[light] && matters)
        });
        sums.chain(bits).collect()
    }
}

/// What can still matter of a sum to which between `low` and `high` may be added, and what is paid for certain; `None` if the
/// rule can't hold.
fn settled(instance: &Instance, sum: i64, (low, high): (i64, i64)) -> Option<(i64, i64)> {
    if [SETTLED, BELOW, ABOVE].contains(&sum) {
        return Some((sum, 0));
    }
    let (low, high) = (sum + low, sum + high);
    let (min, max) = (instance.min.unwrap_or(i64::MIN), instance.max.unwrap_or(i64::MAX));
    let is_met = min <= low && high <= max;
    match instance.cost {
        Cost::Forbidden if high < min || max < low => None,
        Cost::Forbidden if is_met => Some((SETTLED, 0)),
        Cost::PerUnit { .. } | Cost::Square { .. } if is_met => Some((SETTLED, 0)),
        _ if low == high => Some((SETTLED, instance.cost_at(low))),
        Cost::PerUnit { over, .. } if min <= low && max <= low => {
            Some(if over == 0 { (SETTLED, 0) } else { (ABOVE, over * (sum - max)) })
        }
        Cost::PerUnit { under, .. } if high <= min && high <= max => {
            Some(if under == 0 { (SETTLED, 0) } else { (BELOW, under * (min - sum)) })
        }
        _ => Some((sum, 0)),
    }
}

/// The rules of a frame by how many values they have in these states, the most first; those with one value left out.
fn widest(frame: &Frame, states: &[Box<[i64]>]) -> Vec<usize> {
    let values = |place: usize| {
        let mut values: Vec<_> = states.iter().map(|state| state[place]).collect();
        values.sort_unstable();
        values.dedup();
        values.len()
    };
    let mut rules: Vec<_> =
        frame.rules.iter().enumerate().map(|(place, &rule)| (values(place), rule)).collect();
    rules.retain(|&(count, _)| count > 1);
    rules.sort_unstable_by_key(|&(count, rule)| (std::cmp::Reverse(count), rule));
    rules.into_iter().map(|(_, rule)| rule).collect()
}

/// A quick hash of whole numbers: states are looked up, never walked through, so that nothing depends on their order.
#[derive(Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_ne_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }
}
