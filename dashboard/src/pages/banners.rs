//! What is wrong, above every page: found out by one look, said by a pure function.

use chrono::{DateTime, TimeDelta, Utc};
use churn::drift::DriftLevel;
use churn::quality::{Finding, Severity};
use protocol::pipeline::RunResult;
use protocol::{ModelVersion, RunId};

use crate::data::{DataError, Snapshot, Standing, Torn};
use crate::format::Format;
use crate::frame::{Banner, BannerLevel, PageId};
use crate::pages::{drift, findings, gone};
use crate::query::{BadValue, Query};
use crate::server::{PageError, Visit};
use crate::temporal::{Answer, RunFilter, RunState, RunsPage, Waiting};
use crate::words::{Language, Said, Word};

/// So many runs are looked at for the last one that ended.
const LAST_RUNS: u16 = 10;

/// What the checks warn of in the data of the results.
#[derive(Debug, Clone, PartialEq)]
pub struct Warned {
    /// The run that found it.
    pub run_id: RunId,
    /// How many findings warn.
    pub count: usize,
    /// The worst of them.
    pub worst: Said,
}

/// What may be wrong.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Troubles {
    /// How old the published results are, where they are older than they should be.
    pub too_old: Option<TimeDelta>,
    /// The last run that ended, if it failed.
    pub failed_run: Option<String>,
    /// Level and reason of the drift, in the reader's language.
    pub drift: Option<(DriftLevel, Said)>,
    /// The promotions that wait.
    pub waiting: Vec<Waiting>,
    /// The champion, where the scores are of another model: champion, model of the scores.
    pub other_champion: Option<(ModelVersion, ModelVersion)>,
    /// Why the pointer to the champion cannot be read, where it cannot.
    pub champion_torn: Option<String>,
    /// What of it cannot be read that the page goes on without, in banners of their own.
    pub torn: Vec<Banner>,
    /// How many alerts of the run reached nobody.
    pub undelivered: usize,
    /// What the checks of the published run warn of.
    pub warned: Option<Warned>,
    /// Why the Temporal server does not answer.
    pub temporal_down: Option<String>,
}

/// What is wrong with the results and the runs, as far as it can be found out.
pub async fn of_visit(visit: &Visit, snapshot: Option<&Snapshot>) -> Vec<Banner> {
    let (temporal, now) = (visit.site.temporal(), visit.now);
    let everything = RunFilter::default();
    let (results, runs, approvals) = tokio::join!(
        of_results(snapshot, visit.torn(), visit.format(), visit.site.facts().stale_after, now),
        temporal.runs(&everything, None, LAST_RUNS, now),
        temporal.approvals(now),
    );
    // A page is framed when all is read that it is made of; what the banners need of it is read by now, too.
    let torn = visit.torn().noted();
    let troubles = Troubles {
        torn: gone::torn(visit.language, &torn),
        failed_run: runs.known().and_then(last_failed),
        temporal_down: runs.down().map(str::to_owned),
        waiting: match approvals {
            Answer::Known(waiting) => waiting,
            Answer::Down { .. } | Answer::NoWorker => Vec::new(),
        },
        ..results
    };
    said(visit.format(), &visit.query, &troubles)
}

/// What the lake tells. A document that cannot be read is its own page's trouble, not that of every page.
async fn of_results(
    snapshot: Option<&Snapshot>,
    torn: &Torn,
    format: Format,
    stale_after: TimeDelta,
    now: DateTime<Utc>,
) -> Troubles {
    let Some(snapshot) = snapshot else { return Troubles::default() };
    let champion_torn = snapshot.champion_problem().map(ToString::to_string);
    if snapshot.standing() != Standing::Current {
        return Troubles { champion_torn, ..Troubles::default() };
    }
    // Where the lake does not answer, the page itself says it.
    let _index = snapshot.store().newest_runs_if_readable(usize::from(LAST_RUNS), now, torn).await;
    let age = snapshot.published_at().map(|at| now - at);
    let drift = snapshot.drift().await.ok();
    let drift = drift.map(|report| (report.verdict.level, drift::reason(format.0, &report.verdict)));
    let record = snapshot.record().await.ok().flatten();
    let result = record.as_ref().and_then(|record| record.pipeline_result().ok());
    let scored_by = snapshot.model_version();
    let champion = snapshot.champion().map(|champion| champion.version.clone());
    let (undelivered, quality) = match result {
        Some(RunResult::Completed(result)) => (result.undelivered_alerts.len(), result.quality),
        Some(RunResult::EndedEarly(end)) => (end.undelivered_alerts.len(), end.quality),
        None => (0, Vec::new()),
    };
    Troubles {
        too_old: age.filter(|age| *age > stale_after),
        drift: drift.filter(|(level, _)| *level != DriftLevel::None),
        other_champion: champion.filter(|champion| champion != scored_by).map(|champion| (champion, scored_by.clone())),
        champion_torn,
        undelivered,
        warned: warned(format, snapshot.run_id(), &quality),
        ..Troubles::default()
    }
}

/// What people should know of, out of findings of which the worst is the first.
fn warned(format: Format, run_id: &RunId, found: &[Finding]) -> Option<Warned> {
    let mut warns = found.iter().filter(|finding| finding.severity > Severity::Info);
    let worst = warns.next()?;
    Some(Warned { run_id: run_id.clone(), count: 1 + warns.count(), worst: findings::line(format, worst) })
}

/// The last run that ended, if it did so without a result.
fn last_failed(page: &RunsPage) -> Option<String> {
    let ended = page.runs.iter().find(|run| run.state.is_some_and(|state| state != RunState::Running))?;
    let failed = matches!(ended.state, Some(RunState::Failed | RunState::TimedOut | RunState::Terminated));
    failed.then(|| ended.run_id.clone())
}

/// The banners of what is wrong; the frame shows the worst first.
pub fn said(format: Format, query: &Query, troubles: &Troubles) -> Vec<Banner> {
    use BannerLevel::{Fail, Info, Warn};
    let language = format.0;
    let (say, to) = (|word| language.say(word), |page: PageId| query.to(page.path(), &[]));
    let english = |problem: &String| Said::english(language, problem.as_str());
    let mut banners = Vec::new();
    if let Some(age) = troubles.too_old {
        let age = format.seconds(age.num_seconds() as f64);
        let text = language.fill(Word::BannerTooOld, &[("age", &age)]);
        banners.push(Banner::new(Fail, text).link(say(Word::BannerLookAtRuns), to(PageId::Status)));
    }
    if let Some(run_id) = &troubles.failed_run {
        let href = query.to(&format!("{}/{run_id}", PageId::Status.path()), &[]);
        banners.push(Banner::new(Fail, say(Word::BannerRunFailed)).link(say(Word::BannerLookAtRun), href));
    }
    if let Some((level, reason)) = &troubles.drift {
        let (level, text) = match level {
            DriftLevel::Critical => (Fail, Word::BannerDriftCritical),
            DriftLevel::Warn | DriftLevel::None => (Warn, Word::BannerDriftWarn),
            DriftLevel::NotEnoughData => (Info, Word::BannerDriftUnknown),
        };
        let banner = Banner::new(level, say(text)).detail(reason.clone());
        banners.push(banner.link(say(Word::BannerLookAtDrift), to(PageId::Drift)));
    }
    for waiting in &troubles.waiting {
        let version = short(&waiting.approval.version);
        let detail = language.fill(Word::BannerWaitingModel, &[("version", version)]);
        let href = query.to(&format!("{}/{}", PageId::Status.path(), waiting.run_id), &[]);
        let banner = Banner::new(Warn, say(Word::BannerWaiting)).detail(detail);
        banners.push(banner.link(say(Word::BannerDecide), href));
    }
    if let Some((champion, scored_by)) = &troubles.other_champion {
        let values = [("champion", short(champion)), ("scores", short(scored_by))];
        let text = language.fill(Word::BannerOtherChampion, &values);
        banners.push(Banner::new(Warn, text).link(say(Word::BannerLookAtModel), to(PageId::Model)));
    }
    if troubles.undelivered > 0 {
        let count = format.count(troubles.undelivered as u64);
        let (one, many) = (Word::BannerUndeliveredOne, Word::BannerUndelivered);
        let text = language.count(troubles.undelivered as u64, one, many, &[("count", &count)]);
        banners.push(Banner::new(Warn, text).link(say(Word::BannerLookAtRuns), to(PageId::Status)));
    }
    if let Some(problem) = &troubles.champion_torn {
        banners.push(Banner::new(Fail, say(Word::BannerChampionTorn)).detail(english(problem)));
    }
    for torn in &troubles.torn {
        // The pointer to the champion may be noted by the page, too.
        if !banners.contains(torn) {
            banners.push(torn.clone());
        }
    }
    if let Some(reason) = &troubles.temporal_down {
        banners.push(Banner::new(Warn, say(Word::BannerTemporalDown)).detail(english(reason)));
    }
    if let Some(Warned { run_id, count, worst }) = &troubles.warned {
        let (one, many) = (Word::BannerQualityOne, Word::BannerQuality);
        let text = language.count(*count as u64, one, many, &[("count", &format.count(*count as u64))]);
        let href = query.to(&format!("{}/{run_id}", PageId::Status.path()), &[]);
        let banner = Banner::new(Warn, text).detail(worst.clone());
        banners.push(banner.link(say(Word::BannerLookAtQuality), href));
    }
    banners
}

/// Why there are no results on a page that goes on without them; nothing where that is as it should be.
pub fn without_results(language: Language, problem: &PageError) -> Option<Banner> {
    let PageError::Data(problem) = problem else { return None };
    let word = match problem {
        DataError::LakeGone { .. } => Word::BannerLakeGone,
        problem if problem.is_unreadable() => Word::BannerPublishedTorn,
        _ => return None,
    };
    Some(Banner::new(BannerLevel::Fail, language.say(word)).detail(Said::english(language, problem.to_string())))
}

/// What the address says and cannot mean.
pub fn of_bad_values(language: Language, bad: &[BadValue]) -> Vec<Banner> {
    let said = bad.iter().map(|bad| {
        let used = if bad.used.is_empty() { language.say(Word::FilterAll) } else { &bad.used };
        language.fill(Word::FilterBadValue, &[("value", &bad.value), ("name", bad.key), ("used", used)])
    });
    said.map(|text| Banner::new(BannerLevel::Info, text)).collect()
}

fn short(version: &str) -> &str {
    version.get(..8).unwrap_or(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_has_its_banner_and_none_has_none() {
        let format = Format(Language::En);
        let query = Query::parse("/risk", Some("run=r1&tier=high"));
        assert_eq!(said(format, &query, &Troubles::default()), []);
        let all = Troubles {
            too_old: Some(TimeDelta::hours(30)),
            failed_run: Some("r2".to_owned()),
            drift: Some((DriftLevel::Critical, "prices moved".into())),
            other_champion: Some(("0123456789abcdef".into(), "fedcba9876543210".into())),
            undelivered: 2,
            temporal_down: Some("refused".to_owned()),
            warned: Some(Warned { run_id: "r3".into(), count: 3, worst: "readings are missing".into() }),
            ..Troubles::default()
        };
        let banners = said(format, &query, &all);
        assert_eq!(banners.len(), 7);
        assert_eq!(banners.iter().filter(|banner| banner.level == BannerLevel::Fail).count(), 3);
        assert_eq!(banners[1].link.as_ref().unwrap().href, "/runs/r2?run=r1");
        assert!(banners[3].text.contains("01234567") && banners[3].text.contains("fedcba98"));
        assert!(banners[4].text.contains('2') && banners[5].detail == Some("refused".into()));
        assert!(banners[6].text.contains('3') && banners[6].detail == Some("readings are missing".into()));
        assert_eq!(banners[6].link.as_ref().unwrap().href, "/runs/r3?run=r1");
    }

    #[test]
    fn a_pointer_to_the_champion_that_cannot_be_read_is_said_with_its_problem() {
        let troubles = Troubles { champion_torn: Some("champion.json is torn".to_owned()), ..Troubles::default() };
        let banners = said(Format(Language::Es), &Query::default(), &troubles);
        assert_eq!((banners.len(), banners[0].level), (1, BannerLevel::Fail));
        assert_eq!(banners[0].detail, Some(Said::english(Language::Es, "champion.json is torn")));
        assert!(banners[0].text.contains("modelo en vigor"), "{}", banners[0].text);
        let noted_by_the_page = Troubles { torn: banners.clone(), ..troubles };
        assert_eq!(said(Format(Language::Es), &Query::default(), &noted_by_the_page), banners, "it is said once");
    }

    #[test]
    fn what_is_only_told_is_no_banner_and_the_worst_is_named() {
        let finding = |severity, words: &str| Finding::new(severity, "price_history", "r", words);
        let en = Format(Language::En);
        assert_eq!(warned(en, &"r".into(), &[finding(Severity::Info, "a row twice")]), None);
        let found = [finding(Severity::Warn, "few rows"), finding(Severity::Warn, "b"), finding(Severity::Info, "c")];
        let told = warned(en, &"r".into(), &found).unwrap();
        assert_eq!((told.count, told.worst.text.as_str()), (2, "price_history: few rows"));
        let known = Finding { rule: "published_rows".to_owned(), ..found[0].clone() };
        let told = warned(Format(Language::Es), &"r".into(), &[known]).unwrap().worst;
        assert!(told.lang.is_none() && told.text != "price_history: few rows", "{told:?}");
    }

    #[test]
    fn a_value_that_means_nothing_is_named_with_what_is_used() {
        let bad = BadValue { key: "sort", value: "<x>".to_owned(), used: "-loss".to_owned() };
        let banner = of_bad_values(Language::En, &[bad]).remove(0);
        assert!(banner.text.contains("<x>") && banner.text.contains("-loss"), "{}", banner.text);
    }
}
