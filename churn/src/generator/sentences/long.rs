//! Notes in full sentences. `{days}` until the renewal, `{tenure}` with the company, `{place}` of contact.

use super::tone::{Intent, Sentiment};

/// The notes for an intent and a sentiment.
pub fn templates(intent: Intent, sentiment: Sentiment) -> &'static [&'static str] {
    match (intent, sentiment) {
        (Intent::Cancellation, Sentiment::Negative) => CANCELLATION_NEGATIVE,
        (Intent::Cancellation, Sentiment::Neutral) => CANCELLATION_NEUTRAL,
        (Intent::Cancellation, Sentiment::Positive) => CANCELLATION_POSITIVE,
        (Intent::Complaint, Sentiment::Negative) => COMPLAINT_NEGATIVE,
        (Intent::Complaint, Sentiment::Neutral) => COMPLAINT_NEUTRAL,
        (Intent::Complaint, Sentiment::Positive) => COMPLAINT_POSITIVE,
        (Intent::Billing, Sentiment::Negative) => BILLING_NEGATIVE,
        (Intent::Billing, Sentiment::Neutral) => BILLING_NEUTRAL,
        (Intent::Billing, Sentiment::Positive) => BILLING_POSITIVE,
        (Intent::Renewal, Sentiment::Negative) => RENEWAL_NEGATIVE,
        (Intent::Renewal, Sentiment::Neutral) => RENEWAL_NEUTRAL,
        (Intent::Renewal, Sentiment::Positive) => RENEWAL_POSITIVE,
        (Intent::Pricing, Sentiment::Negative) => PRICING_NEGATIVE,
        (Intent::Pricing, Sentiment::Neutral) => PRICING_NEUTRAL,
        (Intent::Pricing, Sentiment::Positive) => PRICING_POSITIVE,
        (Intent::Plan, Sentiment::Negative) => PLAN_NEGATIVE,
        (Intent::Plan, Sentiment::Neutral) => PLAN_NEUTRAL,
        (Intent::Plan, Sentiment::Positive) => PLAN_POSITIVE,
        (Intent::Account, Sentiment::Negative) => ACCOUNT_NEGATIVE,
        (Intent::Account, Sentiment::Neutral) => ACCOUNT_NEUTRAL,
        (Intent::Account, Sentiment::Positive) => ACCOUNT_POSITIVE,
    }
}

/// Neutral notes of customers who have not made up their mind about the renewal.
pub const UNDECIDED_RENEWAL: &[&str] = &[
    "The customer asked {place} about the renewal in {days} days and mentioned a quote from another supplier. They have not decided yet.",
    "After {tenure} with us the caller is weighing the renewal against what two other companies sent. The decision is pending.",
    "Contact {place} about the renewal terms. The customer is looking at other suppliers this month and asked for the conditions in writing.",
    "The customer went through the renewal conditions with the agent, {days} days ahead, and put them beside those of another company. They will call again.",
    "Asked {place} which notice period applies at the renewal. The customer gave the agent only short answers about next year.",
];

const RENEWAL_NEGATIVE: &[&str] = &[
    "The customer got in touch {place} about the renewal due in {days} days. They were disappointed with the conditions and felt ignored after {tenure} with us.",
    "The caller is annoyed about the renewal letter. After {tenure} as a customer they call the new terms unfair and expect an answer this week.",
    "Contact {place}: customer angry about the way the renewal was handled, {days} days before the date. Said the treatment was poor and the wait far too long.",
    "The customer has received the renewal terms and finds them unacceptable. They spoke of a bad experience and will not decide before the conditions are corrected.",
    "With {days} days to the renewal the customer reported wrong data in the new contract. They were annoyed that the mistake came back a second time.",
];
const RENEWAL_NEUTRAL: &[&str] = &[
    "The customer asked {place} what happens at the renewal of the contract in {days} days. The agent went through the steps and sent the terms by mail.",
    "Renewal date confirmed {place}. The customer has been with us for {tenure} and will read the terms before the next call.",
    "The caller asked for the expiry date of the contract and the length of the next period. The agent named the date, {days} days from now, and took a note.",
    "Question {place} about the documents needed for renewing the contract after {tenure}. A list was sent the same day.",
    "The customer went over the renewal letter with the agent line by line. They will come back once the household has talked about it.",
    "Before the renewal in {days} days the customer had the contracted power explained {place}. A second call is set for next week.",
    "The customer reported a change of address {place} and asked whether the renewal goes ahead as written. The agent checked the contract and confirmed it.",
];
const RENEWAL_POSITIVE: &[&str] = &[
    "The customer called about the renewal in {days} days and was pleased that the conditions stay as they are. They thanked the agent.",
    "Friendly contact {place}: after {tenure} the customer is happy to go on and asked for the renewal papers by mail.",
    "The caller appreciated the reminder of the renewal date, said they are satisfied with us and that {tenure} passed quickly.",
    "Renewal discussed {place}. The customer found the terms easy to follow and is glad to stay for the next period.",
    "The customer read the renewal letter, had one question {place} and was happy with the quick answer. Very satisfied with us so far.",
    "With {days} days to the renewal the customer asked for the documents early. They praised the good support received over {tenure}.",
    "The customer confirmed {place} that the renewal can go ahead. They like the stable conditions and would recommend us to neighbours.",
];

const COMPLAINT_NEGATIVE: &[&str] = &[
    "The customer made a complaint {place} about the renewal terms, {days} days before the date. They feel ignored and are very unhappy with the answers so far.",
    "The caller is frustrated: after {tenure} with us nobody called back about the renewal. They asked that a supervisor look at the case.",
    "Customer upset about the new renewal conditions. They called the handling poor and asked for a written answer.",
    "Contact {place}. The customer is dissatisfied with the price in the renewal letter and with the long wait, and calls the offer unfair.",
    "Escalated to the team lead: customer unhappy about wrong details in the contract and angry that the second call brought nothing new.",
    "The customer voiced frustration with the communication around the renewal and said that {tenure} as a customer count for nothing.",
    "Second contact {place} on the same matter. The customer is not satisfied with the last bill and with the way the first call ended.",
    "With {days} days to the renewal the customer spoke of their dissatisfaction with the terms. They had asked for a proposal twice and were annoyed to hear the same again.",
];
const COMPLAINT_NEUTRAL: &[&str] = &[
    "The case was escalated to the back office {place}: the customer waits for the corrected renewal terms. An answer is due within ten days.",
    "Escalation opened after the second call about the contract dates, {days} days before the renewal. The agent noted the question and passed it on.",
    "The customer asked {place} where the escalation of last week stands. The agent read out the log and gave a date for the answer.",
];
const COMPLAINT_POSITIVE: &[&str] = &[
    "The customer called to say that the escalation was handled well and thanked the agent for the quick and friendly answer.",
    "Case escalated last month, now closed. The customer was happy with the outcome and praised the agent {place}.",
];

const CANCELLATION_NEGATIVE: &[&str] = &[
    "The customer asked {place} to cancel the contract. They are disappointed after {tenure} and spoke of a bad experience from start to end.",
    "The caller intends to switch supplier before the renewal in {days} days, angry about the poor answers received so far.",
    "Form for cancellation requested {place}. The customer was annoyed about the wait and calls the notice period unfair.",
];
const CANCELLATION_NEUTRAL: &[&str] = &[
    "The customer asked {place} which steps a switch of supplier takes and how long the notice period is. The agent sent the form.",
    "Question {place} about account closure after a move. The meter reading was noted and the date set.",
    "The caller asked from which day on they can terminate the contract, {days} days before the renewal. The agent named the date.",
];
const CANCELLATION_POSITIVE: &[&str] = &[
    "The customer had thought about switching but is happy with the answer received {place} and stays with us.",
    "Request for cancellation taken back {place}: the customer was pleased with the new conditions and thanked the agent.",
];

const BILLING_NEGATIVE: &[&str] = &[
    "The customer found a mistake in the last bill and was annoyed that it came a second time.",
    "Contact {place} about the payment of October, taken twice. The customer was angry and called the handling poor.",
];
const BILLING_NEUTRAL: &[&str] = &[
    "The customer asked {place} for a copy of the last bill. The agent sent it the same day.",
    "The payment date was moved to the fifth of the month, as asked {place}. A letter goes out this week.",
    "Question {place} about the meter reading on the bill of September. The agent compared it with the photo and wrote a note.",
];
const BILLING_POSITIVE: &[&str] = &[
    "The customer had the bill explained {place} and was satisfied with the answer. They thanked the agent.",
    "Payment moved to a later day {place}. The customer was happy that it took one call only.",
    "The caller appreciated the new layout of the bill and was pleased to find the hours of each tier on it.",
];

const PRICING_NEGATIVE: &[&str] = &[
    "The customer compared our prices {place} with those of another supplier and was disappointed. They called the gap unfair.",
    "Contact {place} about the rates since the summer. After {tenure} with us the customer was angry to pay more than a new one.",
];
const PRICING_NEUTRAL: &[&str] = &[
    "Question {place} about the rates for the next twelve months. The agent sent the price list.",
    "The customer put our price per kWh beside a quote from another supplier and asked how each is made up. Both were noted.",
    "The caller asked how the three rates are set. The agent explained the hours of each tier.",
    "After {tenure} with us the customer asked {place} whether a discount applies. The agent will check and write.",
];
const PRICING_POSITIVE: &[&str] = &[
    "The customer asked about the rates {place} and was happy with how stable the prices were over {tenure}.",
    "The caller was pleased with the discount on the gas price and thanked the agent for the clear answer.",
    "Pricing reviewed {place}. The customer is satisfied with the savings of the past year and would recommend us.",
];

const PLAN_NEGATIVE: &[&str] = &[
    "The customer was disappointed that the plan they chose {place} is not sold any more and called it poor planning.",
    "Contact {place} about the options for a second home. The customer was annoyed that none of them fits.",
];
const PLAN_NEUTRAL: &[&str] = &[
    "The customer asked {place} which plans there are for a household with gas and electricity. The agent went through them one by one.",
    "Question {place} about the options for a second home. A table was sent by mail.",
    "The caller asked for a plan with night hours for the car. The agent noted the meter type and will write.",
];
const PLAN_POSITIVE: &[&str] = &[
    "The customer moved to the plan for gas and electricity {place} and was happy with how quickly it went.",
    "Options for the new flat reviewed {place}. The customer was pleased with the advice and thanked the agent.",
];

const ACCOUNT_NEGATIVE: &[&str] = &[
    "The customer asked for an account update {place} and was annoyed that it took three calls. They described the service as poor.",
    "Wrong name in the account details for {tenure}. The customer was angry that nobody had looked at it.",
];
const ACCOUNT_NEUTRAL: &[&str] = &[
    "The customer asked {place} for an account update after a move and for the services in the contract.",
    "New bank details and phone line added to the account details {place}. The agent read them back.",
    "The caller asked how the account setup works for the tenant of a flat. The steps were sent by mail.",
];
const ACCOUNT_POSITIVE: &[&str] = &[
    "The account details were corrected {place} within minutes. The customer was pleased and thanked the agent.",
    "The customer asked {place} about the services in the contract and was happy with the friendly answer.",
    "Account update done {place}. After {tenure} with us the customer is still very satisfied.",
];
