//! `provider_factor`: the weight of a provider's preference beside a staff member's.

use super::Definition;
use crate::roster::catalog::{Entry, Modes, RuleKind, Setting};

pub(super) static RULE: Definition = Definition::new(
    Entry {
        unit: "percent",
        modes: Modes::Soft,
        built_in: Setting::factor(200),
        ..Entry::of(
            RuleKind::ProviderFactor,
            "A provider's preference counts limit_value percent of a staff member's. A setting: it costs nothing itself.",
        )
    },
    |of| of.meaning(),
);
