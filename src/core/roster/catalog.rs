//! Rule kinds and the words around them: what a catalog entry says of a kind. The entries are in [`super::rules`], one
//! module a kind.

use crate::words;

words! {
    /// A period in which a limit counts, in the clinic's dates ([`Weeks`](super::weeks::Weeks)).
    pub enum Period {
        /// Each date.
        Day = "day",
        /// Each week.
        Week = "week",
        /// Each two weeks.
        TwoWeeks = "two_weeks",
        /// Each four weeks.
        FourWeeks = "four_weeks",
        /// Each calendar month.
        Month = "month",
        /// Each quarter of a year.
        Quarter = "quarter",
        /// Each calendar year.
        Year = "year",
        /// The plan's dates (for the record: the dates of the query).
        Plan = "plan",
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
        /// A departure from the rule was approved. Never a setting: the rule stays, and what was approved is listed with its
        /// approval.
        Waived = "waived",
    }
}

impl Mode {
    /// Whether points are counted.
    #[must_use]
    pub const fn has_weight(self) -> bool {
        matches!(self, Self::Soft)
    }

    /// Whether a limit is looked at.
    #[must_use]
    pub const fn has_limit(self) -> bool {
        matches!(self, Self::Soft | Self::Hard)
    }
}

/// The values that a rule sets. It wins or loses whole.
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

impl Setting {
    /// As if the rule weren't there.
    pub const OFF: Self = Self { mode: Mode::Off, weight: 0, over_weight: 0, limit: 0 };

    /// Hard, and at this weight where somebody makes it soft without one.
    #[must_use]
    pub const fn hard(weight: i64) -> Self {
        Self { mode: Mode::Hard, weight, over_weight: weight, limit: 0 }
    }

    /// Soft, at this weight.
    #[must_use]
    pub const fn soft(weight: i64) -> Self {
        Self { mode: Mode::Soft, weight, over_weight: weight, limit: 0 }
    }

    /// A factor, in percent.
    #[must_use]
    pub const fn factor(percent: i64) -> Self {
        Self { mode: Mode::Soft, weight: 0, over_weight: 0, limit: percent }
    }
}

/// Whether a kind may be hard, soft or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modes {
    /// Physically or logically necessary: hard or off.
    Hard,
    /// An aim: soft or off.
    Soft,
    /// Either.
    Both,
}

/// The places at which a setting of a kind is looked up: which scopes of an override can ever meet it.
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

/// What an approval of a departure excuses, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excuses {
    /// A person on a shift: the assignment doesn't count towards the limit.
    Assignment,
    /// A person on a shift that follows another too closely: only what lies before it.
    After,
    /// So many units too few or too many, of a shift, a date or a period.
    Amount,
    /// A person's dates: what is broken within them.
    Dates,
}

words! {
    /// A kind of rule, in the order in which a breakdown lists them.
    pub enum RuleKind {
        /// People on a shift.
        Cover = "cover",
        /// Fewest people on a date.
        MinStaffPerDay = "min_staff_per_day",
        /// Most people on a date.
        MaxStaffPerDay = "max_staff_per_day",
        /// Skills of who works a shift.
        SkillMatch = "skill_match",
        /// Weekly availability.
        Availability = "availability",
        /// Time off.
        TimeOff = "time_off",
        /// One shift at a time.
        NoOverlap = "no_overlap",
        /// Rest between shifts.
        MinRest = "min_rest",
        /// Points for preferred providers.
        Preferred = "preferred",
        /// Points for non-preferred providers.
        NonPreferred = "non_preferred",
        /// Weight of a provider's preference.
        ProviderFactor = "provider_factor",
        /// Weight of a mild preference.
        MildFactor = "mild_factor",
        /// A fair share of the shifts.
        LoadBalance = "load_balance",
        /// A fair share of preferred matches.
        PreferredBalance = "preferred_balance",
        /// Preferred matches missed last time.
        PreferenceDebt = "preference_debt",
        /// Fewest shifts in a period.
        MinShifts = "min_shifts",
        /// Most shifts in a period.
        MaxShifts = "max_shifts",
        /// Fewest minutes in a period.
        MinMinutes = "min_minutes",
        /// Most minutes in a period.
        MaxMinutes = "max_minutes",
        /// Most working days in a period.
        MaxDays = "max_days",
        /// Shortest run of working days.
        MinConsecutiveDays = "min_consecutive_days",
        /// Longest run of working days.
        MaxConsecutiveDays = "max_consecutive_days",
        /// Shortest run of days off.
        MinConsecutiveDaysOff = "min_consecutive_days_off",
        /// Longest run of days off.
        MaxConsecutiveDaysOff = "max_consecutive_days_off",
        /// Kinds of shift that must not follow each other.
        ForbiddenSuccession = "forbidden_succession",
        /// Most weekends.
        MaxWeekends = "max_weekends",
        /// Requests of staff for or against a date.
        ShiftRequest = "shift_request",
        /// One kind of shift a week.
        RotationBlock = "rotation_block",
        /// Staying close to the parent plan, or the record.
        Stability = "stability",
        /// Locks of a plan.
        Lock = "lock",
    }
}

/// The catalog's entry of a kind.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The kind.
    pub kind: RuleKind,
    /// The unit of `limit_value`; empty where it isn't read.
    pub unit: &'static str,
    /// Which modes it takes.
    pub modes: Modes,
    /// Whether `shift_kind` narrows it to one kind of shift.
    pub takes_shift_kind: bool,
    /// Whether it needs `shift_kind` and `next_shift_kind`.
    pub needs_succession: bool,
    /// Whether it needs a `period`, or `rolling_days` in its place.
    pub needs_period: bool,
    /// The period on whose first date the setting is looked up, of a rule that has none of its own.
    pub looked_up_per: Period,
    /// Whether too many cost other than too few.
    pub has_over_weight: bool,
    /// Whether it is about runs of days.
    pub is_about_runs: bool,
    /// The places at which a setting is looked up.
    pub about: About,
    /// What an approval of a departure excuses.
    pub excuses: Excuses,
    /// The setting that holds where no rule says otherwise.
    pub built_in: Setting,
    /// The meaning, in sentences.
    pub meaning: &'static str,
}

impl Entry {
    /// An entry of a kind about single people on shifts, hard or soft, off unless somebody sets it: what most entries have
    /// in common.
    #[must_use]
    pub const fn of(kind: RuleKind, meaning: &'static str) -> Self {
        Self {
            kind,
            unit: "",
            modes: Modes::Both,
            takes_shift_kind: false,
            needs_succession: false,
            needs_period: false,
            looked_up_per: Period::Day,
            has_over_weight: false,
            is_about_runs: false,
            about: About::PersonOnShift,
            excuses: Excuses::Assignment,
            built_in: Setting::OFF,
            meaning,
        }
    }

    /// Whether people can set rules of the kind. Locks are in a table of their own.
    #[must_use]
    pub fn is_settable(&self) -> bool {
        self.about != About::Nothing
    }

    /// The modes that people can set, `off` last.
    #[must_use]
    pub fn settable_modes(&self) -> &'static [Mode] {
        match self.modes {
            _ if !self.is_settable() => &[],
            Modes::Hard => &[Mode::Hard, Mode::Off],
            Modes::Soft => &[Mode::Soft, Mode::Off],
            Modes::Both => &[Mode::Hard, Mode::Soft, Mode::Off],
        }
    }

    /// The columns of `clinic.rules` that the kind reads; those with `!` it needs.
    #[must_use]
    pub fn columns(&self) -> Vec<&'static str> {
        let columns = [
            ("shift_kind", self.takes_shift_kind && !self.needs_succession),
            ("shift_kind!", self.needs_succession),
            ("next_shift_kind!", self.needs_succession),
            ("period!", self.needs_period),
            ("rolling_days", self.needs_period),
            ("limit_value!", self.has_limit()),
        ];
        columns.into_iter().filter(|(_, is_read)| *is_read).map(|(name, _)| name).collect()
    }

    /// Whether a departure can be approved at all.
    #[must_use]
    pub fn is_approvable(&self) -> bool {
        self.is_settable() && self.modes != Modes::Soft
    }

    /// Whether `limit_value` is read.
    #[must_use]
    pub const fn has_limit(&self) -> bool {
        !self.unit.is_empty()
    }

    /// The weight of a setting, where it counts.
    #[must_use]
    pub fn weight_of(&self, setting: &Setting) -> Option<i64> {
        (setting.mode.has_weight() && !self.is_factor()).then_some(setting.weight)
    }

    /// The weight for too many of a setting, where it counts.
    #[must_use]
    pub fn over_weight_of(&self, setting: &Setting) -> Option<i64> {
        self.weight_of(setting).filter(|_| self.has_over_weight).map(|_| setting.over_weight)
    }

    /// The limit of a setting, where it counts.
    #[must_use]
    pub fn limit_of(&self, setting: &Setting) -> Option<i64> {
        (setting.mode.has_limit() && self.has_limit()).then_some(setting.limit)
    }

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
}
