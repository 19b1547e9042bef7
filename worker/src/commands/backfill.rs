//! `spanishgas backfill`: a run for every date of a span, one after the other. A date whose run ended well before is not
//! run again, so that the same command once more runs those that failed.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use chrono::{Days, Months, NaiveDate, Utc};
use churn::SnapshotDate;
use clap::ValueEnum;
use protocol::pipeline::{AsOf, COUNTED, PipelineInput, PipelineResult};
use serde::Serialize;
use temporalio_client::Client;

use super::run::{ModeArgument, parse_date};
use crate::connect::{ServerArguments, connect};
use crate::display::Bar;
use crate::environment::EnvironmentOptions;
use crate::follow::{Ended, follow};
use crate::launch::{Launched, Repeat};
use crate::pipeline_run::start;
use crate::run_handle::handle;
use crate::scratch::Scratch;
use activities::steps::run::{Data, RunTarget, latest, workflow_id};
use activities::steps::tables::raw::Look;

/// How far a date is from the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Step {
    /// Every day.
    Day,
    /// Every seventh day.
    Week,
    /// The same day of every month, or its last.
    Month,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: spanishgas backfill --mode score --from 2024-10-31 --to 2024-12-31 --every month\n\
    Exit code: 0 every date has its result, 1 some have not: they are listed, and the same command runs those again")]
pub struct Arguments {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// What each run does.
    #[arg(long, value_enum)]
    pub mode: ModeArgument,
    /// The first date, YYYY-MM-DD.
    #[arg(long, value_parser = parse_date)]
    pub from: SnapshotDate,
    /// No date after this one, YYYY-MM-DD.
    #[arg(long, value_parser = parse_date)]
    pub to: SnapshotDate,
    /// How far a date is from the next.
    #[arg(long, value_enum, default_value = "day")]
    pub every: Step,
    /// The folder of the raw files in the lake, or latest: the newest delivery whose run ended well [default: raw].
    #[arg(long)]
    pub raw_prefix: Option<String>,
    #[command(flatten)]
    pub server: ServerArguments,
    /// Print what came of every date as one JSON list.
    #[arg(long)]
    pub json: bool,
}

/// What came of a date.
#[derive(Debug, Serialize)]
struct Filled {
    as_of: SnapshotDate,
    workflow_id: String,
    /// `completed`, how it ended without a result, or `unknown` where it could not be started or followed.
    state: String,
    /// What became of it, if it came to a result.
    outcome: Option<String>,
    /// Whether it had been run before.
    ran_before: bool,
    /// Why it has no result.
    error: Option<String>,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let dates = dates(arguments.from.date(), arguments.to.date(), arguments.every);
    if dates.is_empty() {
        bail!("there is no date from {} to {}", arguments.from, arguments.to);
    }
    let client = connect(&arguments.server.settings()?, Duration::from_secs(10)).await?;
    let runs = prepare(&arguments, &dates).await?;
    let mut filled = Vec::new();
    for (as_of, (id, input)) in dates.into_iter().zip(runs) {
        let came = one(&client, &arguments.server.task_queue, &id, &input).await;
        filled.push(Filled::of(as_of, id, came));
        if let (false, Some(date)) = (arguments.json, filled.last()) {
            println!("{}", line(date));
        }
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&filled)?);
    }
    let Some(failed) = failed(&filled) else { return Ok(ExitCode::SUCCESS) };
    eprintln!("{failed}");
    Ok(ExitCode::FAILURE)
}

/// Which dates have no result, if some have none.
fn failed(filled: &[Filled]) -> Option<String> {
    let failed: Vec<_> = filled.iter().filter(|date| date.error.is_some()).map(|date| date.as_of.to_string()).collect();
    let (count, all, dates) = (failed.len(), filled.len(), failed.join(", "));
    (count > 0).then(|| format!("{count} of {all} dates have no result: {dates}; the same command runs them again"))
}

/// The dates of a span.
fn dates(from: NaiveDate, to: NaiveDate, every: Step) -> Vec<SnapshotDate> {
    let nth = |place: u32| match every {
        Step::Day => from.checked_add_days(Days::new(u64::from(place))),
        Step::Week => from.checked_add_days(Days::new(7 * u64::from(place))),
        // Always from the first date, so that the 31st comes again after a shorter month.
        Step::Month => from.checked_add_months(Months::new(place)),
    };
    (0..).map_while(nth).take_while(|date| *date <= to).map(SnapshotDate::new).collect()
}

/// The ID and the input of the run of every date. The raw files are looked at once.
async fn prepare(arguments: &Arguments, dates: &[SnapshotDate]) -> anyhow::Result<Vec<(String, PipelineInput)>> {
    let scratch = Scratch::new(None)?;
    let places = &arguments.places;
    let lake = places.open_lake(scratch.path()).await?;
    arguments.server.require_understood(&lake).await?;
    let registry = places.open_registry(scratch.path()).await?;
    let own_settings = || places.load_configuration();
    let target = RunTarget::find(&lake, &arguments.server.task_queue, own_settings).await?;
    let input = PipelineInput {
        as_of: dates.first().copied().map(AsOf::Date),
        raw_prefix: arguments.raw_prefix.clone(),
        ..PipelineInput::new(arguments.mode.into())
    };
    let input = latest::with_folder(&lake, input, Utc::now()).await?;
    let bar = Bar::new("raw files");
    let look = Look { zone: target.zone, scratch: scratch.path(), watch: &bar };
    let found = Data::find(&lake, &registry, &input, look).await?;
    bar.finish();
    let of_date = |as_of: &SnapshotDate| {
        let data = Data { as_of: *as_of, ..found.clone() };
        let input = PipelineInput { as_of: Some(AsOf::Date(*as_of)), ..input.clone() };
        let id = workflow_id(&input, &target, &data);
        (id, data.require(target.require(input)))
    };
    Ok(dates.iter().map(of_date).collect())
}

/// Starts the run of a date, or finds it, and waits for its end; an error where it could not be started, or followed.
async fn one(
    client: &Client,
    queue: &str,
    id: &str,
    input: &PipelineInput,
) -> anyhow::Result<(Launched, Ended<PipelineResult>)> {
    let launched = start(client, id, queue, input, Repeat::Failed).await?;
    let ended = follow::<PipelineResult>(&handle(client, id), queue, &COUNTED).await?;
    Ok((launched, ended))
}

impl Filled {
    /// What came of a date; an error is that of this date alone, and the next one is tried.
    fn of(as_of: SnapshotDate, workflow_id: String, came: anyhow::Result<(Launched, Ended<PipelineResult>)>) -> Self {
        let ran_before = matches!(came, Ok((Launched::EndedBefore, _)));
        let (state, outcome, error) = match came {
            Ok((_, Ended::Completed(result))) => (result.state, Some(result.outcome.as_str().to_owned()), None),
            Ok((_, Ended::Failed(failure))) => {
                (failure.state.to_owned(), None, Some(format!("{} {}", failure.error_type, failure.message)))
            }
            Err(error) => ("unknown".to_owned(), None, Some(format!("{error:#}"))),
        };
        Self { as_of, workflow_id, state, outcome, ran_before, error }
    }
}

fn line(date: &Filled) -> String {
    let what = date.outcome.as_deref().or(date.error.as_deref()).unwrap_or(&date.state);
    let before = if date.ran_before { " (ran before)" } else { "" };
    format!("{}  {what}{before}  {}", date.as_of, date.workflow_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(from: &str, to: &str, every: Step) -> Vec<String> {
        let date = |text: &str| SnapshotDate::parse(text).unwrap().date();
        dates(date(from), date(to), every).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_error_is_that_of_its_date_and_the_failed_dates_are_listed() {
        let date = |text| SnapshotDate::parse(text).unwrap();
        let lost = || Err(anyhow::anyhow!("no answer").context("could not start workflow w"));
        let filled = [
            Filled::of(date("2024-10-31"), "w1".to_owned(), lost()),
            Filled { error: None, ..Filled::of(date("2024-11-30"), "w2".to_owned(), lost()) },
            Filled::of(date("2024-12-31"), "w3".to_owned(), lost()),
        ];
        assert_eq!(filled[0].state, "unknown");
        assert!(line(&filled[0]).contains("could not start workflow w: no answer"), "{}", line(&filled[0]));
        let words = failed(&filled).unwrap();
        assert!(words.starts_with("2 of 3 dates have no result: 2024-10-31, 2024-12-31;"), "{words}");
        assert_eq!(failed(&filled[1..2]), None);
    }

    #[test]
    fn a_span_has_its_dates_and_the_end_of_a_month_stays_one() {
        assert_eq!(shown("2024-12-30", "2025-01-01", Step::Day), ["2024-12-30", "2024-12-31", "2025-01-01"]);
        assert_eq!(shown("2024-12-01", "2024-12-20", Step::Week), ["2024-12-01", "2024-12-08", "2024-12-15"]);
        assert_eq!(
            shown("2024-12-31", "2025-03-31", Step::Month),
            ["2024-12-31", "2025-01-31", "2025-02-28", "2025-03-31"]
        );
        assert!(shown("2025-01-01", "2024-12-31", Step::Day).is_empty());
    }
}
