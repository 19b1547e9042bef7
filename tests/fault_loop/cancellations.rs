//! A run is cancelled in every stage: what it leaves is right as far as it goes, the pointers agree with
//! each other, and the next run comes to the undisturbed result.

use super::Extent;
use super::chance::Chance;
use super::contents::Contents;
use super::ground::{A_CANCELLATION, A_DISTURBED_RUN, Ground, Refusal};
use super::marks::{STAGES, await_stage};
use super::report::{Case, Ending};
use super::run::End;
use super::undisturbed::Undisturbed;
use support::eventually::let_pass;

const SHORT: [&str; 3] = ["bronze_customer_month", "train", "gate"];

/// At a moment of every stage.
pub fn cases(extent: Extent) -> Vec<Case> {
    let chosen = |stage: &&str| extent == Extent::Full || SHORT.contains(stage);
    let stages = STAGES.iter().filter(|(stage, _)| chosen(stage));
    stages
        .flat_map(|(stage, marks)| {
            (1..=extent.choose(1, 2)).map(move |time| {
                Case::new("cancelled", format!("{stage} {time}"), move |undisturbed, chance| {
                    cancel(undisturbed, chance, stage, marks)
                })
            })
        })
        .collect()
}

fn cancel(undisturbed: &Undisturbed, chance: &mut Chance, stage: &str, marks: &[&str]) -> Ending {
    let ground = Ground::new();
    let worker = ground.worker();
    let run = ground.start();
    await_stage(&ground.lake, marks);
    let_pass(chance.within(undisturbed.time_of(stage)));
    run.cancel();
    let wrong = match run.end(A_CANCELLATION) {
        // The last word was spoken before.
        End::Cancelled | End::Completed => half_done(&ground, undisturbed),
        other => Some(format!("a cancelled run ends as {other:?}")),
    };
    let ending = wrong.map_or_else(|| once_more(&ground, undisturbed), Ending::Wrong);
    ground.leave(vec![worker], ending)
}

/// What is wrong with what the run has left, if anything is.
fn half_done(ground: &Ground, undisturbed: &Undisturbed) -> Option<String> {
    if let Some(beyond) = Contents::of(&ground.lake).beyond(&[&undisturbed.contents]) {
        return Some(format!("half-done work is visible: {beyond}"));
    }
    let [champion, published, scores, monitoring] = ground.pointers().map(|pointer| pointer.is_some());
    let registered = ground.lake.keys(&["models"]).iter().any(|key| key.ends_with("/registration.json"));
    if champion && !registered {
        return Some("the champion is not registered".to_owned());
    }
    let together = published == scores && scores == monitoring;
    (!together).then(|| format!("published: {published}, scores: {scores}, monitoring: {monitoring}"))
}

fn once_more(ground: &Ground, undisturbed: &Undisturbed) -> Ending {
    let before = ground.pointers();
    let end = ground.start().end(A_DISTURBED_RUN);
    ground.judge(end, &before, &undisturbed.contents, Refusal::Never)
}
