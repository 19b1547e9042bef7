//! What a person wants: a request that is in the lake, by an ID that says nothing.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use temporalio_common::data_converters::RawValue;

use crate::{Key, WorkflowId, workflow_input};

/// So many hexadecimal characters.
const CHARACTERS: usize = 16;

/// The name of a request: random, so that it says nothing of whom it is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(String);

impl RequestId {
    /// The request of a number that was drawn.
    pub fn of(drawn: u64) -> Self {
        Self(format!("{drawn:016x}"))
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_one(&self) -> bool {
        self.0.len() == CHARACTERS && self.0.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    }
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The input of workflow `EraseCustomers`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EraseInput {
    /// The request, as `spanishgas erase-customer` wrote it to the lake.
    pub request: RequestId,
    /// The identity of the lake that it is for; a worker of another lake refuses. Any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lake: Option<String>,
    /// The folder of the raw files that are scored anew; that of what is published when absent. Raw files are cleaned wherever they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_prefix: Option<String>,
    /// Whether a new model is trained at the end.
    #[serde(default)]
    pub retrain: bool,
}

/// What a bad input should have been.
const EXAMPLE: &str = "start it by `spanishgas erase-customer --ids-from FILE`, which writes the request to the lake; fields: \
                       request, lake, raw_prefix, retrain";
/// All that is said of a field that is wrong.
const NOT_AS_IT_SHOULD_BE: &str = "it is not as it should be";

impl EraseInput {
    /// Reads the workflow's raw input. The message repeats nothing of it: somebody may have put an ID there.
    pub fn parse(raw: &RawValue) -> Result<Self, String> {
        // Of what is no JSON serde tells the place alone, of a wrong field its name or its value.
        let strictly = |input: Value| serde_json::from_value::<Self>(input).map_err(|_| NOT_AS_IT_SHOULD_BE.to_owned());
        workflow_input::parse(raw, EXAMPLE, |input: Value| strictly(input)?.checked())
    }

    fn checked(self) -> Result<Self, String> {
        if !self.request.is_one() {
            return Err("request must be 16 hexadecimal characters".to_owned());
        }
        if self.raw_prefix.as_deref().is_some_and(|prefix| Key::of_folder(prefix).is_err()) {
            return Err("raw_prefix must be a folder of the lake".to_owned());
        }
        Ok(self)
    }

    /// The ID of the workflow: a request is carried out once.
    pub fn workflow_id(&self) -> WorkflowId {
        format!("erase-customers-{}", self.request).into()
    }
}

#[cfg(test)]
mod tests {
    use temporalio_common::protos::temporal::api::common::v1::Payload;

    use super::*;

    fn parse(json: &str) -> Result<EraseInput, String> {
        EraseInput::parse(&RawValue::new(vec![Payload { data: json.into(), ..Payload::default() }]))
    }

    #[test]
    fn a_request_is_named_and_nothing_of_a_bad_input_is_repeated() {
        let good = parse(r#"{"request":"00000000000000ff"}"#).unwrap();
        assert_eq!((good.request.clone(), good.retrain), (RequestId::of(255), false));
        assert_eq!(good.workflow_id().as_str(), "erase-customers-00000000000000ff");
        for bad in [
            "{}",
            r#"{"request":"C00017"}"#,
            r#"{"request":"00000000000000ff","customer_ids":["C00017"]}"#,
            r#"{"request":"00000000000000ff","raw_prefix":"../C00017"}"#,
            r#"{"request":"00000000000000ff","retrain":"C00017"}"#,
            "C00017",
            "{\"request\":\"C00017",
        ] {
            let message = parse(bad).unwrap_err();
            assert!(message.contains("erase-customer") && !message.contains("C00017"), "{bad}: {message}");
        }
    }
}
