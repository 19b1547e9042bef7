//! What is known of the version that is shown, and which versions there are.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use churn::model::{Algorithm, CalibrationReport, Evaluation, METADATA, SplitReport, Threshold, Verdict};
use lake::documents::{ChampionPointer, Registration};
use lake::keys;
use protocol::ModelVersion;
use protocol::backtest::BacktestReport;
use serde::Deserialize;

use super::card::CardPart;
use crate::data::{DataError, Registry, Snapshot, Standing, Store, Torn};
use crate::server::{PageError, Visit};

/// What the page needs of `metadata.json`; newer words are no trouble.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct About {
    /// The experiment of `feature_tiers.yaml`.
    pub experiment: String,
    /// The algorithm.
    pub algorithm: String,
    /// From which probability on a customer is flagged, and the rule that chose it.
    pub threshold: Threshold,
    /// The customers that it was fitted and measured on.
    pub split: SplitReport,
    /// How its calibration was chosen; models of before do not say.
    #[serde(default)]
    pub calibration: Option<CalibrationReport>,
    /// The libraries that computed it.
    #[serde(default)]
    pub libraries: BTreeMap<String, String>,
}

/// What there is to show.
pub struct Looked<'a> {
    /// The results that the page is about; none where nothing is published.
    pub snapshot: Option<&'a Snapshot>,
    /// Every version and every move.
    pub registry: Arc<Registry>,
    /// The champion of now.
    pub champion: Option<Arc<ChampionPointer>>,
    /// Every version that can be shown, the one registered last first.
    pub versions: Vec<ModelVersion>,
    /// What could not be read of that which the page goes on without.
    pub torn: Torn,
}

impl<'a> Looked<'a> {
    /// One look at the registry. That nothing is published is no trouble here: models can be rejected before; nor is a
    /// pointer or an entry that cannot be read, which a banner tells of.
    pub async fn at(visit: &'a Visit) -> Result<Self, PageError> {
        let snapshot = match visit.snapshot() {
            Ok(snapshot) => Some(snapshot),
            Err(PageError::Data(DataError::NothingPublished { .. })) => None,
            Err(PageError::Data(error)) if error.is_unreadable() => None,
            Err(error) => return Err(error),
        };
        let store = visit.site.store();
        // What the page leaves out stands in one list, whether it is of the results, of the registry or of a version.
        let torn = visit.torn().clone();
        let registry = store.registry(visit.now, &torn).await?;
        let champion = torn.or_note(store.document::<ChampionPointer>(keys::CHAMPION, visit.now).await)?;
        let named = [champion.as_ref().map(|champion| &champion.version), snapshot.map(Snapshot::model_version)];
        let mut versions: Vec<ModelVersion> = registry.entries.iter().map(|entry| entry.version.clone()).collect();
        for version in named.into_iter().flatten() {
            if !versions.contains(version) {
                versions.push(version.clone());
            }
        }
        Ok(Self { snapshot, registry, champion, versions, torn })
    }

    /// The version that is shown without a word: of a past run its model, else the champion, else the newest one.
    pub fn usual(&self) -> Option<&ModelVersion> {
        let scored = self.snapshot.map(Snapshot::model_version);
        let past = self.snapshot.filter(|snapshot| snapshot.standing() == Standing::Past).and(scored);
        let champion = self.champion.as_ref().map(|champion| &champion.version);
        past.or(champion).or(scored).or_else(|| self.versions.first())
    }

    /// Whether a version is the champion of now.
    pub fn is_champion(&self, version: &ModelVersion) -> bool {
        self.champion.as_ref().is_some_and(|champion| champion.version == *version)
    }

    /// Whether it is known which version is champion, and which ones were.
    pub fn knows_champion(&self) -> bool {
        !self.torn.names(keys::CHAMPION) && !self.torn.names(keys::CHAMPION_MOVES)
    }

    /// The registry's entry of a version.
    pub fn entry(&self, version: &ModelVersion) -> Option<&Arc<Registration>> {
        self.registry.entries.iter().find(|entry| entry.version == *version)
    }
}

/// The version that is shown.
pub struct Subject {
    /// The version.
    pub version: ModelVersion,
    /// What it says about itself.
    pub about: Option<Arc<About>>,
    /// How it was measured.
    pub evaluation: Option<Arc<Evaluation>>,
    /// What the gate said.
    pub verdict: Option<Verdict>,
    /// The version that was champion then, and how it was measured itself.
    pub compared: Option<(ModelVersion, Arc<Evaluation>)>,
    /// Its card.
    pub card: Option<CardPart>,
    /// Whether there is a page of it with curves; cards of before have none.
    pub has_card_page: bool,
    /// The newest backtest, where it is about the experiment of this version.
    pub backtest: Option<Arc<BacktestReport>>,
}

impl Subject {
    /// Reads what is known of a version; what is not there, or cannot be read, is left open.
    pub async fn of(
        store: &Store,
        version: &ModelVersion,
        looked: &Looked<'_>,
        now: DateTime<Utc>,
    ) -> Result<Self, DataError> {
        let (entry, torn) = (looked.entry(version), &looked.torn);
        let evaluation = evaluation(store, version, looked, now).await?;
        let stored = torn.or_note(store.document::<Verdict>(&keys::verdict(version), now).await)?;
        let card = store.file(&keys::model_card(version), now).await?;
        let page = store.file(&keys::model_card_page(version), now).await?;
        let theirs = evaluation.as_ref().and_then(|found| found.summary.champion.as_ref());
        let compared = match theirs.filter(|theirs| theirs.version.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
            Some(theirs) => {
                let version = ModelVersion::new(theirs.version.clone());
                let found = torn.or_note(store.document(&keys::judged_evaluation(&version), now).await)?;
                found.map(|found| (version, found))
            }
            None => None,
        };
        let about = about(store, version, looked, now).await?;
        let backtest = store.newest_backtest(now, torn).await?.filter(|report| {
            about.as_ref().is_some_and(|about| about.experiment == report.experiment)
                && report.algorithm == Algorithm::Xgboost
        });
        Ok(Self {
            version: version.clone(),
            about,
            backtest,
            verdict: stored.map(|verdict| (*verdict).clone()).or_else(|| entry.map(|entry| entry.verdict.clone())),
            card: card.map(|bytes| CardPart::of(&String::from_utf8_lossy(&bytes))),
            has_card_page: page.is_some(),
            evaluation,
            compared,
        })
    }

    /// Its experiment and its algorithm.
    pub fn made_of(&self) -> Option<(&str, &str)> {
        self.about.as_ref().map(|about| (about.experiment.as_str(), about.algorithm.as_str()))
    }
}

/// `metadata.json` of a version.
pub async fn about(
    store: &Store,
    version: &ModelVersion,
    looked: &Looked<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Arc<About>>, DataError> {
    looked.torn.or_note(store.document(&keys::model_file(version, METADATA), now).await)
}

/// The evaluation beside a version, or the stored one that it was judged by last: either is enough.
pub async fn evaluation(
    store: &Store,
    version: &ModelVersion,
    looked: &Looked<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Arc<Evaluation>>, DataError> {
    let beside = store.document(&keys::judged_evaluation(version), now).await;
    if let Some(beside) = looked.torn.or_note(beside)? {
        return Ok(Some(beside));
    }
    match looked.entry(version).and_then(|entry| entry.judgements.last()) {
        Some(judgement) => looked.torn.or_note(store.document(&judgement.evaluation.key, now).await),
        None => Ok(None),
    }
}
