//! The call sheet: one customer on one page of paper, for who picks up the phone.

use askama::Template;
use churn::recommend::{ReasonTexts, RuleReason};

use super::known::Known;
use super::money::{MONTHS, Money};
use super::why::{Mover, Why};
use crate::format::{Format, Shown};
use crate::frame::Mark;
use crate::pages::category::Category;
use crate::pages::names;
use crate::words::{Language, Word};

/// A fact with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// What it says.
    pub value: Shown,
}

/// A reason as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The sentence.
    pub text: String,
    /// The value that it is about, where it is about one.
    pub value: Option<String>,
    /// The stable code.
    pub code: String,
}

/// One customer on one page. `{{ sheet|safe }}` places it; on a customer's page only the printer sees it.
#[derive(Debug, Clone, Template)]
#[template(path = "customer/sheet.html")]
pub struct Sheet {
    language: Language,
    title: String,
    /// Risk and money.
    pub facts: Vec<Fact>,
    /// What to say, step by step.
    pub steps: Vec<String>,
    /// Why.
    pub reasons: Vec<Told>,
    /// Who it is.
    pub profile: Vec<Fact>,
}

/// What a sheet is made of.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The customer.
    pub known: &'a Known,
    /// What moves the risk; older runs do not know.
    pub why: Option<&'a Why>,
    /// The sentences; older runs have English ones in the table alone.
    pub texts: Option<&'a ReasonTexts>,
}

impl Sheet {
    /// Of a customer.
    pub fn of(format: Format, sources: Sources<'_>) -> Self {
        Self {
            language: format.0,
            title: format.0.fill(Word::CustomerSheetOf, &[("id", &sources.known.id)]),
            facts: facts(format, sources),
            steps: steps(format, sources),
            reasons: reasons(format, sources),
            profile: profile(format, sources.known),
        }
    }

    fn say(&self, word: Word) -> &'static str {
        self.language.say(word)
    }
}

fn fact(format: Format, label: Word, value: impl Into<Shown>) -> Fact {
    Fact { label: format.0.say(label).to_owned(), value: value.into() }
}

fn facts(format: Format, sources: Sources<'_>) -> Vec<Fact> {
    let (known, money) = (sources.known, Money::of(sources.known));
    let eur = |value: Option<f64>, why: &str| format.or_unknown(value.map(|value| format.eur_cents(value)), why);
    let (no_loss, no_offer) = (no_loss(format, sources), no_offer(format, sources));
    let risk = format!("{} · {}", format.percent(known.probability()), Mark::tier(known.tier(), format.0).text());
    vec![
        fact(format, Word::CustomerLeaves, risk),
        fact(format, Word::CustomerRankHead, rank(format, known)),
        fact(format, Word::CustomerLost, eur(money.loss, &no_loss)),
        fact(format, Word::CustomerLostYear, eur(money.loss.map(|loss| loss * MONTHS), &no_loss)),
        fact(format, Word::CustomerOffer, names::word(format.0, &known.action)),
        fact(format, Word::CustomerWhen, names::word(format.0, &known.timing)),
        fact(format, Word::CustomerMost, eur(money.most, &no_offer)),
        fact(format, Word::CustomerPaysFrom, pays_from(format, known, &no_offer)),
    ]
}

/// "41 of 20,099"
pub fn rank(format: Format, known: &Known) -> String {
    let values = [("rank", format.count(known.rank)), ("all", format.count(known.of))];
    format.0.fill(Word::CustomerRank, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
}

/// The one break-even that is said: "4.1 %" of such customers saved, or, of runs from before that was known, "26 %" of
/// such offers working.
pub fn pays_from(format: Format, known: &Known, why_not: &str) -> Shown {
    if !known.has_save_rates {
        return format.or_unknown(Money::of(known).break_even.map(|share| format.percent_digits(share, 0)), why_not);
    }
    let never = known.worth.map(|_| format.0.say(Word::OffersNeverPays));
    format.or_unknown(known.pays_from.map(|rate| format.percent(rate)), never.unwrap_or(why_not))
}

/// Why there is no loss to name.
pub fn no_loss(format: Format, sources: Sources<'_>) -> String {
    let below_zero = sources.known.margin().is_some_and(|margin| margin < 0.0);
    format.0.say(if below_zero { Word::CustomerMarginNegative } else { Word::RiskNoMargin }).to_owned()
}

/// Why there is no offer: the sentence of what withheld it, or that the tier gets none.
pub fn no_offer(format: Format, sources: Sources<'_>) -> String {
    if sources.known.is_offered() {
        return no_loss(format, sources);
    }
    let rule = sources.known.withheld().map(RuleReason::as_str);
    let said = rule.zip(sources.texts).and_then(|(rule, texts)| texts.reasons.get(rule));
    said.map_or_else(|| format.0.say(Word::CustomerTierNoOffer).to_owned(), |said| format.0.sentence(said).to_owned())
}

/// What to do, what it may cost, until when.
pub fn steps(format: Format, sources: Sources<'_>) -> Vec<String> {
    let (known, language) = (sources.known, format.0);
    let advice = known.known_action().zip(sources.texts).and_then(|(action, texts)| texts.advice.get(&action));
    let mut steps: Vec<String> = advice.map(|said| language.sentence(said).to_owned()).into_iter().collect();
    if let Some(most) = Money::of(known).most {
        let timing = names::word(language, &known.timing);
        let values = [("most", format.eur_cents(most)), ("when", timing)];
        steps.push(
            language.fill(Word::CustomerStepOffer, &values.each_ref().map(|(name, value)| (*name, value.as_str()))),
        );
    }
    let renewal = names::of(language, Category::Renewal, known.word(Category::Renewal));
    steps.push(language.fill(Word::CustomerStepRenewal, &[("when", &renewal)]));
    steps
}

/// The reasons with the values that they are about.
pub fn reasons(format: Format, sources: Sources<'_>) -> Vec<Told> {
    let (known, language) = (sources.known, format.0);
    let told = |(place, code): (usize, &String)| {
        let said = sources.texts.and_then(|texts| texts.reasons.get(code)).map(|said| language.sentence(said));
        let english = known.sentences.get(place).map(String::as_str);
        Told {
            text: said.or(english).unwrap_or(code).to_owned(),
            value: mover_of(sources, code).map(|mover| value(format, mover)),
            code: code.clone(),
        }
    };
    known.codes.iter().enumerate().map(told).collect()
}

/// The feature behind a code, where it is among those that move this customer most.
fn mover_of<'a>(sources: Sources<'a>, code: &str) -> Option<&'a Mover> {
    let (why, texts) = sources.why.zip(sources.texts)?;
    let told = texts.told_by.get(code);
    let is_behind = |mover: &&Mover| match told {
        Some(feature) => mover.feature == *feature,
        None => texts.features.get(&mover.feature).is_some_and(|known| known == code),
    };
    why.movers.iter().find(is_behind)
}

/// The value of a feature as people say it.
pub fn value(format: Format, mover: &Mover) -> String {
    let language = format.0;
    if let Some(text) = &mover.text {
        return names::word(language, text);
    }
    let Some(number) = mover.number else { return language.say(Word::FormatUnknown).to_owned() };
    let is_flag = ["is_", "has_"].iter().any(|begin| mover.feature.starts_with(begin));
    if is_flag {
        return language.say(if number == 0.0 { Word::CustomerNo } else { Word::CustomerYes }).to_owned();
    }
    format.number(number, if number.fract() == 0.0 { 0 } else { 2 })
}

/// Who the customer is.
pub fn profile(format: Format, known: &Known) -> Vec<Fact> {
    let language = format.0;
    let word =
        |label: Word, category: Category| fact(format, label, names::of(language, category, known.word(category)));
    let tenure = known.tenure().map(|months| format.number(months, 0));
    let contact = if known.contacted() { Word::RiskContactSome } else { Word::RiskContactNone };
    let eur = |value: Option<f64>| {
        format.or_unknown(value.map(|value| format.eur_cents(value)), language.say(Word::RiskNoMargin))
    };
    let mut profile = vec![
        word(Word::RiskSegment, Category::Segment),
        word(Word::RiskProvince, Category::Province),
        word(Word::RiskChannel, Category::Channel),
        fact(format, Word::RiskTenure, format.or_unknown(tenure, language.say(Word::RiskNoTenure))),
        word(Word::RiskRenewal, Category::Renewal),
        fact(format, Word::RiskContact, language.say(contact)),
        word(Word::RiskIntent, Category::Intent),
        word(Word::RiskSentiment, Category::Sentiment),
        fact(format, Word::RiskMargin, eur(known.margin())),
        fact(format, Word::CustomerMargin2024, eur(known.margin_2024)),
    ];
    if let Some(left) = known.left {
        profile.push(fact(
            format,
            Word::RiskOutcome,
            language.say(if left { Word::RiskLeft } else { Word::RiskStayed }),
        ));
    }
    if let Some(seen) = known.in_training() {
        let word = if seen { Word::RiskTrainingYes } else { Word::RiskTrainingNo };
        profile.push(fact(format, Word::RiskTraining, language.say(word)));
    }
    profile
}
