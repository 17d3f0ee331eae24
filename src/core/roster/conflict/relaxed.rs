//! Hard rules with integrality forgotten, in which a contradiction is found quickly and named. Must never leave out a
//! rule's row or add one that no rule asks for.

use std::collections::HashMap;

use crate::milp::{Column, Model, Row};
use crate::roster::instance::{Expansion, Instance, Literal};
use crate::roster::model::about_one_pair;

/// A model of some items, each a list of hard instances.
pub(super) struct Relaxed {
    /// The model; it has no objective.
    pub model: Model,
    /// The item that each row belongs to; `None` for those that define "any of them".
    pub items: Vec<Option<usize>>,
    columns: HashMap<Literal, usize>,
}

impl Relaxed {
    /// The model of these items. What an item says of single pairs becomes few rows.
    pub(super) fn new<'i>(expansion: &Expansion, items: impl Iterator<Item = &'i [usize]>) -> Self {
        let mut relaxed = Self { model: Model::default(), items: Vec::new(), columns: HashMap::new() };
        for (item, instances) in items.enumerate() {
            let mut out = Vec::new();
            for &number in instances {
                let instance = &expansion.instances[number];
                match about_one_pair(instance) {
                    Some((pair, [true, false])) => {
                        out.push((relaxed.column(expansion, Literal::Pair(pair)), 1.0));
                    }
                    _ => relaxed.add_instance(expansion, instance, item),
                }
            }
            if !out.is_empty() {
                relaxed.add(Row::at_most(0.0, out), Some(item));
            }
        }
        relaxed
    }

    fn add(&mut self, row: Row, item: Option<usize>) {
        self.model.add_row(row);
        self.items.push(item);
    }

    fn add_instance(&mut self, expansion: &Expansion, instance: &Instance, item: usize) {
        let terms = instance.terms.iter();
        let terms: Vec<_> =
            terms.map(|&(factor, literal)| (self.column(expansion, literal), factor as f64)).collect();
        let min = instance.min.map_or(f64::NEG_INFINITY, |min| (min - instance.constant) as f64);
        let max = instance.max.map_or(f64::INFINITY, |max| (max - instance.constant) as f64);
        self.add(Row::between(min, max, terms), Some(item));
    }

    /// The column of a literal; only those that are used exist.
    fn column(&mut self, expansion: &Expansion, literal: Literal) -> usize {
        if let Some(&column) = self.columns.get(&literal) {
            return column;
        }
        let column = self.model.add_column(Column::continuous(0.0, 1.0, 0.0));
        self.columns.insert(literal, column);
        if let Literal::Any(group) = literal {
            let pairs = expansion.groups[group].iter();
            let members: Vec<_> = pairs.map(|&pair| self.column(expansion, Literal::Pair(pair))).collect();
            for &member in &members {
                self.add(Row::at_least(0.0, [(column, 1.0), (member, -1.0)]), None);
            }
            let all = members.into_iter().map(|member| (member, -1.0)).chain([(column, 1.0)]);
            self.add(Row::at_most(0.0, all), None);
        }
        column
    }
}
