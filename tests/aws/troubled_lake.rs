//! A lake in S3 behind a proxy, for the tests of what goes wrong on the way.

#![expect(clippy::unwrap_used, reason = "the panic of a test is its report")]

use activities::Error;
use lake::S3Settings;
use lake::{Lake, Place, S3Lake};
use tempfile::TempDir;

use support::aws::faults::Seen;
use support::aws::{Emulators, FaultProxy, clients};

/// A mebibyte.
pub const MIB: usize = 1 << 20;

/// A lake behind a proxy.
pub struct Troubled {
    /// What stands between the lake and S3.
    pub proxy: FaultProxy,
    /// The lake.
    pub lake: Lake,
    /// Its bucket.
    pub bucket: String,
    /// Where its copies go.
    pub scratch: TempDir,
}

impl Troubled {
    /// A new one.
    pub async fn new() -> Self {
        Self::with(S3Settings { part_mib: 5, parallel_parts: 2, ..S3Settings::default() }).await
    }

    /// With settings of its own.
    pub async fn with(settings: S3Settings) -> Self {
        let emulators = Emulators::shared();
        let (bucket, scratch) = (emulators.new_bucket(), tempfile::tempdir().unwrap());
        let proxy = FaultProxy::start(emulators.s3_url());
        let place = Place::parse(&format!("s3://{bucket}")).unwrap();
        let client = clients::s3(&proxy.url()).await;
        let lake = Lake::S3(S3Lake::new(client, place, &settings, scratch.path()));
        Self { proxy, lake, bucket, scratch }
    }

    /// A file of several parts in the lake; its bytes.
    pub async fn large(&self, key: &str) -> Vec<u8> {
        let bytes: Vec<u8> = (0..17 * MIB).map(|place| (place * 31 % 251) as u8).collect();
        let file = self.scratch.path().join("source");
        std::fs::write(&file, &bytes).unwrap();
        self.lake.put_file(key, &file).await.unwrap();
        bytes
    }

    /// The same lake on the same disk, with parts of another size.
    pub async fn with_parts_of(&self, part_mib: u64) -> Lake {
        let settings = S3Settings { part_mib, parallel_parts: 2, ..S3Settings::default() };
        let place = Place::parse(&format!("s3://{}", self.bucket)).unwrap();
        Lake::S3(S3Lake::new(clients::s3(&self.proxy.url()).await, place, &settings, self.scratch.path()))
    }

    /// A copy of an object, as a step gets it.
    pub async fn copy(&self, key: &str) -> Result<Vec<u8>, Error> {
        let folder = tempfile::tempdir_in(self.scratch.path()).unwrap();
        Ok(std::fs::read(self.lake.local_copy(key, folder.path()).await?).unwrap())
    }

    /// The headers of encryption of every write that has some.
    pub fn encryption(&self) -> Vec<(String, String)> {
        let header = |seen: &Seen, name: &str| seen.headers.get(name).cloned();
        let seen = self.proxy.seen();
        let of = |seen: &Seen| {
            let asked = header(seen, "x-amz-server-side-encryption");
            Some((asked?, header(seen, "x-amz-server-side-encryption-aws-kms-key-id").unwrap_or_default()))
        };
        seen.iter().filter_map(of).collect()
    }

    /// The ranges that were asked for.
    pub fn ranges(&self) -> Vec<String> {
        self.proxy.seen().into_iter().filter_map(|seen| seen.range).collect()
    }
}
