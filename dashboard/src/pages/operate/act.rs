//! What operators do from the pages: the acts, what each is about, and the order that a form makes.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use futures::future::BoxFuture;

use super::Effect;
use crate::access::Person;
use crate::query::Query;
use crate::words::{Language, Word};

/// So many characters name a run or give a reason.
const LONGEST: usize = 500;
/// An alert is known for at most so long: whoever knew it then may be gone, and what it tells is forgotten.
pub const KNOWN_AT_MOST: TimeDelta = TimeDelta::days(30);

/// What an operator does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// Starts a training run.
    StartTrain,
    /// Starts a scoring run.
    StartScore,
    /// Lets a promotion go ahead.
    Approve,
    /// Turns a promotion down.
    Reject,
    /// Lets a run wait before its next stage.
    Pause,
    /// Lets a paused run go on.
    Resume,
    /// Ends a run.
    Cancel,
    /// Knows what an alert tells, and wants to hear no more of it until a date.
    Acknowledge,
    /// Lets a schedule start nothing.
    PauseSchedule,
    /// Lets a schedule start runs again.
    ResumeSchedule,
}

/// What an act is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Nothing that is there already.
    None,
    /// A workflow, by its ID.
    Workflow,
    /// A schedule, by its name.
    Schedule,
    /// An alert, by its event's ID.
    Alert,
}

impl Subject {
    /// The key in the address and in the form. `run` is taken: it pins every page to a run.
    pub fn key(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Workflow => Some("workflow"),
            Self::Schedule => Some("schedule"),
            Self::Alert => Some("alert"),
        }
    }
}

/// What a person wants done, complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What.
    pub act: Act,
    /// On what; empty for a start.
    pub subject: String,
    /// Until when an acknowledgement counts.
    pub until: Option<DateTime<Utc>>,
    /// Who.
    pub by: String,
    /// Why; may be empty for a start.
    pub reason: String,
}

/// Does what an order says: what was done, or why it was not, in English words. The program brings it: it is what the
/// commands of `spanishgas` do.
pub type CarryOut = Arc<dyn Fn(Order) -> BoxFuture<'static, Result<Effect, String>> + Send + Sync>;

/// What is wrong with a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// It does not say on what.
    NoSubject,
    /// It gives no reason.
    NoReason,
    /// Its date is none, or over.
    NoDate,
    /// Its date is too far away.
    TooFar,
}

impl Problem {
    /// What to do.
    pub fn say(self, language: Language) -> String {
        let word = match self {
            Self::NoSubject => Word::OperateNoSubject,
            Self::NoReason => Word::OperateNoReason,
            Self::NoDate => Word::OperateNoDate,
            Self::TooFar => {
                return language.fill(Word::OperateTooFar, &[("days", &KNOWN_AT_MOST.num_days().to_string())]);
            }
        };
        language.say(word).to_owned()
    }
}

impl Act {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::StartTrain,
        Self::StartScore,
        Self::Approve,
        Self::Reject,
        Self::Pause,
        Self::Resume,
        Self::Cancel,
        Self::Acknowledge,
        Self::PauseSchedule,
        Self::ResumeSchedule,
    ];

    /// The name in the address and in the audit.
    pub fn name(self) -> &'static str {
        match self {
            Self::StartTrain => "start-train",
            Self::StartScore => "start-score",
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
            Self::Acknowledge => "acknowledge",
            Self::PauseSchedule => "pause-schedule",
            Self::ResumeSchedule => "resume-schedule",
        }
    }

    /// The act of a name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.name() == name)
    }

    /// What it is about.
    pub fn subject(self) -> Subject {
        match self {
            Self::StartTrain | Self::StartScore => Subject::None,
            Self::Approve | Self::Reject | Self::Pause | Self::Resume | Self::Cancel => Subject::Workflow,
            Self::Acknowledge => Subject::Alert,
            Self::PauseSchedule | Self::ResumeSchedule => Subject::Schedule,
        }
    }

    /// Whether somebody will ask later why it was done.
    pub fn needs_reason(self) -> bool {
        self.subject() != Subject::None
    }

    /// Whether a wrong click costs something that the opposite act does not bring back.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Approve | Self::Reject | Self::Cancel)
    }

    /// The address of the page that asks whether it is meant.
    pub fn href(self, query: &Query, subject: &str) -> String {
        let path = format!("/operate/{}", self.name());
        match self.subject().key() {
            Some(key) => query.to(&path, &[(key, subject)]),
            None => query.to(&path, &[]),
        }
    }

    /// What it is called, and what follows from it.
    pub fn words(self) -> (Word, Word) {
        match self {
            Self::StartTrain => (Word::OperateStartTrain, Word::OperateStartTrainWhat),
            Self::StartScore => (Word::OperateStartScore, Word::OperateStartScoreWhat),
            Self::Approve => (Word::OperateApprove, Word::OperateApproveWhat),
            Self::Reject => (Word::OperateReject, Word::OperateRejectWhat),
            Self::Pause => (Word::OperatePause, Word::OperatePauseWhat),
            Self::Resume => (Word::OperateResume, Word::OperateResumeWhat),
            Self::Cancel => (Word::OperateCancel, Word::OperateCancelWhat),
            Self::Acknowledge => (Word::OperateAcknowledge, Word::OperateAcknowledgeWhat),
            Self::PauseSchedule => (Word::OperatePauseSchedule, Word::OperatePauseScheduleWhat),
            Self::ResumeSchedule => (Word::OperateResumeSchedule, Word::OperateResumeScheduleWhat),
        }
    }
}

impl Order {
    /// The order of a form.
    pub fn of(act: Act, form: &[(String, String)], person: &Person, now: DateTime<Utc>) -> Result<Self, Problem> {
        let value = |key: &str| {
            let found = form.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
            found.unwrap_or_default().trim().chars().filter(|sign| !sign.is_control()).take(LONGEST).collect::<String>()
        };
        let subject = act.subject().key().map(value).unwrap_or_default();
        if act.subject() != Subject::None && subject.is_empty() {
            return Err(Problem::NoSubject);
        }
        let reason = value("reason");
        if act.needs_reason() && reason.is_empty() {
            return Err(Problem::NoReason);
        }
        let until = match act {
            Act::Acknowledge => Some(known_until(&value("until"), now)?),
            _ => None,
        };
        Ok(Self { act, subject, until, by: person.name.clone(), reason })
    }
}

/// The last second of the date until which an alert is known.
fn known_until(date: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Problem> {
    let until = end_of(date).filter(|until| *until > now).ok_or(Problem::NoDate)?;
    if until.date_naive() > (now + KNOWN_AT_MOST).date_naive() {
        return Err(Problem::TooFar);
    }
    Ok(until)
}

/// The last second of a date, UTC.
fn end_of(date: &str) -> Option<DateTime<Utc>> {
    let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?;
    Some(date.and_time(NaiveTime::from_hms_opt(23, 59, 59)?).and_utc())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;
    use crate::access::Role;

    fn ana() -> Person {
        Person { name: "ana".to_owned(), role: Role::Operator }
    }

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
    }

    fn ordered(act: Act, form: &[(&str, &str)]) -> Result<Order, Problem> {
        let form: Vec<_> = form.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Order::of(act, &form, &ana(), now())
    }

    #[test]
    fn every_act_has_a_name_of_its_own_that_leads_back_to_it() {
        for act in Act::ALL {
            assert_eq!(Act::of(act.name()), Some(act));
        }
        assert_eq!(Act::of("erase"), None);
        let query = Query::parse("/runs", Some("lang=es&state=failed"));
        assert_eq!(Act::Cancel.href(&query, "nightly"), "/operate/cancel?lang=es&workflow=nightly");
        assert_eq!(Act::StartTrain.href(&query, "ignored"), "/operate/start-train?lang=es");
    }

    #[test]
    fn an_order_says_who_and_why_and_who_is_nobody_elses_word() {
        let order =
            ordered(Act::Approve, &[("workflow", "nightly"), ("reason", " checked \n"), ("by", "somebody else")]);
        let expected = Order {
            act: Act::Approve,
            subject: "nightly".to_owned(),
            until: None,
            by: "ana".to_owned(),
            reason: "checked".to_owned(),
        };
        assert_eq!(order, Ok(expected));
    }

    #[test]
    fn an_order_without_subject_reason_or_date_is_none() {
        for act in Act::ALL.into_iter().filter(|act| act.subject() != Subject::None) {
            let key = act.subject().key().unwrap();
            assert_eq!(ordered(act, &[("reason", "x")]), Err(Problem::NoSubject), "{act:?}");
            assert_eq!(ordered(act, &[(key, "x"), ("reason", " ")]), Err(Problem::NoReason), "{act:?}");
        }
        assert!(ordered(Act::StartTrain, &[]).is_ok());
        let acknowledged = |until| ordered(Act::Acknowledge, &[("alert", "a"), ("reason", "x"), ("until", until)]);
        for bad in ["", "2024-10-03", "31/12/2026", "2024-13-01"] {
            assert_eq!(acknowledged(bad), Err(Problem::NoDate), "{bad}: now is 2024-10-04");
        }
        let until = acknowledged("2024-10-04").unwrap().until.unwrap();
        assert_eq!(until.to_rfc3339(), "2024-10-04T23:59:59+00:00", "today counts to its end");
        assert!(acknowledged("2024-11-03").is_ok(), "the thirtieth day counts");
        for far in ["2024-11-04", "2099-12-31"] {
            assert_eq!(acknowledged(far), Err(Problem::TooFar), "{far}");
        }
    }

    proptest! {
        #[test]
        fn no_form_panics_and_no_order_is_under_another_name(key in "\\PC{0,12}", value in "\\PC{0,600}") {
            for act in Act::ALL {
                if let Ok(order) = ordered(act, &[(key.as_str(), value.as_str()), ("by", value.as_str()), ("reason", value.as_str())]) {
                    prop_assert_eq!(order.by, "ana");
                    prop_assert!(order.reason.chars().count() <= LONGEST);
                }
            }
        }
    }
}
