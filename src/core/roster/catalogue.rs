//! The fixed catalogue of rule kinds: name, unit, modes, which columns of `clinic.rules` each reads, and what it means.

use crate::roster::rules::{Mode, Setting};

/// A period in which a limit counts. Weeks are ISO weeks (Monday to Sunday), months calendar months, in the clinic's dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// Each date.
    Day,
    /// Each ISO week.
    Week,
    /// Each calendar month.
    Month,
    /// The plan's dates (for the record: the dates asked for).
    Plan,
}

impl Period {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Plan];

    /// The word in SQL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Plan => "plan",
        }
    }

    /// The period with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.as_str() == word)
    }
}

/// Whether a kind may be hard, soft or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modes {
    /// Physically or logically necessary: hard or off.
    Hard,
    /// A wish or an aim: soft or off.
    Soft,
    /// Either.
    Both,
}

/// What the catalogue says of a kind.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The kind.
    pub kind: RuleKind,
    /// Its name in SQL.
    pub name: &'static str,
    /// What `limit_value` counts; empty where it isn't read.
    pub unit: &'static str,
    /// Which modes it takes.
    pub modes: Modes,
    /// Whether `shift_kind` narrows it to one kind of shift.
    pub takes_shift_kind: bool,
    /// Whether it needs `shift_kind` and `next_shift_kind`.
    pub needs_succession: bool,
    /// Whether it needs a `period`.
    pub needs_period: bool,
    /// What holds where no rule says otherwise.
    pub built_in: Setting,
    /// What it means, in a sentence.
    pub doc: &'static str,
}

macro_rules! catalogue {
    ($($kind:ident $name:literal $unit:literal $modes:ident $takes:ident [$($need:ident)*] $mode:ident $weight:literal $limit:literal $doc:literal;)+) => {
        /// A kind of rule.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RuleKind {$(
            #[doc = $doc]
            $kind,
        )+}

        /// Every kind, in the order in which a breakdown lists them.
        pub const CATALOGUE: &[Entry] = &[$(
            Entry {
                kind: RuleKind::$kind,
                name: $name,
                unit: $unit,
                modes: Modes::$modes,
                takes_shift_kind: catalogue!(@takes $takes),
                needs_succession: catalogue!(@needs succession $($need)*),
                needs_period: catalogue!(@needs period $($need)*),
                built_in: Setting { mode: Mode::$mode, weight: $weight, over_weight: $weight, limit: $limit },
                doc: $doc,
            },
        )+];
    };
    (@takes any) => { false };
    (@takes by_kind) => { true };
    (@needs succession succession) => { true };
    (@needs period period) => { true };
    (@needs $what:ident $($other:ident)?) => { false };
}

catalogue! {
    Cover "cover" "" Both by_kind [] Hard 1000 0
        "Each shift has exactly staff_needed people. Soft: each missing one costs weight, each one too many over_weight.";
    MinStaffPerDay "min_staff_per_day" "people" Both by_kind [] Off 0 0
        "On each date with such shifts at least limit_value people work shifts of the kind; each missing one costs weight.";
    MaxStaffPerDay "max_staff_per_day" "people" Both by_kind [] Off 0 0
        "On each date at most limit_value people work shifts of the kind; each one more costs weight.";
    SkillMatch "skill_match" "" Both any [] Hard 1000 0
        "Who works a shift has all its required_skills. Soft: each missing skill costs weight.";
    Availability "availability" "" Both any [] Hard 1000 0
        "A shift lies inside the staff member's weekly availability (none written = always) and the staff member is enabled.";
    TimeOff "time_off" "" Both any [] Hard 1000 0
        "Nobody works during time off of their own or of the clinic.";
    NoOverlap "no_overlap" "" Hard any [] Hard 0 0
        "Nobody works two shifts at the same time.";
    MinRest "min_rest" "minutes" Both any [] Off 0 0
        "Between the end of one shift and the start of the next lie at least limit_value minutes. Soft: each shorter rest costs weight.";
    Preferred "preferred" "" Soft any [] Soft 50 0
        "Working with a preferred provider earns weight: once for the staff member's wish, twice (see provider_factor) for the provider's; half for a mild one.";
    NonPreferred "non_preferred" "" Soft any [] Soft 45 0
        "Working with a non-preferred provider costs weight: once for the staff member's wish, twice (see provider_factor) for the provider's; half for a mild one.";
    ProviderFactor "provider_factor" "percent" Soft any [] Soft 0 200
        "A provider's preference counts limit_value percent of a staff member's. A setting: it costs nothing itself.";
    MildFactor "mild_factor" "percent" Soft any [] Soft 0 50
        "A mild preference counts limit_value percent of a strong one. A setting: it costs nothing itself.";
    LoadBalance "load_balance" "" Soft any [] Soft 10 0
        "Everybody works a fair share of the plan's shifts, by contract_percent. A person d shifts away from it (beyond rounding) costs weight × d².";
    PreferredBalance "preferred_balance" "" Soft any [] Soft 1 0
        "Preferred matches are spread: a person with n of them costs weight × n(n−1)/2.";
    PreferenceDebt "preference_debt" "" Soft any [] Soft 10 0
        "Who got d preferred matches fewer than average in the previous period earns weight × d for each preferred match now.";
    MinShifts "min_shifts" "shifts" Both by_kind [period] Off 0 0
        "A person works at least limit_value shifts in each period; each missing one costs weight.";
    MaxShifts "max_shifts" "shifts" Both by_kind [period] Off 0 0
        "A person works at most limit_value shifts in each period; each one more costs weight.";
    MinMinutes "min_minutes" "minutes" Both by_kind [period] Off 0 0
        "A person works at least limit_value minutes in each period; each missing minute costs weight.";
    MaxMinutes "max_minutes" "minutes" Both by_kind [period] Off 0 0
        "A person works at most limit_value minutes in each period; each minute more costs weight.";
    MinConsecutiveDays "min_consecutive_days" "days" Both any [] Off 0 0
        "A run of working days is at least limit_value long; each missing day costs weight. Runs at an unknown border count as long enough.";
    MaxConsecutiveDays "max_consecutive_days" "days" Both any [] Off 0 0
        "A run of working days is at most limit_value long; each day more costs weight.";
    MinConsecutiveDaysOff "min_consecutive_days_off" "days" Both any [] Off 0 0
        "A run of days off between working days is at least limit_value long; each missing day costs weight. Runs at an unknown border count as long enough.";
    MaxConsecutiveDaysOff "max_consecutive_days_off" "days" Both any [] Off 0 0
        "A run of days off is at most limit_value long; each day more costs weight.";
    ForbiddenSuccession "forbidden_succession" "" Both by_kind [succession] Off 0 0
        "Nobody works a shift of next_shift_kind on the date after one of shift_kind. Soft: each time costs weight.";
    MaxWeekends "max_weekends" "weekends" Both any [] Off 0 0
        "A person works on at most limit_value weekends (Saturday or Sunday or both) of the plan; each one more costs weight.";
    Wish "wish" "" Both any [] Soft 20 0
        "A wish for or against a day or kind of shift is kept; else it costs the wish's own weight, or the rule's where it has none.";
    RotationBlock "rotation_block" "" Both any [] Off 0 0
        "A person works shifts of one kind only within an ISO week; each further kind costs weight.";
    Stability "stability" "" Soft any [] Soft 0 0
        "A plan stays close to the parent plan, or else the record: each of its assignments not kept costs weight.";
    Lock "lock" "" Hard any [] Hard 0 0
        "What a lock says holds: assign, forbid or keep. Not a rule to set.";
}

impl Entry {
    /// Whether the kind only scales what others cost: it has a limit, but no weight of its own.
    #[must_use]
    pub fn is_factor(&self) -> bool {
        self.unit == "percent"
    }

    /// Whether too many cost other than too few.
    #[must_use]
    pub fn has_over_weight(&self) -> bool {
        self.kind == RuleKind::Cover
    }
}

impl RuleKind {
    /// What the catalogue says of it.
    #[must_use]
    pub fn entry(self) -> &'static Entry {
        &CATALOGUE[self as usize]
    }

    /// Its name in SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.entry().name
    }

    /// The kind with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        CATALOGUE.iter().find(|entry| entry.name == name).map(|entry| entry.kind)
    }
}
