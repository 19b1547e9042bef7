//! The digests of files, read in blocks.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use churn::Watch;
use protocol::Digest;
use sha2::{Digest as _, Sha256};

/// How much is read at a time.
const BLOCK: usize = 1 << 20;
/// So many blocks wait for their turn at most.
const WAITING: usize = 2;

/// The digest of a file; `watch` hears the bytes done.
pub fn of_file(path: &Path, watch: &dyn Watch) -> churn::Result<Digest> {
    let total = std::fs::metadata(path).map_err(churn::Error::file("read", path))?.len();
    of_blocks(path, |_, done| watch.report(done, Some(total)))
}

/// The digest of a file whose bytes go to another at the same time: the copy has exactly this digest.
pub fn while_copying(path: &Path, copy: &Path, watch: &dyn Watch) -> churn::Result<Digest> {
    let total = std::fs::metadata(path).map_err(churn::Error::file("read", path))?.len();
    let mut target = File::create(copy).map_err(churn::Error::file("write", copy))?;
    of_blocks(path, |block, done| {
        target.write_all(block).map_err(churn::Error::file("write", copy))?;
        watch.report(done, Some(total))
    })
}

/// `each` gets every block, with the bytes done.
fn of_blocks(path: &Path, mut each: impl FnMut(&[u8], u64) -> churn::Result<()>) -> churn::Result<Digest> {
    let file = File::open(path).map_err(churn::Error::file("open", path))?;
    let mut hasher = Sha256::new();
    let mut first = Vec::new();
    (&file).take(BLOCK as u64).read_to_end(&mut first).map_err(churn::Error::file("read", path))?;
    let mut done = first.len() as u64;
    if done > 0 {
        hasher.update(&first);
        each(&first, done)?;
    }
    // A small file is not worth a thread: a delivery may have thousands of them.
    if first.len() < BLOCK {
        return Ok(Digest::of_hash(&hasher.finalize().into()));
    }
    thread::scope(|scope| {
        let (sender, blocks) = mpsc::sync_channel(WAITING);
        let (used, spare) = mpsc::channel();
        scope.spawn(move || read_blocks(file, &spare, &sender));
        for read in blocks {
            let (block, bytes): (Vec<u8>, usize) = read.map_err(churn::Error::file("read", path))?;
            if bytes == 0 {
                break;
            }
            hasher.update(&block[..bytes]);
            done += bytes as u64;
            each(&block[..bytes], done)?;
            // Whoever has read to the end takes no more.
            let _ = used.send(block);
        }
        Ok(Digest::of_hash(&hasher.finalize().into()))
    })
}

/// Reads the next blocks while one is digested, to the end of the file or until nobody takes them.
fn read_blocks(
    mut file: File,
    spare: &mpsc::Receiver<Vec<u8>>,
    blocks: &mpsc::SyncSender<io::Result<(Vec<u8>, usize)>>,
) {
    loop {
        let mut block = spare.try_recv().unwrap_or_else(|_| vec![0; BLOCK]);
        let read = file.read(&mut block);
        let is_last = !matches!(read, Ok(1..));
        if blocks.send(read.map(|bytes| (block, bytes))).is_err() || is_last {
            return;
        }
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

    #[test]
    fn so_has_one_of_many_blocks_and_its_bytes_are_counted_in_their_order() {
        let bytes: Vec<u8> = (0..7 * BLOCK + 5).map(|place| (place / 1000) as u8).collect();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &bytes).unwrap();
        let mut seen = Vec::new();
        let digest = of_blocks(file.path(), |block, done| {
            seen.extend_from_slice(block);
            assert_eq!(done, seen.len() as u64);
            Ok(())
        });
        assert_eq!(digest.unwrap(), Digest::of(&bytes));
        assert!(seen == bytes, "the blocks are not the file");
    }

    #[test]
    fn an_error_after_a_block_ends_it_and_so_does_a_folder() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), vec![1; 7 * BLOCK]).unwrap();
        let stopped = of_blocks(file.path(), |_, _| Err(churn::Error::Cancelled));
        assert!(matches!(stopped, Err(churn::Error::Cancelled)), "{stopped:?}");
        of_file(file.path().parent().unwrap(), &churn::Unwatched).unwrap_err();
    }
}
