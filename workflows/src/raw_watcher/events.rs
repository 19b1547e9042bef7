//! What people hear of a delivery, once: that it does not come to its end, or cannot be read.

use protocol::AlertKind;
use protocol::raw_watcher::{Delivery, DeliveryState};

use crate::run::Event;

/// What is to be told now.
pub fn trouble(delivery: &Delivery) -> Option<Event> {
    let Delivery { prefix, since, state } = delivery;
    let (body, details) = match state {
        DeliveryState::Incomplete { missing, tell: true } => (
            format!(
                "Since {since} these are missing in {prefix}/: {}. No run starts before they are there.",
                missing.join(", ")
            ),
            missing.clone(),
        ),
        DeliveryState::Unusable { problem, tell: true } => (
            format!(
                "It is complete and at rest since {since}, and no run can start with it. Where the files are wrong, deliver \
                 them again. {problem}"
            ),
            vec![problem.clone()],
        ),
        _ => return None,
    };
    let subject = state.subject(prefix)?;
    Some(Event { kind: AlertKind::DeliveryTrouble, subject, body, features: Vec::new(), details })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(state: DeliveryState) -> Option<String> {
        let delivery =
            Delivery { prefix: "raw/2025-01".to_owned(), since: "2025-01-02T03:00:00.000Z".to_owned(), state };
        trouble(&delivery).map(|event| format!("{}\n{}", event.subject, event.body))
    }

    #[test]
    fn what_is_missing_is_named_and_told_only_when_it_is_time() {
        let missing = vec!["price_history.csv".to_owned(), "churn_label.csv".to_owned()];
        let words = told(DeliveryState::Incomplete { missing: missing.clone(), tell: true }).unwrap();
        assert_eq!(
            words,
            "delivery raw/2025-01 is not complete\nSince 2025-01-02T03:00:00.000Z these are missing in \
             raw/2025-01/: price_history.csv, churn_label.csv. No run starts before they are there."
        );
        assert_eq!(told(DeliveryState::Incomplete { missing: missing.clone(), tell: false }), None);
        let incomplete = DeliveryState::Incomplete { missing: missing.clone(), tell: true };
        assert_eq!(told(DeliveryState::Settling), None);
        let late = Delivery { prefix: "raw".to_owned(), since: String::new(), state: incomplete };
        assert_eq!(trouble(&late).unwrap().details, missing, "whoever knows of it knows of these files");
        let problem = "SG0001 BadInput: no footer".to_owned();
        assert!(told(DeliveryState::Unusable { problem, tell: true }).unwrap().contains("no footer"));
    }
}
