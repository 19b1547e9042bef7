//! The settings of who leaves, fitted to the published churn rates and to the published ladder of experiments
//! (`churn/examples/ladder.rs` measures it over several seeds).

use crate::generator::quantiles::Knots;

/// Churners of the published data set.
pub const CHURN_RATE: f64 = 2_002.0 / 20_099.0;

/// What pushes a customer, in log-odds.
pub struct Pressures {
    /// The probability that the published rates ask for by days to the renewal: highest two to three months before it.
    pub by_renewal_days: &'static Knots,
    /// By tenure in months of 30 days: nobody leaves beyond 127.6.
    pub by_tenure_months: &'static Knots,
    /// How little the bill is noticed, by size rank: the very small do not look, the large have somebody who calls.
    pub overlooked: &'static Knots,
    /// What being overlooked holds back at most, or nearly.
    pub overlooked_holds: f64,
    /// A price that rose and lies above the usual one, where the bill is noticed and the renewal is near: each alone does nothing.
    pub dear_and_rising: f64,
    /// A price that did neither, where the same holds: bargain hunters, who go on hunting.
    pub cheap_and_steady: f64,
    /// First price in December from which on it is dear, EUR/kWh: the published median.
    pub dear_from_eur: f64,
    /// How near the renewal is, by days to it.
    pub nearness: &'static Knots,
    /// Provinces with many competitors.
    pub competition: f64,
    /// Whom competitors court, by tenure in months: the new and those of five years, not those between.
    pub courted: &'static Knots,
    /// The same, in full.
    pub courting: f64,
    /// Customers with gas.
    pub gas: f64,
    /// Corporates, and new ones beside.
    pub corporate: f64,
    pub new_corporate: f64,
    /// Second homes.
    pub second_home: f64,
    /// The taste of a province: so much per standard deviation.
    pub province: f64,
}

pub const PRESSURES: Pressures = Pressures {
    by_renewal_days: &[
        (-30.0, 0.085),
        (0.0, 0.110),
        (20.0, 0.200),
        (45.0, 0.310),
        (62.0, 0.460),
        (80.0, 0.430),
        (95.0, 0.235),
        (115.0, 0.125),
        (140.0, 0.072),
        (170.0, 0.040),
        (200.0, 0.025),
        (240.0, 0.018),
        (300.0, 0.015),
    ],
    by_tenure_months: &[
        (0.0, 0.42),
        (12.0, 0.40),
        (24.0, 0.38),
        (45.0, 0.30),
        (60.0, 0.08),
        (90.0, 0.00),
        (118.0, -0.10),
        (127.6, -0.50),
        (129.0, -6.0),
        (200.0, -8.0),
    ],
    overlooked: &[(0.0, 0.9), (0.12, 0.55), (0.20, 0.0), (0.55, 0.0), (0.80, 0.55), (0.95, 1.1), (1.0, 1.5)],
    overlooked_holds: 2.4,
    dear_and_rising: 3.1,
    cheap_and_steady: 3.1,
    dear_from_eur: 0.1486,
    nearness: &[(-30.0, 0.6), (0.0, 0.7), (30.0, 1.0), (95.0, 1.0), (130.0, 0.35), (180.0, 0.0)],
    competition: 1.05,
    courted: &[(12.0, 1.0), (18.0, -0.5), (48.0, -0.5), (60.0, 0.6)],
    courting: 0.2,
    gas: -0.28,
    corporate: -0.30,
    new_corporate: 0.25,
    second_home: 0.05,
    province: 0.45,
};

/// What nobody but the customer knows.
pub struct Minds {
    /// Scale of the mood, a logistic one: the larger, the less the files can tell.
    pub mood: f64,
    /// Deviation of what changes a mind between the contacts and the leaving.
    pub second_thoughts: f64,
    /// Of those who mean to leave, the consumption that falls away in the last three months, on average.
    pub easing_off: f64,
    /// How firm an intention must be to show in the consumption.
    pub easing_width: f64,
}

pub const MINDS: Minds = Minds { mood: 1.57, second_thoughts: 0.1, easing_off: 0.15, easing_width: 0.5 };

/// Who gets in touch.
pub struct Calls {
    /// Published share of customers with a contact.
    pub share: f64,
    /// What a bad mood adds to the log-odds, wherever it leads; from this mood on, with this width.
    pub by_mood: f64,
    pub bad_mood: f64,
    pub mood_width: f64,
    /// What a mind that is made up to leave adds, which is what brings the published 54.9 % of those who leave; its width.
    pub by_lean: f64,
    pub lean_width: f64,
    /// Whoever leans to leaving calls late in the season: the exponent of a uniform draw, 1 for no hurry; its width.
    pub hurry: f64,
    pub hurry_width: f64,
}

pub const CALLS: Calls = Calls {
    share: 6_420.0 / 20_099.0,
    by_mood: 1.5,
    bad_mood: 1.2,
    mood_width: 0.4,
    by_lean: 0.36,
    lean_width: 0.3,
    hurry: 2.2,
    hurry_width: 0.5,
};

/// How a note sounds, by what the customer leans to.
pub struct Notes {
    /// From this on to leaving, so many are negative.
    pub negative_from: f64,
    pub negative: f64,
    /// From this on to staying, so many are positive.
    pub positive_below: f64,
    pub positive: f64,
    /// Between these a customer wavers.
    pub wavers: std::ops::Range<f64>,
    /// Share of the neutral notes in undecided words: of those who waver, and of all others.
    pub undecided: f64,
    pub undecided_others: f64,
}

pub const NOTES: Notes = Notes {
    negative_from: 0.08,
    negative: 0.64,
    positive_below: -0.4,
    positive: 0.58,
    wavers: -1.5..0.8,
    undecided: 0.7,
    undecided_others: 0.06,
};
