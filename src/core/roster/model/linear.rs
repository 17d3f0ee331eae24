//! Sums of columns with whole factors, and the rows made of them. Must never see a rule: it knows numbers alone.

use std::collections::HashMap;

use crate::milp::Row;

/// `constant + Σ factor × column`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Linear {
    /// The part that depends on no column.
    pub constant: i64,
    /// Columns and factors, ascending, no factor 0 (once tidied).
    pub terms: Vec<(usize, i64)>,
}

impl Linear {
    /// One column.
    pub(super) fn column(column: usize) -> Self {
        Self { constant: 0, terms: vec![(column, 1)] }
    }

    /// Only a number.
    pub(super) const fn of(constant: i64) -> Self {
        Self { constant, terms: Vec::new() }
    }

    /// Adds `factor` times another sum. [`Self::tidy`] is due afterward.
    pub(super) fn add(&mut self, factor: i64, other: &Self) {
        self.constant += factor * other.constant;
        self.terms.extend(other.terms.iter().map(|&(column, times)| (column, factor * times)));
    }

    /// Brings the terms into order, each column once.
    pub(super) fn tidy(&mut self) {
        self.terms.sort_unstable_by_key(|&(column, _)| column);
        self.terms.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            if is_same {
                kept.1 += next.1;
            }
            is_same
        });
        self.terms.retain(|&(_, factor)| factor != 0);
    }

    /// The least value if every column is 0 or 1.
    pub(super) fn lowest(&self) -> i64 {
        self.constant + self.terms.iter().map(|&(_, factor)| factor.min(0)).sum::<i64>()
    }

    /// The greatest value if every column is 0 or 1.
    pub(super) fn highest(&self) -> i64 {
        self.constant + self.terms.iter().map(|&(_, factor)| factor.max(0)).sum::<i64>()
    }
}

/// No values of the columns obey a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Impossible;

/// Hard rows over columns that are 0 or 1, each set of terms once.
#[derive(Debug, Default)]
pub(super) struct Rows {
    rows: Vec<Kept>,
    known: HashMap<Vec<(usize, i64)>, usize>,
}

#[derive(Debug)]
struct Kept {
    terms: Vec<(usize, i64)>,
    min: Option<i64>,
    max: Option<i64>,
}

impl Rows {
    /// Demands `min ≤ linear ≤ max`. What always holds is left out. The terms are divided by what divides them all and the
    /// bounds rounded inwards, which is valid because the columns are whole numbers, and stronger.
    pub(super) fn demand(
        &mut self,
        linear: &Linear,
        min: Option<i64>,
        max: Option<i64>,
    ) -> Result<(), Impossible> {
        let min = min.filter(|&min| linear.lowest() < min);
        let max = max.filter(|&max| linear.highest() > max);
        if min.is_some_and(|min| linear.highest() < min) || max.is_some_and(|max| linear.lowest() > max) {
            return Err(Impossible);
        }
        if min.is_none() && max.is_none() {
            return Ok(());
        }
        let divisor =
            linear.terms.iter().fold(0, |so_far, &(_, factor)| greatest_common_divisor(so_far, factor));
        let is_negative = linear.terms[0].1 < 0;
        let divisor = if is_negative { -divisor } else { divisor };
        let mut min = min.map(|min| min - linear.constant);
        let mut max = max.map(|max| max - linear.constant);
        if is_negative {
            (min, max) = (max, min);
        }
        let min = min.map(|min| -(-min * divisor.signum()).div_euclid(divisor.abs()));
        let max = max.map(|max| (max * divisor.signum()).div_euclid(divisor.abs()));
        let terms: Vec<_> = linear.terms.iter().map(|&(column, factor)| (column, factor / divisor)).collect();
        let row = *self.known.entry(terms).or_insert_with_key(|terms| {
            self.rows.push(Kept { terms: terms.clone(), min: None, max: None });
            self.rows.len() - 1
        });
        let kept = &mut self.rows[row];
        kept.min = kept.min.max(min);
        kept.max = match (kept.max, max) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Ok(())
    }

    /// The rows, in the order in which they were first demanded.
    pub(super) fn into_rows(self) -> impl Iterator<Item = Row> {
        self.rows.into_iter().map(|kept| row(&kept.terms, kept.min, kept.max))
    }
}

/// A row of the model.
pub(super) fn row(terms: &[(usize, i64)], min: Option<i64>, max: Option<i64>) -> Row {
    Row::between(
        min.map_or(f64::NEG_INFINITY, |min| min as f64),
        max.map_or(f64::INFINITY, |max| max as f64),
        terms.iter().map(|&(column, factor)| (column, factor as f64)),
    )
}

/// The greatest number that divides both; the other one if one is 0.
pub(super) fn greatest_common_divisor(one: i64, other: i64) -> i64 {
    let (mut one, mut other) = (one.abs(), other.abs());
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}
