//! The fixed catalog of rule kinds: name, unit, modes, which columns of `clinic.rules` each reads, and what it means.

use crate::words;
use chrono::{Datelike, Days, NaiveDate};

words! {
    /// A period in which a limit counts. Weeks are ISO weeks (Monday to Sunday), months calendar months, in the clinic's dates.
    pub enum Period {
        /// Each date.
        Day = "day",
        /// Each ISO week.
        Week = "week",
        /// Each calendar month.
        Month = "month",
        /// The plan's dates (for the record: the dates asked for).
        Plan = "plan",
    }
}

impl Period {
    /// The first date of the period that a date lies in; of a plan's, which has no calendar, the date itself.
    #[must_use]
    pub fn first(self, date: NaiveDate) -> NaiveDate {
        match self {
            Self::Day | Self::Plan => date,
            Self::Week => {
                let days = Days::new(u64::from(date.weekday().num_days_from_monday()));
                date.checked_sub_days(days).unwrap_or(date)
            }
            Self::Month => date.with_day(1).unwrap_or(date),
        }
    }
}

words! {
    /// How a rule binds.
    pub enum Mode {
        /// Must hold.
        Hard = "hard",
        /// Breaking it costs.
        Soft = "soft",
        /// As if it weren't there.
        Off = "off",
        /// A departure from the rule in one instance was approved. Never a setting: the rule stays, the instance is listed
        /// with its approval, and a plan may use it.
        Waived = "waived",
    }
}

/// What a rule sets. It wins or loses whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// How it binds.
    pub mode: Mode,
    /// Points for each unit (soft): cost, or what a match earns.
    pub weight: i64,
    /// Points for each person too many (`cover` alone).
    pub over_weight: i64,
    /// The limit, in the kind's unit.
    pub limit: i64,
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

/// What a setting of a kind is asked for at: which scopes of an override can ever meet it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A shift, whoever works it.
    Shift,
    /// A date, whoever works on it.
    Date,
    /// A person on a shift.
    PersonOnShift,
    /// A person on some dates.
    Person,
    /// Nothing: it can't be set.
    Nothing,
}

impl About {
    /// The columns of `clinic.rule_overrides` that it reads, dates by their first one.
    #[must_use]
    pub const fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::Shift => &["plan_id", "from_date", "shift_id"],
            Self::Date => &["plan_id", "from_date"],
            Self::PersonOnShift => &["group_id", "plan_id", "from_date", "staff_id", "shift_id"],
            Self::Person => &["group_id", "plan_id", "from_date", "staff_id"],
            Self::Nothing => &[],
        }
    }

    /// Whether it is about one person, or a group of them.
    #[must_use]
    pub const fn has_person(self) -> bool {
        matches!(self, Self::PersonOnShift | Self::Person)
    }

    /// Whether it is about one shift.
    #[must_use]
    pub const fn has_shift(self) -> bool {
        matches!(self, Self::Shift | Self::PersonOnShift)
    }
}

/// What the catalog says of a kind.
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
    /// What it is asked for at.
    pub about: About,
    /// What holds where no rule says otherwise.
    pub built_in: Setting,
    /// What it means, in a sentence.
    pub doc: &'static str,
}

macro_rules! catalog {
    ($($kind:ident $name:literal $unit:literal $modes:ident $takes:ident [$($need:ident)*] $about:ident $mode:ident $weight:literal $limit:literal $doc:literal;)+) => {
        /// A kind of rule.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RuleKind {$(
            #[doc = $doc]
            $kind,
        )+}

        /// Every kind, in the order in which a breakdown lists them.
        pub const CATALOG: &[Entry] = &[$(
            Entry {
                kind: RuleKind::$kind,
                name: $name,
                unit: $unit,
                modes: Modes::$modes,
                takes_shift_kind: catalog!(@takes $takes),
                needs_succession: catalog!(@needs succession $($need)*),
                needs_period: catalog!(@needs period $($need)*),
                about: About::$about,
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

catalog! {
    Cover "cover" "" Both by_kind [] Shift Hard 1000 0
        "Each shift has exactly staff_needed people. Soft: each missing one costs weight, each one too many over_weight. A shift has one such rule, the most specific: of two with equal scope the one for its shift_kind.";
    MinStaffPerDay "min_staff_per_day" "people" Both by_kind [] Date Off 0 0
        "On each date with such shifts at least limit_value people work shifts of the kind; each missing one costs weight.";
    MaxStaffPerDay "max_staff_per_day" "people" Both by_kind [] Date Off 0 0
        "On each date at most limit_value people work shifts of the kind; each one more costs weight.";
    SkillMatch "skill_match" "" Both any [] PersonOnShift Hard 1000 0
        "Who works a shift has all its required_skills. Soft: each missing skill costs weight.";
    Availability "availability" "" Both any [] PersonOnShift Hard 1000 0
        "A shift lies inside the staff member's weekly availability (none written = always) and the staff member is enabled.";
    TimeOff "time_off" "" Both any [] PersonOnShift Hard 1000 0
        "Nobody works during time off of their own or of the clinic.";
    NoOverlap "no_overlap" "" Hard any [] PersonOnShift Hard 0 0
        "Nobody works two shifts at the same time.";
    MinRest "min_rest" "minutes" Both any [] PersonOnShift Off 0 0
        "Between the end of one shift and the start of the next lie at least limit_value minutes. Soft: each shorter rest costs weight.";
    Preferred "preferred" "" Soft any [] PersonOnShift Soft 50 0
        "Working with a preferred provider earns weight: once for the staff member's wish, twice (see provider_factor) for the provider's; half for a mild one.";
    NonPreferred "non_preferred" "" Soft any [] PersonOnShift Soft 45 0
        "Working with a non-preferred provider costs weight: once for the staff member's wish, twice (see provider_factor) for the provider's; half for a mild one.";
    ProviderFactor "provider_factor" "percent" Soft any [] PersonOnShift Soft 0 200
        "A provider's preference counts limit_value percent of a staff member's. A setting: it costs nothing itself.";
    MildFactor "mild_factor" "percent" Soft any [] PersonOnShift Soft 0 50
        "A mild preference counts limit_value percent of a strong one. A setting: it costs nothing itself.";
    LoadBalance "load_balance" "" Soft any [] Person Soft 10 0
        "Everybody works a fair share of the plan's shifts, by contract_percent. A person d shifts away from it (beyond rounding) costs weight × d².";
    PreferredBalance "preferred_balance" "" Soft any [] Person Soft 1 0
        "Preferred matches are spread: a person with n of them costs weight × n(n−1)/2. It breaks nothing, so record_violations() leaves it out.";
    PreferenceDebt "preference_debt" "" Soft any [] Person Soft 10 0
        "Who got d preferred matches fewer in the previous period than the average of those who prefer, or are preferred by, somebody earns weight × d for each preferred match now.";
    MinShifts "min_shifts" "shifts" Both by_kind [period] Person Off 0 0
        "A person works at least limit_value shifts in each period; each missing one costs weight. It asks nothing of a period that isn't wholly known: one that ends after the plan, or began more than a week before it (so a plan of one week never meets a minimum per month). A dated override holds for a period if it holds on its first date within the plan.";
    MaxShifts "max_shifts" "shifts" Both by_kind [period] Person Off 0 0
        "A person works at most limit_value shifts in each period; each one more costs weight. A dated override holds for a period if it holds on its first date within the plan.";
    MinMinutes "min_minutes" "minutes" Both by_kind [period] Person Off 0 0
        "A person works at least limit_value minutes in each period; each missing minute costs weight. It asks nothing of a period that isn't wholly known: one that ends after the plan, or began more than a week before it (so a plan of one week never meets a minimum per month). A dated override holds for a period if it holds on its first date within the plan.";
    MaxMinutes "max_minutes" "minutes" Both by_kind [period] Person Off 0 0
        "A person works at most limit_value minutes in each period; each minute more costs weight. A dated override holds for a period if it holds on its first date within the plan.";
    MinConsecutiveDays "min_consecutive_days" "days" Both any [] Person Off 0 0
        "A run of working days is at least limit_value long; each missing day costs weight. Runs at an unknown border count as long enough.";
    MaxConsecutiveDays "max_consecutive_days" "days" Both any [] Person Off 0 0
        "A run of working days is at most limit_value long; each day more costs weight.";
    MinConsecutiveDaysOff "min_consecutive_days_off" "days" Both any [] Person Off 0 0
        "A run of days off between working days is at least limit_value long; each missing day costs weight. Runs at an unknown border count as long enough.";
    MaxConsecutiveDaysOff "max_consecutive_days_off" "days" Both any [] Person Off 0 0
        "A run of days off is at most limit_value long; each day more costs weight. Only stretches of limit_value + 1 days in which there is a shift of the plan count: else nobody could work then.";
    ForbiddenSuccession "forbidden_succession" "" Both by_kind [succession] Person Off 0 0
        "Nobody works a shift of next_shift_kind on the date after one of shift_kind. Soft: each time costs weight.";
    MaxWeekends "max_weekends" "weekends" Both any [] Person Off 0 0
        "A person works on at most limit_value weekends (Saturday or Sunday or both) of the plan; each one more costs weight.";
    Wish "wish" "" Both any [] Person Soft 20 0
        "A wish for or against a day or kind of shift is kept; else it costs the wish's own weight, or the rule's where it has none.";
    RotationBlock "rotation_block" "" Both any [] Person Off 0 0
        "A person works shifts of one kind only within an ISO week; each further kind costs weight. A dated override holds for a week if it holds on its first date within the plan.";
    Stability "stability" "" Soft any [] PersonOnShift Soft 0 0
        "A plan stays close to the parent plan, or else the record: each of its assignments not kept costs weight.";
    Lock "lock" "" Hard any [] Nothing Hard 0 0
        "What a lock says holds: assign, forbid or keep. Not a rule to set.";
}

impl Entry {
    /// Whether the kind only scales what others cost: it has a limit, but no weight of its own.
    #[must_use]
    pub fn is_factor(&self) -> bool {
        self.unit == "percent"
    }

    /// Whether each shift has one rule of the kind, the most specific of those for its kind of shift and those for all. Rules
    /// of other kinds that differ in the kind of shift count different shifts, and hold beside each other.
    #[must_use]
    pub fn is_one_per_shift(&self) -> bool {
        self.takes_shift_kind && self.about == About::Shift
    }

    /// Whether too many cost other than too few.
    #[must_use]
    pub fn has_over_weight(&self) -> bool {
        self.kind == RuleKind::Cover
    }
}

impl RuleKind {
    /// What the catalog says of it.
    #[must_use]
    pub fn entry(self) -> &'static Entry {
        &CATALOG[self as usize]
    }

    /// Its name in SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.entry().name
    }

    /// The kind with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        CATALOG.iter().find(|entry| entry.name == name).map(|entry| entry.kind)
    }
}
