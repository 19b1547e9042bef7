//! Work side by side: all answers, or the one cause.

use std::cell::RefCell;

use futures::TryFutureExt;
use temporalio_sdk::WorkflowCancellationToken;
use temporalio_sdk::workflows::{join, join_all};

use super::Failure;

/// Does the work for every item, at most so many at a time; the answers in the order of the items.
///
/// At the first failure `rest` is cancelled, so that what is at work ends where it listens to that token, and no further
/// item is begun.
pub async fn at_most<T, R>(
    at_once: usize,
    items: Vec<T>,
    rest: &WorkflowCancellationToken,
    work: impl AsyncFn(T) -> Result<R, Failure>,
) -> Result<Vec<R>, Failure> {
    let waiting = RefCell::new((0_usize..).zip(items));
    let lane = || async {
        let mut done = Vec::new();
        loop {
            let next = waiting.borrow_mut().next();
            let Some((place, item)) = next else { return Ok(done) };
            if rest.is_cancelled() {
                return Err(Failure::Cancelled);
            }
            done.push((place, work(item).await.inspect_err(|_| rest.cancel())?));
        }
    };
    let lanes = join_all((0..at_once).map(|_| lane())).await;
    let mut done: Vec<_> = all_or_cause(lanes)?.into_iter().flatten().collect();
    done.sort_by_key(|(place, _)| *place);
    Ok(done.into_iter().map(|(_, answer)| answer).collect())
}

/// Does one and the other; at the failure of either `rest` is cancelled, so that what is at work ends where it listens to
/// that token.
pub async fn both<A, B>(
    rest: &WorkflowCancellationToken,
    one: impl Future<Output = Result<A, Failure>>,
    other: impl Future<Output = Result<B, Failure>>,
) -> Result<(A, B), Failure> {
    let (one, other) = (one.inspect_err(|_| rest.cancel()), other.inspect_err(|_| rest.cancel()));
    match join!(one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        // What was cancelled because of a failure is not the cause.
        (Ok(_) | Err(Failure::Cancelled), Err(cause)) | (Err(cause), _) => Err(cause),
    }
}

/// All answers, or why there are not all: what was cancelled because of a failure is not the cause.
pub fn all_or_cause<T>(answers: Vec<Result<T, Failure>>) -> Result<Vec<T>, Failure> {
    let mut all = Vec::with_capacity(answers.len());
    let mut cancelled = false;
    for answer in answers {
        match answer {
            Ok(answer) => all.push(answer),
            Err(Failure::Cancelled) => cancelled = true,
            Err(failed) => return Err(failed),
        }
    }
    if cancelled { Err(Failure::Cancelled) } else { Ok(all) }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures::FutureExt;
    use protocol::ErrorNumber;

    use super::*;

    #[test]
    fn every_item_is_done_in_few_lanes_and_the_answers_are_in_order() {
        let rest = WorkflowCancellationToken::new();
        let (at_work, most) = (Cell::new(0), Cell::new(0));
        let work = async |item: u32| {
            at_work.set(at_work.get() + 1);
            most.set(most.get().max(at_work.get()));
            futures::pending!();
            at_work.set(at_work.get() - 1);
            Ok::<_, Failure>(item * 2)
        };
        let mut done = Box::pin(at_most(2, vec![1, 2, 3, 4, 5], &rest, work));
        let answers = (0..20).find_map(|_| done.as_mut().now_or_never());
        assert_eq!(answers.expect("it ends").unwrap(), [2, 4, 6, 8, 10]);
        assert_eq!(most.get(), 2);
    }

    #[test]
    fn after_a_failure_nothing_more_is_begun_and_the_rest_hears_of_it() {
        let rest = WorkflowCancellationToken::new();
        let begun = Cell::new(0);
        let work = async |item: u32| {
            begun.set(begun.get() + 1);
            if item == 2 { Err(Failure::of(ErrorNumber::BadInput, "no timestamp")) } else { Ok(item) }
        };
        let ended = at_most(1, vec![1, 2, 3, 4], &rest, work).now_or_never().expect("nothing to wait for");
        assert!(ended.is_err_and(|failure| failure.is(ErrorNumber::BadInput)));
        assert_eq!((begun.get(), rest.is_cancelled()), (2, true));
    }

    #[test]
    fn of_both_the_answers_are_told_or_the_failure_that_has_stopped_the_other() {
        fn ended<A, B>(
            rest: &WorkflowCancellationToken,
            one: impl Future<Output = Result<A, Failure>>,
            other: impl Future<Output = Result<B, Failure>>,
        ) -> Result<(A, B), Failure> {
            let mut work = Box::pin(both(rest, one, other));
            (0..5).find_map(|_| work.as_mut().now_or_never()).expect("it ends")
        }
        let rest = WorkflowCancellationToken::new();
        assert_eq!(ended(&rest, async { Ok(1) }, async { Ok("a") }).unwrap(), (1, "a"));
        assert!(!rest.is_cancelled());
        let fails = || async { Err::<(), _>(Failure::of(ErrorNumber::BadInput, "no timestamp")) };
        for is_first in [true, false] {
            let rest = WorkflowCancellationToken::new();
            let waits = async {
                rest.cancelled().await;
                Err::<(), _>(Failure::Cancelled)
            };
            let told = if is_first { ended(&rest, fails(), waits) } else { ended(&rest, waits, fails()) };
            assert!(told.is_err_and(|failure| failure.is(ErrorNumber::BadInput)), "first: {is_first}");
        }
        let rest = WorkflowCancellationToken::new();
        let cancelled = ended(&rest, async { Err::<(), _>(Failure::Cancelled) }, async { Ok(1) });
        assert!(matches!(cancelled, Err(Failure::Cancelled)));
    }

    #[test]
    fn a_failure_is_told_even_if_others_were_cancelled_before_it() {
        let failed = || Err(Failure::of(ErrorNumber::BadInput, "no timestamp"));
        assert_eq!(all_or_cause(vec![Ok(1), Ok(2)]).unwrap(), [1, 2]);
        let told = all_or_cause(vec![Ok(1), Err(Failure::Cancelled), failed(), Err(Failure::Cancelled)]);
        assert!(matches!(told, Err(Failure::Failed { message, .. }) if message == "no timestamp"));
        assert!(matches!(all_or_cause(vec![Ok(1), Err(Failure::Cancelled)]), Err(Failure::Cancelled)));
    }
}
