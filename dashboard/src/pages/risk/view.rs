//! What the reader sees: the numbers in their language, with the links that go on from them.

use churn::model::RiskTier;
use polars::prelude::DataFrame;

use super::columns::{Category, Columns, IN_TRAINING};
use super::state::{Contact, FIELDS, State, Training, tier_value};
use super::sums::{BINS, Group, Sums};
use crate::chart::{Bar, Bars, Histogram, Limit, Tone, Unit, bars, histogram};
use crate::data::{DataError, cells};
use crate::format::Format;
use crate::frame::{Card, Cards, Cell, Column, Figure, FigureWidth, Mark, Pager, Position, Row, TablePart};
use crate::pages::names;
use crate::pages::{Choice, Field, Filters, downloads};
use crate::query::{PAGE, Range};
use crate::server::Visit;
use crate::words::{Language, Word};

/// A year has so many months of loss.
const MONTHS: f64 = 12.0;

/// What the parts of the page are made for.
pub struct Asked<'a> {
    /// Who asks for what.
    pub visit: &'a Visit,
    /// The filters and the order.
    pub state: &'a State,
    /// From this probability on the model flags a customer.
    pub threshold: Option<f64>,
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
}

/// The cards of the filtered customers.
pub fn cards(asked: &Asked<'_>, sums: &Sums) -> Cards {
    let (format, language) = (asked.format(), asked.language());
    let tier = |tier: RiskTier, label: Word, help: Word| {
        let count = format.count(sums.tier(tier).customers);
        let href = asked.visit.query.with("tier", tier_value(tier));
        Card::new(asked.say(label), count).href(href).help(asked.say(help))
    };
    let unknown = format.count(sums.unknown_loss);
    let unknown = language.fill(Word::RiskUnknownLoss, &[("count", &unknown)]);
    let mean = format.or_unknown(sums.mean_probability.map(|mean| format.percent(mean)), asked.say(Word::RiskNobody));
    let cards = vec![
        Card::new(asked.say(Word::RiskCustomers), format.count(sums.all.customers))
            .help(asked.say(Word::RiskCustomersHelp)),
        tier(RiskTier::Critical, Word::RiskCritical, Word::RiskCriticalHelp),
        tier(RiskTier::High, Word::RiskHigh, Word::RiskHighHelp),
        Card::new(asked.say(Word::RiskLossMonth), format.eur(sums.all.loss))
            .note(unknown)
            .help(asked.say(Word::RiskLossMonthHelp)),
        Card::new(asked.say(Word::RiskLossYear), format.eur(sums.all.loss * MONTHS))
            .help(asked.say(Word::RiskLossYearHelp)),
        Card::new(asked.say(Word::RiskMean), mean).help(asked.say(Word::RiskMeanHelp)),
    ];
    Cards { language, cards }
}

/// The pictures of the filtered customers.
pub fn figures(asked: &Asked<'_>, sums: &Sums) -> Vec<Figure> {
    let (format, language) = (asked.format(), asked.language());
    let customers = by_tier(asked, sums, Word::RiskTiersTitle, Unit::Count, |group| group.customers as f64);
    let losses = by_tier(asked, sums, Word::RiskLossesTitle, Unit::Eur, |group| group.loss);
    let segments = by_segment(asked, sums);
    let spread = spread(asked, sums);
    let picture = |id: &'static str| downloads::picture(language, &asked.visit.query, id);
    let third = FigureWidth::Third;
    vec![
        Figure::new(language, "tiers", asked.say(Word::RiskTiersTitle), third, |px| bars(&customers, format, px))
            .downloads(picture("tiers")),
        Figure::new(language, "losses", asked.say(Word::RiskLossesTitle), third, |px| bars(&losses, format, px))
            .downloads(picture("losses")),
        Figure::new(language, "segments", asked.say(Word::RiskSegmentsTitle), third, |px| bars(&segments, format, px))
            .downloads(picture("segments")),
        Figure::new(language, "spread", asked.say(Word::RiskSpreadTitle), FigureWidth::Full, |px| {
            histogram(&spread, format, px)
        })
        .subtitle(asked.say(Word::RiskSpreadSub))
        .downloads(picture("spread")),
    ]
}

/// The worst tier first, each with its share of the whole.
fn by_tier(asked: &Asked<'_>, sums: &Sums, title: Word, unit: Unit, of: impl Fn(Group) -> f64) -> Bars {
    tier_bars(asked.language(), &sums.tiers, title, unit, of)
}

/// The tiers' bars, the worst tier first: the overview shows them too.
pub fn tier_bars(language: Language, tiers: &[Group; 4], title: Word, unit: Unit, of: impl Fn(Group) -> f64) -> Bars {
    let format = Format(language);
    let whole: f64 = tiers.iter().map(|group| of(*group)).sum();
    let bar = |tier: RiskTier| {
        let value = of(tiers[tier as usize]);
        let share = (whole > 0.0).then(|| value / whole);
        let shown = share.map(|share| format.percent(share)).unwrap_or_default();
        Bar::new(Mark::tier(tier, language).text(), value, Tone::Tier(tier)).note(shown, share)
    };
    let bars: Vec<_> = RiskTier::ALL.into_iter().rev().map(bar).collect();
    Bars {
        title: language.say(title).to_owned(),
        description: described(format, unit, &bars),
        label_head: language.say(Word::RiskTier).to_owned(),
        value_head: language.say(title).to_owned(),
        note_head: Some(language.say(Word::RiskShare).to_owned()),
        unit,
        bars,
    }
}

/// The segment with the largest loss first.
fn by_segment(asked: &Asked<'_>, sums: &Sums) -> Bars {
    let format = asked.format();
    let mut segments = sums.segments.clone();
    segments.sort_by(|(_, a), (_, b)| b.loss.total_cmp(&a.loss));
    let bar = |(name, group): (String, Group)| {
        let share = (sums.all.loss > 0.0).then(|| group.loss / sums.all.loss);
        let shown = share.map(|share| format.percent(share)).unwrap_or_default();
        Bar::new(names::of(asked.language(), Category::Segment, &name), group.loss, Tone::Current).note(shown, share)
    };
    let bars: Vec<_> = segments.into_iter().map(bar).collect();
    Bars {
        title: asked.say(Word::RiskSegmentsTitle).to_owned(),
        description: described(format, Unit::Eur, &bars),
        label_head: asked.say(Word::RiskSegment).to_owned(),
        value_head: asked.say(Word::RiskLossMonth).to_owned(),
        note_head: Some(asked.say(Word::RiskShare).to_owned()),
        unit: Unit::Eur,
        bars,
    }
}

/// The bars as a sentence for who cannot see them.
fn described(format: Format, unit: Unit, bars: &[Bar]) -> String {
    let part =
        |bar: &Bar| format!("{} {}", bar.label, bar.value.map(|value| unit.show(format, value)).unwrap_or_default());
    bars.iter().map(part).collect::<Vec<_>>().join("; ")
}

fn spread(asked: &Asked<'_>, sums: &Sums) -> Histogram {
    let format = asked.format();
    let edge = |bin: usize| bin as f64 / BINS as f64;
    // A bin lies within one tier: the limits are edges of bins.
    let tones = (0..BINS).map(|bin| Tone::Tier(RiskTier::of(edge(bin) + 0.5 / BINS as f64)));
    let tier_limits = [(0.4, RiskTier::Medium), (0.6, RiskTier::High), (0.8, RiskTier::Critical)];
    let tier_limits = tier_limits.map(|(at, tier)| Limit { at, name: Mark::tier(tier, asked.language()).text() });
    let flagged = asked.threshold.map(|at| Limit { at, name: asked.say(Word::RiskThreshold).to_owned() });
    let mean = sums.mean_probability.map(|mean| format.percent(mean)).unwrap_or_default();
    let values = [("customers", format.count(sums.all.customers)), ("mean", mean)];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    Histogram {
        title: asked.say(Word::RiskSpreadTitle).to_owned(),
        description: asked.language().fill(Word::RiskSpreadDescription, &values),
        bin_head: asked.say(Word::RiskProbability).to_owned(),
        name: asked.say(Word::RiskCustomers).to_owned(),
        axis: Unit::Percent,
        unit: Unit::Count,
        edges: (0..=BINS).map(edge).collect(),
        heights: sums.histogram.iter().map(|count| *count as f64).collect(),
        tones: tones.collect(),
        reference: None,
        limits: tier_limits.into_iter().chain(flagged).collect(),
    }
}

/// The form, with the words that these scores have.
pub fn filters(asked: &Asked<'_>, columns: &Columns) -> Filters {
    let (language, state) = (asked.language(), asked.state);
    let tier =
        |tier: RiskTier| Choice::new(tier_value(tier), Mark::tier(tier, language).text(), state.tiers.contains(&tier));
    let tiers = RiskTier::ALL.into_iter().rev().map(tier).collect();
    let mut fields = vec![Field::Many { key: "tier", label: asked.say(Word::RiskTier).to_owned(), choices: tiers }];
    for category in Category::ALL {
        let chosen = state.words.get(&category);
        let choice = |value: &String| {
            let is_chosen = chosen.is_some_and(|words| words.contains(value));
            Choice::new(value, names::of(language, category, value), is_chosen)
        };
        let choices = columns.words(category).values.iter().map(choice).collect();
        fields.push(Field::Many { key: category.key(), label: asked.say(head(category)).to_owned(), choices });
    }
    let contact =
        |contact: Contact, word: Word| Choice::new(contact.value(), asked.say(word), state.contact == Some(contact));
    let contacts = vec![contact(Contact::Some, Word::RiskContactSome), contact(Contact::None, Word::RiskContactNone)];
    fields.push(Field::One {
        key: "has_interaction",
        label: asked.say(Word::RiskContact).to_owned(),
        choices: contacts,
    });
    let training = |training: Training, word: Word| {
        Choice::new(training.value(), asked.say(word), state.training == Some(training))
    };
    fields.push(Field::One {
        key: IN_TRAINING,
        label: asked.say(Word::RiskTraining).to_owned(),
        choices: vec![training(Training::Seen, Word::RiskTrainingYes), training(Training::New, Word::RiskTrainingNo)],
    });
    let number = |key: &'static str, word: Word, unit: &'static str| {
        let value = asked.visit.query.first(key).unwrap_or_default().to_owned();
        Field::Number { key, label: asked.say(word).to_owned(), value, unit }
    };
    fields.push(number("from", Word::RiskFrom, "%"));
    fields.push(number("to", Word::RiskTo, "%"));
    fields.push(number("loss", Word::RiskLossFrom, "€"));
    Filters::new(language, &asked.visit.query, &FIELDS, fields)
}

/// The word of a category.
fn head(category: Category) -> Word {
    match category {
        Category::Segment => Word::RiskSegment,
        Category::Renewal => Word::RiskRenewal,
        Category::Intent => Word::RiskIntent,
        Category::Sentiment => Word::RiskSentiment,
        Category::Province => Word::RiskProvince,
        Category::Channel => Word::RiskChannel,
    }
}

/// A page of the table.
pub fn table(asked: &Asked<'_>, shown: &DataFrame, range: Range) -> Result<TablePart, DataError> {
    let (format, query) = (asked.format(), &asked.visit.query);
    let position = Position { page: range.page as u64, per: asked.state.paging.per as u64, total: range.total as u64 };
    let pager = Pager::new(format, position, |page, per| query.set("per", &per).with(PAGE, &page));
    let table = TablePart::new(asked.language(), "customers", asked.say(Word::RiskTable), columns(asked))
        .rows(rows(asked, shown)?)
        .pager(pager)
        .downloads(downloads::links(asked.language(), query));
    Ok(table)
}

fn columns(asked: &Asked<'_>) -> Vec<Column> {
    let sorted = |column: Column, name: &'static str| column.sorted_by(&asked.visit.query, asked.state.sort, name);
    vec![
        sorted(Column::text(asked.say(Word::RiskCustomer)), "customer_id"),
        sorted(Column::number(asked.say(Word::RiskProbability)), "churn_proba"),
        Column::text(asked.say(Word::RiskTier)),
        sorted(Column::number(asked.say(Word::RiskLossMonth)), "expected_monthly_loss"),
        Column::number(asked.say(Word::RiskInterval)).hint(asked.say(Word::RiskIntervalHint)),
        Column::text(asked.say(Word::RiskSegment)),
        sorted(Column::number(asked.say(Word::RiskMargin)), "avg_monthly_margin"),
        sorted(Column::number(asked.say(Word::RiskTenure)), "tenure_months"),
        Column::text(asked.say(Word::RiskRenewal)),
        Column::text(asked.say(Word::RiskIntent)),
        Column::text(asked.say(Word::RiskSentiment)),
        Column::text(asked.say(Word::RiskProvince)),
        Column::text(asked.say(Word::RiskChannel)),
        Column::text(asked.say(Word::RiskOutcome)).hint(asked.say(Word::RiskOutcomeHint)),
        Column::text(asked.say(Word::RiskTraining)).hint(asked.say(Word::RiskTrainingHint)),
    ]
}

fn rows(asked: &Asked<'_>, shown: &DataFrame) -> Result<Vec<Row>, DataError> {
    let (format, language) = (asked.format(), asked.language());
    let known = Columns::of(shown)?;
    let ids = cells::texts(shown, "customer_id")?;
    let (lows, highs) = (cells::numbers(shown, "proba_low")?, cells::numbers(shown, "proba_high")?);
    let actual = cells::numbers(shown, "churn_actual")?;
    let unknown = |word: Word| asked.say(word);
    let row = |row: usize| {
        let id = ids[row].unwrap_or_default();
        let eur =
            |value: Option<f64>, why: Word| format.or_unknown(value.map(|value| format.eur_cents(value)), unknown(why));
        let interval =
            lows[row].zip(highs[row]).map(|(low, high)| format.range(&format.percent(low), &format.percent(high)));
        let tenure = known.tenure[row].map(|months| format.number(months, 0));
        let word = |category: Category| Cell::short(names::of(language, category, known.words(category).of_row(row)));
        let training = known.in_training[row].map(|seen| {
            let word = if seen { Word::RiskTrainingYes } else { Word::RiskTrainingNo };
            asked.say(word).to_owned()
        });
        let outcome = actual[row].map(|left| if left == 1.0 { Word::RiskLeft } else { Word::RiskStayed });
        Row::from(vec![
            Cell::link(id, asked.visit.customer(id)),
            Cell::number(format.percent(known.probability[row])),
            Cell::mark(Mark::tier(known.tier[row], language)),
            Cell::number(eur(known.loss[row], Word::RiskNoMargin)),
            Cell::number(format.or_unknown(interval, unknown(Word::RiskNoInterval))),
            word(Category::Segment),
            Cell::number(eur(known.margin[row], Word::RiskNoMargin)),
            Cell::number(format.or_unknown(tenure, unknown(Word::RiskNoTenure))),
            word(Category::Renewal),
            word(Category::Intent),
            word(Category::Sentiment),
            word(Category::Province),
            word(Category::Channel),
            outcome.map_or_else(Cell::default, |word| Cell::quiet(asked.say(word))),
            Cell::quiet(format.or_unknown(training, unknown(Word::RiskNoTraining))),
        ])
    };
    Ok((0..ids.len()).map(row).collect())
}

/// What the interval of a probability means.
pub fn caption(asked: &Asked<'_>) -> String {
    asked.say(Word::RiskCaption).to_owned()
}
