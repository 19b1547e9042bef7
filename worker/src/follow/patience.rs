//! Asking for the result of a run that goes on, of a server that may be slow.

use std::future::Future;

use temporalio_client::errors::WorkflowGetResultError;
use tonic::Code;

/// The result of the run. A server that had no time to answer is asked again: the run goes on without us, and has
/// time limits of its own. A server that is out of reach was asked again by the client before its error came here.
pub async fn result<T, F>(mut ask: impl FnMut() -> F) -> Result<T, WorkflowGetResultError>
where
    F: Future<Output = Result<T, WorkflowGetResultError>>,
{
    loop {
        match ask().await {
            Err(WorkflowGetResultError::Rpc(status)) if status.code() == Code::DeadlineExceeded => {
                tracing::debug!(%status, "the server had no time to answer");
            }
            answer => return answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use tonic::Status;

    use super::*;

    async fn asked(mut answers: Vec<Result<u8, Status>>) -> (Result<u8, String>, usize) {
        answers.reverse();
        let before = answers.len();
        let answers = RefCell::new(answers);
        let next = || async {
            let answer = answers.borrow_mut().pop().expect("an answer that was not planned");
            answer.map_err(WorkflowGetResultError::Rpc)
        };
        let answer = result(next).await.map_err(|error| error.to_string());
        (answer, before - answers.borrow().len())
    }

    #[tokio::test]
    async fn a_server_without_time_is_asked_until_it_answers() {
        let late = || Err(Status::deadline_exceeded("Deadline expired before operation could complete."));
        assert_eq!(asked(vec![late(), late(), Ok(7)]).await, (Ok(7), 3));
    }

    #[tokio::test]
    async fn a_server_that_refuses_is_asked_once() {
        let (answer, times) = asked(vec![Err(Status::permission_denied("not you")), Ok(7)]).await;
        assert!(answer.expect_err("a refusal").contains("not you"));
        assert_eq!(times, 1);
    }
}
