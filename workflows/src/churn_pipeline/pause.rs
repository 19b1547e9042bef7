//! A run that people let wait between its stages: who may, and what is on record of it.

use protocol::name_no_customer;
use protocol::progress::{Pause, PauseRequest, Resumed};

/// What a stage of the run may still wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StagesLeft {
    /// Some have not begun.
    Some,
    /// All have begun.
    None,
}

/// The pauses of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pauses {
    all: Vec<Pause>,
    run_is_ending: bool,
}

impl Pauses {
    /// The pause that lasts, if one does.
    pub fn current(&self) -> Option<&Pause> {
        self.all.last().filter(|pause| pause.resumed.is_none() && !self.run_is_ending)
    }

    /// All of them, the first first.
    pub fn all(&self) -> &[Pause] {
        &self.all
    }

    /// Whether the run can be paused, by this request.
    pub fn may_pause(&self, request: &PauseRequest, left: StagesLeft) -> Result<(), String> {
        complete(request)?;
        if let Some(Pause { by, since, .. }) = self.current() {
            return Err(format!("the run is paused by {by} since {since}; resume it, then pause it again"));
        }
        if self.run_is_ending || left == StagesLeft::None {
            return Err(
                "every stage of the run has begun, so nothing is left that could wait; cancel it to stop it".into()
            );
        }
        Ok(())
    }

    /// Pauses the run; what has come of it in words.
    pub fn pause(&mut self, PauseRequest { by, reason }: PauseRequest, now: String) -> String {
        let words = format!("paused by {by}: no further stage begins before somebody resumes the run");
        self.all.push(Pause { by, reason, since: now, resumed: None });
        words
    }

    /// Whether the run can be resumed, by this request.
    pub fn may_resume(&self, request: &PauseRequest) -> Result<(), String> {
        complete(request)?;
        if self.current().is_none() {
            return Err("the run is not paused".to_owned());
        }
        Ok(())
    }

    /// Resumes the run; what has come of it in words.
    pub fn resume(&mut self, PauseRequest { by, reason }: PauseRequest, now: String) -> String {
        let words = format!("resumed by {by}");
        if let Some(last) = self.all.last_mut() {
            last.resumed = Some(Resumed { by, reason, at: now });
        }
        words
    }

    /// The run ends: nothing waits any more.
    pub fn close(&mut self) {
        self.run_is_ending = true;
    }
}

fn complete(PauseRequest { by, reason }: &PauseRequest) -> Result<(), String> {
    if by.trim().is_empty() || reason.trim().is_empty() {
        return Err(
            r#"say who asks for it and why, for example --input '{"by":"ana","reason":"wrong prices"}'"#.to_owned()
        );
    }
    name_no_customer(&[("by", by.as_str()), ("reason", reason.as_str())])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ana(reason: &str) -> PauseRequest {
        PauseRequest { by: "ana".to_owned(), reason: reason.to_owned() }
    }

    #[test]
    fn a_run_is_paused_once_and_resumed_once_by_somebody_for_a_reason() {
        let mut pauses = Pauses::default();
        assert_eq!(pauses.may_resume(&ana("go on")), Err("the run is not paused".to_owned()));
        for incomplete in [ana(" "), PauseRequest { by: String::new(), ..ana("wrong prices") }] {
            assert!(pauses.may_pause(&incomplete, StagesLeft::Some).unwrap_err().contains("say who"));
        }
        assert!(pauses.may_pause(&ana("C00017 has a wrong price"), StagesLeft::Some).is_err());
        assert_eq!(pauses.may_pause(&ana("wrong prices"), StagesLeft::Some), Ok(()));
        pauses.pause(ana("wrong prices"), "t1".to_owned());
        let again = pauses.may_pause(&ana("wrong costs"), StagesLeft::Some).unwrap_err();
        assert!(again.contains("paused by ana since t1"), "{again}");
        assert!(pauses.may_resume(&ana("")).unwrap_err().contains("say who"));
        assert_eq!(pauses.may_resume(&ana("right again")), Ok(()));
        pauses.resume(ana("right again"), "t2".to_owned());
        assert_eq!((pauses.current(), pauses.may_resume(&ana("again")).is_err()), (None, true));
        pauses.pause(ana("once more"), "t3".to_owned());
        let record: Vec<_> =
            pauses.all().iter().map(|pause| pause.resumed.as_ref().map(|end| end.at.as_str())).collect();
        assert_eq!(record, [Some("t2"), None]);
    }

    #[test]
    fn a_run_that_has_begun_its_last_stage_or_ends_is_not_paused() {
        let mut pauses = Pauses::default();
        let refused = pauses.may_pause(&ana("wrong prices"), StagesLeft::None).unwrap_err();
        assert!(refused.contains("nothing is left that could wait"), "{refused}");
        pauses.pause(ana("wrong prices"), "t1".to_owned());
        pauses.close();
        assert_eq!(pauses.current(), None, "whoever waits for it goes on");
        assert!(pauses.may_pause(&ana("wrong prices"), StagesLeft::Some).is_err());
        assert!(pauses.may_resume(&ana("right again")).is_err());
        assert_eq!(pauses.all()[0].resumed, None, "it was never resumed, and the record says so");
    }
}
