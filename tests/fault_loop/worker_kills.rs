//! A worker is lost (SIGKILL): at a moment of every stage, and right after every manifest and pointer.

use super::Extent;
use super::chance::Chance;
use super::ground::{A_DISTURBED_RUN, Ground, Refusal};
use super::marks::{MARKS, Mark, STAGES, await_stage};
use super::report::{Case, Ending};
use super::undisturbed::Undisturbed;
use support::eventually::let_pass;

/// Stages of the short loop: the heavy ones are given up after a missing heartbeat of half a minute.
const SHORT_STAGES: [&str; 2] = ["silver", "train"];
const SHORT_MARKS: [&str; 2] = ["bronze_customer_month", "champion"];
/// The long stages are met more often: 30 kills in all.
const TWICE: usize = 2;
const THRICE: [&str; 6] = ["raw", "bronze_customer", "bronze_customer_month", "silver", "train", "evaluate"];

/// Kills spread over all stages.
pub fn in_stages(extent: Extent) -> Vec<Case> {
    let chosen = |stage: &&str| extent == Extent::Full || SHORT_STAGES.contains(stage);
    let stages = STAGES.iter().filter(|(stage, _)| chosen(stage));
    stages
        .flat_map(|(stage, marks)| {
            let full = if THRICE.contains(stage) { TWICE + 1 } else { TWICE };
            (1..=extent.choose(1, full)).map(move |time| {
                Case::new("worker killed in a stage", format!("{stage} {time}"), move |undisturbed, chance| {
                    let delay = chance.within(undisturbed.time_of(stage));
                    lose_worker(undisturbed, |ground| {
                        await_stage(&ground.lake, marks);
                        let_pass(delay);
                    })
                })
            })
        })
        .collect()
}

/// Kills right after a mark.
pub fn at_marks(extent: Extent) -> Vec<Case> {
    let chosen = |mark: &&Mark| extent == Extent::Full || SHORT_MARKS.contains(&mark.name);
    let case = |mark: &Mark| {
        let mark = *mark;
        Case::new("worker killed after a mark", mark.name, move |undisturbed, _: &mut Chance| {
            lose_worker(undisturbed, |ground| mark.await_in(&ground.lake))
        })
    };
    MARKS.iter().filter(chosen).map(case).collect()
}

fn lose_worker(undisturbed: &Undisturbed, await_moment: impl FnOnce(&Ground)) -> Ending {
    let ground = Ground::new();
    let before = ground.pointers();
    let worker = ground.worker();
    let run = ground.start();
    await_moment(&ground);
    worker.kill();
    let worker = ground.worker();
    let end = run.end(A_DISTURBED_RUN);
    let ending = ground.judge(end, &before, &undisturbed.contents, Refusal::Never);
    ground.leave(vec![worker], ending)
}
