//! What the chosen contact of each customer means: its intent, and how it sounds.

use polars::prelude::*;

use crate::error::{Error, Result};
use crate::text::{IntentVocabulary, Sentiment, SentimentModel, without_html};
use crate::watch::Watch;

/// One contact, read.
struct Meaning<'a> {
    intent: &'a str,
    has_interaction: i32,
    /// None for a text of blanks.
    sentiment: Option<Sentiment>,
}

/// The columns `customer_intent`, `has_interaction` and `sentiment_*` beside `contacts`.
///
/// A customer whose entry in `contact_rows` is null has no contact, and null in all of them. HTML in a text is no part of what
/// it says.
pub fn meaning(
    contacts: &DataFrame,
    contact_rows: &IdxCa,
    intents: &IntentVocabulary,
    sentiment: &dyn SentimentModel,
    watch: &dyn Watch,
) -> Result<DataFrame> {
    let failed = || Error::table("read customer_interactions");
    let dates = contacts.column("date").map_err(failed())?.is_not_null();
    let texts = contacts.column("interaction_summary").and_then(|texts| texts.str()).map_err(failed())?;
    let total = texts.iter().flatten().filter(|text| !without_html(text).trim().is_empty()).count() as u64;

    let mut scored = 0;
    let mut meanings = Vec::with_capacity(contacts.height());
    for ((row, has_date), text) in contact_rows.iter().zip(dates.iter()).zip(texts.iter()) {
        if row.is_none() {
            meanings.push(None);
            continue;
        }
        let plain = without_html(text.unwrap_or_default());
        let text = plain.trim();
        let has_interaction = i32::from(has_date == Some(true) || !text.is_empty());
        let mut meaning = Meaning { intent: intents.classify(text), has_interaction, sentiment: None };
        if !text.is_empty() {
            meaning.sentiment = Some(sentiment.score(text)?);
            scored += 1;
            // After each text: one takes a transformer half a second.
            watch.report(scored, Some(total))?;
        }
        meanings.push(Some(meaning));
    }
    table(&meanings)
}

fn table(meanings: &[Option<Meaning>]) -> Result<DataFrame> {
    let contacts = || meanings.iter().map(Option::as_ref);
    let sentiments = || contacts().map(|contact| contact.and_then(|contact| contact.sentiment));
    let share = |name: &str, share: fn(Sentiment) -> f64| {
        Float64Chunked::from_iter_options(name.into(), sentiments().map(|sentiment| sentiment.map(share))).into_column()
    };
    let intents = contacts().map(|contact| contact.map(|contact| contact.intent));
    let flags = contacts().map(|contact| contact.map(|contact| contact.has_interaction));
    let labels = sentiments().map(|sentiment| sentiment.map(|sentiment| sentiment.label.as_str()));
    DataFrame::new_infer_height(vec![
        StringChunked::from_iter_options("customer_intent".into(), intents).into_column(),
        Int32Chunked::from_iter_options("has_interaction".into(), flags).into_column(),
        share("sentiment_neg", |sentiment| sentiment.neg),
        share("sentiment_neu", |sentiment| sentiment.neu),
        share("sentiment_pos", |sentiment| sentiment.pos),
        StringChunked::from_iter_options("sentiment_label".into(), labels).into_column(),
    ])
    .map_err(Error::table("enrich customer_interactions"))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::text::SentimentLabel;

    /// Scores the number of characters, so a test sees which text was scored.
    struct Length;

    impl SentimentModel for Length {
        fn digest(&self) -> &'static str {
            "length"
        }

        fn score(&self, text: &str) -> Result<Sentiment> {
            let length = text.chars().count() as f64;
            Ok(Sentiment { neg: length, neu: 0.0, pos: 1.0, label: SentimentLabel::Positive })
        }
    }

    #[derive(Default)]
    struct Reports {
        heard: Mutex<Vec<(u64, Option<u64>)>>,
        stop_at: Option<u64>,
    }

    impl Watch for Reports {
        fn report(&self, done: u64, total: Option<u64>) -> Result<()> {
            self.heard.lock().unwrap().push((done, total));
            if self.stop_at == Some(done) { Err(Error::Cancelled) } else { Ok(()) }
        }
    }

    /// Contacts of the given day and text; all customers have one.
    fn read(contacts: &[(Option<i32>, Option<&str>)], watch: &Reports) -> Result<DataFrame> {
        let dates = Int32Chunked::from_iter_options("date".into(), contacts.iter().map(|contact| contact.0));
        let texts: Vec<_> = contacts.iter().map(|contact| contact.1).collect();
        let table = df!("date" => dates.into_date().into_series(), "interaction_summary" => texts).unwrap();
        let rows = IdxCa::from_vec("row".into(), (0..).take(contacts.len()).collect());
        let intents = IntentVocabulary::parse("{otherwise: none, classes: [{name: Bill, terms: [bill]}]}")?;
        meaning(&table, &rows, &intents, &Length, watch)
    }

    fn row(table: &DataFrame, row: usize) -> Vec<AnyValue<'_>> {
        table.columns().iter().map(|column| column.get(row).unwrap()).collect()
    }

    #[test]
    fn a_text_has_intent_and_sentiment_with_or_without_a_date() {
        let table = read(&[(Some(1), Some(" the bill\n")), (None, Some("señor"))], &Reports::default()).unwrap();
        let share = AnyValue::Float64;
        let text = AnyValue::String;
        let flag = AnyValue::Int32(1);
        let sounds = |length| [share(length), share(0.0), share(1.0), text("positive")];
        assert_eq!(row(&table, 0), [&[text("Bill"), flag.clone()][..], &sounds(8.0)].concat());
        assert_eq!(row(&table, 1), [&[text("none"), flag][..], &sounds(5.0)].concat());
    }

    #[test]
    fn tags_are_no_part_of_what_a_contact_says() {
        let contacts =
            [(Some(1), Some("the bill")), (Some(1), Some("<p>the&nbsp;bill</p>")), (Some(1), Some("<p>&nbsp;</p>"))];
        let watch = Reports::default();
        let table = read(&contacts, &watch).unwrap();
        assert_eq!(row(&table, 0), row(&table, 1));
        assert_eq!(row(&table, 2)[2], AnyValue::Null);
        assert_eq!(watch.heard.lock().unwrap().last(), Some(&(2, Some(2))));
    }

    #[test]
    fn a_contact_without_text_has_no_sentiment_and_counts_when_it_is_dated() {
        let contacts = [(Some(1), None), (Some(1), Some(" \t\u{a0}")), (None, None), (None, Some(""))];
        let table = read(&contacts, &Reports::default()).unwrap();
        for (number, flag) in [1, 1, 0, 0].into_iter().enumerate() {
            let nulls = [AnyValue::Null, AnyValue::Null, AnyValue::Null, AnyValue::Null];
            let expected = [&[AnyValue::String("none"), AnyValue::Int32(flag)][..], &nulls].concat();
            assert_eq!(row(&table, number), expected, "contact {number}");
        }
    }

    #[test]
    fn the_watch_hears_every_scored_text_and_can_stop() {
        let contacts = [(Some(1), Some("a")), (Some(1), None), (Some(1), Some("b"))];
        let watch = Reports::default();
        read(&contacts, &watch).unwrap();
        assert_eq!(*watch.heard.lock().unwrap(), [(1, Some(2)), (2, Some(2))]);

        let watch = Reports { stop_at: Some(1), ..Reports::default() };
        assert!(matches!(read(&contacts, &watch), Err(Error::Cancelled)));
        assert_eq!(watch.heard.lock().unwrap().len(), 1);
    }
}
