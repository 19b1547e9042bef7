//! The runs whose results were published, one after the other: what trends and changes are made of.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use churn::SnapshotDate;
use lake::documents::RunRecord;
use lake::keys;
use polars::prelude::DataFrame;
use protocol::{ModelVersion, RunId, TableRef, WorkflowId};

use super::DataError;
use super::blocking::blocking;
use super::cells;
use super::left::Left;
use super::pinned;
use super::results::moment;
use super::store::Store;
use super::torn::Torn;
use crate::link::{LinkKey, Token};

/// For every published run, so many records are looked at.
const LOOK_BACK: usize = 3;
/// So many tables are read for one page; the next page reads on. One that cannot be read does not count: it is read again
/// for every page, and would keep the older ones from ever being read.
const MOST_TABLES: usize = 3;

/// A run whose results were published.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedRun {
    /// The run.
    pub run_id: RunId,
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// When it started.
    pub started: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended: Option<DateTime<Utc>>,
    /// The date it looked from.
    pub as_of: Option<SnapshotDate>,
    /// Customers by the label of their tier.
    pub tiers: BTreeMap<String, u64>,
    /// The PR-AUC of the model that the run is about.
    pub pr_auc: Option<f64>,
    /// The version that the run made champion, if it did.
    pub promoted: Option<ModelVersion>,
    /// The model that scored.
    pub model_version: Option<ModelVersion>,
    /// The key of its scores.
    pub scores: Option<String>,
    /// The key of its recommendations.
    pub recommendations: Option<String>,
}

/// What is known of a run: that its results were published, or that they were not, or that it had none.
type Known = Option<Arc<PublishedRun>>;

impl Store {
    /// The runs whose results were published, the newest first, at most so many. One whose record cannot be read is left
    /// out, and there are none where the index of the runs cannot be read; both are noted.
    pub async fn published_runs(
        &self,
        most: usize,
        now: DateTime<Utc>,
        torn: &Torn,
    ) -> Result<Vec<PublishedRun>, DataError> {
        let lines = self.newest_runs_if_readable(most * LOOK_BACK, now, torn).await?;
        let mut runs = Vec::new();
        for line in lines.iter().filter(|line| line.state == "completed") {
            if runs.len() >= most {
                break;
            }
            let known = match self.by_run.known::<Known>(&line.run_id) {
                Some(known) => (*known).clone(),
                None => self.look_back(&line.run_id, now, torn).await?,
            };
            runs.extend(known.map(|run| (*run).clone()));
        }
        Ok(runs)
    }

    /// The expected loss of each of these runs' customers together, EUR a month; none where the scores are gone, or are
    /// not read yet: a page reads a few, the next one a few more. Scores that cannot be read are noted.
    pub async fn losses(&self, runs: &[PublishedRun], torn: &Torn) -> Result<Vec<Option<f64>>, DataError> {
        let (mut losses, mut read) = (Vec::with_capacity(runs.len()), 0);
        for run in runs {
            let reference = match &run.scores {
                Some(key) => self.reference_of_earlier(key, torn).await?,
                None => None,
            };
            let Some(reference) = reference else {
                losses.push(None);
                continue;
            };
            let known = self.derived.known::<f64>(LOSS, &reference.digest);
            losses.push(match known {
                Some(loss) => Some(*loss),
                None if read < MOST_TABLES => {
                    let loss = self.total_loss(&reference, torn).await?;
                    read += usize::from(loss.is_some());
                    loss
                }
                None => None,
            });
        }
        Ok(losses)
    }

    /// A customer's probability in each of these runs, by the token of their links. Scores that cannot be read are
    /// noted.
    pub async fn probabilities(
        &self,
        runs: &[PublishedRun],
        customer: Token,
        key: &LinkKey,
        torn: &Torn,
    ) -> Result<Vec<Past>, DataError> {
        let (mut found, mut read) = (Vec::with_capacity(runs.len()), 0);
        for run in runs {
            let reference = match &run.scores {
                Some(key) => self.reference_of_earlier(key, torn).await?,
                None => None,
            };
            let Some(reference) = reference else {
                found.push(Past::Gone);
                continue;
            };
            let known = self.derived.known::<Probabilities>(PROBABILITIES, &reference.digest);
            found.push(match known {
                Some(known) => known.of(customer),
                None if read < MOST_TABLES => {
                    let probabilities = self.read_probabilities(&reference, key, torn).await?;
                    read += usize::from(probabilities.is_some());
                    probabilities.map_or(Past::Gone, |probabilities| probabilities.of(customer))
                }
                None => Past::NotReadYet,
            });
        }
        Ok(found)
    }

    async fn read_probabilities(
        &self,
        scores: &TableRef,
        key: &LinkKey,
        torn: &Torn,
    ) -> Result<Option<Arc<Probabilities>>, DataError> {
        let loaded = self.load_columns(scores, &["customer_id", "churn_proba"]).await;
        let Some(frame) = self.of_earlier(&scores.key, loaded, torn).await? else { return Ok(None) };
        let key = key.clone();
        self.derived.get(PROBABILITIES, &scores.digest, move || Probabilities::of_scores(&frame, &key)).await.map(Some)
    }

    async fn look_back(&self, run_id: &RunId, now: DateTime<Utc>, torn: &Torn) -> Result<Known, DataError> {
        let known: Known = match self.left(&keys::run_record(run_id), now, torn, self.run(run_id, now)).await? {
            Left::There(record) => PublishedRun::of(&record).map(Arc::new),
            Left::Nothing => None,
            Left::Unreadable => return Ok(None),
        };
        self.by_run.keep(run_id.clone(), Arc::new(known.clone()));
        Ok(known)
    }

    /// The table is read and let go of: a trend must not push the tables of now out of memory.
    async fn total_loss(&self, scores: &TableRef, torn: &Torn) -> Result<Option<f64>, DataError> {
        let loaded = self.load(scores).await;
        let Some(frame) = self.of_earlier(&scores.key, loaded, torn).await? else { return Ok(None) };
        let loss = blocking("the summing of a loss", move || {
            Ok(cells::numbers(&frame, "expected_monthly_loss")?.into_iter().flatten().sum::<f64>())
        })
        .await?;
        self.derived.keep_value(LOSS, &scores.digest, Arc::new(loss));
        Ok(Some(loss))
    }
}

/// The names of what is kept of scores.
const LOSS: &str = "total loss";
const PROBABILITIES: &str = "probabilities";

/// What is known of a customer's probability in a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Past {
    /// It was this.
    Scored(f64),
    /// The run did not score the customer.
    NotScored,
    /// The scores were deleted, or cannot be read.
    Gone,
    /// The scores are not read yet: a page reads a few, the next one a few more.
    NotReadYet,
}

/// The probabilities of a run, in the order of the tokens: 24 bytes for a customer, where a table has 200.
#[derive(Debug)]
struct Probabilities(Vec<(Token, f64)>);

impl Probabilities {
    fn of_scores(scores: &DataFrame, key: &LinkKey) -> Result<Self, DataError> {
        let ids = cells::texts(scores, "customer_id")?.into_iter();
        let probabilities = cells::numbers(scores, "churn_proba")?;
        let known = ids.zip(probabilities).filter_map(|(id, probability)| Some((key.token(id?), probability?)));
        let mut known: Vec<_> = known.collect();
        known.sort_unstable_by_key(|(token, _)| *token);
        Ok(Self(known))
    }

    fn of(&self, customer: Token) -> Past {
        let found = self.0.binary_search_by_key(&customer, |(token, _)| *token);
        found.map_or(Past::NotScored, |place| Past::Scored(self.0[place].1))
    }
}

impl PublishedRun {
    /// Of a record, where its results were published.
    fn of(record: &RunRecord) -> Option<Self> {
        record.facts.published.filter(|published| *published)?;
        let summary = record.summary();
        let tiers = serde_json::from_value(record.result["tiers"].clone()).unwrap_or_default();
        let mut outputs = pinned::outputs(record);
        Some(Self {
            run_id: record.run.run_id.clone(),
            workflow_id: record.run.workflow_id.clone(),
            started: moment(&record.run.started),
            ended: record.ended.as_deref().and_then(moment),
            as_of: summary.as_of,
            tiers,
            pr_auc: summary.model.map(|model| model.metrics.pr_auc),
            promoted: record.facts.promoted.clone(),
            model_version: pinned::model_version(record),
            scores: outputs.remove("scores"),
            recommendations: outputs.remove("recommendations"),
        })
    }

    /// A run of which nothing is known but when it started.
    #[cfg(test)]
    pub fn started_at(run_id: &str, started: DateTime<Utc>) -> Self {
        Self {
            run_id: run_id.into(),
            workflow_id: "nightly".into(),
            started: Some(started),
            ended: None,
            as_of: None,
            tiers: BTreeMap::new(),
            pr_auc: None,
            promoted: None,
            model_version: None,
            scores: None,
            recommendations: None,
        }
    }

    /// How many customers it scored; not known where its record has no tiers.
    pub fn customers(&self) -> Option<u64> {
        (!self.tiers.is_empty()).then(|| self.tiers.values().sum())
    }
}

#[cfg(test)]
mod tests {
    use protocol::Run;
    use serde_json::json;

    use super::*;
    use crate::test_site::{TestSite, now, scores};

    #[tokio::test]
    async fn scores_that_cannot_be_read_keep_no_older_ones_from_being_read() {
        let site = TestSite::published().await;
        let run = Run { workflow_id: "nightly".into(), run_id: "earlier".into(), started: String::new() };
        let mut runs = Vec::new();
        for place in 0..=MOST_TABLES {
            let frame = scores().slice(0, place + 1);
            let stored = site.store(&run, "scores", frame, json!({ "place": place })).await;
            let key = stored["scores"].key.clone();
            if place < MOST_TABLES {
                site.lake.put(&key, b"torn".to_vec()).await.unwrap();
            }
            runs.push(PublishedRun { scores: Some(key), ..PublishedRun::started_at("earlier", now()) });
        }
        let (site, torn) = (TestSite::over(site), Torn::default());
        let store = site.site.store();
        let losses = store.losses(&runs, &torn).await.unwrap();
        let known: Vec<_> = losses.iter().map(Option::is_some).collect();
        assert_eq!(known, [false, false, false, true]);

        let key = site.site.link_key();
        let customer = cells::texts(&scores(), "customer_id").unwrap()[0].map(|id| key.token(id)).unwrap();
        let past = store.probabilities(&runs, customer, key, &torn).await.unwrap();
        assert!(matches!(past[..], [Past::Gone, Past::Gone, Past::Gone, Past::Scored(_)]), "{past:?}");
        assert_eq!(torn.noted().len(), MOST_TABLES, "each is named");
    }
}
