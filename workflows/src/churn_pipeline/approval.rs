//! A promotion that waits for a person: who may decide, what was decided.

use protocol::name_no_customer;
use protocol::pipeline::Decision;

/// What a person answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Promote it.
    Approved,
    /// Do not.
    Rejected,
}

impl Answer {
    /// The word as people read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

/// Where the approval of this run's challenger stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Approval {
    /// Nobody is asked.
    #[default]
    NotAsked,
    /// The run waits for `approve` or `reject`.
    Waiting,
    /// Somebody decided.
    Decided {
        /// For the promotion, or against it.
        answer: Answer,
        /// Who and why.
        decision: Decision,
    },
}

impl Approval {
    /// Whether a decision is due and complete.
    pub fn may_decide(&self, decision: &Decision) -> Result<(), String> {
        if *self != Self::Waiting {
            return Err("no promotion of this run waits for a decision".to_owned());
        }
        if decision.by.trim().is_empty() {
            return Err(r#"say who decides, for example --input '{"by":"ana","comment":"checked"}'"#.to_owned());
        }
        name_no_customer(&[("by", decision.by.as_str()), ("comment", decision.comment.as_str())])
    }

    /// Records a decision.
    pub fn decide(&mut self, answer: Answer, decision: Decision) -> String {
        let words = format!("{} by {}", answer.as_str(), decision.by);
        *self = Self::Decided { answer, decision };
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_waiting_promotion_can_be_decided_and_only_by_somebody() {
        let ana = Decision { by: "ana".to_owned(), comment: String::new() };
        let nobody = Decision { by: " ".to_owned(), comment: String::new() };
        assert!(Approval::NotAsked.may_decide(&ana).is_err());
        assert!(Approval::Waiting.may_decide(&nobody).is_err());
        let of_somebody = Decision { comment: "C00017 is fine".to_owned(), ..ana.clone() };
        assert!(Approval::Waiting.may_decide(&of_somebody).is_err());
        let mut approval = Approval::Waiting;
        assert_eq!(approval.may_decide(&ana), Ok(()));
        assert_eq!(approval.decide(Answer::Approved, ana.clone()), "approved by ana");
        assert!(approval.may_decide(&ana).is_err(), "a decision is final");
    }
}
