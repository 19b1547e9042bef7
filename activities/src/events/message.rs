//! What EventBridge puts into the queue. No more of it is read than that S3 tells of an object: what it says of the object is
//! not believed, and the names of files are nobody's business here.

use serde::Deserialize;

/// What tells an event of S3 from anything else.
#[derive(Deserialize)]
struct Event {
    source: String,
    #[serde(rename = "detail-type")]
    detail_type: String,
}

/// Whether a message is an event of S3 that tells of an object.
pub fn tells_of_an_object(body: &str) -> bool {
    let event = serde_json::from_str::<Event>(body);
    event.is_ok_and(|event| event.source == "aws.s3" && event.detail_type.starts_with("Object "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As AWS documents it (Amazon S3 User Guide, "EventBridge event message structure").
    const CREATED: &str = r#"{
        "version": "0", "id": "17793124-05d4-b198-2fde-7ededc63b103", "detail-type": "Object Created", "source": "aws.s3",
        "account": "111122223333", "time": "2021-11-12T00:00:00Z", "region": "ca-central-1",
        "resources": ["arn:aws:s3:::lake"],
        "detail": {
            "version": "0", "bucket": { "name": "lake" },
            "object": { "key": "example-key", "size": 5, "etag": "b1946ac92492d2347c6235b4d2611184", "sequencer": "617f08299329d189" },
            "request-id": "N4N7GDK58NMKJ12R", "requester": "123456789012", "source-ip-address": "1.2.3.4", "reason": "PutObject"
        }
    }"#;

    #[test]
    fn an_event_of_s3_is_told_from_anything_else() {
        assert!(tells_of_an_object(CREATED));
        assert!(tells_of_an_object(&CREATED.replace("Object Created", "Object Deleted")));
        let others = [
            CREATED.replace("aws.s3", "aws.ec2"),
            CREATED.replace("Object Created", "AWS API Call via CloudTrail"),
            CREATED.replace("\"source\"", "\"sender\""),
            CREATED[..CREATED.len() / 2].to_owned(),
            String::new(),
            r#"{"Service":"Amazon S3","Event":"s3:TestEvent"}"#.to_owned(),
        ];
        for other in others {
            assert!(!tells_of_an_object(&other), "{other}");
        }
    }
}
