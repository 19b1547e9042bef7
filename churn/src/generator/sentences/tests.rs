//! Every note, with every filling, says what it should: by the literal vocabulary and by VADER itself.

use regex::Regex;
use vader_parity::SentimentIntensityAnalyzer;

use super::{Facts, Intent, Mood, Sentiment, fill, long, short, tenure};

const INTENTS: [Intent; 7] = [
    Intent::Cancellation,
    Intent::Complaint,
    Intent::Billing,
    Intent::Renewal,
    Intent::Pricing,
    Intent::Plan,
    Intent::Account,
];
const SENTIMENTS: [Sentiment; 3] = [Sentiment::Negative, Sentiment::Neutral, Sentiment::Positive];

/// The terms of the intent vocabulary, written out once more so that this test does not depend on
/// the classifier. In the order of [`INTENTS`].
const TERMS: [&str; 7] = [
    "cancel|canceled|cancelled|cancellation|terminate|switch|switching|leave|account close|account closure|closing account",
    "complain|complaint|complaining|frustrated|frustration|escalated|escalation|not satisfied|unsatisfied|upset|\
     dissatisfied|dissatisfaction|unhappy|discontent",
    "bill|billing|charge|charges|charged|payment|overdue|past due",
    "renew|renewal|renewals|renewing|expire|expiry|expiration|renewed",
    "price|prices|priced|rate|rates|pricing|increase|hike|discount|discounts|saving|savings|competitive|\
     competitiveness|competition|better deal|better rate|better offer|alternative|alternatives|looking around",
    "plan|plans|option|options",
    "account details?|account questions?|account updates?|account setup|account issues?|setup details?|service|\
     services|inquiry|inquired|inquiries|info|clarified|account.*no issues|no issues found|all good",
];

struct Judge {
    classes: Vec<Regex>,
    vader: SentimentIntensityAnalyzer,
}

impl Judge {
    fn new() -> Self {
        let classes = TERMS.iter().map(|terms| Regex::new(&format!(r"(?i)\b(?:{terms})\b")).unwrap()).collect();
        Self { classes, vader: SentimentIntensityAnalyzer::new() }
    }

    fn check(&self, text: &str, intent: Intent, sentiment: Sentiment) -> Result<(), String> {
        let found = self.classes.iter().position(|class| class.is_match(text)).map(|class| INTENTS[class]);
        let compound = self.vader.polarity_scores(text).compound;
        let heard = match compound {
            c if c <= -0.05 => Sentiment::Negative,
            c if c >= 0.05 => Sentiment::Positive,
            _ => Sentiment::Neutral,
        };
        if found == Some(intent) && heard == sentiment {
            return Ok(());
        }
        Err(format!("meant {intent:?} {sentiment:?}, found {found:?} {heard:?} ({compound}): {text}"))
    }
}

fn report(failures: &[String]) {
    let first: Vec<&str> = failures.iter().take(10).map(String::as_str).collect();
    assert!(failures.is_empty(), "{} notes say something else:\n{}", failures.len(), first.join("\n"));
}

#[test]
fn every_long_note_has_its_intent_and_sentiment() {
    let judge = Judge::new();
    let mut failures = Vec::new();
    for channel in ["phone", "email", "store", "web_chat", "in_person"] {
        for (days_to_renewal, tenure_days) in [(2, 5), (90, 100), (1, 400), (250, 1_500), (300, 5_000)] {
            let facts = Facts { days_to_renewal, tenure_days, channel, undecided_share: 0.0 };
            for intent in INTENTS {
                for sentiment in SENTIMENTS {
                    for template in long::templates(intent, sentiment) {
                        failures.extend(judge.check(&fill(template, &facts), intent, sentiment).err());
                    }
                }
            }
            for template in long::UNDECIDED_RENEWAL {
                failures.extend(judge.check(&fill(template, &facts), Intent::Renewal, Sentiment::Neutral).err());
            }
        }
    }
    report(&failures);
}

#[test]
fn every_short_note_has_its_intent_and_sentiment() {
    let judge = Judge::new();
    let mut failures = Vec::new();
    for intent in INTENTS {
        let topics: Vec<&str> = match intent {
            Intent::Complaint => INTENTS[2..].iter().flat_map(|topic| short::topics(*topic)).copied().collect(),
            _ => short::topics(intent).to_vec(),
        };
        for sentiment in SENTIMENTS {
            for ending in
                [Mood::Undecided, Mood::Settled].iter().flat_map(|mood| short::endings(intent, sentiment, *mood))
            {
                for (opening, topic) in short::OPENINGS.iter().flat_map(|o| topics.iter().map(move |t| (o, t))) {
                    let text = format!("{opening} {topic}. {ending}");
                    failures.extend(judge.check(&text, intent, sentiment).err());
                }
            }
        }
    }
    report(&failures);
}

#[test]
fn no_placeholder_is_left_in_a_note() {
    let facts = Facts { days_to_renewal: 42, tenure_days: 800, channel: "store", undecided_share: 1.0 };
    let text = fill("in {days} days, after {tenure}, {place}", &facts);
    assert_eq!(text, "in 42 days, after over two years, at the shop counter");
    for (intent, sentiment) in INTENTS.into_iter().flat_map(|i| SENTIMENTS.map(|s| (i, s))) {
        for template in long::templates(intent, sentiment).iter().chain(long::UNDECIDED_RENEWAL) {
            assert!(!fill(template, &facts).contains(['{', '}']), "{template}");
        }
    }
}

#[test]
fn a_tenure_is_told_in_words() {
    assert_eq!(tenure(-20), "one month");
    assert_eq!(tenure(100), "3 months");
    assert_eq!(tenure(400), "over a year");
    assert_eq!(tenure(4 * 365 + 10), "over four years");
    assert_eq!(tenure(12 * 365), "more than ten years");
}
