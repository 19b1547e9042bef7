//! Call notes as agents write them: some terse, some in full sentences.
//!
//! Each note is worded so that the intent vocabulary puts it into the intended class (the first
//! class in the order of [`Intent`] whose term occurs) and VADER gives it the intended sentiment.

mod long;
mod short;
mod tone;

pub use self::tone::{Intent, Sentiment};

use self::tone::Mood;
use super::random::{Stream, any, chance};

/// What a note may mention.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    pub days_to_renewal: i64,
    pub tenure_days: i64,
    pub channel: &'static str,
    /// How many of such customers leave it open what they will do.
    pub undecided_share: f64,
}

/// Share of notes in full sentences.
const LONG_SHARE: f64 = 0.48;

/// Writes one note.
pub fn call_note(intent: Intent, sentiment: Sentiment, facts: &Facts, rng: &mut Stream) -> String {
    let is_long = chance(rng, LONG_SHARE);
    let is_undecided = sentiment == Sentiment::Neutral && chance(rng, facts.undecided_share);
    let mood = if is_undecided { Mood::Undecided } else { Mood::Settled };
    if !is_long {
        return short::note(intent, sentiment, mood, rng);
    }
    let template = match (intent, mood) {
        (Intent::Renewal, Mood::Undecided) => any(rng, long::UNDECIDED_RENEWAL),
        _ => any(rng, long::templates(intent, sentiment)),
    };
    fill(template, facts)
}

fn fill(template: &str, facts: &Facts) -> String {
    template
        .replace("{days}", &facts.days_to_renewal.to_string())
        .replace("{tenure}", &tenure(facts.tenure_days))
        .replace("{place}", place(facts.channel))
}

fn place(channel: &str) -> &'static str {
    match channel {
        "email" => "by email",
        "store" => "at the shop counter",
        "web_chat" => "on the web chat",
        "in_person" => "during a visit",
        _ => "by phone",
    }
}

fn tenure(days: i64) -> String {
    const YEARS: [&str; 10] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let (months, years) = (days / 30, days / 365);
    match (years, months) {
        (0, ..=1) => "one month".to_owned(),
        (0, _) => format!("{months} months"),
        (1, _) => "over a year".to_owned(),
        (2..=10, _) => format!("over {} years", YEARS[years as usize - 1]),
        _ => "more than ten years".to_owned(),
    }
}

#[cfg(test)]
mod tests;
