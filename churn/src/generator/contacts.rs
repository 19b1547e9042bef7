//! `customer_interactions.json`: who got in touch, when, how, and what the agent wrote down.

use chrono::{Days, NaiveDate};
use serde::Serialize;

use super::generated::GeneratedFile;
use super::leaving::{CALLS, Intention, NOTES};
use super::population::{Population, customer_id};
use super::random::{Purpose, Stream, between, chance, permutation, stream, uniform, weighted};
use super::sampling::{calibrate, sample_exactly, sigmoid};
use super::sentences::{self, Facts, Intent, Sentiment};
use super::staging::Staging;
use super::world::{LabelDate, World};
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

const CHANNELS: [(&str, f64); 5] =
    [("phone", 0.42), ("email", 0.20), ("store", 0.16), ("web_chat", 0.12), ("in_person", 0.10)];

/// What a contact was about and how it went.
type Matter = (Intent, Sentiment);

/// The matters with their published numbers of customers.
type Mix = [(Matter, f64)];

const NEGATIVE: &Mix = &[
    ((Intent::Complaint, Sentiment::Negative), 544.0),
    ((Intent::Renewal, Sentiment::Negative), 113.0),
    ((Intent::Cancellation, Sentiment::Negative), 10.0),
    ((Intent::Pricing, Sentiment::Negative), 7.0),
    ((Intent::Account, Sentiment::Negative), 4.0),
    ((Intent::Plan, Sentiment::Negative), 1.0),
];
const NEUTRAL_LEANING_TO_LEAVE: &Mix = &[
    ((Intent::Renewal, Sentiment::Neutral), 310.0),
    ((Intent::Pricing, Sentiment::Neutral), 39.0),
    ((Intent::Complaint, Sentiment::Neutral), 38.0),
    ((Intent::Cancellation, Sentiment::Neutral), 13.0),
    ((Intent::Plan, Sentiment::Neutral), 10.0),
    ((Intent::Account, Sentiment::Neutral), 8.0),
    ((Intent::Billing, Sentiment::Neutral), 5.0),
];
const NEUTRAL_LEANING_TO_STAY: &Mix = &[
    ((Intent::Renewal, Sentiment::Neutral), 2_006.0),
    ((Intent::Account, Sentiment::Neutral), 127.0),
    ((Intent::Pricing, Sentiment::Neutral), 97.0),
    ((Intent::Plan, Sentiment::Neutral), 41.0),
    ((Intent::Billing, Sentiment::Neutral), 30.0),
    ((Intent::Complaint, Sentiment::Neutral), 11.0),
    ((Intent::Cancellation, Sentiment::Neutral), 5.0),
];
const POSITIVE: &Mix = &[
    ((Intent::Renewal, Sentiment::Positive), 2_707.0),
    ((Intent::Pricing, Sentiment::Positive), 87.0),
    ((Intent::Account, Sentiment::Positive), 79.0),
    ((Intent::Billing, Sentiment::Positive), 71.0),
    ((Intent::Plan, Sentiment::Positive), 44.0),
    ((Intent::Cancellation, Sentiment::Positive), 11.0),
    ((Intent::Complaint, Sentiment::Positive), 2.0),
];

/// A time of the year in which people get in touch about what they intend.
struct Season {
    seed: u64,
    first_day: NaiveDate,
    last_day: NaiveDate,
    /// What they intend; none of those who have left before. What comes of it no contact can know.
    intentions: Vec<Option<Intention>>,
}

impl Season {
    /// One for each date of the labels, before it.
    fn all(world: &World) -> Vec<Self> {
        let season = |((first_day, last_day), at): ((NaiveDate, NaiveDate), LabelDate)| {
            let intentions = at.minds.iter().map(|mind| mind.map(|mind| mind.intention)).collect();
            Self { seed: at.seed, first_day, last_day, intentions }
        };
        [AUTUMN, SPRING].into_iter().zip(world.label_dates()).map(season).collect()
    }

    /// A day of it, the later the more somebody leans to leaving.
    fn day(&self, intention: Intention, rng: &mut Stream) -> NaiveDate {
        let days = (self.last_day - self.first_day).num_days() + 1;
        let power = 1.0 + (CALLS.hurry - 1.0) * sigmoid(intention.lean / CALLS.hurry_width);
        self.last_day - Days::new((days as f64 * uniform(rng).powf(power)) as u64)
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
    let callers = callers(season).into_iter();
    callers.flat_map(|(index, intention)| contacts_of(population, season, index, intention)).collect()
}

/// Exactly the published share of customers gets in touch, in every set; those in a bad mood and those who mean to leave
/// more often.
fn callers(season: &Season) -> Vec<(usize, Intention)> {
    let intentions = season.intentions.iter().enumerate();
    let there: Vec<(usize, Intention)> = intentions.filter_map(|(index, it)| Some((index, (*it)?))).collect();
    let log_odds: Vec<f64> = there.iter().map(|(_, intention)| wish_to_talk(*intention)).collect();
    let callers = (CALLS.share * there.len() as f64).round();
    let calls = sample_exactly(&calibrate(&log_odds, callers), callers, &mut stream(season.seed, Purpose::Callers, 0));
    there.into_iter().zip(calls).filter_map(|(customer, calls)| calls.then_some(customer)).collect()
}

/// Log-odds, up to what all have in common.
fn wish_to_talk(intention: Intention) -> f64 {
    CALLS.by_mood * sigmoid((intention.mood - CALLS.bad_mood) / CALLS.mood_width)
        + CALLS.by_lean * sigmoid(intention.lean / CALLS.lean_width)
}

/// What somebody with this intention talks about, and how it goes.
fn matter(intention: Intention, rng: &mut Stream) -> Matter {
    let lean = intention.lean;
    let mix = if lean > NOTES.negative_from && chance(rng, NOTES.negative) {
        NEGATIVE
    } else if lean < NOTES.positive_below && chance(rng, NOTES.positive) {
        POSITIVE
    } else if lean > 0.0 {
        NEUTRAL_LEANING_TO_LEAVE
    } else {
        NEUTRAL_LEANING_TO_STAY
    };
    weighted(rng, mix)
}

/// How many of those with this intention leave it open what they will do.
fn undecided_share(intention: Intention) -> f64 {
    if NOTES.wavers.contains(&intention.lean) { NOTES.undecided } else { NOTES.undecided_others }
}

fn contacts_of(population: &Population, season: &Season, index: usize, intention: Intention) -> Vec<Contact> {
    let matter = matter(intention, &mut stream(season.seed, Purpose::Matters, index));
    let rng = &mut stream(season.seed, Purpose::Contacts, index);
    let date = season.day(intention, rng);
    let mut contact = contact(population, index, intention, date, matter, rng);
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
        let other = self::contact(population, index, intention, other_date, other_matter, rng);
        return vec![contact, other];
    }
    vec![contact]
}

fn contact(
    population: &Population,
    index: usize,
    intention: Intention,
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
        undecided_share: undecided_share(intention),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::settings::GenerateSettings;

    fn world() -> World {
        World::imagine(&GenerateSettings { customers: 20_099, seed: 5, offers: None, months: 12 })
    }

    fn contacts(world: &World) -> Vec<Contact> {
        let seasons = Season::all(world);
        seasons.iter().flat_map(|season| contacts_in(&world.population, season)).collect()
    }

    fn share_of_leavers(world: &World, wanted: impl Fn(&Contact) -> bool) -> (usize, f64) {
        let contacts = contacts(world);
        let of = contacts.iter().filter(|contact| wanted(contact));
        let leaves = |contact: &Contact| {
            let place: usize = contact.customer_id[1..].parse().unwrap();
            world.population.minds[place - 1].leaves
        };
        let (all, leaving) = (of.clone().count(), of.filter(|contact| leaves(contact)).count());
        (all, leaving as f64 / all as f64)
    }

    #[test]
    fn no_contact_and_no_word_of_it_depends_on_the_label() {
        let mut world = world();
        let before = serde_json::to_string(&contacts(&world)).unwrap();
        world.population.minds.iter_mut().for_each(|mind| mind.leaves = !mind.leaves);
        assert!(before == serde_json::to_string(&contacts(&world)).unwrap());
    }

    #[test]
    fn who_gets_in_touch_leaves_as_often_as_published() {
        let world = world();
        let callers = callers(&Season::all(&world)[0]);
        assert_eq!(callers.len(), 6_420);
        let leaving = callers.iter().filter(|(index, _)| world.population.minds[*index].leaves).count();
        // Published: 1,099 of 2,002 who left.
        assert!((1_040..1_160).contains(&leaving), "{leaving}");
    }

    #[test]
    fn undecided_words_leave_it_open() {
        const WORDS: [&str; 6] = [
            "Decision pending",
            "decision is pending",
            "not decided yet",
            "will compare",
            "Comparing suppliers",
            "Would not say",
        ];
        let says = |contact: &Contact| {
            let text = contact.interaction_summary.as_deref().unwrap_or_default();
            WORDS.iter().any(|words| text.contains(words))
        };
        let (notes, leaving) = share_of_leavers(&world(), says);
        assert!(notes > 150 && (0.10..0.45).contains(&leaving), "{leaving} of {notes}");
    }
}
