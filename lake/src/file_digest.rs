//! The digests of files, read in blocks.

use std::io::{Read, Write};
use std::path::Path;

use churn::Watch;
use protocol::Digest;
use sha2::{Digest as _, Sha256};

/// The digest of a file; `watch` hears the bytes done.
pub fn of_file(path: &Path, watch: &dyn Watch) -> churn::Result<Digest> {
    let total = std::fs::metadata(path).map_err(churn::Error::file("read", path))?.len();
    of_blocks(path, |_, done| watch.report(done, Some(total)))
}

/// The digest of a file whose bytes go to another at the same time: the copy has exactly this digest.
pub fn while_copying(path: &Path, copy: &Path, watch: &dyn Watch) -> churn::Result<Digest> {
    let total = std::fs::metadata(path).map_err(churn::Error::file("read", path))?.len();
    let mut target = std::fs::File::create(copy).map_err(churn::Error::file("write", copy))?;
    of_blocks(path, |block, done| {
        target.write_all(block).map_err(churn::Error::file("write", copy))?;
        watch.report(done, Some(total))
    })
}

/// `each` gets every block, with the bytes done.
fn of_blocks(path: &Path, mut each: impl FnMut(&[u8], u64) -> churn::Result<()>) -> churn::Result<Digest> {
    let mut file = std::fs::File::open(path).map_err(churn::Error::file("open", path))?;
    let mut hasher = Sha256::new();
    let mut block = vec![0; 1 << 20];
    let mut done = 0;
    loop {
        let read = file.read(&mut block).map_err(churn::Error::file("read", path))?;
        if read == 0 {
            return Ok(Digest::of_hash(&hasher.finalize().into()));
        }
        hasher.update(&block[..read]);
        done += read as u64;
        each(&block[..read], done)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_the_digest_of_its_bytes() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"abc").unwrap();
        assert_eq!(of_file(file.path(), &churn::Unwatched).unwrap(), Digest::of(b"abc"));
        let copy = tempfile::NamedTempFile::new().unwrap();
        let copied = while_copying(file.path(), copy.path(), &churn::Unwatched).unwrap();
        assert_eq!((copied, std::fs::read(copy.path()).unwrap().as_slice()), (Digest::of(b"abc"), b"abc".as_slice()));
    }
}
