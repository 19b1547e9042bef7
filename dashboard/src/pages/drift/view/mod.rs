//! What the reader sees of the report: the figures in their language, with the links that go on from them.

mod lists;
mod pictures;

use churn::SnapshotDate;
use churn::drift::{DriftLevel, DriftRule};

use super::history;
use super::lines::{Line, Status};
use super::report_files::Document;
use super::said;
use super::seen::{Closer, Seen};
use super::state::{COLUMN, STATE, State};
use crate::data::Snapshot;
use crate::format::Format;
use crate::frame::{Card, Cards, Link, Mark};
use crate::pages::{Choice, Field, Filters, explorer};
use crate::server::Visit;
use crate::words::{Language, Said, Word};

pub use lists::{measures, promises, skew, skipped, table};
pub use pictures::{by_column, chosen, is_of_column, kept, levels, levels_of, mix, pictures, prediction, trend};

/// Where the chosen column stands on the page.
pub const CLOSER: &str = "closer";
/// So many lost columns are named on their card.
const NAMED: usize = 3;

/// What the parts of the page are made for.
pub struct Asked<'a> {
    /// Who asks for what.
    pub visit: &'a Visit,
    /// The results that the page is about.
    pub snapshot: &'a Snapshot,
    /// What the URL says.
    pub state: &'a State,
    /// What was read.
    pub seen: &'a Seen,
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

    /// The address of a column, looked at closely.
    fn href(&self, column: &str) -> String {
        format!("{}#{CLOSER}", self.visit.query.with(COLUMN, column))
    }

    /// How many columns became this.
    fn count(&self, status: Status) -> u64 {
        self.seen.reported.lines.iter().filter(|line| line.status == status).count() as u64
    }
}

/// The form that chooses a column.
pub struct Choices {
    /// What is chosen.
    pub label: &'static str,
    /// The button's words.
    pub button: &'static str,
    /// The columns.
    pub columns: Vec<Choice>,
    /// What else the URL says.
    pub hidden: Vec<(String, String)>,
}

/// A line of the header.
pub struct Fact {
    /// What it is.
    pub label: &'static str,
    /// What it says.
    pub value: Said,
}

/// A part of the page about one column: its heading and what there is to say before the pictures.
pub struct Heading {
    /// The heading.
    pub title: String,
    /// What the column means, how it stands, what a reader should know.
    pub said: Vec<Said>,
}

/// What became of a column, as it is shown.
fn mark(language: Language, status: Status) -> Mark {
    let (glyph, word, class) = match status {
        Status::Drifted => ("△", Word::DriftStateDrifted, "warn"),
        Status::Lost => ("✕", Word::DriftStateLost, "fail"),
        Status::New => ("+", Word::DriftStateNew, "quiet"),
        Status::Calendar => ("↷", Word::DriftStateCalendar, "quiet"),
        Status::Scarce => ("?", Word::DriftStateScarce, "quiet"),
        Status::Stable => ("✓", Word::DriftStateStable, "ok"),
    };
    Mark { glyph, word: language.say(word).to_owned(), class }
}

/// The answer.
pub fn cards(asked: &Asked<'_>) -> Cards {
    let (format, language) = (asked.format(), asked.language());
    let verdict = &asked.seen.reported.report.verdict;
    let of_state = |status: Status| asked.visit.query.with(STATE, status.value());
    let counted = |status: Status, label: Word, help: Word| {
        Card::new(asked.say(label), format.count(asked.count(status))).href(of_state(status)).help(asked.say(help))
    };
    let (drifted, compared) = (format.count(verdict.features_drifted), format.count(verdict.features_compared));
    let features = language.fill(Word::DriftOf, &[("drifted", &drifted), ("compared", &compared)]);
    let level = Card::new(asked.say(Word::DriftLevel), Mark::drift(verdict.level, language).text());
    let weight =
        verdict.importance_drifted.map(|share| language.fill(Word::DriftOfModel, &[("share", &format.percent(share))]));
    let lost = counted(Status::Lost, Word::DriftLost, Word::DriftLostHelp);
    let scarce = counted(Status::Scarce, Word::DriftScarce, Word::DriftScarceHelp);
    let cards = vec![
        level.noted(since(asked)).help(asked.say(Word::DriftLevelHelp)),
        Card::new(asked.say(Word::DriftFeatures), features)
            .noted(weight)
            .href(of_state(Status::Drifted))
            .help(asked.say(Word::DriftFeaturesHelp)),
        prediction_card(asked),
        lost.noted(named(&verdict.lost)),
        scarce.note(asked.say(Word::DriftScarceNote)),
        counted(Status::New, Word::DriftNew, Word::DriftNewHelp),
        counted(Status::Calendar, Word::DriftCalendar, Word::DriftCalendarHelp).noted(not_counted(asked)),
    ];
    Cards { language, cards }
}

/// Since when the level is the one of now.
fn since(asked: &Asked<'_>) -> Option<String> {
    let since = history::since(&asked.seen.runs, asked.snapshot.run_id())?;
    let runs = asked.format().count(since.runs as u64);
    if !since.has_changed {
        return Some(asked.language().fill(Word::DriftSinceEver, &[("runs", &runs)]));
    }
    let at = asked.format().date(Format::day_of(since.at?));
    let values = [("date", at.as_str()), ("runs", &runs)];
    Some(asked.language().count(since.runs as u64, Word::DriftSinceOne, Word::DriftSince, &values))
}

/// How much of the model moves with the calendar.
fn not_counted(asked: &Asked<'_>) -> Option<String> {
    let share = asked.seen.reported.report.verdict.importance_not_counted.filter(|share| *share > 0.0)?;
    Some(asked.language().fill(Word::DriftOfModel, &[("share", &asked.format().percent(share))]))
}

/// Whether what the model says has drifted; nothing is known where it could not be compared or does not count.
fn prediction_card(asked: &Asked<'_>) -> Card {
    let (format, verdict) = (asked.format(), &asked.seen.reported.report.verdict);
    let line = asked.seen.prediction.as_ref().map(|prediction| &prediction.line);
    let tested = line.and_then(|line| tested(asked, line));
    let word = if verdict.prediction_drifted { Word::DriftYes } else { Word::DriftNo };
    let counts = line.is_some_and(|line| line.status != Status::Calendar);
    let known = tested.as_ref().filter(|_| counts).map(|_| asked.say(word).to_owned());
    let why = if counts { Word::DriftNotCompared } else { Word::DriftNotCounted };
    let card = Card::new(asked.say(Word::DriftPrediction), format.or_unknown(known, asked.say(why)));
    card.noted(tested).href("#prediction").help(asked.say(Word::DriftPredictionHelp))
}

/// The test in figures; none of a column that was not compared.
fn tested(asked: &Asked<'_>, line: &Line) -> Option<String> {
    let (format, language) = (asked.format(), asked.language());
    let Some(effect) = line.found.effect else {
        let ks = line.found.ks?;
        let (statistic, p_value) = (format.score(ks.statistic), format.p_value(ks.p_value));
        return Some(language.fill(Word::DriftTested, &[("statistic", &statistic), ("p", &p_value)]));
    };
    let (effect, p_value) = (format.score(effect), line.p_value().map(|p_value| format.p_value(p_value)));
    let values = [("effect", effect.as_str()), ("p", p_value.as_deref().unwrap_or_default())];
    Some(language.fill(Word::DriftMoved, &values))
}

/// The first names, and how many there are besides; none where there are none.
fn named(names: &[String]) -> Option<String> {
    let more = names.len().saturating_sub(NAMED);
    let first = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match (first.as_str(), more) {
        ("", _) => None,
        (_, 0) => Some(first),
        (_, more) => Some(format!("{first}, +{more}")),
    }
}

/// The verdict: its reason, the rule, what was held against what.
pub fn facts(asked: &Asked<'_>) -> Vec<Fact> {
    let (format, language, report) = (asked.format(), asked.language(), &asked.seen.reported.report);
    let verdict = &report.verdict;
    let fact = |label: Word, value: String| Fact { label: asked.say(label), value: value.into() };
    let reason = Fact { label: asked.say(Word::DriftReason), value: said::reason(language, verdict) };
    let rule = match verdict.rule {
        DriftRule::Effect => asked.say(Word::DriftRuleEffect),
        DriftRule::Ks => asked.say(Word::DriftRuleKs),
    };
    let rows = [("now", format.count(report.rows_cur)), ("then", format.count(report.rows_ref))];
    let rows = rows.each_ref().map(|(name, value)| (*name, value.as_str()));
    let model = ("model", asked.snapshot.model_version().as_str());
    let no_column = || asked.say(Word::DriftNoColumn).to_owned();
    let lost = if verdict.lost.is_empty() { no_column() } else { verdict.lost.join(", ") };
    let mut facts = vec![
        reason,
        fact(Word::DriftRule, format!("{}: {rule}", verdict.rule.as_str())),
        fact(Word::DriftAlpha, said::alpha(format, verdict.alpha)),
        fact(Word::DriftCompared, language.fill(Word::DriftRows, &[rows[0], rows[1], model])),
        fact(Word::DriftLost, lost),
    ];
    let date = |date: SnapshotDate| format.date(date.date());
    if let Some(then) = report.reference_as_of {
        let now = report.as_of.map_or_else(|| format.date(asked.snapshot.as_of()), date);
        facts.push(fact(Word::DriftDates, language.fill(Word::DriftDatesOf, &[("then", &date(then)), ("now", &now)])));
    }
    if let Some(month) = report.same_month_as_of {
        facts.push(fact(Word::DriftSeason, date(month)));
    }
    if let Some(beside) = &report.beside {
        let level = Mark::drift(beside.level, language).text();
        let reason = said::reason(language, beside);
        let text = format!("{}: {level} ({})", beside.rule.as_str(), reason.text);
        facts.push(Fact { label: asked.say(Word::DriftBeside), value: Said { text, ..reason } });
    }
    if verdict.level == DriftLevel::NotEnoughData {
        facts.push(fact(Word::DriftMind, asked.say(Word::DriftNotEnough).to_owned()));
    }
    facts
}

/// The reports of the run, as files.
pub fn documents(asked: &Asked<'_>) -> Vec<Link> {
    let word = |document: Document| match document {
        Document::Page => Word::DriftReportPage,
        Document::Drift => Word::DriftReportJson,
        Document::Performance => Word::DriftPerformanceJson,
    };
    let there = Document::ALL.into_iter().filter(|document| asked.snapshot.output(document.output()).is_ok());
    let address = |document: Document| asked.visit.query.at(&format!("/drift/{}", document.name()));
    there.map(|document| Link::new(asked.say(word(document)), address(document))).collect()
}

/// What there is to say before the columns that moved since the last published run; nothing where there was none.
pub fn since_the_last_run(asked: &Asked<'_>) -> Option<Heading> {
    let (format, language) = (asked.format(), asked.language());
    let skew = asked.seen.reported.report.skew.as_deref()?;
    let (date, rows) = (format.date(skew.against.as_of.date()), format.count(skew.rows));
    let against = language.fill(Word::DriftSkewAgainst, &[("date", &date), ("rows", &rows)]);
    let level = Mark::drift(skew.verdict.level, language).text();
    let reason = said::reason(language, &skew.verdict);
    let verdict = Said { text: format!("{level}: {}", reason.text), ..reason };
    Some(Heading { title: asked.say(Word::DriftSkew).to_owned(), said: vec![against.into(), verdict] })
}

/// What there is to say before promises and what came to pass.
pub fn what_was_promised(asked: &Asked<'_>) -> Heading {
    let title = asked.say(Word::DriftKept).to_owned();
    Heading { title, said: vec![asked.say(Word::DriftKeptSub).into()] }
}

/// The form that filters the table.
pub fn filters(asked: &Asked<'_>) -> Filters {
    let language = asked.language();
    let choice = |status: Status| {
        Choice::new(status.value(), mark(language, status).text(), asked.state.statuses.contains(&status))
    };
    let choices = Status::ALL.map(choice).into();
    let field = Field::Many { key: STATE, label: asked.say(Word::DriftState).to_owned(), choices };
    Filters::new(language, &asked.visit.query, &[STATE], vec![field])
}

/// The columns to choose from, in the order of their names.
pub fn choices(asked: &Asked<'_>) -> Choices {
    let mut names: Vec<&str> = asked.seen.reported.lines.iter().map(Line::name).collect();
    names.sort_unstable();
    let choice = |name: &str| Choice::new(name, name, asked.state.column.as_deref() == Some(name));
    Choices {
        label: asked.say(Word::DriftColumn),
        button: asked.say(Word::DriftShow),
        columns: names.into_iter().map(choice).collect(),
        hidden: asked.visit.query.hidden(&[COLUMN]),
    }
}

/// What there is to say of the chosen column before its pictures.
pub fn closer(asked: &Asked<'_>, closer: &Closer) -> Heading {
    let title = asked.language().fill(Word::DriftCloser, &[("column", closer.line.name())]);
    Heading { title, said: said_of(asked, closer) }
}

/// What there is to say of the prediction before its pictures.
pub fn what_the_model_says(asked: &Asked<'_>, closer: &Closer) -> Heading {
    let title = asked.say(Word::DriftPredictionTitle).to_owned();
    // The published scores are rounded, the tested ones were not.
    let rounded = Said::from(asked.say(Word::DriftPredictionSub));
    Heading { title, said: said_of(asked, closer).into_iter().chain([rounded]).collect() }
}

/// What the column means, how it stands, what a reader should know.
fn said_of(asked: &Asked<'_>, closer: &Closer) -> Vec<Said> {
    let (language, line) = (asked.language(), &closer.line);
    let meaning = explorer::meaning(language, line.name(), asked.seen.reasons.as_deref()).map(str::to_owned);
    let stands =
        [Some(mark(language, line.status).text()), tested(asked, line), said::of_column(language, &line.found)];
    let stands = stands.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let scarce = (line.status == Status::Scarce).then(|| asked.say(Word::DriftNotEnough).to_owned());
    let model = asked.snapshot.model_version().as_str();
    let gone = closer.is_gone().then(|| language.fill(Word::DriftGone, &[("model", model)]));
    [meaning, Some(stands), scarce, gone].into_iter().flatten().map(Said::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_names_stand_on_a_card_and_the_others_are_counted() {
        let names = |count: usize| (0..count).map(|place| format!("c{place}")).collect::<Vec<_>>();
        assert_eq!(named(&names(0)), None);
        assert_eq!(named(&names(3)).as_deref(), Some("c0, c1, c2"));
        assert_eq!(named(&names(5)).as_deref(), Some("c0, c1, c2, +2"));
    }
}
