//! What a followed run waits for, said once: people who paused it, a person who decides.

use protocol::progress::{Pause, Progress, WaitingApproval};

/// What was said.
#[derive(Debug, Default)]
pub(super) struct Waits {
    paused: Option<Pause>,
    approval: Option<WaitingApproval>,
}

impl Waits {
    /// What is new of them, in words; `id` is the workflow's.
    pub(super) fn news(&mut self, id: &str, progress: &Progress<String>) -> Vec<String> {
        let mut news = Vec::new();
        if self.paused != progress.paused {
            news.push(match &progress.paused {
                Some(Pause { by, reason, since, .. }) => format!(
                    "paused by {by} since {since}, before the next stage: {reason} (spanishgas resume {id} --by NAME --reason WHY)"
                ),
                None => "resumed".to_owned(),
            });
            self.paused.clone_from(&progress.paused);
        }
        if self.approval != progress.approval {
            news.extend(progress.approval.as_ref().map(|waiting| question(id, waiting)));
            self.approval.clone_from(&progress.approval);
        }
        news
    }
}

fn question(id: &str, WaitingApproval { version, pr_auc, reminded, expires_at, .. }: &WaitingApproval) -> String {
    let still = if reminded.is_some() { "still waits" } else { "waits" };
    format!(
        "model {version} (PR-AUC {pr_auc:.3}) {still} for a person, and is rejected at {expires_at} (spanishgas approvals \
         approve {id} --by NAME, or reject {id} --by NAME --comment WHY)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_said_once_and_its_end_too() {
        let mut waits = Waits::default();
        let free = Progress::<String>::default();
        let (by, reason) = ("ana".to_owned(), "wrong prices".to_owned());
        let pause = Pause { by, reason, since: "t1".to_owned(), resumed: None };
        let paused = Progress { paused: Some(pause), ..free.clone() };
        let mut said = Vec::new();
        for progress in [&free, &paused, &paused, &free, &free] {
            said.extend(waits.news("nightly", progress));
        }
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(
            said[0].contains("paused by ana since t1") && said[0].contains("spanishgas resume nightly"),
            "{said:?}"
        );
        assert_eq!(said[1], "resumed");
    }
}
