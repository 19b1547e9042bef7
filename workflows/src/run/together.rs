//! Work side by side: all answers, or the one cause.

use super::Failure;

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
    use protocol::ErrorNumber;

    use super::*;

    #[test]
    fn a_failure_is_told_even_if_others_were_cancelled_before_it() {
        let failed = || Err(Failure::of(ErrorNumber::BadInput, "no timestamp"));
        assert_eq!(all_or_cause(vec![Ok(1), Ok(2)]).unwrap(), [1, 2]);
        let told = all_or_cause(vec![Ok(1), Err(Failure::Cancelled), failed(), Err(Failure::Cancelled)]);
        assert!(matches!(told, Err(Failure::Failed { message, .. }) if message == "no timestamp"));
        assert!(matches!(all_or_cause(vec![Ok(1), Err(Failure::Cancelled)]), Err(Failure::Cancelled)));
    }
}
