//! Whole objects: read, written, written on a condition, listed.

use std::collections::HashMap;

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::operation::head_object::{HeadObjectError, HeadObjectOutput};
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumMode;
use aws_smithy_checksums::body::validate::Error as Mismatch;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use chrono::DateTime;
use protocol::Digest;

use super::checksum::Checksum;
use super::{DIGEST, S3Lake, WRITER};
use crate::aws::{cause, code, explain, explain_body};
use crate::remote::RemoteErrorKind;
use crate::{LakeError, ObjectHead, ObjectMeta, Version};

/// How often an object is read anew when its body breaks off or comes damaged.
const BODY_ATTEMPTS: u32 = 4;

/// An object as it lies in the bucket.
#[derive(Debug)]
pub(super) struct Stored {
    /// What every lake tells of it.
    pub head: ObjectHead,
    /// S3's own checksum of the whole.
    pub checksum: Option<Checksum>,
}

/// The condition of a write.
enum Condition<'a> {
    None,
    Absent,
    Unchanged(&'a Version),
}

impl S3Lake {
    pub(crate) async fn get(&self, key: &str) -> Result<Option<(Vec<u8>, Version)>, LakeError> {
        let mut attempt = 1;
        loop {
            match self.get_once(key).await {
                Err(error) if attempt < BODY_ATTEMPTS && error.broke_on_the_way() => attempt += 1,
                result => return result,
            }
        }
    }

    async fn get_once(&self, key: &str) -> Result<Option<(Vec<u8>, Version)>, LakeError> {
        let request = self.client.get_object().bucket(&self.place.bucket).key(self.place.object(key));
        let answer = match request.checksum_mode(ChecksumMode::Enabled).send().await {
            Ok(answer) => answer,
            Err(SdkError::ServiceError(error)) if matches!(error.err(), GetObjectError::NoSuchKey(_)) => {
                return Ok(None);
            }
            Err(error) => return Err(self.remote("GetObject", key, &error)),
        };
        let version = Version(answer.e_tag().unwrap_or_default().to_owned());
        let digest = answer.metadata().and_then(|fields| fields.get(DIGEST)).cloned();
        // The SDK checks what S3 itself has a checksum of.
        let body = answer.body.collect().await.map_err(|error| {
            // Of some objects S3 has a checksum of its own, which the SDK compares.
            if cause::<Mismatch>(&error).is_some() { self.damaged(key) } else { self.broken(key, &error) }
        })?;
        let bytes = body.to_vec();
        if digest.is_some_and(|digest| Digest::of(&bytes).as_str() != digest) {
            return Err(self.damaged(key));
        }
        Ok(Some((bytes, version)))
    }

    pub(crate) async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), LakeError> {
        self.write(key, bytes, Condition::None).await.map(drop)
    }

    pub(crate) async fn put_if_absent(&self, key: &str, bytes: Vec<u8>) -> Result<bool, LakeError> {
        self.write(key, bytes, Condition::Absent).await
    }

    pub(crate) async fn compare_and_swap(
        &self,
        key: &str,
        seen: Option<&Version>,
        bytes: Vec<u8>,
    ) -> Result<(), LakeError> {
        let condition = seen.map_or(Condition::Absent, Condition::Unchanged);
        let written = self.write(key, bytes, condition).await?;
        if written { Ok(()) } else { Err(LakeError::Conflict { key: key.to_owned() }) }
    }

    /// Whether it wrote: false when the condition did not hold.
    async fn write(&self, key: &str, bytes: Vec<u8>, condition: Condition<'_>) -> Result<bool, LakeError> {
        let digest = Digest::of(&bytes);
        let writer = writer();
        let request = self.put_request(key, &digest).metadata(WRITER, &writer).body(ByteStream::from(bytes));
        let request = match condition {
            Condition::None => request,
            Condition::Absent => request.if_none_match("*"),
            Condition::Unchanged(version) => request.if_match(&version.0),
        };
        let Err(error) = request.send().await else {
            return Ok(true);
        };
        let lost = match code(&error) {
            Some("PreconditionFailed") => true,
            // Swapping what is not there any more.
            Some("NoSuchKey") => matches!(condition, Condition::Unchanged(_)),
            _ => false,
        };
        if !lost {
            return Err(self.remote("PutObject", key, &error));
        }
        // When the answer to a first attempt is lost, the second meets what the first wrote.
        let fields = self.metadata(key).await?.unwrap_or_default();
        Ok(fields.get(WRITER) == Some(&writer))
    }

    pub(super) fn put_request(&self, key: &str, digest: &Digest) -> PutObjectFluentBuilder {
        self.client
            .put_object()
            .bucket(&self.place.bucket)
            .key(self.place.object(key))
            .set_server_side_encryption(self.encryption())
            .set_ssekms_key_id(self.kms_key.clone())
            // S3 refuses the body when it arrives with other content.
            .checksum_sha256(digest.to_base64())
            .metadata(DIGEST, digest.as_str())
    }

    pub(crate) async fn head(&self, key: &str) -> Result<Option<ObjectHead>, LakeError> {
        Ok(self.stored(key).await?.map(|stored| stored.head))
    }

    /// The object as it lies in the bucket, or none when there is no such object.
    pub(super) async fn stored(&self, key: &str) -> Result<Option<Stored>, LakeError> {
        let Some(answer) = self.ask_head(key).await? else {
            // It answers for a missing bucket as for a missing object.
            return self.require_bucket(key).await.map(|()| None);
        };
        Ok(Some(Stored {
            checksum: Checksum::of_head(&answer),
            head: ObjectHead {
                bytes: answer.content_length().unwrap_or_default().unsigned_abs(),
                version: Version(answer.e_tag().unwrap_or_default().to_owned()),
                version_id: answer.version_id().map(str::to_owned),
                digest: answer.metadata().and_then(|fields| fields.get(DIGEST)).cloned(),
            },
        }))
    }

    /// What tells this version of an object from any other: ETag, version ID, size, and the time it was written; none where
    /// there is no such object.
    pub(crate) async fn version_in_words(&self, key: &str) -> Result<Option<String>, LakeError> {
        let Some(answer) = self.ask_head(key).await? else { return Ok(None) };
        let Some(etag) = answer.e_tag().filter(|etag| !etag.is_empty()) else { return Ok(None) };
        let version_id = answer.version_id().unwrap_or("none");
        let bytes = answer.content_length().unwrap_or_default();
        let time = answer.last_modified().map(ToString::to_string).unwrap_or_default();
        Ok(Some(format!("{etag} {version_id} {bytes} {time}")))
    }

    async fn ask_head(&self, key: &str) -> Result<Option<HeadObjectOutput>, LakeError> {
        let request = self.client.head_object().bucket(&self.place.bucket).key(self.place.object(key));
        match request.checksum_mode(ChecksumMode::Enabled).send().await {
            Ok(answer) => Ok(Some(answer)),
            Err(SdkError::ServiceError(error)) if matches!(error.err(), HeadObjectError::NotFound(_)) => Ok(None),
            // Its answer has no body, so 400 is all that an expired token and a wrong region have to say: a
            // listing, which has words, is asked for the reason.
            Err(error) if is_without_a_word(&error) => match self.require_bucket(key).await {
                Err(reason) if !matches!(&reason, LakeError::Remote(error) if error.kind == RemoteErrorKind::Denied) => {
                    Err(reason)
                }
                _ => Err(self.remote("HeadObject", key, &error)),
            },
            Err(error) => Err(self.remote("HeadObject", key, &error)),
        }
    }

    async fn require_bucket(&self, key: &str) -> Result<(), LakeError> {
        let request = self.client.list_objects_v2().bucket(&self.place.bucket).max_keys(1);
        let listed = request.prefix(self.place.object(key)).send().await;
        listed.map(drop).map_err(|error| self.remote("ListObjectsV2", key, &error))
    }

    async fn metadata(&self, key: &str) -> Result<Option<HashMap<String, String>>, LakeError> {
        Ok(self.ask_head(key).await?.and_then(|answer| answer.metadata))
    }

    pub(crate) async fn remove(&self, key: &str) -> Result<(), LakeError> {
        let request = self.client.delete_object().bucket(&self.place.bucket).key(self.place.object(key));
        request.send().await.map(drop).map_err(|error| self.remote("DeleteObject", key, &error))
    }

    pub(crate) async fn list(&self, prefix: &str) -> Result<Vec<ObjectMeta>, LakeError> {
        let request = self.client.list_objects_v2().bucket(&self.place.bucket).prefix(self.place.object(prefix));
        let mut pages = request.into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.remote("ListObjectsV2", prefix, &error))?;
            for object in page.contents() {
                let key = object.key().and_then(|key| key.strip_prefix(&self.place.prefix)).unwrap_or_default();
                let bytes = object.size().unwrap_or_default().unsigned_abs();
                let modified = object.last_modified().and_then(|time| DateTime::from_timestamp(time.secs(), 0));
                let time = object.last_modified().map(ToString::to_string).unwrap_or_default();
                let stamp = format!("{} {time}", object.e_tag().unwrap_or_default());
                found.push(ObjectMeta { key: key.to_owned(), bytes, modified, stamp });
            }
        }
        found.retain(|object| !stands_for_a_folder(object));
        found.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(found)
    }

    pub(super) fn remote<E>(&self, operation: &'static str, key: &str, error: &SdkError<E>) -> LakeError
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        explain("s3", operation, self.place.uri(key), error).into()
    }

    pub(super) fn broken(&self, key: &str, error: &dyn std::error::Error) -> LakeError {
        explain_body("s3", "GetObject", self.place.uri(key), error).into()
    }
}

fn is_without_a_word<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    let status = error.raw_response().map(|answer| answer.status().as_u16());
    status.is_some_and(|status| (300..500).contains(&status)) && code(error).is_none()
}

/// S3 has no folders, and the console and Hadoop make empty objects of these names for them.
fn stands_for_a_folder(object: &ObjectMeta) -> bool {
    object.key.ends_with('/') || (object.bytes == 0 && object.key.ends_with("_$folder$"))
}

/// A name that no other write has.
#[expect(clippy::disallowed_methods, reason = "a name that no other write has")]
fn writer() -> String {
    format!("{:032x}", fastrand::u128(..))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_objects_that_stand_for_folders_are_passed_over() {
        let object =
            |(key, bytes): (&str, u64)| ObjectMeta { key: key.to_owned(), bytes, modified: None, stamp: String::new() };
        let listed = [("raw/", 0), ("raw/empty.csv", 0), ("raw/sub_$folder$", 0), ("raw/x_$folder$", 1)];
        let folders: Vec<_> = listed.into_iter().map(object).filter(stands_for_a_folder).collect();
        assert_eq!(folders, [object(("raw/", 0)), object(("raw/sub_$folder$", 0))]);
    }
}
