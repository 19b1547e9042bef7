//! `spanishgas erase-customer`: takes customers out of the lake for good. Their IDs come from a file or standard input, and
//! go to a request in the lake alone: no command line, history, log or alert holds one.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use activities::steps::erasure::{Cleaning, Found, survey};
use anyhow::{Context, bail};
use chrono::{SecondsFormat, Utc};
use churn::erasure::CustomerNames;
use lake::Lake;
use lake::documents::{Certificate, ErasureRequest};
use protocol::erasure::{EraseInput, ErasureReport, RequestId, WORKFLOW_TYPE};
use protocol::name_no_customer;
use serde_json::json;
use temporalio_client::Client;

use crate::connect::{ServerArguments, connect};
use crate::environment::EnvironmentOptions;
use crate::follow::{Ended, Failure, follow};
use crate::launch::{self, Launched, Repeat, Start};
use crate::pollers;
use crate::run_handle::handle;
use crate::scratch::Scratch;

/// How long a Temporal server is looked for.
const SERVER_WITHIN: Duration = Duration::from_secs(10);
/// There is something to erase, and this was a dry run.
const WORK: u8 = 2;
/// What to do where the erasure cannot begin.
const NOTHING_DONE: &str = "nothing was erased";
/// The name of standard input.
const STANDARD_INPUT: &str = "-";

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: spanishgas erase-customer --ids-from ids.txt --by ana --reason \"request 4711\" --retrain\n\
    Exit code: 0 done, or nothing was there to do; 1 not done, something is left that a person must look \
    at, or nothing is published; 2 a dry run found something"
)]
pub struct Arguments {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// A file with the IDs of the customers, one a line; - is standard input.
    #[arg(long, value_name = "FILE", required_unless_present = "request")]
    pub ids_from: Option<PathBuf>,
    /// Who wants it.
    #[arg(long, required_unless_present_any = ["request", "dry_run"])]
    pub by: Option<String>,
    /// Why; it stays in the certificate, and must name no customer.
    #[arg(long, required_unless_present_any = ["request", "dry_run"])]
    pub reason: Option<String>,
    /// Train a new model at the end; without it models go on with what they learned.
    #[arg(long)]
    pub retrain: bool,
    /// The folder of the raw files that are scored anew [default: that of what is published]; raw files are cleaned wherever they are.
    #[arg(long, value_name = "FOLDER")]
    pub raw_prefix: Option<String>,
    /// Only show what names them; changes nothing, and needs no server.
    #[arg(long, conflicts_with = "request")]
    pub dry_run: bool,
    /// Start an erasure again that failed, by its request.
    #[arg(long, value_name = "REQUEST", conflicts_with = "ids_from")]
    pub request: Option<String>,
    #[command(flatten)]
    pub server: ServerArguments,
    /// Print what was done, or is to be done, as one JSON object.
    #[arg(long)]
    pub json: bool,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let scratch = Scratch::new(None)?;
    let lake = arguments.places.open_lake(scratch.path()).await?;
    if let Some(request) = &arguments.request {
        let request: RequestId = serde_json::from_value(json!(request)).context("a request is a text")?;
        let Some(wanted) = ErasureRequest::find(&lake, &request).await? else {
            bail!("no request {request} waits in {lake}: it was carried out, or never made; {NOTHING_DONE}");
        };
        let wanted = wanted.asked_again(arguments.retrain, arguments.raw_prefix.clone());
        let client = reach(&arguments, &lake).await?;
        return erase(&arguments, &lake, &client, request, wanted).await;
    }
    let customers = read_ids(arguments.ids_from.as_deref())?;
    if arguments.dry_run {
        return show(&arguments, &lake, customers, scratch.path()).await;
    }
    let wanted = wanted(&arguments, &customers)?;
    // Before whom it is about is written anywhere.
    let client = reach(&arguments, &lake).await?;
    let request = ErasureRequest::new_id();
    wanted.store(&lake, &request).await?;
    erase(&arguments, &lake, &client, request, wanted).await
}

/// The IDs; no message repeats what stands there.
fn read_ids(from: Option<&Path>) -> anyhow::Result<CustomerNames> {
    let Some(from) = from else { bail!("give --ids-from FILE, or - for standard input") };
    let mut text = String::new();
    if from == Path::new(STANDARD_INPUT) {
        std::io::stdin().read_to_string(&mut text).context("could not read IDs from standard input")?;
    } else {
        text = std::fs::read_to_string(from).with_context(|| format!("could not read IDs from {}", from.display()))?;
    }
    let customers = CustomerNames::parse(text.lines()).with_context(|| format!("--ids-from: {NOTHING_DONE}"))?;
    if customers.is_empty() {
        bail!("--ids-from names no customer; {NOTHING_DONE}");
    }
    Ok(customers)
}

fn wanted(arguments: &Arguments, customers: &CustomerNames) -> anyhow::Result<ErasureRequest> {
    let (by, reason) = (arguments.by.clone().unwrap_or_default(), arguments.reason.clone().unwrap_or_default());
    for (name, text) in [("--by", &by), ("--reason", &reason)] {
        if text.trim().is_empty() {
            bail!("{name} is empty: say who wants it and why; {NOTHING_DONE}");
        }
        if customers.are_in(text) {
            bail!("{name} names a customer, and stays in the certificate: name a ticket instead; {NOTHING_DONE}");
        }
    }
    let refused = |problem: String| anyhow::anyhow!("{problem}; {NOTHING_DONE}");
    name_no_customer(&[("--by", by.as_str()), ("--reason", reason.as_str())]).map_err(refused)?;
    let at = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
    let customer_ids = customers.ids().map(str::to_owned).collect();
    let (retrain, raw_prefix) = (arguments.retrain, arguments.raw_prefix.clone());
    Ok(ErasureRequest { customer_ids, by, reason, at, retrain, raw_prefix })
}

/// The server, once workers are there with which we understand each other.
async fn reach(arguments: &Arguments, lake: &Lake) -> anyhow::Result<Client> {
    let client = connect(&arguments.server.settings()?, SERVER_WITHIN).await.context(NOTHING_DONE)?;
    let listeners = pollers::look(&client, &arguments.server.task_queue).await?;
    if !listeners.take_light_work() {
        bail!("{listeners}; {NOTHING_DONE}");
    }
    arguments.server.require_understood(lake).await.context(NOTHING_DONE)?;
    Ok(client)
}

async fn erase(
    arguments: &Arguments,
    lake: &Lake,
    client: &Client,
    request: RequestId,
    wanted: ErasureRequest,
) -> anyhow::Result<ExitCode> {
    let input = EraseInput {
        request,
        lake: Some(lake.identity().await?.to_string()),
        raw_prefix: wanted.raw_prefix,
        retrain: wanted.retrain,
    };
    let id = input.workflow_id().to_string();
    let queue = &arguments.server.task_queue;
    let summary = format!("erase the customers of request {}", input.request);
    let start = Start {
        workflow_type: WORKFLOW_TYPE,
        id: &id,
        task_queue: queue,
        summary: &summary,
        repeat: Repeat::Failed,
        version: None,
    };
    let again = format!("the request waits in the lake; start it with --request {}", input.request);
    if matches!(launch::start(client, start, &input).await.context(again.clone())?, Launched::EndedBefore) {
        bail!("request {} was carried out before", input.request);
    }
    eprintln!(
        "workflow {id}; it waits for runs that began before it, takes the customers out, and scores the others anew"
    );
    match follow::<ErasureReport>(&handle(client, &id), queue, &[]).await? {
        Ended::Completed(report) => {
            // The history has counts alone.
            let certificate = lake.get_json::<Certificate>(&report.certificate).await?;
            tell(arguments, &report, &Remains::of(certificate.map(|(certificate, _)| certificate)))
        }
        Ended::Failed(Failure { state, error_type, message }) => {
            if arguments.json {
                let error = json!({ "type": error_type, "message": message });
                let object = json!({ "state": state, "request": input.request, "error": error });
                println!("{}", serde_json::to_string_pretty(&object)?);
            }
            eprintln!("{}: {error_type} {message}\n{again}", state.to_uppercase());
            Ok(ExitCode::FAILURE)
        }
    }
}

/// What names them still, as the certificate has it.
#[derive(Default)]
struct Remains {
    left: BTreeMap<String, String>,
    outside: BTreeMap<String, String>,
}

impl Remains {
    fn of(certificate: Option<Certificate>) -> Self {
        certificate.map(|Certificate { left, outside, .. }| Self { left, outside }).unwrap_or_default()
    }
}

fn tell(arguments: &Arguments, report: &ErasureReport, remains: &Remains) -> anyhow::Result<ExitCode> {
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(report)?);
    } else {
        println!("{}", words(report, remains));
    }
    Ok(if report.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn words(report: &ErasureReport, Remains { left, outside }: &Remains) -> String {
    let ErasureReport { certificate, customers, rewritten, raw_rows, deleted, versions, .. } = report;
    if report.is_nothing() {
        return format!("NOTHING TO DO: nothing names them, and they are kept out already. Certificate: {certificate}");
    }
    if report.names_nobody() {
        return format!(
            "KEPT OUT: nothing names the {customers} customers; they are kept out from now on. Is every ID right? \
             Certificate: {certificate}"
        );
    }
    let mut lines = vec![
        format!("ERASED: {customers} customers. Certificate: {certificate}"),
        format!(
            "  {rewritten} files written anew ({raw_rows} raw rows left out), {deleted} stored outputs deleted, {versions} versions removed"
        ),
    ];
    if let Some(scored) = &report.scored {
        let ended = if scored.completed { "scored the others anew" } else { "did not come to its end" };
        lines.push(format!("  run {} {ended}", scored.workflow_id));
    }
    if !report.unpublished.is_empty() {
        lines.push(format!(
            "NOTE: nothing is published any more ({}); to score: spanishgas run --mode score",
            report.unpublished.join(", ")
        ));
    }
    if !report.learned.is_empty() {
        let models: Vec<_> = report.learned.iter().map(ToString::to_string).collect();
        let then = report.retrain.as_ref().map(|run| format!("; run {run} trains a new one")).unwrap_or_default();
        lines.push(format!("NOTE: these models learned from them, or may have: {}{then}", models.join(", ")));
    }
    lines.extend(left.iter().map(|(key, why)| format!("LEFT: {key} may name one of them still: {why}")));
    lines.extend(outside.iter().map(|(key, original)| {
        format!("OUTSIDE: {key} was a link to {original}, which is not in the lake: it is as it was, and names them")
    }));
    if left.len() != report.left {
        lines.push(format!("LEFT: {} objects may name one of them still; {certificate} has them", report.left));
    }
    lines.extend(report.undelivered_alerts.iter().map(|subject| format!("NOTE: people could not be told: {subject}")));
    lines.join("\n")
}

/// What names them, and what would be done about it.
async fn show(
    arguments: &Arguments,
    lake: &Lake,
    customers: CustomerNames,
    scratch: &Path,
) -> anyhow::Result<ExitCode> {
    let count = customers.len();
    let found = survey(lake, &Arc::new(customers), scratch, &|_, _| {}).await?;
    if arguments.json {
        let objects: Vec<_> = found.iter().map(|found| json!({ "key": found.key, "action": action(found) })).collect();
        let object = json!({ "dry_run": true, "customers": count, "objects": objects });
        println!("{}", serde_json::to_string_pretty(&object)?);
    } else if found.is_empty() {
        println!("NOTHING TO DO: nothing in {lake} names one of the {count} customers");
    } else {
        println!("TO DO: {} objects in {lake} name one of the {count} customers", found.len());
        for found in &found {
            println!("  {:<7} {}", action(found), found.key);
        }
    }
    Ok(if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(WORK) })
}

fn action(found: &Found) -> &'static str {
    match &found.cleaning {
        Cleaning::Rows | Cleaning::Words => "rewrite",
        Cleaning::Stage(_) | Cleaning::Delete => "delete",
        Cleaning::ByHand(_) => "look",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> ErasureReport {
        serde_json::from_value(json!({
            "request": "00000000000000ff", "certificate": "erasure/certificates/00000000000000ff.json", "customers": 2,
            "new_tombstones": 2, "rewritten": 6, "raw_rows": 900, "deleted": 8, "versions": 0,
        }))
        .unwrap()
    }

    #[test]
    fn what_was_done_and_what_a_person_must_look_at_is_said() {
        let nothing = ErasureReport { new_tombstones: 0, rewritten: 0, deleted: 0, ..report() };
        assert!(words(&nothing, &Remains::default()).starts_with("NOTHING TO DO"));
        let nobody = ErasureReport { rewritten: 0, deleted: 0, ..report() };
        let said = words(&nobody, &Remains::default());
        assert!(said.starts_with("KEPT OUT") && said.contains("Is every ID right?"), "{said}");
        let done = ErasureReport { learned: vec!["old".into()], left: 1, ..report() };
        let one = |key: &str, said: &str| BTreeMap::from([(key.to_owned(), said.to_owned())]);
        let remains =
            Remains { left: one("raw/<erased>.txt", "no rule"), outside: one("raw/a.csv", "/data/of/others/a.csv") };
        let said = words(&done, &remains);
        for part in [
            "ERASED: 2 customers",
            "900 raw rows",
            "these models learned from them, or may have: old",
            "LEFT: raw/<erased>.txt may name one of them still: no rule",
            "OUTSIDE: raw/a.csv was a link to /data/of/others/a.csv",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }

    #[test]
    fn ids_are_read_from_a_file_and_none_is_repeated_in_a_message() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ids.txt");
        std::fs::write(&path, "C00017\n\nC00018\r\n").unwrap();
        assert_eq!(read_ids(Some(&path)).unwrap().len(), 2);
        std::fs::write(&path, "C00017\nana@example.org\n").unwrap();
        let message = format!("{:#}", read_ids(Some(&path)).unwrap_err());
        assert!(message.contains("entry 2") && !message.contains("ana@") && !message.contains("C00017"), "{message}");
        std::fs::write(&path, "\n").unwrap();
        assert!(read_ids(Some(&path)).is_err());
    }
}
