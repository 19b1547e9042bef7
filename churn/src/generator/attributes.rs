//! What a customer is: where, which kind of connection, and through which channel it came.

use super::geography::{PROVINCES, Province, customer_shares};
use super::random::{Purpose, chance, stream, weighted};

/// The business segment, which the files only imply (industrial flag and contracted power).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment {
    Residential,
    Sme,
    Corporate,
}

/// The sales channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    InPerson,
    Unknown,
    Comparison,
    Office,
    Telemarketing,
    OwnWebsite,
}

impl Channel {
    /// The word in the contracts file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InPerson => "presencial_comercial",
            Self::Unknown => "desconocido",
            Self::Comparison => "comparador",
            Self::Office => "oficina",
            Self::Telemarketing => "telemarketing",
            Self::OwnWebsite => "web_propia",
        }
    }
}

/// One customer, apart from dates, consumption and prices.
#[derive(Debug, Clone, Copy)]
pub struct Attributes {
    pub province: Province,
    pub segment: Segment,
    pub is_second_residence: bool,
    pub is_urban: bool,
    pub power_kw: f64,
    pub channel: Channel,
}

impl Attributes {
    /// Small businesses and corporates.
    pub fn is_industrial(&self) -> bool {
        self.segment != Segment::Residential
    }
}

/// Published customers per segment and channel.
const CHANNELS_RESIDENTIAL: [(Channel, f64); 6] = [
    (Channel::InPerson, 8_235.0),
    (Channel::Unknown, 4_744.0),
    (Channel::Comparison, 2_351.0),
    (Channel::Office, 1_654.0),
    (Channel::Telemarketing, 1_085.0),
    (Channel::OwnWebsite, 21.0),
];
const CHANNELS_SME: [(Channel, f64); 6] = [
    (Channel::InPerson, 868.0),
    (Channel::Unknown, 482.0),
    (Channel::Comparison, 167.0),
    (Channel::Office, 181.0),
    (Channel::Telemarketing, 132.0),
    (Channel::OwnWebsite, 2.0),
];
const CHANNELS_CORPORATE: [(Channel, f64); 5] = [
    (Channel::InPerson, 55.0),
    (Channel::Unknown, 41.0),
    (Channel::Comparison, 79.0),
    (Channel::Office, 1.0),
    (Channel::Telemarketing, 1.0),
];

/// Contracted power, kW: the steps that homes can have, weighted to the published mean, deviation
/// and quartiles of first (5.14, 1.98; 3.45, 4.6, 6.9) and second residences (4.07, 1.91).
const POWER_FIRST_RESIDENCE: [(f64, f64); 8] = [
    (2.3, 0.100),
    (3.45, 0.235),
    (4.6, 0.240),
    (5.75, 0.155),
    (6.9, 0.140),
    (8.05, 0.060),
    (9.2, 0.045),
    (10.35, 0.025),
];
const POWER_SECOND_RESIDENCE: [(f64, f64); 8] = [
    (2.3, 0.36),
    (3.45, 0.205),
    (4.6, 0.165),
    (5.75, 0.115),
    (6.9, 0.080),
    (8.05, 0.035),
    (9.2, 0.025),
    (10.35, 0.015),
];
/// Published customers per contracted power of the 177 corporates.
const POWER_CORPORATE: [(f64, f64); 26] = [
    (15.0, 28.0),
    (20.0, 10.0),
    (25.0, 9.0),
    (30.0, 25.0),
    (35.0, 12.0),
    (40.0, 6.0),
    (45.0, 8.0),
    (50.0, 8.0),
    (55.0, 5.0),
    (60.0, 4.0),
    (65.0, 5.0),
    (70.0, 4.0),
    (75.0, 5.0),
    (80.0, 8.0),
    (85.0, 4.0),
    (90.0, 2.0),
    (95.0, 4.0),
    (100.0, 3.0),
    (105.0, 2.0),
    (110.0, 2.0),
    (115.0, 1.0),
    (120.0, 3.0),
    (130.0, 5.0),
    (140.0, 1.0),
    (145.0, 1.0),
    (150.0, 12.0),
];
/// All small businesses have this power; it is what tells them from corporates.
const POWER_SME: f64 = 10.0;

/// Draws the attributes of `n` customers.
pub fn draw(n: usize, seed: u64) -> Vec<Attributes> {
    let shares = customer_shares();
    let provinces: Vec<(Province, f64)> = PROVINCES.into_iter().zip(shares).collect();
    (0..n).map(|index| draw_one(&provinces, seed, index)).collect()
}

fn draw_one(provinces: &[(Province, f64)], seed: u64, index: usize) -> Attributes {
    let rng = &mut stream(seed, Purpose::Attributes, index);
    let province = weighted(rng, provinces);
    let is_urban = chance(rng, if province.is_high_competition() { 0.88 } else { 0.72 });
    let segment =
        weighted(rng, &[(Segment::Residential, 18_090.0), (Segment::Sme, 1_832.0), (Segment::Corporate, 177.0)]);
    let is_second_residence = segment == Segment::Residential && chance(rng, 402.0 / 18_090.0);
    let power_kw = match segment {
        Segment::Residential if is_second_residence => weighted(rng, &POWER_SECOND_RESIDENCE),
        Segment::Residential => weighted(rng, &POWER_FIRST_RESIDENCE),
        Segment::Sme => POWER_SME,
        Segment::Corporate => weighted(rng, &POWER_CORPORATE),
    };
    let channel = match segment {
        Segment::Residential => weighted(rng, &CHANNELS_RESIDENTIAL),
        Segment::Sme => weighted(rng, &CHANNELS_SME),
        Segment::Corporate => weighted(rng, &CHANNELS_CORPORATE),
    };
    Attributes { province, segment, is_second_residence, is_urban, power_kw, channel }
}
