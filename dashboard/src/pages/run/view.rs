//! What the reader sees of a run besides its tables: why it ended, how long its stages took, where to go on.

use protocol::ErrorNumber;

use super::RECORD;
use super::lines::StageLine;
use super::seen::Seen;
use crate::chart::{Bar, Bars, Tone, Unit, bars};
use crate::frame::{Figure, FigureWidth, Link, PageId, RunState};
use crate::pages::operate::Act;
use crate::pages::run_line::short;
use crate::pages::{downloads, stages as stage_names};
use crate::server::Visit;
use crate::temporal::Answer;
use crate::words::{Said, Word};

/// Why a run ended early.
pub struct Trouble {
    /// Number and name.
    pub what: String,
    /// What happened, and what to do.
    pub message: Said,
    /// The page of the number in the repository, and what to do first.
    pub help: Option<(String, Said)>,
}

/// Why it ended early, as its record says.
pub fn trouble(visit: &Visit, seen: &Seen) -> Option<Trouble> {
    let error = seen.record.as_ref()?.summary().error?;
    let number = ErrorNumber::parse(&error.error_type);
    let english = |text: &str| Said::english(visit.language, text);
    let help = number.map(|number| (number.page(), english(number.advice())));
    Some(Trouble { what: error.error_type, message: english(&error.message), help })
}

/// What operators may do about a run at work.
pub fn acts(visit: &Visit, seen: &Seen) -> Vec<Link> {
    if !seen.is_at_work() || !visit.person.is_operator() {
        return Vec::new();
    }
    let progress = seen.known_progress();
    let waits = progress.is_some_and(|progress| progress.approval.is_some());
    let is_paused = progress.is_some_and(|progress| progress.paused.is_some());
    let decisions: &[Act] = if waits { &[Act::Approve, Act::Reject] } else { &[] };
    let pause = if is_paused { Act::Resume } else { Act::Pause };
    let acts = decisions.iter().copied().chain([pause, Act::Cancel]);
    let link = |act: Act| Link::new(visit.language.say(act.words().0), act.href(&visit.query, &seen.line.workflow_id));
    acts.map(link).collect()
}

/// Why nobody says how far it is.
pub fn silent(visit: &Visit, seen: &Seen) -> Option<&'static str> {
    let word = match seen.progress.as_ref()? {
        Answer::Known(_) => return None,
        Answer::NoWorker => Word::RunNoWorker,
        Answer::Down { .. } => Word::OverviewServerSilent,
    };
    Some(visit.language.say(word))
}

/// How long the stages took.
pub fn figures(visit: &Visit, stages: &[StageLine]) -> Vec<Figure> {
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    let ended: Vec<_> = stages.iter().filter(|stage| stage.seconds.is_some()).collect();
    if ended.is_empty() {
        return Vec::new();
    }
    let tone = |state: RunState| match state {
        RunState::Skipped => Tone::Reference,
        RunState::Failed => Tone::Fail,
        _ => Tone::Current,
    };
    let bar = |stage: &&StageLine| Bar::new(stage_names::name(language, &stage.name), stage.seconds, tone(stage.state));
    let total: f64 = ended.iter().filter_map(|stage| stage.seconds).sum();
    let data = Bars {
        title: say(Word::RunSecondsTitle).to_owned(),
        description: language.fill(Word::RunSecondsDescription, &[("total", &format.seconds(total))]),
        label_head: say(Word::StatusStage).to_owned(),
        value_head: say(Word::RunSeconds).to_owned(),
        note_head: None,
        unit: Unit::Number(1),
        bars: ended.iter().map(bar).collect(),
    };
    let figure =
        Figure::new(language, "seconds", say(Word::RunSecondsTitle), FigureWidth::Half, |px| bars(&data, format, px));
    vec![figure.subtitle(say(Word::RunSecondsSub)).downloads(downloads::picture(language, &visit.query, "seconds"))]
}

/// Runs to compare it with: the one before first.
pub fn others(visit: &Visit, seen: &Seen) -> Vec<Link> {
    if seen.record.is_none() {
        return Vec::new();
    }
    let link = |other: &str| {
        let path = format!("{}/{other}/compare/{}", PageId::Status.path(), seen.line.run_id);
        Link::new(visit.language.fill(Word::RunCompareWith, &[("run", &short(other))]), visit.query.to(&path, &[]))
    };
    seen.others.iter().map(|other| link(other)).collect()
}

/// The run before, Temporal's own page of it, the record, the results that it made.
pub fn links(visit: &Visit, seen: &Seen) -> Vec<Link> {
    let language = visit.language;
    let before = seen.before.as_ref().filter(|_| seen.record.is_some()).map(|before| {
        let path = format!("{}/{}/compare/{}", PageId::Status.path(), before.run_id, seen.line.run_id);
        Link::new(language.say(Word::RunCompareBefore), visit.query.to(&path, &[]))
    });
    let temporal = visit.in_temporal(&seen.line.workflow_id, &seen.line.run_id);
    let temporal = temporal.map(|href| Link::new(language.say(Word::ProvenanceTemporal), href));
    let path = format!("{}/{}/{RECORD}", PageId::Status.path(), seen.line.run_id);
    let record = seen.record.as_ref().map(|_| Link::new(RECORD, path));
    let all = Link::new(language.say(Word::StatusRuns), visit.query.to(PageId::Status.path(), &[]));
    before.into_iter().chain(temporal).chain(record).chain([all]).collect()
}
