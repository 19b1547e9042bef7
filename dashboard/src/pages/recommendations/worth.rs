//! What the run says of its offers as a whole: what they are worth, by which save rates, and where the budget ends.

use churn::outcomes::Estimate;
use churn::recommend::{Action, OfferFigures, OffersReport, PolicyKind, RateBasis, SaveRate};

use crate::export::List;
use crate::format::Format;
use crate::frame::{Cell, Column, PageId, Row, TablePart};
use crate::pages::{downloads, names};
use crate::server::Visit;
use crate::words::{Language, Word};

/// The part of the page about it.
pub struct Part {
    /// Who chose, what limits, whether the effect can be measured.
    pub sentences: Vec<String>,
    /// The plans beside each other.
    pub plans: TablePart,
    /// The save rates.
    pub rates: TablePart,
}

/// The part of a report.
pub fn part(visit: &Visit, report: &OffersReport) -> Part {
    let format = visit.format();
    let sentences = [Some(chosen(format, report)), budget(format, report), Some(measured(format, report))];
    Part {
        sentences: sentences.into_iter().flatten().collect(),
        plans: plans(visit, report),
        rates: rates(visit, report),
    }
}

/// "over 12 months, by assumed save rates"
pub fn basis(language: Language, report: &OffersReport) -> String {
    let basis = match report.save_rates.basis() {
        "assumed" => Word::OffersAssumed,
        "measured" => Word::OffersMeasured,
        _ => Word::OffersPartlyMeasured,
    };
    language.fill(Word::OffersBasis, &[("months", &report.months.to_string()), ("basis", language.say(basis))])
}

/// Who chose, what the control group holds back, and what the other plans would give.
pub fn chosen(format: Format, report: &OffersReport) -> String {
    let (word, planned, others) = match report.policy {
        PolicyKind::Tier => (Word::OffersByTier, &report.tier, Word::OffersOtherPlans),
        PolicyKind::Value => (Word::OffersByValue, &report.value, Word::OffersOtherTiers),
    };
    let values = [
        ("worth", format.eur(report.offered.value_eur)),
        ("count", format.count(report.control.offers)),
        ("planned", format.eur(planned.value_eur)),
        ("tiers", format.eur(report.tier_within_limits.value_eur)),
        ("value", format.eur(report.value.value_eur)),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    // The other plans are those before anybody is held back.
    let control = (report.control.offers > 0).then_some(Word::OffersWithControl);
    let said = [Some(word), control, Some(others)].into_iter().flatten().map(|word| format.0.fill(word, &values));
    said.collect::<Vec<_>>().join(" ")
}

/// Where the budget of the policy ends; nothing where there is none, or the tiers choose without one.
fn budget(format: Format, report: &OffersReport) -> Option<String> {
    let budget = report.limits.budget_eur.filter(|_| report.policy == PolicyKind::Value)?;
    let values = [
        ("budget", format.eur(budget)),
        ("spent", format.eur(report.value.cost_eur)),
        ("without", format.count(report.cut.without)),
        ("smaller", format.count(report.cut.smaller)),
        ("forgone", format.eur(report.cut.forgone_eur)),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    let mut said = format.0.fill(Word::OffersPlanned, &values);
    if let Some(next) = report.cut.next_euro {
        said = format!("{said} {}", format.0.fill(Word::OffersNextEuro, &[("next", &format.eur_cents(next))]));
    }
    Some(said)
}

/// Whether the effect of offers is, or can be, measured.
fn measured(format: Format, report: &OffersReport) -> String {
    let effect = report.effects.as_ref().and_then(|effects| effects.overall.effect());
    if let Some(effect) = effect {
        let customers = effect.treated.customers + effect.control.customers;
        let values = [("rate", share(format, effect.save_rate)), ("count", format.count(customers))];
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        return format.0.fill(Word::OffersEffect, &values);
    }
    if report.is_measurable {
        return format.0.fill(Word::OffersHeldBack, &[("count", &format.count(report.control.offers))]);
    }
    format.0.say(Word::OffersNotMeasurable).to_owned()
}

/// The tiers' rule, the same within the limits, value, and what is offered.
fn plans(visit: &Visit, report: &OffersReport) -> TablePart {
    let format = visit.format();
    let say = |word: Word| format.0.say(word);
    let plans = [
        ("offered", Word::OffersPlanOffered, &report.offered),
        ("tier", Word::OffersPlanTier, &report.tier),
        ("tier_within_limits", Word::OffersPlanLimits, &report.tier_within_limits),
        ("value", Word::OffersPlanValue, &report.value),
        ("control", Word::OffersPlanControl, &report.control),
    ];
    let row = |(_, word, of): (&str, Word, &OfferFigures)| {
        Row::from(vec![
            Cell::short(say(word)),
            Cell::number(format.count(of.offers)),
            Cell::number(format.eur(of.cost_eur)),
            Cell::number(format.eur(of.value_eur)),
            Cell::number(format.count(of.below_zero)),
            Cell::number(format.count(of.after_renewal)),
        ])
    };
    let columns = vec![
        Column::text(say(Word::OffersPlan)),
        Column::number(say(Word::OffersPlanOffers)),
        Column::number(say(Word::OffersPlanCost)),
        Column::number(say(Word::OffersWorthHead)),
        Column::number(say(Word::OffersHarmful)),
        Column::number(say(Word::OffersLate)),
    ];
    let list = List::of(&plans)
        .text("plan", |(name, ..)| (*name).to_owned())
        .count("offers", |(.., of)| of.offers)
        .number("cost_eur", |(.., of)| of.cost_eur)
        .number("value_eur", |(.., of)| of.value_eur)
        .count("below_zero", |(.., of)| of.below_zero)
        .count("after_renewal", |(.., of)| of.after_renewal);
    let table = TablePart::new(format.0, "plans", say(Word::OffersPlans), columns)
        .note(basis(format.0, report))
        .rows(plans.map(row));
    downloads::listed(table, &visit.query.elsewhere(PageId::Recommendations.path()), list)
}

/// The save rates by offer: which is in force, and what outcomes say.
fn rates(visit: &Visit, report: &OffersReport) -> TablePart {
    let format = visit.format();
    let say = |word: Word| format.0.say(word);
    let rates: Vec<(Action, &SaveRate)> = report.save_rates.all().collect();
    let basis = |rate: &SaveRate| match rate.basis {
        RateBasis::Assumed => Word::OffersAssumed,
        RateBasis::Measured => Word::OffersMeasured,
    };
    let row = |(action, rate): (Action, &SaveRate)| {
        let measured = rate.measured.map(|measured| share(format, measured));
        Row::from(vec![
            Cell::short(names::word(format.0, action.as_str())),
            Cell::number(format.percent(rate.rate)),
            Cell::short(say(basis(rate))),
            Cell::number(format.or_unknown(measured, say(Word::OffersNoOutcomes))),
        ])
    };
    let columns = vec![
        Column::text(say(Word::OffersAction)),
        Column::number(say(Word::OffersSaveRate)).hint(say(Word::OffersSaveRateHint)),
        Column::text(say(Word::OffersFrom)),
        Column::number(say(Word::OffersByOutcomes)),
    ];
    let end = |of: fn(Estimate) -> f64| move |(_, rate): &(Action, &SaveRate)| rate.measured.map(of);
    let list = List::of(&rates)
        .text("action", |(action, _)| action.as_str().to_owned())
        .number("save_rate", |(_, rate)| rate.rate)
        .text("basis", |(_, rate)| rate.basis.as_str().to_owned())
        .number("measured", end(|measured| measured.value))
        .number("measured_low", end(|measured| measured.low))
        .number("measured_high", end(|measured| measured.high));
    let table =
        TablePart::new(format.0, "rates", say(Word::OffersSaveRates), columns).rows(rates.iter().copied().map(row));
    downloads::listed(table, &visit.query.elsewhere(PageId::Recommendations.path()), list)
}

/// "24 % (18–31 %)"
fn share(format: Format, of: Estimate) -> String {
    let ends = format.range(&format.percent(of.low), &format.percent(of.high));
    format!("{} ({ends})", format.percent(of.value))
}
