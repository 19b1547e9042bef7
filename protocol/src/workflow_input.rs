//! How a workflow reads what it is started with: people type it, so it is read strictly, and what is wrong is said with
//! an example of what would be right.

use serde::de::DeserializeOwned;
use temporalio_common::data_converters::RawValue;

/// Reads the one input of a workflow and checks it. Every message ends in `example`.
pub(crate) fn parse<T: DeserializeOwned, Checked>(
    raw: &RawValue,
    example: &str,
    check: impl FnOnce(T) -> Result<Checked, String>,
) -> Result<Checked, String> {
    let read = match raw.payloads.as_slice() {
        [] => return Err(format!("the workflow was started without input; {example}")),
        [payload] => serde_json::from_slice::<T>(&payload.data).map_err(|error| error.to_string()).and_then(check),
        several => Err(format!("it takes one input and got {}", several.len())),
    };
    read.map_err(|problem| format!("the workflow's input is unusable: {problem}; {example}"))
}

/// The same of a workflow whose input has a default for everything: none at all, or `null`, will do.
pub(crate) fn parse_or_default<T: DeserializeOwned + Default>(
    raw: &RawValue,
    example: &str,
    check: impl FnOnce(T) -> Result<T, String>,
) -> Result<T, String> {
    if raw.payloads.is_empty() {
        return Ok(T::default());
    }
    parse(raw, example, |input: Option<T>| check(input.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use temporalio_common::protos::temporal::api::common::v1::Payload;

    use super::*;

    const EXAMPLE: &str = "give a number below 10";

    fn raw(inputs: &[&str]) -> RawValue {
        let payload = |json: &&str| Payload { data: (*json).into(), ..Payload::default() };
        RawValue::new(inputs.iter().map(payload).collect())
    }

    fn small(number: u64) -> Result<u64, String> {
        if number < 10 { Ok(number) } else { Err(format!("{number} is not below 10")) }
    }

    #[test]
    fn every_problem_is_told_with_what_would_be_right() {
        assert_eq!(parse(&raw(&["7"]), EXAMPLE, small), Ok(7));
        for (inputs, says) in [
            (&[][..], "the workflow was started without input"),
            (&["1", "2"][..], "unusable: it takes one input and got 2"),
            (&["null"][..], "unusable: invalid type: null"),
            (&["seven"][..], "unusable: expected value"),
            (&["70"][..], "unusable: 70 is not below 10"),
        ] {
            let message = parse(&raw(inputs), EXAMPLE, small).unwrap_err();
            assert!(message.contains(says) && message.ends_with("; give a number below 10"), "{inputs:?}: {message}");
        }
    }

    #[test]
    fn where_everything_has_a_default_no_input_is_needed() {
        for (inputs, read) in [(&[][..], 0), (&["null"][..], 0), (&["7"][..], 7)] {
            assert_eq!(parse_or_default(&raw(inputs), EXAMPLE, small), Ok(read), "{inputs:?}");
        }
        for inputs in [&["70"][..], &["1", "2"], &["{}"]] {
            assert!(parse_or_default(&raw(inputs), EXAMPLE, small).is_err(), "{inputs:?}");
        }
    }
}
