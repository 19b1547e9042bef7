//! What the reader sees: cards, pictures, the budget line, the table, the policy.

use std::collections::BTreeSet;
use std::ops;

use churn::model::RiskTier;
use churn::recommend::{Action, RuleReason};

use super::Filtered;
use super::columns::{Offers, WINDOWS};
use super::policy::OfTier;
use super::state::{CATEGORIES, FIELDS, State};
use super::sums::Sums;
use super::worth;
use crate::chart::{Bar, Bars, Curve, CurvePoint, Spot, Tone, Unit, bars, curve};
use crate::data::{DataError, cells};
use crate::export::List;
use crate::format::Format;
use crate::frame::{
    Card, Cards, Cell, Column, Figure, FigureWidth, Link, Mark, PageId, Pager, Position, Row, TablePart,
};
use crate::pages::risk::{Category, tier_value};
use crate::pages::{Choice, Field, Filters, downloads, names};
use crate::query::{PAGE, Range};
use crate::server::Visit;
use crate::words::{Language, Word};

/// What withholds an offer of the tiers' rule.
const ALWAYS_SHOWN: [RuleReason; 3] =
    [RuleReason::NegativeMarginNoOffer, RuleReason::UnknownMarginNoOffer, RuleReason::ControlGroup];
/// So many reasons are drawn.
const REASONS: usize = 12;
/// A curve has at most so many places.
const PLACES: usize = 200;

/// What the parts of the page are made for.
pub struct Asked<'a> {
    /// Who asks for what.
    pub visit: &'a Visit,
    /// The filters and the order.
    pub state: &'a State,
    /// What passes them.
    pub filtered: &'a Filtered,
}

impl Asked<'_> {
    fn format(&self) -> Format {
        self.visit.format()
    }

    fn language(&self) -> Language {
        self.visit.language
    }

    fn say(&self, word: Word) -> &'static str {
        self.visit.language.say(word)
    }

    fn sums(&self) -> &Sums {
        &self.filtered.sums
    }

    /// What a code says, in the reader's language.
    fn reason<'b>(&'b self, code: &'b str) -> &'b str {
        let said = self.filtered.texts.as_deref().and_then(|texts| texts.reasons.get(code));
        said.map_or(code, |said| self.language().sentence(said))
    }
}

/// The cards of the filtered recommendations.
pub fn cards(asked: &Asked<'_>) -> Cards {
    let (format, sums, query) = (asked.format(), asked.sums(), &asked.visit.query);
    let say = |word: Word| asked.say(word);
    let action = |action: Action| {
        Card::new(names::word(asked.language(), action.as_str()), format.count(sums.of_action(action as usize)))
            .href(query.with("action", action.as_str()))
            .help(say(Word::OffersActionHelp))
    };
    let offers = asked.language().fill(Word::OffersCount, &[("count", &format.count(sums.offers))]);
    let share = if sums.at_risk > 0.0 { format.percent(sums.covered / sums.at_risk) } else { String::new() };
    let covered = asked.language().fill(Word::OffersOfLoss, &[("share", &share), ("loss", &format.eur(sums.at_risk))]);
    let withheld = |(rule, count): &(RuleReason, u64)| {
        let (label, help) = withheld_words(asked, *rule);
        Card::new(label, format.count(*count)).href(query.with("reason", rule.as_str())).help(help)
    };
    let mut cards = vec![Card::new(say(Word::OffersAll), format.count(sums.all)).help(say(Word::OffersAllHelp))];
    cards.extend(Action::ALL.map(action));
    cards.push(
        Card::new(say(Word::OffersBudget), format.eur(sums.budget)).note(offers).help(say(Word::OffersBudgetHelp)),
    );
    let covers = Card::new(say(Word::OffersCovered), format.eur(sums.covered)).help(say(Word::OffersCoveredHelp));
    cards.push(if share.is_empty() { covers } else { covers.note(covered) });
    cards.extend(of_worth(asked));
    // Those of the tiers' rule are always there, 0 too; the others where there are some.
    let is_shown = |(rule, count): &&(RuleReason, u64)| ALWAYS_SHOWN.contains(rule) || *count > 0;
    cards.extend(sums.withheld.iter().filter(is_shown).map(withheld));
    Cards { language: asked.language(), cards }
}

/// What the offers are expected to be worth, and how many may come too late.
fn of_worth(asked: &Asked<'_>) -> Vec<Card> {
    let (format, sums) = (asked.format(), asked.sums());
    let Some(value) = sums.worth else { return Vec::new() };
    let card = Card::new(asked.say(Word::OffersWorth), format.eur(value)).help(asked.say(Word::OffersWorthHelp));
    let basis = asked.filtered.report.as_deref().map(|report| worth::basis(asked.language(), report));
    let late = Card::new(asked.say(Word::OffersLate), format.count(sums.late)).help(asked.say(Word::OffersLateHelp));
    vec![card.noted(basis), late]
}

/// What a card of withheld offers is called, and what it means.
fn withheld_words(asked: &Asked<'_>, rule: RuleReason) -> (&'static str, String) {
    let (label, help) = match rule {
        RuleReason::NegativeMarginNoOffer => (Word::OffersNegative, Some(Word::OffersNegativeHelp)),
        RuleReason::UnknownMarginNoOffer => (Word::OffersUnknown, Some(Word::OffersUnknownHelp)),
        RuleReason::OfferNotWorthIt => (Word::OffersNotWorthIt, None),
        RuleReason::NoConsent => (Word::OffersNoConsent, None),
        RuleReason::ContactedRecently => (Word::OffersRecently, None),
        RuleReason::AfterRenewal => (Word::OffersTooLate, None),
        RuleReason::BudgetSpent => (Word::OffersBudgetSpent, None),
        RuleReason::NoCapacity => (Word::OffersNoCapacity, None),
        _ => (Word::OffersControl, Some(Word::OffersControlHelp)),
    };
    let help = help.map_or_else(|| asked.reason(rule.as_str()), |help| asked.say(help));
    (asked.say(label), help.to_owned())
}

/// "212 offers, €4,998, covers 38 % of the loss at risk"
pub fn budget(asked: &Asked<'_>) -> Option<String> {
    let (format, cut) = (asked.format(), asked.filtered.cut?);
    let at_risk = asked.sums().at_risk;
    let share = if at_risk > 0.0 { cut.covered / at_risk } else { 0.0 };
    let values = [
        ("budget", format.eur(asked.state.budget?)),
        ("count", format.count(cut.offers as u64)),
        ("spent", format.eur(cut.spent)),
        ("share", format.percent(share)),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    let mut said = asked.language().count(cut.offers as u64, Word::OffersCutOne, Word::OffersCut, &values);
    if let (Some(_), Some(report)) = (&asked.filtered.offers.worth, asked.filtered.report.as_deref()) {
        let values = [("worth", format.eur(cut.worth)), ("basis", worth::basis(asked.language(), report))];
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        said = format!("{said} {}", asked.language().fill(Word::OffersCutWorth, &values));
    }
    Some(said)
}

/// The pictures of the filtered recommendations.
pub fn figures(asked: &Asked<'_>) -> Vec<Figure> {
    let (format, language) = (asked.format(), asked.language());
    let (actions, reasons, line) = (by_action(asked), by_reason(asked), line(asked));
    let picture = |id: &'static str| downloads::picture(language, &asked.visit.query, id);
    let title = |word: Word| asked.say(word);
    vec![
        Figure::new(language, "actions", title(Word::OffersActions), FigureWidth::Third, |px| {
            bars(&actions, format, px)
        })
        .subtitle(title(Word::OffersActionsSub))
        .downloads(picture("actions")),
        Figure::new(language, "reasons", title(Word::OffersReasons), FigureWidth::Third, |px| {
            bars(&reasons, format, px)
        })
        .subtitle(title(Word::OffersReasonsSub))
        .downloads(picture("reasons")),
        Figure::new(language, "budget", title(Word::OffersLine), FigureWidth::Third, |px| curve(&line, format, px))
            .subtitle(title(Word::OffersLineSub))
            .downloads(picture("budget")),
    ]
}

/// A bar for every action and tier that has customers: the largest offer first, the worst tier first.
fn by_action(asked: &Asked<'_>) -> Bars {
    let (format, language, sums) = (asked.format(), asked.language(), asked.sums());
    let bar = |action: Action, tier: RiskTier| {
        let count = sums.by_action[action as usize][tier as usize];
        let label = format!("{} · {}", names::word(language, action.as_str()), Mark::tier(tier, language).text());
        let share = (sums.all > 0).then(|| count as f64 / sums.all as f64);
        let shown = share.map(|share| format.percent(share)).unwrap_or_default();
        (count > 0).then(|| Bar::new(label, count as f64, Tone::Tier(tier)).note(shown, share))
    };
    let pairs = Action::ALL
        .into_iter()
        .rev()
        .flat_map(|action| RiskTier::ALL.into_iter().rev().map(move |tier| (action, tier)));
    let bars: Vec<_> = pairs.filter_map(|(action, tier)| bar(action, tier)).collect();
    Bars {
        title: asked.say(Word::OffersActions).to_owned(),
        description: described(format, &bars),
        label_head: asked.say(Word::OffersAction).to_owned(),
        value_head: asked.say(Word::RiskCustomers).to_owned(),
        note_head: Some(asked.say(Word::RiskShare).to_owned()),
        unit: Unit::Count,
        bars,
    }
}

/// The most frequent reasons with the mean loss of their customers.
fn by_reason(asked: &Asked<'_>) -> Bars {
    let (format, offers) = (asked.format(), &asked.filtered.offers);
    let bars: Vec<_> = asked
        .sums()
        .reasons
        .iter()
        .take(REASONS)
        .map(|reason| {
            let said = asked.reason(&offers.reasons.codes[usize::from(reason.code)]);
            let mean = format.or_unknown(reason.mean_loss().map(|loss| format.eur_cents(loss)), "");
            Bar::new(said, reason.customers as f64, Tone::Current).note(mean.text, reason.mean_loss())
        })
        .collect();
    Bars {
        title: asked.say(Word::OffersReasons).to_owned(),
        description: described(format, &bars),
        label_head: asked.say(Word::OffersReason).to_owned(),
        value_head: asked.say(Word::RiskCustomers).to_owned(),
        note_head: Some(asked.say(Word::OffersMeanLoss).to_owned()),
        unit: Unit::Count,
        bars,
    }
}

/// The bars as a sentence for who cannot see them.
fn described(format: Format, bars: &[Bar]) -> String {
    let part = |bar: &Bar| format!("{} {}", bar.label, format.number(bar.value.unwrap_or_default(), 0));
    bars.iter().map(part).collect::<Vec<_>>().join("; ")
}

/// How much of the loss is covered by how much of what all offers would cost.
fn line(asked: &Asked<'_>) -> Curve {
    let (format, line, at_risk) = (asked.format(), &asked.filtered.line, asked.sums().at_risk);
    let all = line.spent.last().copied().unwrap_or_default();
    let share = |value: f64, of: f64| if of > 0.0 { value / of } else { 0.0 };
    let point =
        |place: usize| CurvePoint { x: share(line.spent[place], all), y: share(line.covered[place], at_risk), rows: 0 };
    let start = CurvePoint { x: 0.0, y: 0.0, rows: 0 };
    let points = std::iter::once(start).chain(places(line.rows.len()).into_iter().map(point)).collect();
    let spot = asked.filtered.cut.map(|cut| Spot {
        x: share(cut.spent, all),
        y: share(cut.covered, at_risk),
        name: format.eur(cut.spent),
    });
    let values = [("all", format.eur(all)), ("count", format.count(line.rows.len() as u64))];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    Curve {
        title: asked.say(Word::OffersLine).to_owned(),
        description: asked.language().fill(Word::OffersLineDescription, &values),
        x_head: asked.language().fill(Word::OffersSpent, &[("all", &format.eur(all))]),
        y_head: asked.say(Word::OffersCoveredShare).to_owned(),
        series: vec![(asked.say(Word::OffersLine).to_owned(), Tone::Current, points)],
        guide: None,
        spot,
    }
}

/// So many places of a line, evenly, the last one among them.
fn places(length: usize) -> BTreeSet<usize> {
    let Some(last) = length.checked_sub(1) else { return BTreeSet::new() };
    let steps = length.min(PLACES);
    (1..=steps).map(|step| step * last / steps).chain([0]).collect()
}

/// The form, with the words that these tables have.
pub fn filters(asked: &Asked<'_>) -> Filters {
    let (language, state, offers) = (asked.language(), asked.state, &asked.filtered.offers);
    let many = |key: &'static str, label: Word, choices: Vec<Choice>| Field::Many {
        key,
        label: asked.say(label).to_owned(),
        choices,
    };
    let actions = Action::ALL.map(|action| {
        Choice::new(action.as_str(), names::word(language, action.as_str()), state.actions.contains(&action))
    });
    let tiers = RiskTier::ALL
        .into_iter()
        .rev()
        .map(|tier| Choice::new(tier_value(tier), Mark::tier(tier, language).text(), state.tiers.contains(&tier)));
    let timings = WINDOWS.map(|window| {
        Choice::new(window.as_str(), names::word(language, window.as_str()), state.timings.contains(&window))
    });
    let mut fields = vec![
        many("action", Word::OffersAction, actions.into()),
        many("tier", Word::RiskTier, tiers.collect()),
        many("timing", Word::OffersTiming, timings.into()),
    ];
    for category in CATEGORIES {
        let chosen = state.words.get(&category);
        let choice = |value: &String| {
            let is_chosen = chosen.is_some_and(|words| words.contains(value));
            Choice::new(value, names::of(language, category, value), is_chosen)
        };
        let label = if category == Category::Province { Word::RiskProvince } else { Word::RiskSegment };
        fields.push(many(category.key(), label, offers.customers.words(category).values.iter().map(choice).collect()));
    }
    let reason = |code: &String| Choice::new(code, asked.reason(code), state.reasons.contains(code));
    fields.push(many("reason", Word::OffersReason, offers.reasons.codes.iter().map(reason).collect()));
    let budget = asked.visit.query.first("budget").unwrap_or_default().to_owned();
    fields.push(Field::Number {
        key: "budget",
        label: asked.say(Word::OffersBudgetField).to_owned(),
        value: budget,
        unit: "€",
    });
    Filters::new(language, &asked.visit.query, &FIELDS, fields)
}

/// A page of the table.
pub fn table(asked: &Asked<'_>, range: Range) -> Result<TablePart, DataError> {
    let (format, query) = (asked.format(), &asked.visit.query);
    let position = Position { page: range.page as u64, per: asked.state.paging.per as u64, total: range.total as u64 };
    let pager = Pager::new(format, position, |page, per| query.set("per", &per).with(PAGE, &page));
    Ok(TablePart::new(asked.language(), "offers", asked.say(Word::OffersTable), columns(asked))
        .rows(rows(asked, &asked.filtered.rows[range.start..range.end])?)
        .pager(pager)
        .downloads(downloads::links(asked.language(), query)))
}

fn columns(asked: &Asked<'_>) -> Vec<Column> {
    let sorted = |column: Column, name: &'static str| column.sorted_by(&asked.visit.query, asked.state.sort, name);
    let budget = asked.filtered.cut.map(|_| Column::text(asked.say(Word::OffersWithinHead)));
    let mut columns = vec![
        sorted(Column::text(asked.say(Word::RiskCustomer)), "customer_id"),
        Column::text(asked.say(Word::OffersAction)),
        sorted(Column::number(asked.say(Word::OffersMost)), "max_offer_eur"),
        sorted(Column::number(asked.say(Word::RiskLossMonth)), "expected_margin_impact"),
    ];
    columns.extend(budget);
    columns.extend([
        Column::text(asked.say(Word::RiskTier)),
        sorted(Column::number(asked.say(Word::RiskProbability)), "risk_score"),
        Column::text(asked.say(Word::OffersTiming)),
        sorted(Column::number(asked.say(Word::OffersGain)).hint(asked.say(Word::OffersGainHint)), "gain"),
    ]);
    if asked.filtered.offers.worth.is_some() {
        let worth = Column::number(asked.say(Word::OffersWorthHead)).hint(asked.say(Word::OffersWorthHelp));
        columns.push(sorted(worth, "expected_value_eur"));
        columns.push(Column::number(asked.say(Word::OffersPaysFrom)).hint(asked.say(Word::OffersPaysFromHint)));
    }
    columns.extend([
        Column::text(asked.say(Word::RiskSegment)),
        Column::text(asked.say(Word::RiskProvince)),
        Column::text(asked.say(Word::OffersReason)),
    ]);
    columns
}

fn rows(asked: &Asked<'_>, shown: &[usize]) -> Result<Vec<Row>, DataError> {
    let filtered = asked.filtered;
    let within: Option<BTreeSet<usize>> =
        filtered.cut.map(|cut| filtered.line.rows[..cut.offers].iter().copied().collect());
    let picked = cells::rows_at(&filtered.recommendations, shown)?;
    let ids = cells::texts(&picked, "customer_id")?;
    let made = shown.iter().zip(ids).map(|(&row, id)| made(asked, row, id.unwrap_or_default(), within.as_ref()));
    Ok(made.collect())
}

fn made(asked: &Asked<'_>, row: usize, id: &str, within: Option<&BTreeSet<usize>>) -> Row {
    let (format, language) = (asked.format(), asked.language());
    let offers: &Offers = &asked.filtered.offers;
    let customers = &offers.customers;
    let eur = |value: Option<f64>, why: Word| {
        Cell::number(format.or_unknown(value.map(|value| format.eur_cents(value)), asked.say(why)))
    };
    let is_offered = offers.is_offered(row);
    let why_no_gain = if is_offered { Word::RiskNoMargin } else { Word::OffersNoOffer };
    let budget = within.map(|within| match (is_offered, within.contains(&row)) {
        (true, true) => Cell::short(asked.say(Word::OffersWithin)),
        (true, false) => Cell::quiet(asked.say(Word::OffersBeyond)),
        (false, _) => Cell::default(),
    });
    let codes = offers.reasons.of_row(row).iter().map(|code| &offers.reasons.codes[usize::from(*code)]);
    let word = |category: Category| Cell::short(names::of(language, category, customers.words(category).of_row(row)));
    let mut cells = vec![
        Cell::link(id, asked.visit.customer(id)),
        Cell::short(names::word(language, offers.action[row].as_str())),
        eur(is_offered.then(|| offers.most[row]), Word::OffersNoOffer),
        eur(customers.loss[row], Word::RiskNoMargin),
    ];
    cells.extend(budget);
    cells.extend([
        Cell::mark(Mark::tier(customers.tier[row], language)),
        Cell::number(format.percent(customers.probability[row])),
        Cell::short(names::word(language, offers.timing[row].as_str())),
        eur(offers.gain(row), why_no_gain),
    ]);
    if let Some(worth) = &offers.worth {
        let pays_from = worth.pays_from[row].map(|rate| format.percent(rate));
        let why_not = if is_offered { Word::OffersNeverPays } else { Word::OffersNoOffer };
        cells.push(eur(offers.expected(row), Word::OffersNoOffer));
        cells.push(Cell::number(format.or_unknown(pays_from, asked.say(why_not))));
    }
    cells.extend([
        word(Category::Segment),
        word(Category::Province),
        Cell::list(codes.map(|code| asked.reason(code).to_owned())),
    ]);
    Row::from(cells)
}

/// To the call sheets of the rows that are shown.
pub fn sheets_link(asked: &Asked<'_>, count: usize) -> Link {
    let text = asked.language().fill(Word::OffersSheetsOf, &[("count", &asked.format().count(count as u64))]);
    Link::new(text, asked.visit.query.at(&format!("{}/sheets", PageId::Recommendations.path())))
}

/// "1–50 of 1,516", of call sheets.
pub fn range(format: Format, shown: &ops::Range<usize>, total: usize) -> String {
    let first = if shown.is_empty() { 0 } else { shown.start + 1 };
    let [from, to, total] = [first, shown.end, total].map(|number| format.count(number as u64));
    format.0.fill(Word::TableRange, &[("from", &from), ("to", &to), ("total", &total)])
}

/// What each tier gets, as the results show it.
pub fn policy(visit: &Visit, of_tiers: &[OfTier]) -> TablePart {
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    let row = |of_tier: &OfTier| {
        let word = |word: Option<&str>| {
            Cell::short(format.or_unknown(word.map(|word| names::word(language, word)), say(Word::OffersNobody)))
        };
        let no_share = if of_tier.offer.is_some() { Word::OffersNoOffer } else { Word::OffersNobody };
        let share = of_tier.share.map(|share| format.percent_digits(share, 0));
        Row::from(vec![
            Cell::mark(Mark::tier(of_tier.tier, language)),
            word(of_tier.offer.map(|(action, _)| action.as_str())),
            word(of_tier.offer.map(|(_, timing)| timing.as_str())),
            Cell::number(format.or_unknown(share, say(no_share))),
        ])
    };
    let columns = vec![
        Column::text(say(Word::RiskTier)),
        Column::text(say(Word::OffersAction)),
        Column::text(say(Word::OffersTiming)),
        Column::number(say(Word::OffersShare)),
    ];
    let list = List::of(of_tiers)
        .text("risk_tier", |of_tier| of_tier.tier.as_str().to_owned())
        .text("action", |of_tier| of_tier.offer.map(|(action, _)| action.as_str().to_owned()))
        .text("timing_window", |of_tier| of_tier.offer.map(|(_, timing)| timing.as_str().to_owned()))
        .number("share_of_margin", |of_tier| of_tier.share);
    let table = TablePart::new(language, "policy", say(Word::OffersPolicyCaption), columns)
        .note(say(Word::OffersPolicyNote))
        .rows(of_tiers.iter().map(row));
    // It stands on the pages of customers, too; its file is one of this page.
    downloads::listed(table, &visit.query.elsewhere(PageId::Recommendations.path()), list)
}
