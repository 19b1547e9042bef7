//! The line under every title: which date, which run, which model, how old.

use chrono::{DateTime, NaiveDate, Utc};

use super::{Link, PageId, with_key};
use crate::format::{Format, Shown};
use crate::words::{Language, Word};

/// Whether these are the results of now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// What is published.
    Current,
    /// A past run, which the address names.
    Past,
}

/// Where the numbers of a page come from, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The date of the results.
    pub as_of: String,
    /// The run, shortened; its page.
    pub run: Link,
    /// The whole ID of the run.
    pub run_id: String,
    /// The model, shortened; its page.
    pub model: Link,
    /// Whether the results are known not to have been published.
    pub never_published: bool,
    /// How long ago the results were published, and when exactly.
    pub published: Shown,
    /// The run in Temporal's own pages, where they are known.
    pub temporal: Option<String>,
    /// Whether these are the results of now.
    pub standing: Standing,
}

impl Provenance {
    /// The line for results of `as_of`, made by the run with the model; when they were published is not known for
    /// old runs.
    pub fn new(
        language: Language,
        (as_of, now): (NaiveDate, DateTime<Utc>),
        run_id: &str,
        model_version: &str,
        published: Option<DateTime<Utc>>,
        standing: Standing,
    ) -> Self {
        let format = Format(language);
        let when = |moment| Shown::new(format.ago(moment, now)).because(format.moment(moment));
        let unknown = || format.unknown(language.say(Word::ProvenancePublishedUnknown));
        Self {
            as_of: format.date(as_of),
            run: Link::new(short_run(run_id), format!("{}/{run_id}", PageId::Status.path())),
            run_id: run_id.to_owned(),
            model: Link::new(short_model(model_version), with_key(PageId::Model.path(), "version", model_version)),
            never_published: false,
            published: published.map_or_else(unknown, when),
            temporal: None,
            standing,
        }
    }

    /// With whether the results are known not to have been published.
    pub fn never_published(self, never_published: bool) -> Self {
        Self { never_published, ..self }
    }

    /// With the run's address in Temporal's own pages.
    pub fn in_temporal(self, href: Option<String>) -> Self {
        Self { temporal: href, ..self }
    }

    /// Whether these are not the results of now.
    pub fn is_past(&self) -> bool {
        self.standing == Standing::Past
    }
}

/// The end of an ID of a run: `…9fe3a1b2`. The beginning is the time, the same for all runs of a morning.
pub(super) fn short_run(run_id: &str) -> String {
    let end: String = run_id.chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect();
    format!("…{end}")
}

/// The first eight characters of a version.
pub(super) fn short_model(version: &str) -> String {
    version.chars().take(8).collect()
}
