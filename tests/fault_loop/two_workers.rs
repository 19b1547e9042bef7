//! Two workers on one lake and two runs of the same data at once, and one of the workers may be lost.

use super::Extent;
use super::chance::Chance;
use super::ground::{A_DISTURBED_RUN, Ground, Refusal};
use super::report::{Case, Ending};
use super::undisturbed::Undisturbed;
use support::eventually::let_pass;

/// Both stay, or one is lost.
pub fn cases(extent: Extent) -> Vec<Case> {
    let both_stay = (1..=extent.choose(1, 3)).map(|time| Case::new("two workers", format!("both stay {time}"), stay));
    let one_is_lost = (1..=extent.choose(0, 3)).map(|time| Case::new("two workers", format!("one lost {time}"), lose));
    both_stay.chain(one_is_lost).collect()
}

fn stay(undisturbed: &Undisturbed, _chance: &mut Chance) -> Ending {
    work(undisturbed, None)
}

fn lose(undisturbed: &Undisturbed, chance: &mut Chance) -> Ending {
    work(undisturbed, Some(chance))
}

fn work(undisturbed: &Undisturbed, lost: Option<&mut Chance>) -> Ending {
    let ground = Ground::new();
    let before = ground.pointers();
    let mut workers = vec![ground.worker(), ground.worker()];
    let runs = [ground.start(), ground.start()];
    if let Some(chance) = lost {
        // Two runs at once take about twice the time.
        let_pass(chance.within(undisturbed.time() * 2));
        workers.remove(0).kill();
        workers.push(ground.worker());
    }
    let ends = runs.map(|run| run.end(A_DISTURBED_RUN));
    let endings = ends.map(|end| ground.judge(end, &before, &undisturbed.contents, Refusal::Never));
    let worst = endings.into_iter().find(|ending| *ending != Ending::Right).unwrap_or(Ending::Right);
    ground.leave(workers, worst)
}
