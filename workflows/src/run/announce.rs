//! What people hear of a run. An alert that cannot be sent never fails a good run; the record names it.

use protocol::{Alert, AlertKind, ErrorNumber, Pipeline};

use super::{Call, Execution, Failure, Weight};

/// Something that people should hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What kind of event.
    pub kind: AlertKind,
    /// The event in a few words.
    pub subject: String,
    /// What happened, how large, what to do.
    pub body: String,
    /// The columns that drifted; none of another kind.
    pub features: Vec<String>,
    /// What exactly it tells of, beside the subject.
    pub details: Vec<String>,
}

impl Event {
    /// A run failed; `which` says what kind of run. Whoever cancels one knows it.
    pub fn of_failure(which: &str, stop: &Failure) -> Option<Self> {
        let Failure::Failed { type_name, message } = stop else { return None };
        let kind =
            if stop.is(ErrorNumber::ContractViolation) { AlertKind::QualityBlocked } else { AlertKind::RunFailed };
        let subject = format!("{which} run failed: {type_name}");
        Some(Self { kind, subject, body: message.clone(), features: Vec::new(), details: Vec::new() })
    }
}

impl<W> Execution<W> {
    /// Tells people, also of a run that was cancelled or has failed; whether they could be told.
    pub async fn tell(&self, event: Event) -> bool {
        let Event { kind, subject, body, features, details } = event;
        let alert = Alert { run: self.run.clone(), kind, subject: subject.clone(), body, features, details };
        let call = Call::between("alert", Weight::Alert, subject.clone());
        let is_told = self.call(Pipeline::send_alert, alert, call).await.is_ok();
        if !is_told {
            self.undelivered.borrow_mut().push(subject);
        }
        is_told
    }

    /// The subjects of the alerts that could not be delivered.
    pub fn undelivered(&self) -> Vec<String> {
        self.undelivered.borrow().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_hear_of_a_failure_by_its_number_and_not_of_their_own_cancellation() {
        let event = |number| Event::of_failure("train", &Failure::of(number, "why")).unwrap();
        let blocked = event(ErrorNumber::ContractViolation);
        assert_eq!(blocked.kind, AlertKind::QualityBlocked);
        assert_eq!(blocked.subject, format!("train run failed: {}", ErrorNumber::ContractViolation.type_name()));
        assert_eq!(event(ErrorNumber::BadInput).kind, AlertKind::RunFailed);
        assert_eq!(Event::of_failure("train", &Failure::Cancelled), None);
    }

    #[test]
    fn a_failure_has_its_words() {
        let stop = Failure::of(ErrorNumber::ContractViolation, "silver_customer breaks its contract");
        let Event { kind, subject, body, .. } = Event::of_failure("train", &stop).unwrap();
        insta::assert_snapshot!("run_failed", format!("{kind:?}\n{subject}\n{body}"));
    }
}
