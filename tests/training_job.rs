//! A training job keeps SageMaker's container contract as a process: signals, output, exit codes.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use activities::trainer::entry_point::parse_progress;
use churn::model::{Bundle, Metadata};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use support::program::program;
use support::{Finished, LENIENT, Settings, Site, eventually, home, spanishgas};

const TIERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../configs/feature_tiers.yaml");

/// Enough rounds that the signal arrives before the end.
const SETTINGS: Settings = Settings { rounds: 600, ..LENIENT };
/// Five folds with and without more weight for churners, and the final fit.
const FITS: u64 = 11;

#[test]
fn a_job_is_stopped_and_goes_on_and_says_how_it_ended() {
    let site = Site::new(SETTINGS);
    let published = site.train(&[]);
    let gold = site.lake.keys(&["gold"]).into_iter().find(|key| key.ends_with(".parquet")).expect("a gold table");
    let rounds = u64::from(SETTINGS.rounds);
    let job = inputs(&site.lake.at(&gold));
    fs::create_dir(job.path().join("checkpoints")).expect("a folder");

    // SIGTERM when two fits or more have ended: one runs on each core.
    let mut training = start(job.path());
    let at_work = std::thread::available_parallelism().map_or(1, |cores| cores.get().min(8)) as u64;
    let last = stop_after(&mut training, (at_work + 1) * rounds + 1, Signal::SIGTERM);
    let status = eventually("the job ends", Duration::from_secs(20), || training.try_wait().expect("a child"));
    assert_eq!(status.code(), Some(143));
    assert!(last < FITS * rounds, "the job was not stopped");
    assert!(!job.path().join("output").exists() && !job.path().join("model").exists());
    let kept = checkpoints(job.path());
    assert!(kept.len() >= 2, "{kept:?}");

    // Again, with one of its checkpoints damaged.
    fs::write(&kept[0], "damaged").expect("a checkpoint");
    let again = run(job.path());
    assert_eq!(again.code, Some(0), "{again:#?}");
    let done: Vec<u64> = again.stdout.lines().filter_map(|line| Some(parse_progress(line)?.0)).collect();
    let spared = (kept.len() as u64 - 1) * rounds;
    assert!(done[0] > spared && done.last() == Some(&(FITS * rounds)), "finished fits were not spared: {done:?}");
    assert!(again.stderr.contains(kept[0].to_str().expect("a UTF-8 path")), "{}", again.stderr);
    for name in ["oof_pr_auc", "oof_roc_auc", "oof_brier", "threshold", "training_rows"] {
        assert!(again.stdout.contains(&format!("\nmetric {name}=")), "{}", again.stdout);
    }

    // It is the model of the pipeline, which was never stopped.
    let model = job.path().join("model");
    let metadata: Metadata = serde_json::from_slice(&read(&model.join("metadata.json"))).expect("JSON");
    assert_eq!(published["model"]["version"], metadata.version);
    let of_folds = (0..metadata.fold_models).map(Bundle::fold_file);
    for file in Bundle::FILES.map(str::to_owned).into_iter().chain(of_folds) {
        let key = format!("models/{}/{file}", metadata.version);
        assert!(site.lake.find(&key).as_ref() == Some(&read(&model.join(&file))), "{key} is another file");
    }

    // A job that cannot train says why.
    fs::remove_file(job.path().join("input/data/gold/gold_master.parquet")).expect("the link");
    let failed = run(job.path());
    assert_eq!(failed.code, Some(1), "{failed:#?}");
    let failure = String::from_utf8(read(&job.path().join("output/failure"))).expect("UTF-8");
    assert!(failure.contains("holds 0 files"), "{failure}");
}

/// The inputs of a job as SageMaker lays them out.
fn inputs(gold: &Path) -> TempDir {
    let job = home::folder("job");
    let input = job.path().join("input");
    let rounds = SETTINGS.rounds;
    let hyperparameters = format!(
        r#"{{"experiment": "E5_full", "xgboost.rounds": "{rounds}", "xgboost.eta": "0.1", "bootstrap.resamples": "200",
            "_tuning_objective_metric": "train:oof_pr_auc"}}"#
    );
    for folder in ["config", "data/gold", "data/config"] {
        fs::create_dir_all(input.join(folder)).expect("a folder");
    }
    fs::write(input.join("config/hyperparameters.json"), hyperparameters).expect("a file");
    std::os::unix::fs::symlink(gold, input.join("data/gold/gold_master.parquet")).expect("a link");
    std::os::unix::fs::symlink(TIERS, input.join("data/config/feature_tiers.yaml")).expect("a link");
    job
}

fn run(base: &Path) -> Finished {
    spanishgas(None, &["train", "--base", base.to_str().expect("a UTF-8 path")])
}

/// Starts it as a container does: the base folder is in the environment.
fn start(base: &Path) -> Child {
    let mut command = Command::new(program());
    command.arg("train").env("SAGEMAKER_BASE_DIR", base).stdin(Stdio::null()).stdout(Stdio::piped());
    command.spawn().expect("spanishgas can be run")
}

/// Sends a signal when so many rounds are done; the last round that was heard of.
fn stop_after(training: &mut Child, rounds: u64, signal: Signal) -> u64 {
    let pid = Pid::from_raw(i32::try_from(training.id()).expect("a process ID"));
    let stdout = training.stdout.take().expect("standard output");
    let mut last = 0;
    for line in BufReader::new(stdout).lines() {
        let Some((done, _)) = parse_progress(&line.expect("a line")) else { continue };
        if last < rounds && done >= rounds {
            kill(pid, signal).expect("the job can be signalled");
        }
        last = done;
    }
    last
}

fn checkpoints(base: &Path) -> Vec<PathBuf> {
    let list = |folder: &Path| fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = list(&base.join("checkpoints"))
        .flat_map(|training| list(&training).collect::<Vec<_>>())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("fit-")))
        .collect();
    files.sort();
    files
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
