//! The connection, the deadline, and what was answered lately.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use temporalio_client::Client;
use tokio::time::timeout;
use tonic::{Code, Status};

use super::Answer;
use crate::data::Held;

/// No page waits for longer.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// The question whose answer is that the server was out of reach.
const REACHED: &str = "reached";

/// Makes a connection, or says why there is none.
pub type Connect = Box<dyn Fn() -> BoxFuture<'static, Result<Client, String>> + Send + Sync>;

/// The server as the pages ask it.
pub struct Temporal {
    connect: Connect,
    client: Mutex<Option<Client>>,
    /// The queue whose runs are ours.
    pub(super) task_queue: String,
    pub(super) held: Held,
}

/// Why a question has no answer.
pub(super) enum Unanswered {
    /// The server does not answer.
    Server(String),
    /// The server is there, and does not take this question: a page of a list that it no longer knows.
    Question(String),
    /// No worker does.
    Worker,
}

impl From<Status> for Unanswered {
    fn from(status: Status) -> Self {
        let reason = format!("{}: {}", status.code(), status.message());
        if status.code() == Code::InvalidArgument { Self::Question(reason) } else { Self::Server(reason) }
    }
}

impl Temporal {
    /// Connects when it is asked first, and again while it could not.
    pub fn new(connect: Connect, task_queue: String) -> Self {
        Self { connect, client: Mutex::default(), task_queue, held: Held::default() }
    }

    /// A server that is never there.
    pub fn absent(reason: &str) -> Self {
        let reason = reason.to_owned();
        let refuse = move || {
            let reason = reason.clone();
            Box::pin(async move { Err(reason) }) as BoxFuture<'static, _>
        };
        Self::new(Box::new(refuse), protocol::task_queues::TASK_QUEUE.to_owned())
    }

    /// The queue of the runs that are shown.
    pub fn task_queue(&self) -> &str {
        &self.task_queue
    }

    /// The connection, for what people do from the pages; within the deadline.
    pub async fn client(&self) -> Result<Client, String> {
        match timeout(ANSWER_WITHIN, self.connected()).await {
            Ok(client) => client,
            Err(_) => Err(late()),
        }
    }

    /// Forgets what was answered: somebody has just changed something.
    pub fn forget(&self) {
        self.held.clear();
    }

    async fn connected(&self) -> Result<Client, String> {
        if let Some(client) = self.client.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            return Ok(client);
        }
        let client = (self.connect)().await?;
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = Some(client.clone());
        Ok(client)
    }

    /// The answer to a question: the one of the last seconds, or the server's within the deadline. One that is out of
    /// reach is left alone for some seconds, so that not every page waits for it.
    pub(super) async fn ask<T, F>(
        &self,
        question: String,
        now: DateTime<Utc>,
        ask: impl FnOnce(Client) -> F,
    ) -> Answer<T>
    where
        T: Clone + Send + 'static,
        F: Future<Output = Result<T, Unanswered>>,
    {
        if let Some(known) = self.held.get::<Answer<T>>(&question, now) {
            return known;
        }
        if let Some(reason) = self.held.get::<String>(REACHED, now) {
            return Answer::Down { reason };
        }
        let asked = async { ask(self.connected().await.map_err(Unanswered::Server)?).await };
        let answer = match timeout(ANSWER_WITHIN, asked).await {
            Ok(Ok(answer)) => Answer::Known(answer),
            Ok(Err(Unanswered::Worker)) => Answer::NoWorker,
            // Other questions are still asked.
            Ok(Err(Unanswered::Question(reason))) => Answer::Down { reason },
            Ok(Err(Unanswered::Server(reason))) => self.out_of_reach(reason, now),
            Err(_) => self.out_of_reach(late(), now),
        };
        self.held.keep(question, now, answer.clone());
        answer
    }

    fn out_of_reach<T>(&self, reason: String, now: DateTime<Utc>) -> Answer<T> {
        self.held.keep(REACHED.to_owned(), now, reason.clone());
        Answer::Down { reason }
    }
}

impl fmt::Debug for Temporal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Temporal").field("task_queue", &self.task_queue).finish_non_exhaustive()
    }
}

fn late() -> String {
    format!("no answer within {} s", ANSWER_WITHIN.as_secs())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use chrono::TimeDelta;

    use super::*;

    fn counted(
        connected: impl Fn() -> BoxFuture<'static, Result<Client, String>> + Send + Sync + 'static,
    ) -> (Temporal, Arc<AtomicUsize>) {
        let times = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&times);
        let connect = move || {
            counter.fetch_add(1, Ordering::Relaxed);
            connected()
        };
        (Temporal::new(Box::new(connect), "q".to_owned()), times)
    }

    async fn asked(temporal: &Temporal, question: &str, seconds: i64) -> Answer<u32> {
        let now = DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        temporal.ask(question.to_owned(), now, |_| async { Ok(1) }).await
    }

    #[tokio::test]
    async fn a_server_out_of_reach_is_asked_once_in_some_seconds_whatever_the_question() {
        let (temporal, times) = counted(|| Box::pin(async { Err("refused".to_owned()) }));
        for question in ["runs", "schedules", "runs"] {
            assert_eq!(asked(&temporal, question, 0).await.down(), Some("refused"));
        }
        assert_eq!(times.load(Ordering::Relaxed), 1);
        asked(&temporal, "runs", 5).await;
        assert_eq!(times.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn a_question_that_the_server_does_not_take_says_nothing_of_the_server() {
        let refused = Unanswered::from(Status::invalid_argument("invalid next page token"));
        assert!(matches!(refused, Unanswered::Question(reason) if reason.contains("next page token")));
        assert!(matches!(Unanswered::from(Status::unavailable("refused")), Unanswered::Server(_)));
    }

    #[tokio::test]
    async fn a_server_that_says_nothing_is_given_up_at_the_deadline() {
        let (temporal, _) = counted(|| Box::pin(std::future::pending()));
        assert_eq!(asked(&temporal, "runs", 0).await.down(), Some("no answer within 2 s"));
    }
}
