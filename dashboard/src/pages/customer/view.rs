//! What the reader sees of a customer: cards, pictures, months.

use churn::recommend::ReasonTexts;

use super::call::Call;
use super::months::{Measure, OfCustomer};
use crate::chart::{
    Line, LinePoint, Spark, SparkForm, TierInterval, Unit, Waterfall, WaterfallStep, line, spark, tier_interval,
    waterfall,
};
use crate::data::{Past, PublishedRun};
use crate::export::List;
use crate::format::Format;
use crate::frame::{Card, Cards, Cell, Column, Figure, FigureWidth, Mark, Row, TablePart};
use crate::pages::call_sheet::{MONTHS, Money, Mover, Why, no_loss, no_offer, pays_from, rank, value};
use crate::pages::{downloads, names};
use crate::server::Visit;
use crate::words::Word;

/// The width of a spark.
const SPARK_PX: f64 = 140.0;

/// The pictures of a customer.
pub struct Pictures {
    /// The probability on the scale of the tiers.
    pub sure: Figure,
    /// The probability run by run.
    pub past: Figure,
    /// From everybody's level to this customer's; older runs do not know.
    pub why: Option<Figure>,
}

impl Pictures {
    /// All of them, for who asks for one as a file.
    pub fn all(self) -> Vec<Figure> {
        [Some(self.sure), Some(self.past), self.why].into_iter().flatten().collect()
    }
}

/// The cards.
pub fn cards(visit: &Visit, call: &Call) -> Cards {
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    let (known, money, sources) = (&call.known, Money::of(&call.known), call.sources());
    let eur = |value: Option<f64>, why: &str| format.or_unknown(value.map(|value| format.eur_cents(value)), why);
    let (no_loss, no_offer) = (no_loss(format, sources), no_offer(format, sources));
    let tier = format!("{} · {}", Mark::tier(known.tier(), language).text(), rank(format, known));
    let year = money.loss.map(|loss| language.fill(Word::CustomerAYear, &[("loss", &format.eur(loss * MONTHS))]));
    let share =
        money.share.map(|share| language.fill(Word::CustomerOfMargin, &[("share", &format.percent_digits(share, 0))]));
    let (works, works_help) = if known.has_save_rates {
        (known.pays_from.map(|_| say(Word::CustomerOfSaved)), Word::OffersPaysFromHint)
    } else {
        (money.break_even.map(|_| say(Word::CustomerOfOffers)), Word::CustomerPaysFromHelp)
    };
    let mut cards = vec![
        Card::new(say(Word::CustomerLeaves), format.percent(known.probability()))
            .note(tier)
            .help(say(Word::CustomerLeavesHelp)),
        Card::new(say(Word::CustomerLost), eur(money.loss, &no_loss))
            .note(year.unwrap_or(no_loss))
            .help(say(Word::CustomerLostHelp)),
        Card::new(say(Word::CustomerOffer), names::word(language, &known.action))
            .note(names::word(language, &known.timing))
            .help(say(Word::CustomerOfferHelp)),
        Card::new(say(Word::CustomerMost), eur(money.most, &no_offer))
            .note(share.unwrap_or_else(|| no_offer.clone()))
            .help(say(Word::CustomerMostHelp)),
        Card::new(say(Word::CustomerKept), eur(money.kept, &no_offer))
            .noted(money.kept.map(|_| say(Word::CustomerKeptNote)))
            .help(say(Word::CustomerKeptHelp)),
        Card::new(say(Word::CustomerPaysFrom), pays_from(format, known, &no_offer)).noted(works).help(say(works_help)),
    ];
    // Runs from before do not say it.
    let worth = |worth| Card::new(say(Word::OffersWorth), format.eur_cents(worth)).help(say(Word::OffersWorthHelp));
    cards.extend(known.worth.map(worth));
    Cards { language, cards }
}

/// The pictures.
pub fn pictures(visit: &Visit, call: &Call) -> Pictures {
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    let picture = |id: &'static str| downloads::picture(language, &visit.query, id);
    let known = &call.known;
    let sure = TierInterval {
        title: say(Word::CustomerSure).to_owned(),
        description: format!("{} · {}", format.percent(known.probability()), Mark::tier(known.tier(), language).text()),
        value: known.probability(),
        interval: known.interval,
    };
    let past = past(format, call);
    let why = call.why.as_ref().map(|why| {
        let drawn = drawn(format, call, why);
        Figure::new(language, "why", say(Word::CustomerWhy), FigureWidth::TwoThirds, |px| waterfall(&drawn, format, px))
            .subtitle(say(Word::CustomerWhySub))
            .downloads(picture("why"))
    });
    Pictures {
        sure: Figure::new(language, "sure", say(Word::CustomerSure), FigureWidth::Third, |px| {
            tier_interval(&sure, format, px)
        })
        .subtitle(say(Word::CustomerSureSub))
        .downloads(picture("sure")),
        past: Figure::new(language, "past", say(Word::CustomerPast), FigureWidth::Third, |px| line(&past, format, px))
            .subtitle(past_sub(format, call))
            .downloads(picture("past")),
        why,
    }
}

fn past(format: Format, call: &Call) -> Line {
    let language = format.0;
    let say = |word: Word| language.say(word).to_owned();
    let time = |run: &PublishedRun| run.ended.or(run.started);
    let point = |(run, past): &(PublishedRun, Past)| LinePoint {
        at: time(run).map(|at| format.day(Format::day_of(at))).unwrap_or_default(),
        run_id: run.run_id.to_string(),
        time: time(run),
        value: match past {
            Past::Scored(probability) => Some(*probability),
            Past::NotScored | Past::Gone | Past::NotReadYet => None,
        },
        event: run.promoted.as_ref().map(|_| say(Word::OverviewMarker)),
    };
    Line {
        title: say(Word::CustomerPast),
        description: past_sub(format, call),
        at_head: say(Word::OverviewRun),
        value_head: say(Word::RiskProbability),
        unit: Unit::Percent,
        points: call.past.iter().map(point).collect(),
        limit: None,
    }
}

/// How many runs there are, and how many of them are not read yet or do not know the customer; no number where there are
/// others that cannot be read.
fn past_sub(format: Format, call: &Call) -> String {
    let language = format.0;
    if call.is_past_unread {
        return language.say(Word::CustomerPastTorn).to_owned();
    }
    let count = |which: fn(&Past) -> bool| call.past.iter().filter(|(_, past)| which(past)).count() as u64;
    let scored = count(|past| matches!(past, Past::Scored(_)));
    let text = [("scored", format.count(scored)), ("runs", format.count(call.past.len() as u64))];
    let text = language.fill(Word::CustomerPastSub, &text.each_ref().map(|(name, value)| (*name, value.as_str())));
    let unread = count(|past| *past == Past::NotReadYet);
    if unread == 0 {
        return text;
    }
    format!("{text} {}", language.fill(Word::CustomerPastUnread, &[("count", &format.count(unread))]))
}

/// From where everybody begins to this customer.
fn drawn(format: Format, call: &Call, why: &Why) -> Waterfall {
    let language = format.0;
    let say = |word: Word| language.say(word).to_owned();
    let (movers, others) = why.drawn();
    let step = |mover: &Mover| WaterfallStep {
        label: sentence(format, call.texts.as_deref(), mover),
        value: mover.contribution,
    };
    let begin = call.begin.map_or_else(|| format.signed(why.base, 2), |begin| format.percent(begin));
    let end = format.percent(call.known.probability());
    let described = |mover: &Mover| {
        format!("{} {}", sentence(format, call.texts.as_deref(), mover), format.signed(mover.contribution, 2))
    };
    Waterfall {
        title: say(Word::CustomerWhy),
        description: movers.iter().map(described).collect::<Vec<_>>().join("; "),
        label_head: say(Word::CustomerWhat),
        value_head: say(Word::CustomerLogOdds),
        start: (say(Word::CustomerEverybody), why.base, begin),
        steps: movers
            .iter()
            .map(step)
            .chain([WaterfallStep { label: say(Word::CustomerOthers), value: others }])
            .collect(),
        end: (say(Word::CustomerThis), end),
        probabilities: (call.begin, Some(call.known.probability())),
    }
}

/// What a feature is called, with its value.
fn sentence(format: Format, texts: Option<&ReasonTexts>, mover: &Mover) -> String {
    let code = texts.and_then(|texts| Some((texts, texts.features.get(&mover.feature)?)));
    let said = code.and_then(|(texts, code)| texts.reasons.get(code)).map(|said| format.0.sentence(said));
    format!("{}: {}", said.unwrap_or(&mover.feature), value(format, mover))
}

/// Twelve months of margin and consumption.
pub fn months(visit: &Visit, customer_id: &str, months: &OfCustomer) -> TablePart {
    let language = visit.language;
    let say = |word: Word| language.say(word);
    let columns = vec![
        Column::text(say(Word::CustomerAMonth)),
        Column::text(say(Word::CustomerTwelve)),
        Column::number(say(Word::CustomerLowest)),
        Column::number(say(Word::CustomerHighest)),
        Column::number(say(Word::CustomerLast)),
    ];
    let format = visit.format();
    let ends = months.months.first().zip(months.months.last());
    let span = ends.map(|(first, last)| format.range(&format.month(*first), &format.month(*last))).unwrap_or_default();
    let shown = Measure::ALL.into_iter().filter(|measure| *measure != Measure::Gas || months.has(Measure::Gas));
    let table = TablePart::new(language, "months", say(Word::CustomerMonths), columns)
        .note(span)
        .rows(shown.map(|measure| month_row(format, months, measure)));
    downloads::listed(table, &visit.query, months_list(customer_id, months))
}

/// Month by month as a file has it: what the row of a measure draws.
fn months_list(customer_id: &str, months: &OfCustomer) -> List {
    let values = Measure::ALL.map(|measure| months.of(measure).map(|(_, value)| value).collect::<Vec<_>>());
    let places: Vec<usize> = (0..months.months.len()).collect();
    List::of(&places)
        .text("customer_id", |_| customer_id.to_owned())
        .text("month", |place| months.months[*place].format("%Y-%m").to_string())
        .number("total_margin", |place| values[Measure::Margin as usize][*place])
        .number("monthly_elec_kwh", |place| values[Measure::Electricity as usize][*place])
        .number("monthly_gas_m3", |place| values[Measure::Gas as usize][*place])
        .into()
}

fn month_row(format: Format, months: &OfCustomer, measure: Measure) -> Row {
    let say = |word: Word| format.0.say(word);
    let (name, unit) = match measure {
        Measure::Margin => (Word::CustomerMargin, None),
        Measure::Electricity => (Word::CustomerElectricity, Some("kWh")),
        Measure::Gas => (Word::CustomerGas, Some("m³")),
    };
    let show = |value: f64| match unit {
        Some(unit) => format.with_unit(&format.number(value, 0), unit),
        None => format.eur_cents(value),
    };
    let known: Vec<f64> = months.of(measure).filter_map(|(_, value)| value).collect();
    let cell = |value: Option<f64>| Cell::number(format.or_unknown(value.map(show), say(Word::CustomerNoMonths)));
    let last = months.of(measure).last().and_then(|(_, value)| value);
    let drawn = Spark {
        title: format!("{}: {}", say(name), last.map(show).unwrap_or_default()),
        form: SparkForm::Line,
        unit: Unit::Number(0),
        name_head: say(Word::CustomerAMonth).to_owned(),
        value_head: say(name).to_owned(),
        values: months.of(measure).map(|(month, value)| (format.month(month), value)).collect(),
    };
    Row::from(vec![
        Cell::short(say(name)),
        Cell::picture(spark(&drawn, format, SPARK_PX).svg),
        cell(known.iter().copied().reduce(f64::min)),
        cell(known.iter().copied().reduce(f64::max)),
        cell(last),
    ])
}
