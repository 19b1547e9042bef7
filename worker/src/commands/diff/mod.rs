//! `spanishgas diff RUN RUN`: what differs between two runs: inputs, settings, code, rows, figures, and for how many
//! customers the tier. Customer ids are never shown; a file may take them.

mod tiers;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use churn::model::{TierMoves, Tiers, tiers_of};
use lake::Lake;
use lake::documents::{RunDifferences, RunRecord, run_differences};
use protocol::pipeline::StageName;
use protocol::{RunId, TableRef};
use serde::Serialize;

use crate::display::thousands;
use crate::environment::EnvironmentOptions;
use crate::lineage::{manifests_of, named_run};
use crate::scratch::Scratch;

/// As `diff` says it: they are not the same.
const DIFFERENT: u8 = 2;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: spanishgas diff 01a2146e latest --ids moved.csv\n\
    Exit code: 0 nothing differs, 2 something does, 1 an error")]
pub struct Arguments {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// The run to compare with: its ID or the first characters, its workflow's ID, or latest.
    #[arg(value_name = "BEFORE")]
    pub before: String,
    /// The run to compare.
    #[arg(value_name = "AFTER")]
    pub after: String,
    /// Write the customers whose tier changed to this file, as CSV; it must not be there yet.
    #[arg(long, value_name = "FILE")]
    pub ids: Option<PathBuf>,
    /// Print the differences as one JSON object, without any customer.
    #[arg(long)]
    pub json: bool,
}

/// What `spanishgas diff --json` prints.
#[derive(Debug, Serialize)]
struct RunDiff {
    before: RunId,
    after: RunId,
    /// Whether anything differs.
    different: bool,
    /// What differs, by part.
    parts: RunDifferences,
    /// The customers by their tiers before and after; nothing where one of the runs has no scores any more.
    tiers: Option<TierMoves>,
    /// Why there are no tiers.
    note: Option<String>,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let scratch = Scratch::new(None)?;
    let lake = arguments.places.open_lake(scratch.path()).await?;
    let before = named_run(&lake, &arguments.before).await?;
    let after = named_run(&lake, &arguments.after).await?;
    let parts = run_differences(&before, &after)?;
    let scored = (scores(&lake, &before, scratch.path()).await?, scores(&lake, &after, scratch.path()).await?);
    let (moved, note) = match scored {
        (Ok(before), Ok(after)) => (Some((before, after)), None),
        (Err(note), _) | (_, Err(note)) => (None, Some(note)),
    };
    let tiers = moved.as_ref().map(|(before, after)| TierMoves::between(before, after));
    if let Some(file) = &arguments.ids {
        write_ids(file, moved.as_ref(), note.as_deref())?;
    }
    let different = !parts.is_empty() || tiers.as_ref().is_some_and(|moves| moves.changed + moves.gone + moves.new > 0);
    let diff = RunDiff { before: before.run.run_id, after: after.run.run_id, different, parts, tiers, note };
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&diff)?);
    } else {
        print!("{}", text(&diff));
    }
    Ok(if different { ExitCode::from(DIFFERENT) } else { ExitCode::SUCCESS })
}

/// Who is in which tier by a run's scores; or why nobody can say.
async fn scores(lake: &Lake, record: &RunRecord, scratch: &Path) -> anyhow::Result<Result<Tiers, String>> {
    let run = &record.run.run_id;
    let manifests = manifests_of(lake, &record.stages()?).await?;
    let table: Option<&TableRef> = manifests.get(&StageName::Score).and_then(|stage| stage.outputs.get("scores"));
    let Some(table) = table else {
        return Ok(Err(format!("run {run} has no scores, or they are gone: no tiers are compared")));
    };
    let fetched = lake.fetch(table, scratch).await?;
    Ok(Ok(tiers_of(&fetched.read(churn::table_file::read)?)?))
}

fn write_ids(file: &Path, moved: Option<&(Tiers, Tiers)>, note: Option<&str>) -> anyhow::Result<()> {
    let Some((before, after)) = moved else {
        bail!("{} is not written: {}", file.display(), note.unwrap_or_default());
    };
    let write = || {
        let mut target = std::fs::File::create_new(file)?;
        std::io::Write::write_all(&mut target, tiers::as_csv(before, after).as_bytes())
    };
    match write() {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            bail!("{} is there already; give another name", file.display())
        }
        written => written.with_context(|| format!("could not write {}", file.display())),
    }
}

fn text(diff: &RunDiff) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{} run {} compared with {}",
        if diff.different { "DIFFERENT:" } else { "THE SAME:" },
        diff.after,
        diff.before
    );
    for (part, changes) in &diff.parts {
        let _ = writeln!(text, "\n{part}");
        for change in changes {
            let _ = writeln!(text, "  {change}");
        }
    }
    if let Some(moves) = &diff.tiers {
        text += &tier_table(moves);
    }
    if let Some(note) = &diff.note {
        let _ = writeln!(text, "\nnote  {note}");
    }
    text
}

fn tier_table(moves: &TierMoves) -> String {
    let mut text = format!(
        "\ntiers: {} customers changed theirs, {} are new, {} are gone\n",
        thousands(moves.changed),
        thousands(moves.new),
        thousands(moves.gone)
    );
    if moves.changed == 0 {
        return text;
    }
    let names: Vec<_> = moves.table.keys().cloned().collect();
    let _ = write!(text, "  {:<20}", "from \\ to");
    for name in &names {
        let _ = write!(text, " {name:>18}");
    }
    for from in &names {
        let _ = write!(text, "\n  {from:<20}");
        for to in &names {
            let _ = write!(text, " {:>18}", thousands(moves.table[from].get(to).copied().unwrap_or_default()));
        }
    }
    text + "\n"
}
