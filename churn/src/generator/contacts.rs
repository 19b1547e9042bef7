//! `customer_interactions.json`: who got in touch, when, how, and what the agent wrote down.

use chrono::{Days, NaiveDate};
use serde::Serialize;

use super::random::{Purpose, Stream, between, chance, permutation, stream, uniform, weighted};
use super::sentences::{self, Facts, Intent, Sentiment};
use super::staging::Staging;
use super::{GeneratedFile, Population, customer_id};
use crate::error::Result;

const NAME: &str = "customer_interactions.json";
const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2024, 9, 1).expect("a date of the calendar");
const LAST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2024, 11, 30).expect("a date of the calendar");

/// Published share of customers with a contact, of those who left and of those who stayed.
const CONTACTED_CHURNED: f64 = 0.5490;
const CONTACTED_STAYED: f64 = 0.2940;

const CHANNELS: [(&str, f64); 5] =
    [("phone", 0.42), ("email", 0.20), ("store", 0.16), ("web_chat", 0.12), ("in_person", 0.10)];

/// What a contact was about and how it went, with the published number of customers.
type Mix = [((Intent, Sentiment), f64)];

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
pub fn customer_interactions(population: &Population, staging: &Staging) -> Result<GeneratedFile> {
    let contacts: Vec<Contact> = (0..population.len()).flat_map(|index| contacts_of(population, index)).collect();
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

fn contacts_of(population: &Population, index: usize) -> Vec<Contact> {
    let rng = &mut stream(population.seed, Purpose::Contacts, index);
    let (share, mix) = match population.churned[index] {
        true => (CONTACTED_CHURNED, MIX_CHURNED),
        false => (CONTACTED_STAYED, MIX_STAYED),
    };
    if !chance(rng, share) {
        return Vec::new();
    }
    let date = LAST_DAY - Days::new(between(rng, 0, 91) as u64);
    let mut contact = contact(population, index, date, weighted(rng, mix), rng);
    let dirt = uniform(rng);
    if dirt < 0.003 {
        contact.interaction_summary = None;
    } else if dirt < 0.004 {
        contact.interaction_summary = Some("   ".to_owned());
    } else if dirt < 0.005 {
        contact.date = None;
    } else if dirt < 0.035 {
        let days_later = between(rng, 0, 85) as i64 - 60;
        let other_date = (date + chrono::Duration::days(days_later)).clamp(FIRST_DAY, LAST_DAY);
        let other = self::contact(population, index, other_date, (Intent::Renewal, Sentiment::Neutral), rng);
        return vec![contact, other];
    }
    vec![contact]
}

fn contact(
    population: &Population,
    index: usize,
    date: NaiveDate,
    (intent, sentiment): (Intent, Sentiment),
    rng: &mut Stream,
) -> Contact {
    let dates = &population.lifecycles[index];
    let channel = weighted(rng, &CHANNELS);
    let facts = Facts {
        days_to_renewal: (dates.renewal - date).num_days(),
        tenure_days: (date - dates.activation).num_days(),
        channel,
        will_leave: population.churned[index],
    };
    let text = sentences::call_note(intent, sentiment, &facts, rng);
    Contact { customer_id: customer_id(index), date: Some(date), channel, interaction_summary: Some(text) }
}
