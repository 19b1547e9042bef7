//! S3's own checksum of a whole object, for what people upload without a digest of ours.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::ChecksumType;
use aws_smithy_checksums::ChecksumAlgorithm;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A checksum over all bytes of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Checksum {
    algorithm: ChecksumAlgorithm,
    /// The value in Base64, as S3 writes it.
    value: String,
}

impl Checksum {
    /// The strongest one that S3 tells of; none when it has only checksums of parts.
    pub fn of_head(head: &HeadObjectOutput) -> Option<Self> {
        if head.checksum_type() == Some(&ChecksumType::Composite) {
            return None;
        }
        let told = [
            (ChecksumAlgorithm::Sha256, head.checksum_sha256()),
            (ChecksumAlgorithm::Crc64Nvme, head.checksum_crc64_nvme()),
            (ChecksumAlgorithm::Sha1, head.checksum_sha1()),
            (ChecksumAlgorithm::Crc32c, head.checksum_crc32_c()),
            (ChecksumAlgorithm::Crc32, head.checksum_crc32()),
        ];
        let mut told = told.into_iter().filter_map(|(algorithm, value)| Some((algorithm, value?)));
        // Of parts: the value ends in their number.
        let (algorithm, value) = told.find(|(_, value)| !value.contains('-'))?;
        Some(Self { algorithm, value: value.to_owned() })
    }

    /// Whether a file has it.
    pub fn is_of(&self, path: &Path) -> io::Result<bool> {
        let (mut file, mut block) = (File::open(path)?, vec![0; 1 << 20]);
        let mut checksum = self.algorithm.into_impl();
        loop {
            let read = file.read(&mut block)?;
            if read == 0 {
                return Ok(STANDARD.encode(checksum.finalize()) == self.value);
            }
            checksum.update(&block[..read]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_its_checksum_and_no_other() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, "123456789").unwrap();
        // The check values of the catalogue of CRC algorithms (CRC-64/NVME, CRC-32/ISO-HDLC).
        let known = [
            (ChecksumAlgorithm::Crc64Nvme, 0xAE8B_1486_0A79_9888_u64.to_be_bytes().to_vec()),
            (ChecksumAlgorithm::Crc32, 0xCBF4_3926_u32.to_be_bytes().to_vec()),
        ];
        for (algorithm, value) in known {
            let checksum = Checksum { algorithm, value: STANDARD.encode(value) };
            assert!(checksum.is_of(file.path()).unwrap(), "{checksum:?}");
            std::fs::write(&file, "123456788").unwrap();
            assert!(!checksum.is_of(file.path()).unwrap(), "{checksum:?}");
            std::fs::write(&file, "123456789").unwrap();
        }
    }

    #[test]
    fn a_checksum_of_parts_says_nothing_of_the_whole() {
        let head = || HeadObjectOutput::builder().checksum_crc32("AAAAAA==").checksum_crc64_nvme("BBBB");
        let found = Checksum::of_head(&head().build()).unwrap();
        assert_eq!((found.algorithm, found.value.as_str()), (ChecksumAlgorithm::Crc64Nvme, "BBBB"));
        assert_eq!(Checksum::of_head(&head().checksum_type(ChecksumType::Composite).build()), None);
        let parts = HeadObjectOutput::builder().checksum_sha256("AAAA-4").build();
        assert_eq!(Checksum::of_head(&parts), None);
    }
}
