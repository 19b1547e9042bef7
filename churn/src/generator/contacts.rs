//! `customer_interactions.json`: who got in touch, when, how, and what the agent wrote down.

use chrono::{Days, NaiveDate};
use serde::Serialize;

use super::generated::GeneratedFile;
use super::population::{Population, customer_id};
use super::random::{Purpose, Stream, between, permutation, stream, uniform, weighted};
use super::sentences::{self, Facts, Intent, Sentiment};
use super::staging::Staging;
use super::world::{Labels, World};
use crate::error::Result;

const NAME: &str = "customer_interactions.json";
/// The days of the contacts before the first date of the labels, and before the second one.
const AUTUMN: (NaiveDate, NaiveDate) = (
    NaiveDate::from_ymd_opt(2024, 9, 1).expect("a date of the calendar"),
    NaiveDate::from_ymd_opt(2024, 11, 30).expect("a date of the calendar"),
);
const SPRING: (NaiveDate, NaiveDate) = (
    NaiveDate::from_ymd_opt(2025, 3, 1).expect("a date of the calendar"),
    NaiveDate::from_ymd_opt(2025, 5, 31).expect("a date of the calendar"),
);

/// Published share of customers with a contact, of those who left and of those who stayed.
const CONTACTED_CHURNED: f64 = 0.5490;
const CONTACTED_STAYED: f64 = 0.2940;

const CHANNELS: [(&str, f64); 5] =
    [("phone", 0.42), ("email", 0.20), ("store", 0.16), ("web_chat", 0.12), ("in_person", 0.10)];

/// What a contact was about and how it went.
type Matter = (Intent, Sentiment);

/// The matters with their published numbers of customers.
type Mix = [(Matter, f64)];

const MIX_CHURNED: &Mix = &[
    ((Intent::Complaint, Sentiment::Negative), 544.0),
    ((Intent::Renewal, Sentiment::Negative), 110.0),
    ((Intent::Cancellation, Sentiment::Negative), 10.0),
    ((Intent::Pricing, Sentiment::Negative), 7.0),
    ((Intent::Account, Sentiment::Negative), 4.0),
    ((Intent::Renewal, Sentiment::Neutral), 310.0),
    ((Intent::Pricing, Sentiment::Neutral), 39.0),
    ((Intent::Complaint, Sentiment::Neutral), 38.0),
    ((Intent::Cancellation, Sentiment::Neutral), 13.0),
    ((Intent::Plan, Sentiment::Neutral), 10.0),
    ((Intent::Account, Sentiment::Neutral), 8.0),
    ((Intent::Billing, Sentiment::Neutral), 5.0),
    ((Intent::Renewal, Sentiment::Positive), 1.0),
];
const MIX_STAYED: &Mix = &[
    ((Intent::Renewal, Sentiment::Negative), 3.0),
    ((Intent::Plan, Sentiment::Negative), 1.0),
    ((Intent::Renewal, Sentiment::Neutral), 2_006.0),
    ((Intent::Account, Sentiment::Neutral), 127.0),
    ((Intent::Pricing, Sentiment::Neutral), 97.0),
    ((Intent::Plan, Sentiment::Neutral), 41.0),
    ((Intent::Billing, Sentiment::Neutral), 30.0),
    ((Intent::Complaint, Sentiment::Neutral), 11.0),
    ((Intent::Cancellation, Sentiment::Neutral), 5.0),
    ((Intent::Renewal, Sentiment::Positive), 2_706.0),
    ((Intent::Pricing, Sentiment::Positive), 87.0),
    ((Intent::Account, Sentiment::Positive), 79.0),
    ((Intent::Billing, Sentiment::Positive), 71.0),
    ((Intent::Plan, Sentiment::Positive), 44.0),
    ((Intent::Cancellation, Sentiment::Positive), 11.0),
    ((Intent::Complaint, Sentiment::Positive), 2.0),
];

/// A time of the year in which people get in touch about what they are going to do.
struct Season {
    seed: u64,
    first_day: NaiveDate,
    last_day: NaiveDate,
    /// Who will leave; none of those who have left before.
    will_leave: Vec<Option<bool>>,
}

impl Season {
    /// One for each date of the labels, before it.
    fn all(world: &World) -> Vec<Self> {
        let first = world.population.seed;
        let later = world.later.as_ref().map_or(first, |later| later.seed);
        let days = [(first, AUTUMN), (later, SPRING)];
        let season = |((seed, (first_day, last_day)), labels): ((u64, (NaiveDate, NaiveDate)), Labels)| Self {
            seed,
            first_day,
            last_day,
            will_leave: labels.churned,
        };
        days.into_iter().zip(world.labels()).map(season).collect()
    }
}

/// One object of the file.
#[derive(Debug, Clone, Serialize)]
struct Contact {
    customer_id: String,
    date: Option<NaiveDate>,
    channel: &'static str,
    interaction_summary: Option<String>,
}

/// Writes the contacts in random order. Dirt: missing and blank texts, missing dates, and second
/// contacts of the same customer, older or newer than the first.
pub fn customer_interactions(world: &World, staging: &Staging) -> Result<GeneratedFile> {
    let population = &world.population;
    let contacts: Vec<Contact> = Season::all(world).iter().flat_map(|season| contacts_in(population, season)).collect();
    let order = permutation(&mut stream(population.seed, Purpose::ContactOrder, 0), contacts.len());
    let rows = staging.write(NAME, |out| {
        writeln!(out, "[")?;
        for (position, index) in order.iter().enumerate() {
            serde_json::to_writer(&mut *out, &contacts[*index])?;
            writeln!(out, "{}", if position + 1 < order.len() { "," } else { "" })?;
        }
        writeln!(out, "]")?;
        Ok(order.len() as u64)
    })?;
    Ok(GeneratedFile { name: NAME, rows })
}

fn contacts_in(population: &Population, season: &Season) -> Vec<Contact> {
    assign_matters(season)
        .into_iter()
        .enumerate()
        .filter_map(|(index, matter)| Some(contacts_of(population, season, index, matter?)))
        .flatten()
        .collect()
}

/// Who gets in touch about what. The published numbers are shares of those who left and of those
/// who stayed; systematic sampling meets them in every set, not only on average.
fn assign_matters(season: &Season) -> Vec<Option<Matter>> {
    let rng = &mut stream(season.seed, Purpose::Matters, 0);
    let order = permutation(rng, season.will_leave.len());
    let mut matters = vec![None; order.len()];
    for (left, share, mix) in [(true, CONTACTED_CHURNED, MIX_CHURNED), (false, CONTACTED_STAYED, MIX_STAYED)] {
        let members: Vec<usize> =
            order.iter().copied().filter(|index| season.will_leave[*index] == Some(left)).collect();
        let offset = uniform(rng);
        for (position, index) in members.iter().enumerate() {
            let place = (position as f64 + offset) / members.len() as f64;
            matters[*index] = matter_at(place / share, mix);
        }
    }
    matters
}

/// The matter that covers `place` when the whole mix covers 0 to 1; none beyond.
fn matter_at(place: f64, mix: &Mix) -> Option<Matter> {
    let total: f64 = mix.iter().map(|(_, customers)| customers).sum();
    let mut left = place * total;
    for (matter, customers) in mix {
        left -= customers;
        if left < 0.0 {
            return Some(*matter);
        }
    }
    None
}

fn contacts_of(population: &Population, season: &Season, index: usize, matter: Matter) -> Vec<Contact> {
    let rng = &mut stream(season.seed, Purpose::Contacts, index);
    let date = season.last_day - Days::new(between(rng, 0, 91) as u64);
    let will_leave = season.will_leave[index] == Some(true);
    let mut contact = contact(population, index, will_leave, date, matter, rng);
    let dirt = uniform(rng);
    if dirt < 0.003 {
        contact.interaction_summary = None;
    } else if dirt < 0.004 {
        contact.interaction_summary = Some("   ".to_owned());
    } else if dirt < 0.005 {
        contact.date = None;
    } else if dirt < 0.035 {
        let days_later = between(rng, 0, 85) as i64 - 60;
        let other_date = (date + chrono::Duration::days(days_later)).clamp(season.first_day, season.last_day);
        // Who calls again does so about the same matter; what came before was a plain question.
        let other_matter = if other_date > date { matter } else { (Intent::Renewal, Sentiment::Neutral) };
        let other = self::contact(population, index, will_leave, other_date, other_matter, rng);
        return vec![contact, other];
    }
    vec![contact]
}

fn contact(
    population: &Population,
    index: usize,
    will_leave: bool,
    date: NaiveDate,
    (intent, sentiment): Matter,
    rng: &mut Stream,
) -> Contact {
    let dates = &population.lifecycles[index];
    let channel = weighted(rng, &CHANNELS);
    let facts = Facts {
        days_to_renewal: until_renewal(dates.renewal, date),
        tenure_days: (date - dates.activation).num_days(),
        channel,
        will_leave,
    };
    let text = sentences::call_note(intent, sentiment, &facts, rng);
    Contact { customer_id: customer_id(index), date: Some(date), channel, interaction_summary: Some(text) }
}

/// Days to the renewal that people talk of: once it has passed, to that of the next year.
fn until_renewal(renewal: NaiveDate, date: NaiveDate) -> i64 {
    match (renewal - date).num_days() {
        days @ 0.. => days,
        days => days + 365,
    }
}
