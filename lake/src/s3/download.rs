//! A large object comes in ranges, several at once. A range that breaks off goes on from its last
//! byte; a download that ends half-way goes on from the ranges it has. The whole is checked at the end.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use aws_sdk_s3::primitives::ByteStream;
use futures::{StreamExt, TryStreamExt, stream};
use tokio::sync::Mutex;

use super::S3Lake;
use super::cache::Slot;
use super::objects::Stored;
use super::ranges::{Journal, Part, parts};
use crate::aws::code;
use crate::file_digest;
use crate::{LakeError, ObjectHead};

/// How often a range goes on after it broke off without any new byte.
const RANGE_ATTEMPTS: u32 = 5;
/// Bytes held in memory per range before they are written.
const BUFFER: usize = 1 << 20;

impl S3Lake {
    /// Brings the object into its slot of the cache.
    pub(super) async fn download(&self, key: &str, stored: &Stored, slot: &Slot) -> Result<(), LakeError> {
        let head = &stored.head;
        let io = |error| self.io("write the copy of", key, error);
        let file = Arc::new(open(slot, head.bytes).map_err(io)?);
        let journal = Journal::open(&slot.journal()).map_err(io)?;
        let pending: Vec<_> =
            parts(head.bytes, self.part_bytes).into_iter().filter(|part| !journal.has(*part)).collect();
        let journal = Mutex::new(journal);
        stream::iter(pending)
            .map(|part| {
                let (file, journal) = (Arc::clone(&file), &journal);
                async move {
                    self.range(key, head, part, &file).await?;
                    // On disk before it is in the journal: a power cut must not leave a part that is not there.
                    blocking(move || file.sync_data()).await.map_err(io)?;
                    journal.lock().await.add(part).map_err(io)
                }
            })
            .buffer_unordered(self.parallel_parts)
            .try_collect::<()>()
            .await?;
        self.verify(key, stored, slot).await?;
        slot.finish().map_err(io)
    }

    /// One range, gone on with from its last byte when it breaks off.
    async fn range(&self, key: &str, head: &ObjectHead, part: Part, file: &Arc<File>) -> Result<(), LakeError> {
        let (mut arrived, mut in_vain) = (0, 0);
        while arrived < part.bytes {
            let rest = Part { from: part.from + arrived, bytes: part.bytes - arrived, ..part };
            let body = self.open_range(key, head, rest).await?;
            let (more, broke) = self.store(key, body, rest, file).await?;
            arrived += more;
            match broke {
                Some(error) if in_vain == RANGE_ATTEMPTS => return Err(error),
                Some(_) if more == 0 => in_vain += 1,
                _ => in_vain = 0,
            }
        }
        Ok(())
    }

    async fn open_range(&self, key: &str, head: &ObjectHead, part: Part) -> Result<ByteStream, LakeError> {
        let last = part.from + part.bytes - 1;
        let request = self
            .client
            .get_object()
            .bucket(&self.place.bucket)
            .key(self.place.object(key))
            .range(format!("bytes={}-{last}", part.from))
            // All ranges must be of one version.
            .if_match(&head.version.0);
        match request.send().await {
            Ok(answer) => Ok(answer.body),
            Err(error) if code(&error) == Some("PreconditionFailed") => {
                Err(LakeError::Conflict { key: key.to_owned() })
            }
            Err(error) => Err(self.remote("GetObject", key, &error)),
        }
    }

    /// Writes what comes; returns the bytes written, and why the body ended early if it did.
    async fn store(
        &self,
        key: &str,
        mut body: ByteStream,
        part: Part,
        file: &Arc<File>,
    ) -> Result<(u64, Option<LakeError>), LakeError> {
        let (mut written, mut held) = (0, Vec::with_capacity(BUFFER));
        let ended = loop {
            match body.next().await {
                Some(Ok(bytes)) => held.extend_from_slice(&bytes),
                Some(Err(error)) => break Some(self.broken(key, &error)),
                None => break None,
            }
            if held.len() >= BUFFER {
                written += self.write_at(key, file, part.from + written, std::mem::take(&mut held)).await?;
            }
        };
        written += self.write_at(key, file, part.from + written, held).await?;
        let short = || self.broken(key, &std::io::Error::other("fewer bytes than announced"));
        Ok((written, ended.or_else(|| (written < part.bytes).then(short))))
    }

    async fn write_at(&self, key: &str, file: &Arc<File>, from: u64, bytes: Vec<u8>) -> Result<u64, LakeError> {
        let (file, count) = (Arc::clone(file), bytes.len() as u64);
        let written = blocking(move || file.write_all_at(&bytes, from)).await;
        written.map(|()| count).map_err(|error| self.io("write the copy of", key, error))
    }

    /// What was written with its digest must have it, and what S3 has a checksum of must have that; a damaged
    /// copy is thrown away.
    async fn verify(&self, key: &str, stored: &Stored, slot: &Slot) -> Result<(), LakeError> {
        let (path, digest, checksum) = (slot.partial(), stored.head.digest.clone(), stored.checksum.clone());
        let is_whole = blocking(move || match (digest, checksum) {
            (Some(digest), _) => {
                let found = file_digest::of_file(&path, &churn::Unwatched).map_err(std::io::Error::other)?;
                Ok(found.as_str() == digest)
            }
            (None, Some(checksum)) => checksum.is_of(&path),
            (None, None) => Ok(true),
        });
        if is_whole.await.map_err(|error| self.io("read the copy of", key, error))? {
            return Ok(());
        }
        slot.clear().map_err(|error| self.io("remove the copy of", key, error))?;
        Err(self.damaged(key))
    }
}

/// Files block: keep them off the threads that talk to Temporal and S3.
async fn blocking<T: Send + 'static>(act: impl FnOnce() -> std::io::Result<T> + Send + 'static) -> std::io::Result<T> {
    tokio::task::spawn_blocking(act).await.map_err(std::io::Error::other).and_then(|result| result)
}

fn open(slot: &Slot, bytes: u64) -> std::io::Result<File> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(slot.partial())?;
    file.set_len(bytes)?;
    Ok(file)
}
