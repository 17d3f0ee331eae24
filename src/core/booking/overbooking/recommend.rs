//! Which overbooking limit a history of no-shows supports: arithmetic on counts. It knows no rule and changes none.
//!
//! A day has `places` normal bookings and `limit` overbooked ones. Each patient stays away with the same probability,
//! independently of the others, so the number of no-shows is binomial, and more arrive than there are places exactly if
//! fewer than `limit` stay away: the lower tail of the binomial distribution.
//!
//! Sources. The tail: W. Feller, *An Introduction to Probability Theory and Its Applications*, vol. 1, chapter VI. The
//! largest limit that keeps it under a given risk: the binomial model with a service level, K. Talluri and G. van Ryzin,
//! *The Theory and Practice of Revenue Management* (2004), chapter 4; for clinics, L. LaGanga and S. Lawrence, "Clinic
//! Overbooking to Improve Patient Access and Increase Provider Productivity", *Decision Sciences* 38 (2007). The smoothed
//! rate: the mean of the beta posterior of a binomial proportion, A. Gelman et al., *Bayesian Data Analysis*, 3rd ed.,
//! chapter 2; a prior centered on the whole group's rate is empirical Bayes, G. Casella, "An Introduction to Empirical
//! Bayes Data Analysis", *The American Statistician* 39 (1985).

/// No larger limit is recommended: the table takes none.
pub const MAX_LIMIT: u32 = 1_440;

/// The number of outcomes that the prior counts for. A history of as many is believed half.
pub const PRIOR_WEIGHT: f64 = 20.0;

/// A probability nearer to the risk than this share of it isn't under it: it may be only by rounding.
const ROUNDING: f64 = 1e-9;

/// How appointments ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Those whose outcome is known: the patient came or didn't.
    pub outcomes: u64,
    /// Those whose patient didn't come.
    pub no_shows: u64,
}

impl History {
    /// The rate of no-shows, drawn toward `prior` as if [`PRIOR_WEIGHT`] more outcomes of that rate were known: the
    /// mean of the beta posterior whose prior has that mean and weight. In [0, 1] if `prior` is.
    ///
    /// ```
    /// use pg_clinic_core::booking::overbooking::recommend::History;
    ///
    /// let history = History { outcomes: 20, no_shows: 8 };
    /// assert_eq!(history.smoothed_rate(0.1), 0.25); // halfway from 0.1 to 8/20
    /// ```
    #[must_use]
    pub fn smoothed_rate(self, prior: f64) -> f64 {
        (self.no_shows as f64 + PRIOR_WEIGHT * prior) / (self.outcomes as f64 + PRIOR_WEIGHT)
    }

    /// The whole clinic's rate, the prior of its parts. Itself drawn toward 0: who is known little of is taken to come.
    #[must_use]
    pub fn clinic_rate(self) -> f64 {
        self.smoothed_rate(0.0)
    }
}

impl std::ops::Add for History {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { outcomes: self.outcomes + other.outcomes, no_shows: self.no_shows + other.no_shows }
    }
}

/// A limit, with the numbers that it rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recommendation {
    /// The largest limit whose [`overflow`] stays under the risk.
    pub limit: u32,
    /// The probability of more arrivals than places with that limit.
    pub at_limit: f64,
    /// The same with one more.
    pub above_limit: f64,
}

/// The largest limit, at most [`MAX_LIMIT`], with which the probability that more patients arrive than there are places
/// stays under `risk`. 0 is always under it, as then nobody can be too many.
#[must_use]
pub fn recommend(risk: f64, places: u32, rate: f64) -> Recommendation {
    let is_under = |limit| overflow(places, limit, rate) < risk * (1.0 - ROUNDING);
    // The probability grows with the limit, so it is found by halving.
    let (mut limit, mut too_many) = (0, MAX_LIMIT + 1);
    while too_many - limit > 1 {
        let middle = limit + (too_many - limit) / 2;
        if is_under(middle) {
            limit = middle;
        } else {
            too_many = middle;
        }
    }
    Recommendation {
        limit,
        at_limit: overflow(places, limit, rate),
        above_limit: overflow(places, limit + 1, rate),
    }
}

/// The probability that more than `places` of `places + overbooked` patients arrive, each of whom stays away with
/// probability `rate`:
///
/// P(Y < overbooked) = Σ (N over i) rateⁱ (1 − rate)ᴺ⁻ⁱ for i < overbooked, where N = places + overbooked.
///
/// Each term is computed from its logarithm, so that none is lost where powers of N underflow or binomial coefficients
/// overflow, and all are positive, so that nothing cancels: about ten digits are right, of tiny results too.
#[must_use]
pub fn overflow(places: u32, overbooked: u32, rate: f64) -> f64 {
    if overbooked == 0 || rate >= 1.0 {
        return 0.0;
    }
    if rate <= 0.0 {
        return 1.0;
    }
    let patients = f64::from(places) + f64::from(overbooked);
    let (ln_absent, ln_present) = (rate.ln(), (-rate).ln_1p());
    let mut ln_choices = 0.0_f64;
    let mut sum = 0.0;
    for absent in 0..overbooked {
        let absent = f64::from(absent);
        sum += (ln_choices + absent * ln_absent + (patients - absent) * ln_present).exp();
        ln_choices += (patients - absent).ln() - (absent + 1.0).ln();
    }
    sum.min(1.0)
}
