//! Sentiment by VADER (Hutto and Gilbert 2014), equal to the reference implementation 3.3.2.

use vader_parity::SentimentIntensityAnalyzer;

use crate::error::Result;
use crate::text::sentiment::{Sentiment, SentimentLabel, SentimentModel};

/// The engine and its version: they decide every digit of the shares.
const DIGEST: &str = "lexicon vader-parity 0.1.0";

/// Compound scores from here on, on either side of zero, are not neutral (the authors' threshold).
const THRESHOLD: f64 = 0.05;

/// The embedded sentiment model: a word list and rules, no files, about 0.03 ms a text.
pub struct Lexicon {
    analyzer: SentimentIntensityAnalyzer,
}

impl Lexicon {
    /// Loads the word list that is part of the program.
    pub fn new() -> Self {
        Self { analyzer: SentimentIntensityAnalyzer::new() }
    }
}

impl Default for Lexicon {
    fn default() -> Self {
        Self::new()
    }
}

impl SentimentModel for Lexicon {
    fn digest(&self) -> &str {
        DIGEST
    }

    fn score(&self, text: &str) -> Result<Sentiment> {
        // The engine rounds as the reference does (correctly rounded decimals, ties to even): the
        // shares to 3 and the compound to 4 decimals, so the thresholds see the rounded compound.
        let scores = self.analyzer.polarity_scores(text);
        Ok(Sentiment { neg: scores.neg, neu: scores.neu, pos: scores.pos, label: label(scores.compound) })
    }
}

fn label(compound: f64) -> SentimentLabel {
    if compound <= -THRESHOLD {
        return SentimentLabel::Negative;
    }
    if compound >= THRESHOLD {
        return SentimentLabel::Positive;
    }
    SentimentLabel::Neutral
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected shares: `polarity_scores` of the reference implementation, vaderSentiment 3.3.2.
    const REFERENCE: [(&str, f64, f64, f64, SentimentLabel); 13] = [
        ("Very unhappy with the service!", 0.458, 0.542, 0.0, SentimentLabel::Negative),
        ("The contract ends in May.", 0.0, 1.0, 0.0, SentimentLabel::Neutral),
        ("Thanks, all resolved :)", 0.0, 0.116, 0.884, SentimentLabel::Positive),
        ("isn't happy", 0.75, 0.25, 0.0, SentimentLabel::Negative),
        ("NOT SATISFIED", 0.7, 0.3, 0.0, SentimentLabel::Negative),
        ("UNHAPPY with service", 0.639, 0.361, 0.0, SentimentLabel::Negative),
        ("Customer is kinda unhappy???", 0.504, 0.496, 0.0, SentimentLabel::Negative),
        ("Unhappy with service, but the agent was very helpful.", 0.146, 0.537, 0.317, SentimentLabel::Positive),
        ("¡Gracias! ☺ señor", 0.0, 0.477, 0.523, SentimentLabel::Positive),
        ("No price increase.", 0.806, 0.194, 0.0, SentimentLabel::Negative),
        // Compound -0.0516, 0.0511 and 0.0498: on either side of the thresholds.
        ("adorning no won't renewal", 0.355, 0.323, 0.323, SentimentLabel::Negative),
        ("renewal kinda not renewal to free thanks hardly.", 0.233, 0.517, 0.25, SentimentLabel::Positive),
        ("can’t resolved thanks barely hate :(?", 0.31, 0.273, 0.418, SentimentLabel::Neutral),
    ];

    #[test]
    fn shares_and_label_are_those_of_the_reference() {
        let lexicon = Lexicon::new();
        for (text, neg, neu, pos, label) in REFERENCE {
            assert_eq!(lexicon.score(text).unwrap(), Sentiment { neg, neu, pos, label }, "{text}");
        }
    }

    #[test]
    fn the_thresholds_themselves_are_not_neutral() {
        assert_eq!(label(-0.05), SentimentLabel::Negative);
        assert_eq!(label(-0.0499), SentimentLabel::Neutral);
        assert_eq!(label(0.0), SentimentLabel::Neutral);
        assert_eq!(label(0.0499), SentimentLabel::Neutral);
        assert_eq!(label(0.05), SentimentLabel::Positive);
    }

    #[test]
    fn any_text_has_a_score() {
        let lexicon = Lexicon::new();
        for text in ["", " ", "!!!", "\u{301}", "日本語", "a\0b", "İSTANBUL", &"good ".repeat(5_000)] {
            let sentiment = lexicon.score(text).unwrap();
            assert!([sentiment.neg, sentiment.neu, sentiment.pos].iter().all(|share| (0.0..=1.0).contains(share)));
        }
    }

    #[test]
    fn the_digest_names_the_engine_that_is_built_in() {
        let versions = include_str!("../../../Cargo.toml");
        let (engine, version) = DIGEST.trim_start_matches("lexicon ").split_once(' ').unwrap();
        assert!(versions.contains(&format!("{engine} = \"={version}\"")), "update DIGEST with the pin of {engine}");
    }
}
