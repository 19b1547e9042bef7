//! Jobs that are done side by side on threads of their own, and heard of on the thread that asked for them.
//!
//! So whoever watches a training, and whatever keeps its fits, need not know of threads.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, SyncSender};
use std::thread;

use crate::error::{Error, Result};

/// So many rounds of all jobs, and one of each worker, are done at most that nobody has heard of yet. With none a job would wait after each until it
/// is heard, an eighth of its time; with many a stop would be late.
const AHEAD: usize = 16;

/// What is heard of a job.
pub(super) enum News<T> {
    /// One more of its rounds is done.
    Round,
    /// The job of this number is done.
    Done(usize, T),
}

/// As many workers as a setting asks for; 0 is one per core.
pub(super) fn workers(threads: u32) -> NonZeroUsize {
    let one_per_core = || thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    NonZeroUsize::new(threads as usize).unwrap_or_else(one_per_core)
}

/// Does the jobs 0 to `jobs`, in their order, as many at a time as there are workers.
///
/// `work` does the job of a number; it calls the function that it is given after each of its rounds, and ends when that
/// fails. `hear` is called by this thread alone. The first error of a job or of `hear` is the answer; what is at work
/// then ends with its round, and nothing is heard any more.
pub(super) fn side_by_side<T, W>(
    jobs: usize,
    workers: NonZeroUsize,
    work: W,
    mut hear: impl FnMut(News<T>) -> Result<()>,
) -> Result<()>
where
    T: Send,
    W: Fn(usize, &mut dyn FnMut() -> Result<()>) -> Result<T> + Sync,
{
    let next = AtomicUsize::new(0);
    let (next, work) = (&next, &work);
    thread::scope(|scope| -> Result<()> {
        let (sender, receiver) = mpsc::sync_channel(AHEAD);
        for _ in 0..workers.get().min(jobs) {
            let sender = sender.clone();
            scope.spawn(move || do_next(jobs, next, work, &sender));
        }
        drop(sender);
        for news in receiver {
            hear(news?)?;
        }
        Ok(())
    })
}

/// One worker: takes the next job until there is none, one fails, or nobody hears any more.
fn do_next<T, W>(jobs: usize, next: &AtomicUsize, work: &W, sender: &SyncSender<Result<News<T>>>)
where
    W: Fn(usize, &mut dyn FnMut() -> Result<()>) -> Result<T>,
{
    loop {
        let job = next.fetch_add(1, Ordering::Relaxed);
        if job >= jobs {
            return;
        }
        let done = work(job, &mut || sender.send(Ok(News::Round)).map_err(|_| Error::Cancelled));
        let is_failed = done.is_err();
        let is_heard = sender.send(done.map(|made| News::Done(job, made))).is_ok();
        if is_failed || !is_heard {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;

    fn two() -> NonZeroUsize {
        workers(2)
    }

    #[test]
    fn every_job_is_done_once_by_any_number_of_workers_and_heard_by_the_thread_that_asked() {
        for threads in [1, 2, 3, 50] {
            let asked = thread::current().id();
            let (mut rounds, mut done) = (0, BTreeSet::new());
            let work = |job: usize, after_round: &mut dyn FnMut() -> Result<()>| -> Result<usize> {
                assert_ne!(thread::current().id(), asked);
                after_round()?;
                after_round()?;
                Ok(10 * job)
            };
            side_by_side(7, workers(threads), work, |news| {
                assert_eq!(thread::current().id(), asked);
                match news {
                    News::Round => rounds += 1,
                    News::Done(job, made) => assert!(made == 10 * job && done.insert(job), "{job}"),
                }
                Ok(())
            })
            .unwrap();
            assert_eq!((rounds, done), (14, (0..7).collect::<BTreeSet<usize>>()));
        }
    }

    #[test]
    fn the_error_of_one_job_is_the_answer_and_stops_the_others() {
        let begun = AtomicUsize::new(0);
        let stopped = side_by_side::<(), _>(
            100,
            two(),
            |job, after_round| {
                begun.fetch_add(1, Ordering::Relaxed);
                if job == 1 {
                    return Err(Error::model("fit", "no luck"));
                }
                // Ends when it is stopped, and never else.
                loop {
                    after_round()?;
                }
            },
            |_| Ok(()),
        );
        assert!(matches!(stopped, Err(Error::Model { .. })), "{stopped:?}");
        assert_eq!(begun.into_inner(), 2, "no other job is begun");
    }

    #[test]
    fn who_hears_can_stop_all_and_no_worker_runs_far_ahead() {
        let worked = AtomicUsize::new(0);
        let mut heard = 0;
        let stopped = side_by_side::<(), _>(
            4,
            two(),
            |_, after_round| loop {
                worked.fetch_add(1, Ordering::Relaxed);
                after_round()?;
            },
            |_| {
                heard += 1;
                if heard == 5 { Err(Error::Cancelled) } else { Ok(()) }
            },
        );
        assert!(matches!(stopped, Err(Error::Cancelled)), "{stopped:?}");
        let worked = worked.into_inner();
        assert!((5..=5 + AHEAD + 2).contains(&worked), "{worked} rounds of two workers, 5 were heard");
    }

    #[test]
    fn a_job_goes_on_while_nobody_hears_of_it() {
        let (ahead, seen) = mpsc::channel();
        let work = |_: usize, after_round: &mut dyn FnMut() -> Result<()>| -> Result<()> {
            (0..=AHEAD).try_for_each(|round| {
                // The test is over where nobody looks any more.
                let _ = ahead.send(round);
                after_round()
            })
        };
        let ahead_of_the_first = move |news: News<()>| {
            if let News::Round = news {
                while seen.recv_timeout(Duration::from_mins(1)).map_err(|e| Error::model("wait", e))? < AHEAD {}
            }
            Err(Error::Cancelled)
        };
        let ended = side_by_side(1, two(), work, ahead_of_the_first);
        assert!(matches!(ended, Err(Error::Cancelled)), "{ended:?}");
    }

    #[test]
    fn no_job_is_no_work() {
        let work = |_: usize, _: &mut dyn FnMut() -> Result<()>| -> Result<()> { panic!("there is no job") };
        side_by_side(0, two(), work, |_| panic!("there is nothing to hear")).unwrap();
        assert!(workers(0).get() >= 1);
    }
}
