//! A model with some of its columns pinned to a value, and left out: the engine's presolve would find them too, but looks at
//! each of them first. Must never lose a solution that has these values.

use pg_clinic_core::milp::{Model, Row};

/// The part of a model that is left.
pub struct Part {
    /// The model of the columns that aren't pinned. Rows keep their numbers.
    pub model: Model,
    kept: Vec<usize>,
    pinned: Vec<f64>,
}

impl Part {
    /// The model without those columns that have a value here.
    pub fn new(model: &Model, value_of: impl Fn(usize) -> Option<f64>) -> Self {
        let mut part =
            Self { model: Model::default(), kept: Vec::new(), pinned: vec![0.0; model.columns.len()] };
        let mut places = vec![None; model.columns.len()];
        part.model.offset = model.offset;
        for (number, column) in model.columns.iter().enumerate() {
            if let Some(value) = value_of(number) {
                part.pinned[number] = value;
                part.model.offset += column.cost * value;
            } else {
                places[number] = Some(part.model.add_column(*column));
                part.kept.push(number);
            }
        }
        part.model.rows = model.rows.iter().map(|row| part.row(row, &places)).collect();
        part
    }

    fn row(&self, row: &Row, places: &[Option<usize>]) -> Row {
        let pinned = row.terms.iter().filter(|(column, _)| places[*column].is_none());
        let given: f64 = pinned.map(|&(column, factor)| factor * self.pinned[column]).sum();
        let terms = row.terms.iter().filter_map(|&(column, factor)| Some((places[column]?, factor)));
        Row::between(row.lower - given, row.upper - given, terms)
    }

    /// A solution of the part as one of the whole.
    pub fn whole(&self, values: &[f64]) -> Vec<f64> {
        let mut whole = self.pinned.clone();
        self.kept.iter().zip(values).for_each(|(&column, &value)| whole[column] = value);
        whole
    }

    /// The part of a solution of the whole.
    pub fn of(&self, values: &[f64]) -> Vec<f64> {
        self.kept.iter().map(|&column| values[column]).collect()
    }
}
