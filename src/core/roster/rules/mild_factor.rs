//! `mild_factor`: the weight of a mild preference beside a strong one.

use super::Definition;
use crate::roster::catalog::{Entry, Modes, RuleKind, Setting};

pub(super) static RULE: Definition = Definition::new(
    Entry {
        unit: "percent",
        modes: Modes::Soft,
        built_in: Setting::factor(50),
        ..Entry::of(
            RuleKind::MildFactor,
            "A mild preference counts limit_value percent of a strong one. A setting: it costs nothing itself.",
        )
    },
    |of| of.meaning(),
);
