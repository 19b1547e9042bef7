//! What each stage's digest covers: everything that changes its output, and nothing else. What it
//! does not cover would be answered with the output of other settings; what it covers for nothing
//! would be computed anew every night.

use std::collections::{BTreeMap, BTreeSet};

use churn::hourly::Slice;
use churn::model::ThresholdChoice;
use churn::text::{Sentiment, SentimentModel};
use lake::StageSpec;
use protocol::Digest;
use protocol::steps::{BuildStage, EvaluateModel, ReadingsSlice, ScoreCustomers, TrainModel};
use protocol::{Reuse, Run, TableRef};

use super::model::earlier::Earlier;
use super::model::evaluate::Opponents;
use super::model::{evaluate, train};
use super::serving::held::Held;
use super::serving::{drift, recommend, score};
use super::tables::{bronze, gold, months, raw, silver};
use crate::configuration::Configuration;

/// All that a run may ask of the stages.
struct Asked {
    configuration: Configuration,
    run: Run,
    as_of: &'static str,
    table: TableRef,
    readings: Vec<TableRef>,
    row_groups: u32,
    first_row_group: u32,
    experiment: &'static str,
    version: String,
    champion: Option<&'static str>,
    earlier: Option<Earlier>,
    reuse: Reuse,
}

fn stored(content: &str) -> TableRef {
    TableRef { key: format!("somewhere/{content}"), digest: Digest::of(content.as_bytes()), rows: 7 }
}

impl Asked {
    fn usually() -> Self {
        let run = Run { workflow_id: "nightly".into(), run_id: "one".into(), started: "now".to_owned() };
        Self {
            configuration: Configuration::load(None).unwrap(),
            run,
            as_of: "2024-12-31",
            table: stored("table"),
            readings: vec![stored("first half"), stored("second half")],
            row_groups: 2,
            first_row_group: 0,
            experiment: "E5_full",
            version: "4f90bd8cc09437d0".to_owned(),
            champion: None,
            earlier: None,
            reuse: Reuse::Unchanged,
        }
    }

    fn stage(&self) -> BuildStage {
        BuildStage {
            run: self.run.clone(),
            as_of: serde_json::from_value(self.as_of.into()).unwrap(),
            inputs: BTreeMap::from([("table".to_owned(), self.table.clone())]),
            reuse: self.reuse,
        }
    }

    fn slice(&self) -> ReadingsSlice {
        let file = self.readings[0].clone();
        let slice = Slice {
            file: file.key.clone(),
            first_row_group: self.first_row_group,
            row_groups: self.row_groups,
            rows: file.rows,
        };
        ReadingsSlice { file, slice }
    }

    /// Every stage's digest.
    fn digests(&self) -> BTreeMap<&'static str, Digest> {
        let (configuration, run, gold) = (&self.configuration, &self.run, &self.table);
        let (stage, reuse, version) = (self.stage(), self.reuse, &self.version);
        let with_model = ScoreCustomers { stage: stage.clone(), version: version.clone().into() };
        let training =
            TrainModel { run: run.clone(), gold: gold.clone(), experiment: self.experiment.to_owned(), reuse };
        let evaluated = version.clone().into();
        let evaluation =
            EvaluateModel { run: run.clone(), gold: gold.clone(), version: evaluated, reuse, label_date: None };
        let champion = self.champion.map(Into::into);
        let opponents = Opponents { champion, is_champion: false, earlier: self.earlier.iter().cloned().collect() };
        let measures = configuration.model.gate.measures();
        let specs = [
            ("readings", raw::conversion_spec(&self.readings[0], configuration.pipeline.time_zone)),
            ("hourly_sums", months::slice_spec(&[self.slice()], configuration.pipeline.time_zone)),
            ("bronze_customer", bronze::spec(configuration, &stage)),
            ("bronze_customer_month", months::months_spec(configuration, &stage, &self.readings)),
            ("silver", silver::spec(&stage)),
            ("gold", gold::spec(configuration, &stage)),
            ("train", train::spec(configuration, &training).unwrap()),
            ("evaluate", evaluate::spec(&evaluation, &opponents, measures)),
            ("score", score::spec(&with_model)),
            ("recommend", recommend::spec(configuration, &with_model)),
            ("drift", drift::spec(configuration, &with_model, &Held::default())),
        ];
        specs.into_iter().map(|(name, spec)| (name, spec.digest())).collect()
    }
}

/// The built-in model's place is taken by another.
struct OtherSentiment;

impl SentimentModel for OtherSentiment {
    fn digest(&self) -> &'static str {
        "other"
    }

    fn score(&self, _text: &str) -> churn::Result<Sentiment> {
        unreachable!("nothing is computed here")
    }
}

type Change = (&'static str, fn(&mut Asked), &'static [&'static str]);

const OF_TABLES: [&str; 9] =
    ["bronze_customer", "bronze_customer_month", "drift", "evaluate", "gold", "recommend", "score", "silver", "train"];

/// What changes, and exactly the stages that it makes anew.
const CHANGES: [Change; 36] = [
    ("another run", |asked| asked.run.run_id = "two".into(), &[]),
    ("another workflow", |asked| asked.run.workflow_id = "by-hand".into(), &[]),
    ("force", |asked| asked.reuse = Reuse::Nothing, &[]),
    ("the same table elsewhere", |asked| asked.table.key = "elsewhere".to_owned(), &[]),
    ("another table", |asked| asked.table = stored("other"), &OF_TABLES),
    ("the same readings elsewhere", |asked| asked.readings[0].key = "elsewhere".to_owned(), &[]),
    (
        "other readings",
        |asked| asked.readings[0] = stored("other"),
        &["bronze_customer_month", "hourly_sums", "readings"],
    ),
    ("more readings", |asked| asked.readings.push(stored("more")), &["bronze_customer_month"]),
    (
        "readings in another order",
        |asked| asked.readings.swap(0, 1),
        &["bronze_customer_month", "hourly_sums", "readings"],
    ),
    ("slice_mib", |asked| asked.configuration.pipeline.slice_mib = 8, &["bronze_customer_month"]),
    (
        "time_zone",
        |asked| asked.configuration.pipeline.time_zone = chrono_tz::Tz::UTC,
        &["bronze_customer_month", "hourly_sums", "readings"],
    ),
    ("the slice's begin", |asked| asked.first_row_group = 1, &["hourly_sums"]),
    ("the slice's end", |asked| asked.row_groups = 3, &["hourly_sums"]),
    ("as_of", |asked| asked.as_of = "2024-12-30", &["bronze_customer", "drift", "gold", "score", "silver"]),
    ("intents", |asked| asked.configuration.intents_digest = Digest::of(b"other"), &["bronze_customer"]),
    (
        "the sentiment model",
        |asked| asked.configuration.sentiment = Box::new(OtherSentiment),
        &["bronze_customer", "gold"],
    ),
    ("the experiment", |asked| asked.experiment = "E0_baseline", &["train"]),
    ("rounds", |asked| asked.configuration.model.train.learner.xgboost.rounds += 1, &["train"]),
    ("min_recall", |asked| asked.configuration.model.train.threshold.min_recall = 0.5, &["train"]),
    ("confidence", |asked| asked.configuration.model.train.threshold.confidence = 0.5, &["train"]),
    (
        "the rule of the threshold",
        |asked| asked.configuration.model.train.threshold.rule = ThresholdChoice::Cost,
        &["train"],
    ),
    ("the calibrations", |asked| asked.configuration.model.train.calibration.methods.truncate(1), &["train"]),
    ("the holdout", |asked| asked.configuration.model.train.split.holdout_salt = "other".to_owned(), &["train"]),
    ("the seed of the bootstrap", |asked| asked.configuration.model.train.bootstrap.seed += 1, &["train"]),
    ("threads", |asked| asked.configuration.model.train.threads = 2, &[]),
    ("the gate", |asked| asked.configuration.model.gate.pr_auc_floor = 0.5, &[]),
    ("the reviewed features", |asked| asked.configuration.model.gate.leakage.reviewed.clear(), &[]),
    ("the churn rate of the floor", |asked| asked.configuration.model.gate.floor_base_rate = 0.06, &["evaluate"]),
    ("the support of a leak", |asked| asked.configuration.model.gate.leakage.min_support = 0.02, &["evaluate"]),
    (
        "an earlier champion",
        |asked| asked.earlier = Some(Earlier { version: "other".into(), held_the_bar: false }),
        &["evaluate"],
    ),
    ("the horizon of the labels", |asked| asked.configuration.model.label.horizon_days = 90, &[]),
    ("what a ladder tries", |asked| asked.configuration.model.ladder.grid.seed += 1, &[]),
    ("the model", |asked| asked.version = "other".to_owned(), &["drift", "evaluate", "recommend", "score"]),
    ("the champion to compare with", |asked| asked.champion = Some("other"), &["evaluate"]),
    ("offers and reasons", |asked| asked.configuration.recommendations_digest = Digest::of(b"other"), &["recommend"]),
    ("alpha", |asked| asked.configuration.drift.alpha = 0.05, &["drift"]),
];

#[test]
fn a_change_makes_exactly_the_stages_anew_whose_output_depends_on_it() {
    let usual = Asked::usually().digests();
    for (change, apply, expected) in CHANGES {
        let mut asked = Asked::usually();
        apply(&mut asked);
        let now = asked.digests();
        let moved: BTreeSet<_> = usual.keys().copied().filter(|stage| usual[stage] != now[stage]).collect();
        assert_eq!(moved, expected.iter().copied().collect(), "{change}");
    }
}

#[test]
fn no_two_stages_share_a_folder() {
    let digests = Asked::usually().digests();
    let different: BTreeSet<_> = digests.values().collect();
    assert_eq!(different.len(), digests.len());
}

#[test]
fn the_number_of_the_training_is_the_models_and_raising_it_makes_another_stage() {
    let asked = Asked::usually();
    // The gold table of the demo, seed 42.
    let gold = "e4786f00e6aebde199677cb8241336d542bfe60028e5ded37b5373cdc9b909d6";
    let gold = TableRef { digest: Digest::parse(gold).unwrap(), ..stored("gold") };
    let experiment = asked.experiment.to_owned();
    let request = TrainModel { run: asked.run, gold, experiment, reuse: asked.reuse };
    let spec = train::spec(&asked.configuration, &request).unwrap();
    // The same number is in the model's own digest: churn::model::fit.
    assert_eq!(spec.code_version, churn::model::fit::VERSION);
    assert_eq!(spec.digest().short(), "25df057c78b9");
    let raised = StageSpec { code_version: spec.code_version + 1, ..spec.clone() };
    assert_ne!(raised.digest(), spec.digest());
}
