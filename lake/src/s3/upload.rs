//! A file goes up whole or not at all: small ones in one request, large ones in parts that become an
//! object only when all have arrived.

use std::path::Path;

use aws_sdk_s3::primitives::{ByteStream, Length};
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use futures::{StreamExt, TryStreamExt, stream};
use protocol::Digest;

use super::ranges::{Part, parts};
use super::{DIGEST, S3Lake};
use crate::LakeError;
use crate::aws::code;
use crate::file_digest;

/// An upload that has begun.
struct Upload<'a> {
    lake: &'a S3Lake,
    key: &'a str,
    path: &'a Path,
    digest: &'a Digest,
    id: String,
}

impl S3Lake {
    pub(crate) async fn put_file(&self, key: &str, path: &Path) -> Result<(), LakeError> {
        let (bytes, digest) = self.measure(key, path).await?;
        if bytes > self.part_bytes {
            return self.put_in_parts(key, path, bytes, &digest).await;
        }
        let body = ByteStream::from_path(path)
            .await
            .map_err(|e| self.io("read the file for", key, std::io::Error::other(e)))?;
        let sent = self.put_request(key, &digest).body(body).send().await;
        sent.map(drop).map_err(|error| self.remote("PutObject", key, &error))
    }

    async fn measure(&self, key: &str, path: &Path) -> Result<(u64, Digest), LakeError> {
        let owned = path.to_owned();
        let measured = tokio::task::spawn_blocking(move || {
            let bytes = std::fs::metadata(&owned)?.len();
            Ok((bytes, file_digest::of_file(&owned, &churn::Unwatched).map_err(std::io::Error::other)?))
        });
        let measured = measured.await.map_err(std::io::Error::other).and_then(|measured| measured);
        measured.map_err(|error| self.io("read the file for", key, error))
    }

    async fn put_in_parts(&self, key: &str, path: &Path, bytes: u64, digest: &Digest) -> Result<(), LakeError> {
        let upload = Upload { lake: self, key, path, digest, id: self.begin(key, digest).await? };
        let sent = upload.send(bytes).await;
        if sent.is_err() {
            upload.abort().await;
        }
        sent
    }

    async fn begin(&self, key: &str, digest: &Digest) -> Result<String, LakeError> {
        let request = self
            .client
            .create_multipart_upload()
            .bucket(&self.place.bucket)
            .key(self.place.object(key))
            .set_server_side_encryption(self.encryption())
            .set_ssekms_key_id(self.kms_key.clone())
            // The SDK sends every part with it, and S3 wants to know beforehand.
            .checksum_algorithm(ChecksumAlgorithm::Crc32)
            .metadata(DIGEST, digest.as_str());
        let begun = request.send().await.map_err(|error| self.remote("CreateMultipartUpload", key, &error))?;
        Ok(begun.upload_id().unwrap_or_default().to_owned())
    }
}

impl Upload<'_> {
    async fn send(&self, bytes: u64) -> Result<(), LakeError> {
        let mut sent: Vec<CompletedPart> = stream::iter(parts(bytes, self.lake.part_bytes))
            .map(|part| self.send_part(part))
            .buffer_unordered(self.lake.parallel_parts)
            .try_collect()
            .await?;
        sent.sort_by_key(CompletedPart::part_number);
        let all = CompletedMultipartUpload::builder().set_parts(Some(sent)).build();
        let request = self.lake.client.complete_multipart_upload().bucket(&self.lake.place.bucket);
        let request = request.key(self.lake.place.object(self.key)).upload_id(&self.id).multipart_upload(all);
        match request.send().await {
            Ok(_) => Ok(()),
            // When the answer to a first attempt is lost, the second finds the upload completed.
            Err(error) if code(&error) == Some("NoSuchUpload") && self.is_there().await? => Ok(()),
            Err(error) => Err(self.lake.remote("CompleteMultipartUpload", self.key, &error)),
        }
    }

    async fn is_there(&self) -> Result<bool, LakeError> {
        let digest = self.lake.head(self.key).await?.and_then(|head| head.digest);
        Ok(digest.as_deref() == Some(self.digest.as_str()))
    }

    async fn send_part(&self, part: Part) -> Result<CompletedPart, LakeError> {
        let body = ByteStream::read_from().path(self.path).offset(part.from).length(Length::Exact(part.bytes));
        let body = body.build().await;
        let body = body.map_err(|e| self.lake.io("read the file for", self.key, std::io::Error::other(e)))?;
        let number = part.number as i32;
        let request = self.lake.client.upload_part().bucket(&self.lake.place.bucket);
        let request = request.key(self.lake.place.object(self.key)).upload_id(&self.id).part_number(number).body(body);
        let sent = request.send().await.map_err(|error| self.lake.remote("UploadPart", self.key, &error))?;
        Ok(CompletedPart::builder()
            .part_number(number)
            .set_e_tag(sent.e_tag().map(str::to_owned))
            .set_checksum_crc32(sent.checksum_crc32().map(str::to_owned))
            .build())
    }

    /// Frees the parts; when even this fails, the bucket's lifecycle rule does it.
    async fn abort(&self) {
        let request = self.lake.client.abort_multipart_upload().bucket(&self.lake.place.bucket);
        let request = request.key(self.lake.place.object(self.key)).upload_id(&self.id);
        if let Err(error) = request.send().await {
            let error = self.lake.remote("AbortMultipartUpload", self.key, &error);
            tracing::warn!(%error, "parts of an upload are left");
        }
    }
}
