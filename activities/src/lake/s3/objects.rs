//! Whole objects: read, written, written on a condition, listed.

use std::collections::HashMap;

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumMode;
use aws_smithy_checksums::body::validate::Error as Mismatch;

use super::super::{LakeError, ObjectHead, ObjectMeta, Version};
use super::{DIGEST, S3Lake, WRITER};
use crate::aws::{cause, code, explain, explain_body};
use crate::digest::Digest;

/// How often an object is read anew when its body breaks off or comes damaged.
const BODY_ATTEMPTS: u32 = 4;

/// The condition of a write.
enum Condition<'a> {
    None,
    Absent,
    Unchanged(&'a Version),
}

impl S3Lake {
    pub(in super::super) async fn get(&self, key: &str) -> Result<Option<(Vec<u8>, Version)>, LakeError> {
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

    pub(in super::super) async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), LakeError> {
        self.write(key, bytes, Condition::None).await.map(drop)
    }

    pub(in super::super) async fn put_if_absent(&self, key: &str, bytes: Vec<u8>) -> Result<bool, LakeError> {
        self.write(key, bytes, Condition::Absent).await
    }

    pub(in super::super) async fn compare_and_swap(
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
            .server_side_encryption(self.encryption())
            .set_ssekms_key_id(self.kms_key.clone())
            // S3 refuses the body when it arrives with other content.
            .checksum_sha256(digest.to_base64())
            .metadata(DIGEST, digest.as_str())
    }

    pub(in super::super) async fn head(&self, key: &str) -> Result<Option<ObjectHead>, LakeError> {
        let request = self.client.head_object().bucket(&self.place.bucket).key(self.place.object(key));
        match request.send().await {
            Ok(answer) => Ok(Some(ObjectHead {
                bytes: answer.content_length().unwrap_or_default().unsigned_abs(),
                version: Version(answer.e_tag().unwrap_or_default().to_owned()),
                version_id: answer.version_id().map(str::to_owned),
                digest: answer.metadata().and_then(|fields| fields.get(DIGEST)).cloned(),
            })),
            Err(SdkError::ServiceError(error)) if matches!(error.err(), HeadObjectError::NotFound(_)) => {
                self.require_bucket(key).await.map(|()| None)
            }
            Err(error) => Err(self.remote("HeadObject", key, &error)),
        }
    }

    /// A HEAD request answers for a missing bucket as for a missing object: the listing tells them apart.
    async fn require_bucket(&self, key: &str) -> Result<(), LakeError> {
        let request = self.client.list_objects_v2().bucket(&self.place.bucket).max_keys(1);
        let listed = request.prefix(self.place.object(key)).send().await;
        listed.map(drop).map_err(|error| self.remote("ListObjectsV2", key, &error))
    }

    async fn metadata(&self, key: &str) -> Result<Option<HashMap<String, String>>, LakeError> {
        let request = self.client.head_object().bucket(&self.place.bucket).key(self.place.object(key));
        match request.send().await {
            Ok(answer) => Ok(answer.metadata().cloned()),
            Err(SdkError::ServiceError(error)) if matches!(error.err(), HeadObjectError::NotFound(_)) => Ok(None),
            Err(error) => Err(self.remote("HeadObject", key, &error)),
        }
    }

    pub(in super::super) async fn list(&self, prefix: &str) -> Result<Vec<ObjectMeta>, LakeError> {
        let request = self.client.list_objects_v2().bucket(&self.place.bucket).prefix(self.place.object(prefix));
        let mut pages = request.into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.remote("ListObjectsV2", prefix, &error))?;
            for object in page.contents() {
                let key = object.key().and_then(|key| key.strip_prefix(&self.place.prefix)).unwrap_or_default();
                // The console makes an empty object of this name for a folder.
                if !key.ends_with('/') {
                    let bytes = object.size().unwrap_or_default().unsigned_abs();
                    found.push(ObjectMeta { key: key.to_owned(), bytes });
                }
            }
        }
        found.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(found)
    }

    pub(super) fn remote<E>(&self, operation: &'static str, key: &str, error: &SdkError<E>) -> LakeError
    where
        E: aws_smithy_types::error::metadata::ProvideErrorMetadata + std::error::Error + 'static,
    {
        explain("s3", operation, self.place.uri(key), error).into()
    }

    pub(super) fn broken(&self, key: &str, error: &dyn std::error::Error) -> LakeError {
        explain_body("s3", "GetObject", self.place.uri(key), error).into()
    }
}

/// A name that no other write has.
fn writer() -> String {
    format!("{:032x}", fastrand::u128(..))
}
