//! A person's pairs cut into layers, and the rules as what each choice of a layer adds to them. Must never lose or add a way
//! to work: it only says the instances in another form.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::{Choice, Member, Request, Unfit, pairs_of};
use crate::roster::instance::{Cost, Expansion, Instance, Literal};

/// Points up to which all sums are exact, in floating point too.
const MOST_POINTS: i64 = 1 << 50;

/// What is compiled.
pub(super) struct Layout<'a> {
    pub layers: Vec<Layer>,
    pub choices: Vec<Choice>,
    /// The rules that look at several layers.
    pub rules: Vec<Rule<'a>>,
    /// The literals that speak of several layers.
    pub lights: Vec<Light>,
    /// Points that every way costs.
    pub constant: i64,
}

/// Pairs of which a way has one at most: the choices, and what each does to the rules across layers.
pub(super) struct Layer {
    pub options: Vec<(usize, Effect)>,
}

/// What a choice does to the rules across layers.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Effect {
    /// Rules, and what is added to their sums.
    pub adds: Vec<(usize, i64)>,
    /// Literals that become true, if they aren't yet.
    pub lights: Vec<usize>,
}

/// A rule that looks at several layers.
pub(super) struct Rule<'a> {
    pub number: usize,
    pub instance: &'a Instance,
    /// Its first and its last layer.
    pub layers: (usize, usize),
    /// The least and the most that the layers after each of its own may add, with all its lights that reach further.
    pub rest: Vec<(i64, i64)>,
}

/// A literal that becomes true in one of several layers.
pub(super) struct Light {
    /// Its first and its last layer.
    pub layers: (usize, usize),
    /// Rules, and what it adds to their sums.
    pub adds: Vec<(usize, i64)>,
    /// Points it costs by itself.
    pub cost: i64,
    /// The group, if it is to be told.
    pub watched: Option<usize>,
}

/// Where each pair is among the request's.
struct Places {
    first: usize,
    of_pair: Vec<Option<usize>>,
}

impl Places {
    fn new(pairs: &[usize]) -> Self {
        let first = pairs.iter().copied().min().unwrap_or(0);
        let end = pairs.iter().copied().max().map_or(first, |last| last + 1);
        let mut of_pair = vec![None; end - first];
        pairs.iter().enumerate().for_each(|(place, pair)| of_pair[pair - first] = Some(place));
        Self { first, of_pair }
    }

    fn of(&self, pair: usize) -> Option<usize> {
        *self.of_pair.get(pair.checked_sub(self.first)?)?
    }

    fn of_literal(&self, expansion: &Expansion, literal: Literal) -> Vec<usize> {
        pairs_of(expansion, &literal).iter().filter_map(|&pair| self.of(pair)).collect()
    }
}

/// Instances and literals, and the layers they meet.
struct Reader<'a> {
    expansion: &'a Expansion,
    place_of: Places,
    layer_of: Vec<usize>,
    /// By layer, what it costs to have none of its pairs, and by place what it costs to have this one; `None` = a rule
    /// forbids it.
    without: Vec<Option<i64>>,
    with: Vec<Option<i64>>,
    effects: Vec<Effect>,
    light_of: HashMap<Literal, usize>,
    layout: Layout<'a>,
}

impl Rule<'_> {
    /// Whether it says no more than that any two of its literals exclude each other.
    pub fn is_of_rivals(&self) -> bool {
        let Instance { terms, min, .. } = self.instance;
        min.is_none() && large(self.instance).count() == terms.len()
    }
}

impl<'a> Layout<'a> {
    pub fn new(expansion: &'a Expansion, request: &Request<'_>) -> Result<Self, Unfit> {
        let all = || request.instances.iter().map(|&number| (number, &expansion.instances[number]));
        check_weights(all().map(|(_, instance)| instance))?;
        let place_of = Places::new(request.pairs);
        let layer_of = layers(expansion, &place_of, request.pairs.len(), all().map(|(_, instance)| instance));
        let count = layer_of.last().map_or(0, |last| last + 1);
        let mut reader = Reader {
            expansion,
            without: vec![Some(0); count],
            with: vec![Some(0); layer_of.len()],
            effects: vec![Effect::default(); layer_of.len()],
            light_of: HashMap::new(),
            place_of,
            layer_of,
            layout: Self {
                layers: Vec::new(),
                choices: Vec::new(),
                rules: Vec::new(),
                lights: Vec::new(),
                constant: 0,
            },
        };
        for (number, instance) in all() {
            reader.read(number, instance)?;
        }
        for &group in request.watched {
            reader.watch(group);
        }
        reader.finish(request)
    }
}

/// Refuses weights that can't be added up exactly.
fn check_weights<'a>(instances: impl Iterator<Item = &'a Instance>) -> Result<(), Unfit> {
    let largest = |instance: &Instance| {
        let (mut low, mut high) = (instance.constant, instance.constant);
        for &(factor, _) in &instance.terms {
            low = low.saturating_add(factor.min(0));
            high = high.saturating_add(factor.max(0));
        }
        let size = low.saturating_abs().max(high.saturating_abs());
        let cost = instance.cost_at(low).saturating_abs().max(instance.cost_at(high).saturating_abs());
        size.max(cost)
    };
    let sum = instances.map(largest).fold(0_i64, i64::saturating_add);
    if sum > MOST_POINTS { Err(Unfit::TooDear) } else { Ok(()) }
}

/// The literals of a hard instance of which any two can't both be true: each has more than half of the room.
fn large(instance: &Instance) -> impl Iterator<Item = &Literal> {
    let max = instance.max.filter(|_| instance.cost == Cost::Forbidden);
    let lowest = instance.terms.iter().fold(instance.constant, |sum, (factor, _)| sum + factor.min(&0));
    let room = max.map(|max| max.saturating_sub(lowest));
    let is_large = move |factor: i64| room.is_some_and(|room| 2 * factor > room);
    instance.terms.iter().filter(move |(factor, _)| is_large(*factor)).map(|(_, literal)| literal)
}

/// The layer of each place: neighbors are in one while hard rules let the person have one of them at most.
fn layers<'a>(
    expansion: &Expansion,
    place_of: &Places,
    count: usize,
    instances: impl Iterator<Item = &'a Instance>,
) -> Vec<usize> {
    let mut marks: Vec<Vec<(usize, usize)>> = vec![Vec::new(); count];
    for (number, instance) in instances.enumerate() {
        for (literal, pairs) in large(instance).enumerate() {
            for pair in pairs_of(expansion, pairs) {
                if let Some(place) = place_of.of(*pair) {
                    marks[place].push((number, literal));
                }
            }
        }
    }
    let excludes = |one: usize, other: usize| {
        marks[one].iter().any(|(number, literal)| {
            let from = marks[other].partition_point(|mark| mark.0 < *number);
            let mut same = marks[other][from..].iter().take_while(|mark| mark.0 == *number);
            same.any(|mark| mark.1 != *literal)
        })
    };
    let (mut layer_of, mut first) = (Vec::new(), 0);
    for place in 0..count {
        let layer = layer_of.last().copied().unwrap_or(0);
        if (first..place).all(|other| excludes(place, other)) {
            layer_of.push(layer);
        } else {
            first = place;
            layer_of.push(layer + 1);
        }
    }
    layer_of
}

impl<'a> Reader<'a> {
    /// An instance becomes costs of a layer's pairs, costs of literals, or a rule across layers.
    fn read(&mut self, number: usize, instance: &'a Instance) -> Result<(), Unfit> {
        if is_free(instance) {
            return Ok(());
        }
        let mut layers: Option<(usize, usize)> = None;
        for &(_, literal) in &instance.terms {
            if let Some((first, last)) = self.layers_of(literal) {
                layers = Some(layers.map_or((first, last), |(low, high)| (low.min(first), high.max(last))));
            }
        }
        match layers {
            None => {
                if is_broken(instance, instance.constant) {
                    return Err(Unfit::NoWay);
                }
                self.layout.constant += instance.cost_at(instance.constant);
            }
            Some((first, last)) if first == last => self.read_within(instance, first),
            Some(_) if matches!(instance.cost, Cost::Each { .. }) => self.read_points(instance),
            Some(layers) => {
                let rule = self.layout.rules.len();
                self.layout.rules.push(Rule { number, instance, layers, rest: Vec::new() });
                for &(factor, literal) in &instance.terms {
                    self.add(
                        literal,
                        |reader, place| reader.effects[place].adds.push((rule, factor)),
                        |light| {
                            light.adds.push((rule, factor));
                        },
                    );
                }
            }
        }
        Ok(())
    }

    /// The layers of a literal; `None` if all its pairs are out.
    fn layers_of(&self, literal: Literal) -> Option<(usize, usize)> {
        let pairs = pairs_of(self.expansion, &literal).iter();
        let layers = pairs.filter_map(|&pair| Some(self.layer_of[self.place_of.of(pair)?]));
        layers.fold(None, |so_far: Option<(usize, usize)>, layer| {
            let (first, last) = so_far.unwrap_or((layer, layer));
            Some((first.min(layer), last.max(layer)))
        })
    }

    /// Has a literal add something where it is true: in its layer, or where it becomes so.
    fn add(
        &mut self,
        literal: Literal,
        mut at_place: impl FnMut(&mut Self, usize),
        at_light: impl FnOnce(&mut Light),
    ) {
        let Some((first, last)) = self.layers_of(literal) else { return };
        if first == last {
            for place in self.place_of.of_literal(self.expansion, literal) {
                at_place(self, place);
            }
        } else {
            let light = self.light(literal, (first, last));
            at_light(&mut self.layout.lights[light]);
        }
    }

    fn light(&mut self, literal: Literal, layers: (usize, usize)) -> usize {
        if let Some(&light) = self.light_of.get(&literal) {
            return light;
        }
        let light = self.layout.lights.len();
        self.layout.lights.push(Light { layers, adds: Vec::new(), cost: 0, watched: None });
        for place in self.place_of.of_literal(self.expansion, literal) {
            self.effects[place].lights.push(light);
        }
        self.light_of.insert(literal, light);
        light
    }

    /// An instance of one layer: a cost of each of its pairs, and of none.
    fn read_within(&mut self, instance: &Instance, layer: usize) {
        let cost = |value: i64, so_far: Option<i64>| {
            so_far.filter(|_| !is_broken(instance, value)).map(|cost| cost + instance.cost_at(value))
        };
        self.without[layer] = cost(instance.constant, self.without[layer]);
        let places = self.places(layer);
        let mut values = vec![instance.constant; places.len()];
        for (factor, literal) in &instance.terms {
            for pair in pairs_of(self.expansion, literal) {
                self.place_of.of(*pair).into_iter().for_each(|place| values[place - places.start] += factor);
            }
        }
        for (place, value) in places.zip(values) {
            self.with[place] = cost(value, self.with[place]);
        }
    }

    /// The places of a layer.
    fn places(&self, layer: usize) -> Range<usize> {
        self.layer_of.partition_point(|&of| of < layer)..self.layer_of.partition_point(|&of| of <= layer)
    }

    /// Points for each literal, wherever it is.
    fn read_points(&mut self, instance: &Instance) {
        self.layout.constant += instance.cost_at(instance.constant);
        for &(factor, literal) in &instance.terms {
            let points = instance.cost_at(factor);
            let add = |cost: &mut Option<i64>| *cost = cost.map(|cost| cost + points);
            self.add(literal, |reader, place| add(&mut reader.with[place]), |light| light.cost += points);
        }
    }

    /// A group that a path is to tell, if a choice doesn't tell by itself.
    fn watch(&mut self, group: usize) {
        self.add(Literal::Any(group), |_, _| {}, |light| light.watched = Some(group));
    }

    /// Has every way take a pair.
    fn demand(&mut self, pair: usize) -> Result<(), Unfit> {
        let taken = self.place_of.of(pair).ok_or(Unfit::NoWay)?;
        let layer = self.layer_of[taken];
        self.without[layer] = None;
        for place in self.places(layer) {
            if place != taken {
                self.with[place] = None;
            }
        }
        Ok(())
    }

    fn finish(mut self, request: &Request<'_>) -> Result<Layout<'a>, Unfit> {
        for effect in &mut self.effects {
            effect.adds.sort_unstable();
            effect.lights.sort_unstable();
            effect.lights.dedup();
        }
        request.fixed.iter().try_for_each(|pair| self.demand(*pair))?;
        for layer in 0..self.without.len() {
            let options = self.options(layer, request.pairs);
            if options.is_empty() {
                return Err(Unfit::NoWay);
            }
            self.layout.layers.push(Layer { options });
        }
        let of_pairs = self.layout.choices.iter().filter(|choice| choice.members[0].pair.is_some());
        if of_pairs.count() > request.caps.choices {
            return Err(Unfit::TooLarge);
        }
        for rule in 0..self.layout.rules.len() {
            self.layout.rules[rule].rest = self.rest(rule);
        }
        Ok(self.layout)
    }

    /// The choices of a layer that no rule forbids: none first, then in order of their first pairs.
    fn options(&mut self, layer: usize, pairs: &[usize]) -> Vec<(usize, Effect)> {
        let places = self.places(layer);
        let choices = &mut self.layout.choices;
        let mut options = Vec::new();
        if let Some(cost) = self.without[layer] {
            options.push((choices.len(), Effect::default()));
            choices.push(Choice { layer, members: vec![Member { pair: None, cost }] });
        }
        let mut known: BTreeMap<&Effect, usize> = BTreeMap::new();
        for place in places {
            let Some(cost) = self.with[place] else { continue };
            let effect = &self.effects[place];
            let choice = *known.entry(effect).or_insert_with(|| {
                let choice = choices.len();
                choices.push(Choice { layer, members: Vec::new() });
                options.push((choice, effect.clone()));
                choice
            });
            choices[choice].members.push(Member { pair: Some(pairs[place]), cost });
        }
        options
    }

    /// The least and the most that is still added to a rule's sum after each of its layers.
    fn rest(&self, rule: usize) -> Vec<(i64, i64)> {
        let (first, last) = self.layout.rules[rule].layers;
        let mut rest = vec![(0, 0); last + 1 - first];
        for layer in (first + 1..=last).rev() {
            let added = self.layout.layers[layer].options.iter().map(|(_, effect)| {
                let own = effect.adds.iter().filter(|(of, _)| *of == rule);
                own.map(|(_, factor)| factor).sum::<i64>()
            });
            let (low, high) = (added.clone().min().unwrap_or(0), added.max().unwrap_or(0));
            let after = rest[layer - first];
            rest[layer - 1 - first] = (after.0 + low, after.1 + high);
        }
        for light in &self.layout.lights {
            for &(_, factor) in light.adds.iter().filter(|(of, _)| *of == rule) {
                for after in rest.iter_mut().take(light.layers.1.saturating_sub(first)) {
                    *after = (after.0 + factor.min(0), after.1 + factor.max(0));
                }
            }
        }
        rest
    }
}

/// Whether an instance neither forbids nor costs anything.
fn is_free(instance: &Instance) -> bool {
    match instance.cost {
        Cost::Forbidden => false,
        Cost::PerUnit { under, over } => (under, over) == (0, 0),
        Cost::Square { weight } | Cost::Triangle { weight } => weight == 0,
        Cost::Each { points } => points == 0,
    }
}

/// Whether a value breaks a hard instance.
fn is_broken(instance: &Instance, value: i64) -> bool {
    instance.cost == Cost::Forbidden && instance.distance(value) != (0, 0)
}
