//! Terse notes: an opening, a topic, and how it ended.

use super::tone::{Intent, Mood, Sentiment};
use crate::generator::random::{Stream, any, chance};

/// Openings; none holds a term above the lowest class of the vocabulary.
pub const OPENINGS: &[&str] = &[
    "Cust asked about",
    "Customer asked about",
    "Cust called re",
    "Caller asked about",
    "Customer query on",
    "Contact re:",
    "Inquiry re",
    "Inquired about",
    "Cust inquired re",
    "Cust wrote in about",
    "Customer rang about",
    "Asked about",
];

/// Topics of an intent; complaints are about any of the others.
pub fn topics(intent: Intent) -> &'static [&'static str] {
    match intent {
        Intent::Cancellation => &[
            "contract cancellation",
            "switching supplier",
            "how to terminate the contract",
            "account closure",
            "a switch to another supplier",
            "the cancellation form",
        ],
        Intent::Billing => &[
            "last bill",
            "a payment date",
            "the billing period",
            "payment by direct debit",
            "a copy of the bill",
            "bill for October",
            "two payments in one month, billing dates",
        ],
        Intent::Complaint | Intent::Renewal => &[
            "contract renewal",
            "renewal terms",
            "contract expiry date",
            "the coming renewal",
            "renewal paperwork",
            "renewing the contract",
            "renewal dates",
            "how the renewal works",
            "expiration of the contract",
            "renewal letter",
        ],
        Intent::Pricing => &[
            "current rates",
            "price per kWh",
            "pricing for next year",
            "prices by tier",
            "rates of another supplier",
            "a discount",
            "market alternatives",
            "gas price",
        ],
        Intent::Plan => &[
            "available plans",
            "a plan with night hours",
            "tariff options",
            "plan for gas and electricity",
            "change of plan",
            "options for a second home",
        ],
        Intent::Account => &[
            "account details",
            "account update",
            "account setup",
            "account questions",
            "services in the contract",
            "account issue, new address",
            "account holder, account update",
        ],
    }
}

pub const ENDED_BADLY: &[&str] = &[
    "Bad experience.",
    "Very disappointed.",
    "Annoyed with the answer.",
    "Angry, hung up.",
    "Felt ignored.",
    "Not happy at all.",
    "Called the treatment poor.",
    "Calls it unfair.",
];
pub const ENDED_IN_COMPLAINT: &[&str] = &[
    "Frustrated.",
    "Not satisfied.",
    "Unhappy with the terms.",
    "Upset about the answer.",
    "Dissatisfied with the reply.",
    "Complaint filed.",
    "Very unhappy, felt ignored.",
    "Frustrated, third call this month.",
    "Complaint: nobody called back.",
];
pub const ENDED_IN_ESCALATION: &[&str] = &[
    "Case escalated.",
    "Escalated to second line.",
    "Escalation opened.",
    "Escalated to supervisor, call back in two days.",
    "Escalation noted, reply by mail.",
];
pub const ENDED_ESCALATION_WELL: &[&str] =
    &["Earlier escalation closed, very pleased.", "Escalated case closed, thanked the agent."];
pub const ENDED_OPEN: &[&str] = &[
    "Info sent.",
    "Terms explained.",
    "Sent documents by mail.",
    "Agent gave details.",
    "Call back next week.",
    "Will read it at home.",
    "Awaiting reply.",
    "Next steps explained.",
    "Form sent.",
    "Note taken.",
    "Told where to look online.",
];
pub const ENDED_UNDECIDED: &[&str] = &[
    "Looking at other suppliers.",
    "Has a quote from another company.",
    "Decision pending.",
    "Comparing suppliers this month.",
    "Asked for it in writing, will compare.",
    "Would not say yet.",
];
pub const ENDED_WELL: &[&str] = &[
    "Happy customer.",
    "Satisfied.",
    "Very satisfied with us.",
    "Pleased with the answer.",
    "Good experience.",
    "Friendly call, thanked the agent.",
    "Glad about the quick reply.",
    "Happy with the terms.",
];

/// How a note of this kind may end.
pub fn endings(intent: Intent, sentiment: Sentiment, mood: Mood) -> &'static [&'static str] {
    match (sentiment, intent) {
        (Sentiment::Negative, Intent::Complaint) => ENDED_IN_COMPLAINT,
        (Sentiment::Neutral, Intent::Complaint) => ENDED_IN_ESCALATION,
        (Sentiment::Positive, Intent::Complaint) => ENDED_ESCALATION_WELL,
        (Sentiment::Negative, _) => ENDED_BADLY,
        (Sentiment::Neutral, _) if mood == Mood::Undecided => ENDED_UNDECIDED,
        (Sentiment::Neutral, _) => ENDED_OPEN,
        (Sentiment::Positive, _) => ENDED_WELL,
    }
}

/// Writes a terse note.
pub fn note(intent: Intent, sentiment: Sentiment, mood: Mood, rng: &mut Stream) -> String {
    // Most complaints are about the renewal; the rest about a bill, a price, a plan or the account.
    let topic_intent = match intent {
        Intent::Complaint if chance(rng, 0.2) => {
            *any(rng, &[Intent::Billing, Intent::Pricing, Intent::Plan, Intent::Account])
        }
        other => other,
    };
    let opening = any(rng, OPENINGS);
    let topic = any(rng, topics(topic_intent));
    let ending = any(rng, endings(intent, sentiment, mood));
    format!("{opening} {topic}. {ending}")
}
