//! Whether a folder of a training job can be written to, asked before hours of training and not after them.
//!
//! SageMaker mounts its own folders below `/opt/ml`, and whom they belong to is its decision.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Why nothing can be written to `folder`, or into the nearest folder above it that is there; leaves nothing behind.
pub fn problem_of_writing(folder: &Path) -> Option<String> {
    let there = folder.ancestors().find(|path| path.exists()).unwrap_or(folder);
    let error = tempfile::tempfile_in(there).err()?;
    Some(format!(
        "{} is not writable for {} ({error}){}; mount it writable for this user, or run the job in the image's target \
         `training`, whose user is root",
        there.display(),
        this_user(),
        owner_of(there)
    ))
}

/// Where the system shows its processes as files, a process is the owner of its own.
fn this_user() -> String {
    user_of(Path::new("/proc/self")).map_or_else(|_| "this user".to_owned(), |user| format!("user {user}"))
}

fn user_of(path: &Path) -> io::Result<u32> {
    Ok(std::fs::metadata(path)?.uid())
}

fn owner_of(path: &Path) -> String {
    std::fs::metadata(path)
        .map(|about| format!(": it belongs to user {}, mode {:04o}", about.uid(), about.mode() & 0o7777))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_yet_is_judged_by_the_one_above_it() {
        let base = tempfile::tempdir().unwrap();
        assert_eq!(problem_of_writing(&base.path().join("output/data")), None);
        assert_eq!(std::fs::read_dir(base.path()).unwrap().count(), 0);
    }

    /// A file in the folder's place stops every user, root too.
    #[test]
    fn what_cannot_be_written_to_is_named_with_its_owner_and_the_user() {
        let base = tempfile::tempdir().unwrap();
        let model = base.path().join("model");
        std::fs::write(&model, "").unwrap();
        let problem = problem_of_writing(&model).unwrap();
        let user = user_of(base.path()).unwrap();
        assert!(problem.contains(&format!("{} is not writable for ", model.display())), "{problem}");
        assert!(problem.contains(&format!("it belongs to user {user}, mode ")), "{problem}");
    }
}
