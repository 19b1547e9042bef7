//! What is known of what an act is about, so that nobody decides on a name alone.

use chrono::{DateTime, Utc};
use lake::documents::StoredAlert;
use protocol::progress::{Progress, WaitingApproval};

use super::{Act, Subject};
use crate::format::Format;
use crate::pages::{alerts, checks, stages};
use crate::server::Visit;
use crate::temporal::{Answer, Scheduled};
use crate::words::{Language, Said, Word};

/// A line of what is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub label: &'static str,
    /// What is known.
    pub value: Said,
}

impl Fact {
    fn new(language: Language, label: Word, value: impl Into<Said>) -> Self {
        Self { label: language.say(label), value: value.into() }
    }
}

/// The facts about an act's subject; what nobody knows now is said, too.
pub async fn facts(visit: &Visit, act: Act, subject: &str) -> Vec<Fact> {
    match (act, act.subject()) {
        (_, Subject::None) => Vec::new(),
        (Act::Approve | Act::Reject, _) => of_approval(visit, subject).await,
        (_, Subject::Workflow) => of_run(visit, subject).await,
        (_, Subject::Schedule) => of_schedule(visit, subject).await,
        (_, Subject::Alert) => of_alert(visit, subject).await,
    }
}

async fn of_approval(visit: &Visit, workflow_id: &str) -> Vec<Fact> {
    let waiting = visit.site.temporal().approvals(visit.now).await;
    let mut facts = vec![Fact::new(visit.language, Word::OperateRun, workflow_id)];
    let found = |waiting: Vec<crate::temporal::Waiting>| waiting.into_iter().find(|one| one.workflow_id == workflow_id);
    match waiting {
        Answer::Known(all) => match found(all) {
            Some(waiting) => facts.extend(approval(visit.format(), &waiting.approval)),
            None => {
                facts.push(Fact::new(visit.language, Word::OperateState, visit.language.say(Word::OperateNotWaiting)));
            }
        },
        silent => facts.push(unknown(visit.language, &silent)),
    }
    facts
}

fn approval(format: Format, asked: &WaitingApproval) -> Vec<Fact> {
    let language = format.0;
    let model = language.fill(
        Word::OperateModelIs,
        &[
            ("version", asked.version.as_str()),
            ("experiment", &asked.experiment),
            ("score", &format.score(asked.pr_auc)),
        ],
    );
    let champion = match (&asked.champion, asked.champion_pr_auc) {
        (Some(champion), Some(score)) => {
            language.fill(Word::OperateChampionIs, &[("version", champion.as_str()), ("score", &format.score(score))])
        }
        (Some(champion), None) => champion.to_string(),
        (None, _) => language.say(Word::OperateNoChampion).to_owned(),
    };
    let mut facts =
        vec![Fact::new(language, Word::OperateModel, model), Fact::new(language, Word::OperateChampion, champion)];
    facts.extend(asked.checks.iter().map(|check| Fact::new(language, Word::OperateCheck, checks::note(format, check))));
    facts.push(Fact::new(language, Word::OperateExpires, moment(format, &asked.expires_at)));
    facts
}

async fn of_run(visit: &Visit, workflow_id: &str) -> Vec<Fact> {
    let run = Fact::new(visit.language, Word::OperateRun, workflow_id);
    let state = match visit.site.temporal().progress(workflow_id, None, visit.now).await {
        Answer::Known(progress) => progress_of(visit.format(), &progress),
        silent => vec![unknown(visit.language, &silent)],
    };
    std::iter::once(run).chain(state).collect()
}

fn progress_of(format: Format, progress: &Progress<String>) -> Vec<Fact> {
    let language = format.0;
    let done = format.percent(f64::from(progress.percent) / 100.0);
    let stage = stages::names(language, &progress.stage);
    let state = language.fill(Word::OperateStateIs, &[("stage", &stage), ("percent", &done)]);
    let mut facts = vec![Fact::new(language, Word::OperateState, state)];
    if let Some(paused) = &progress.paused {
        let why = language.fill(Word::OperatePausedBy, &[("name", &paused.by), ("reason", &paused.reason)]);
        facts.push(Fact::new(language, Word::OperatePaused, why));
    }
    facts
}

async fn of_schedule(visit: &Visit, id: &str) -> Vec<Fact> {
    let name = Fact::new(visit.language, Word::OperateSchedule, id);
    let known = match visit.site.temporal().schedules(visit.now).await {
        Answer::Known(all) => match all.into_iter().find(|one| one.id == id) {
            Some(schedule) => schedule_of(visit.format(), &schedule),
            None => vec![Fact::new(visit.language, Word::OperateState, visit.language.say(Word::OperateNoSuch))],
        },
        silent => vec![unknown(visit.language, &silent)],
    };
    std::iter::once(name).chain(known).collect()
}

fn schedule_of(format: Format, schedule: &Scheduled) -> Vec<Fact> {
    let language = format.0;
    let next = schedule.next.iter().map(|at| format.moment(*at)).collect::<Vec<_>>().join(" · ");
    let mut facts = vec![Fact::new(language, Word::OperateNext, next)];
    if !schedule.note.is_empty() {
        facts.push(Fact::new(language, Word::OperateNote, schedule.note.clone()));
    }
    facts
}

async fn of_alert(visit: &Visit, event: &str) -> Vec<Fact> {
    let id = Fact::new(visit.language, Word::OperateAlert, event);
    let alerts = visit.site.store().newest_alerts(visit.now, visit.torn()).await;
    let known = alerts.ok().and_then(|alerts| {
        let is_meant = |alert: &StoredAlert| alert.event_id == event || alert.short_id() == event;
        alerts.iter().find(|listed| is_meant(&listed.alert)).map(|listed| alert_of(visit.format(), &listed.alert))
    });
    let unknown = || vec![Fact::new(visit.language, Word::OperateState, visit.language.say(Word::OperateNoSuch))];
    std::iter::once(id).chain(known.unwrap_or_else(unknown)).collect()
}

fn alert_of(format: Format, stored: &StoredAlert) -> Vec<Fact> {
    let language = format.0;
    let mut facts = vec![Fact::new(language, Word::OperateTold, alerts::subject(language, &stored.alert.subject))];
    if let Some(at) = &stored.at {
        facts.push(Fact::new(language, Word::OperateAt, moment(format, at)));
    }
    facts
}

/// What an RFC 3339 text says, as people read it.
fn moment(format: Format, text: &str) -> String {
    let time: Option<DateTime<Utc>> = DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc());
    time.map_or_else(|| text.to_owned(), |time| format.moment(time))
}

fn unknown<T>(language: Language, silent: &Answer<T>) -> Fact {
    // What the server said stands in the banner above.
    let why = if silent.down().is_some() { Word::OperateServerDown } else { Word::OperateNoWorker };
    Fact::new(language, Word::OperateState, language.say(why))
}

#[cfg(test)]
mod tests {
    use churn::model::{Check, CheckName};

    use super::*;

    #[test]
    fn who_decides_sees_the_figures_the_checks_and_until_when() {
        let note = "holdout PR-AUC 0.750 reaches the floor 0.700".to_owned();
        let asked = WaitingApproval {
            version: "4f90bd8cc09437d0".into(),
            experiment: "E5_full".to_owned(),
            champion: Some("old".into()),
            pr_auc: 0.75,
            roc_auc: 0.936,
            brier: 0.0438,
            champion_pr_auc: Some(0.74),
            checks: vec![Check { name: CheckName::PrAucFloor, value: Some(0.75), limit: 0.7, passed: true, note }],
            asked: "2026-11-26T02:00:00.000Z".to_owned(),
            remind_at: "2026-11-27T02:00:00.000Z".to_owned(),
            reminded: None,
            expires_at: "2026-11-29T02:00:00.000Z".to_owned(),
        };
        let shown = approval(Format(Language::En), &asked);
        let all = shown
            .iter()
            .map(|fact| format!("{}: {}", fact.label, fact.value.text))
            .collect::<Vec<_>>()
            .join("\n")
            .replace('\u{a0}', " ");
        for part in ["4f90bd8cc09437d0", "E5_full", "0.750", "old", "0.740", "reaches the floor", "29 Nov 2026"] {
            assert!(all.contains(part), "{part}: {all}");
        }
        let spanish = approval(Format(Language::Es), &asked);
        let check = spanish.iter().find(|fact| fact.label == Language::Es.say(Word::OperateCheck)).unwrap();
        assert!(check.value.lang.is_none() && check.value.text.contains("0,750"), "{check:?}");
        assert_eq!(moment(Format(Language::En), "no time"), "no time");
    }
}
