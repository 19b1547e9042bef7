//! Tells the program which revision of the code it is made of.

use std::process::Command;

/// Names the revision where there is no repository: in the build of an image.
const VARIABLE: &str = "SPANISHGAS_REVISION";

#[expect(clippy::disallowed_methods, reason = "a build is told its settings by the environment")]
fn main() {
    let told = std::env::var(VARIABLE).ok().filter(|revision| !revision.is_empty());
    let revision = told.or_else(|| git(&["rev-parse", "--short=12", "HEAD"])).unwrap_or_else(|| "unknown".to_owned());
    println!("cargo::rustc-env={VARIABLE}={revision}");
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    // It moves with every commit and every checkout.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={log}");
    }
}

fn git(arguments: &[&str]) -> Option<String> {
    let answer = Command::new("git").args(arguments).output().ok().filter(|answer| answer.status.success())?;
    Some(String::from_utf8(answer.stdout).ok()?.trim().to_owned())
}
