//! Finished fits of a training, kept so that a training that is started again need not repeat them.
//!
//! The fits of a training are numbered: one per fold, then the final one, first with more weight for churners, then
//! without. A fit is a function of the
//! training's digest and its number, so a restored fit and a repeated one are the same bytes.

use std::fs;
use std::path::{Path, PathBuf};

use super::digest;
use crate::error::{Error, Result};

/// Where finished fits are kept.
pub trait Checkpoints {
    /// The file of a fit, if it was kept and is whole.
    fn find(&self, training_digest: &str, fit: u32) -> Result<Option<PathBuf>>;

    /// Keeps a fit; `write` writes it to the path it is given, whose name ends in `.ubj`.
    fn keep(&self, training_digest: &str, fit: u32, write: &dyn Fn(&Path) -> Result<()>) -> Result<()>;

    /// Hears that a file cannot be used and why. The fit is made again.
    fn damaged(&self, file: &Path, problem: &Error);
}

/// Nothing is kept.
#[derive(Debug, Clone, Copy)]
pub struct NoCheckpoints;

impl Checkpoints for NoCheckpoints {
    fn find(&self, _training_digest: &str, _fit: u32) -> Result<Option<PathBuf>> {
        Ok(None)
    }

    fn keep(&self, _training_digest: &str, _fit: u32, _write: &dyn Fn(&Path) -> Result<()>) -> Result<()> {
        Ok(())
    }

    fn damaged(&self, _file: &Path, _problem: &Error) {}
}

/// A folder that keeps fits as `<training digest>/fit-<number>-<SHA-256 of the file>.ubj`.
///
/// The name says what the content must be: a learner reads no byte that it did not write, since what C++
/// code does with a damaged file is not certain to be an error.
pub struct CheckpointFolder<'a> {
    folder: PathBuf,
    warn: &'a dyn Fn(&Path, &Error),
}

impl<'a> CheckpointFolder<'a> {
    /// Keeps fits below `folder`; `warn` hears of every file that cannot be used.
    pub fn new(folder: &Path, warn: &'a dyn Fn(&Path, &Error)) -> Self {
        Self { folder: folder.to_owned(), warn }
    }

    /// The files that claim to be this fit, in a fixed order.
    fn candidates(&self, training_digest: &str, fit: u32) -> Result<Vec<(PathBuf, String)>> {
        let folder = self.folder.join(training_digest);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Error::file("list", &folder)(error)),
        };
        let mut candidates = Vec::new();
        for entry in entries {
            let path = entry.map_err(Error::file("list", &folder))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let content = name.strip_prefix(&format!("fit-{fit}-")).and_then(|rest| rest.strip_suffix(".ubj"));
            if let Some(content) = content.map(str::to_owned) {
                candidates.push((path, content));
            }
        }
        candidates.sort();
        Ok(candidates)
    }
}

impl Checkpoints for CheckpointFolder<'_> {
    fn find(&self, training_digest: &str, fit: u32) -> Result<Option<PathBuf>> {
        for (path, content) in self.candidates(training_digest, fit)? {
            match fs::read(&path).map_err(Error::file("read", &path)) {
                Ok(bytes) if digest::of_bytes(&bytes) == content => return Ok(Some(path)),
                Ok(_) => {
                    let problem = "its content is not what its name says";
                    self.damaged(&path, &Error::model("use a checkpoint", problem));
                }
                Err(problem) => self.damaged(&path, &problem),
            }
        }
        Ok(None)
    }

    fn keep(&self, training_digest: &str, fit: u32, write: &dyn Fn(&Path) -> Result<()>) -> Result<()> {
        let folder = self.folder.join(training_digest);
        fs::create_dir_all(&folder).map_err(Error::file("make", &folder))?;
        // In the same folder, because a rename is one step on one file system only.
        let partial = folder.join(format!("partial-fit-{fit}.ubj"));
        write(&partial)?;
        let content = digest::of_bytes(&fs::read(&partial).map_err(Error::file("read", &partial))?);
        let whole = folder.join(format!("fit-{fit}-{content}.ubj"));
        fs::rename(&partial, &whole).map_err(Error::file("rename", &partial))
    }

    fn damaged(&self, file: &Path, problem: &Error) {
        (self.warn)(file, problem);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::sync::Mutex;

    use super::*;
    use crate::model::{TrainSettings, sample, train};
    use crate::watch::Watch;

    /// The sample's rounds per fit, and in all: five folds twice, and the final fit.
    const ROUNDS: u64 = 40;
    const ALL: u64 = 11 * ROUNDS;

    /// Stops after a round, and remembers the rounds it heard of.
    struct Rounds {
        stop_after: u64,
        heard: Mutex<Vec<u64>>,
    }

    impl Rounds {
        fn until(stop_after: u64) -> Self {
            Self { stop_after, heard: Mutex::default() }
        }

        fn heard(self) -> Vec<u64> {
            self.heard.into_inner().unwrap()
        }
    }

    impl Watch for Rounds {
        fn report(&self, done: u64, total: Option<u64>) -> Result<()> {
            assert_eq!(total, Some(ALL));
            self.heard.lock().unwrap().push(done);
            if done == self.stop_after { Err(Error::Cancelled) } else { Ok(()) }
        }
    }

    /// Trains on the sample until `rounds` stops it; the model's files.
    fn train_with(checkpoints: &dyn Checkpoints, settings: &TrainSettings, rounds: &Rounds) -> Result<Vec<Vec<u8>>> {
        let trained = train(&sample::gold(600), "E5_full", &sample::features(), settings, checkpoints, rounds)?;
        let folder = tempfile::tempdir().unwrap();
        trained.bundle.save(folder.path()).unwrap();
        Ok(trained.bundle.files().iter().map(|name| fs::read(folder.path().join(name)).unwrap()).collect())
    }

    fn uninterrupted() -> Vec<Vec<u8>> {
        let rounds = Rounds::until(u64::MAX);
        let files = train_with(&NoCheckpoints, &sample::settings(), &rounds).unwrap();
        assert_eq!(rounds.heard(), (1..=ALL).collect::<Vec<_>>());
        files
    }

    fn no_damage(file: &Path, problem: &Error) {
        panic!("{}: {problem}", file.display());
    }

    /// The file of a fit in the folder of the one training that it holds.
    fn file_of(folder: &Path, fit: u32) -> PathBuf {
        find_file(folder, fit).unwrap()
    }

    fn is_kept(folder: &Path, fit: u32) -> bool {
        find_file(folder, fit).is_some()
    }

    fn find_file(folder: &Path, fit: u32) -> Option<PathBuf> {
        let training = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
        let mut files = fs::read_dir(training).unwrap().map(|entry| entry.unwrap().path());
        files.find(|path| path.to_string_lossy().contains(&format!("/fit-{fit}-")))
    }

    #[test]
    fn a_stopped_training_goes_on_behind_its_finished_fits_and_ends_with_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoints = CheckpointFolder::new(folder.path(), &no_damage);
        let stopped = train_with(&checkpoints, &sample::settings(), &Rounds::until(2 * ROUNDS + 7));
        assert!(matches!(stopped, Err(Error::Cancelled)));

        let rounds = Rounds::until(u64::MAX);
        let files = train_with(&checkpoints, &sample::settings(), &rounds).unwrap();
        assert_eq!(rounds.heard(), (2 * ROUNDS + 1..=ALL).collect::<Vec<_>>());
        assert!(files == uninterrupted(), "the files differ");
    }

    #[test]
    fn so_does_one_whose_fits_are_made_side_by_side() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoints = CheckpointFolder::new(folder.path(), &no_damage);
        let settings = TrainSettings { threads: 2, ..sample::settings() };
        // Of the rounds until then, those of two fits at most are of unfinished ones.
        let stopped = train_with(&checkpoints, &settings, &Rounds::until(4 * ROUNDS + 7));
        assert!(matches!(stopped, Err(Error::Cancelled)));
        let kept = (0..11).filter(|&fit| is_kept(folder.path(), fit)).count() as u64;
        assert!((3..=4).contains(&kept), "{kept} fits are kept");

        let rounds = Rounds::until(u64::MAX);
        let files = train_with(&checkpoints, &settings, &rounds).unwrap();
        assert_eq!(rounds.heard(), (kept * ROUNDS + 1..=ALL).collect::<Vec<_>>());
        assert!(files == uninterrupted(), "the files differ");
    }

    #[test]
    fn a_training_whose_fits_are_all_there_fits_nothing_and_ends_with_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoints = CheckpointFolder::new(folder.path(), &no_damage);
        let first = train_with(&checkpoints, &sample::settings(), &Rounds::until(u64::MAX)).unwrap();
        let rounds = Rounds::until(u64::MAX);
        // The threads are no part of a training: another machine may go on.
        let settings = TrainSettings { threads: 2, ..sample::settings() };
        assert!(train_with(&checkpoints, &settings, &rounds).unwrap() == first, "the files differ");
        assert_eq!(rounds.heard(), Vec::<u64>::new());
    }

    #[test]
    fn a_damaged_checkpoint_is_named_and_its_fit_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let warned = RefCell::new(Vec::new());
        let warn = |file: &Path, _: &Error| warned.borrow_mut().push(file.to_owned());
        let checkpoints = CheckpointFolder::new(folder.path(), &warn);
        let first = train_with(&checkpoints, &sample::settings(), &Rounds::until(u64::MAX)).unwrap();
        let damaged = file_of(folder.path(), 1);
        let whole = fs::read(&damaged).unwrap();
        fs::write(&damaged, &whole[..whole.len() / 2]).unwrap();

        let rounds = Rounds::until(u64::MAX);
        assert!(train_with(&checkpoints, &sample::settings(), &rounds).unwrap() == first, "the files differ");
        // Those that are there count as done before.
        assert_eq!(rounds.heard(), (9 * ROUNDS + 1..=10 * ROUNDS).collect::<Vec<_>>());
        assert_eq!(warned.into_inner(), std::slice::from_ref(&damaged));
        assert_eq!(fs::read(damaged).unwrap(), whole);
    }

    #[test]
    fn a_whole_file_that_is_no_model_is_named_and_its_fit_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let warned = RefCell::new(0);
        let warn = |_: &Path, _: &Error| *warned.borrow_mut() += 1;
        let checkpoints = CheckpointFolder::new(folder.path(), &warn);
        train_with(&checkpoints, &sample::settings(), &Rounds::until(ROUNDS + 1)).unwrap_err();
        let file = file_of(folder.path(), 0);
        fs::remove_file(&file).unwrap();
        let text = b"not a model";
        fs::write(file.with_file_name(format!("fit-0-{}.ubj", digest::of_bytes(text))), text).unwrap();

        let rounds = Rounds::until(1);
        train_with(&checkpoints, &sample::settings(), &rounds).unwrap_err();
        assert_eq!((rounds.heard(), warned.into_inner()), (vec![1], 1));
    }

    #[test]
    fn another_training_does_not_use_them() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoints = CheckpointFolder::new(folder.path(), &no_damage);
        train_with(&checkpoints, &sample::settings(), &Rounds::until(ROUNDS + 1)).unwrap_err();
        let mut other = sample::settings();
        other.learner.xgboost.seed = 43;
        let rounds = Rounds::until(1);
        train_with(&checkpoints, &other, &rounds).unwrap_err();
        assert_eq!(rounds.heard(), [1]);
    }

    #[test]
    fn a_file_that_was_cut_off_in_writing_is_no_checkpoint() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoints = CheckpointFolder::new(folder.path(), &no_damage);
        let cut_off = |path: &Path| {
            fs::write(path, "half").unwrap();
            Err(Error::Cancelled)
        };
        checkpoints.keep("abc", 0, &cut_off).unwrap_err();
        assert_eq!(checkpoints.find("abc", 0).unwrap(), None);
    }
}
