//! Which answers of the operating system stay as they are until a person does something, and what that is.

use std::io::{Error, ErrorKind};

use nix::errno::Errno;

/// What a person must do before the same operation can succeed; none when time alone may mend it.
pub(crate) fn remedy(error: &Error) -> Option<&'static str> {
    if is_circle(error) {
        return Some("a link in its path leads round in a circle: remove the link");
    }
    Some(match error.kind() {
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "a file stands where a folder must be: move the file away"
        }
        ErrorKind::IsADirectory => "a folder stands where the file must be: move the folder away",
        ErrorKind::PermissionDenied => "give the user of this program the right to it",
        ErrorKind::ReadOnlyFilesystem => "the file system only reads: mount it for writing, or choose another lake",
        ErrorKind::InvalidFilename => "no file can have this name: rename it",
        // The standard library says so of a NUL before it asks the system.
        ErrorKind::InvalidInput if error.raw_os_error().is_none() => "no file can have this name: rename it",
        ErrorKind::CrossesDevices => "its folder is on another file system than the lake: keep a lake on one",
        _ => return None,
    })
}

/// Whether a path leads through links without an end. The standard library has no stable name for it.
pub(crate) fn is_circle(error: &Error) -> bool {
    error.raw_os_error() == Some(Errno::ELOOP as i32)
}

#[cfg(test)]
mod tests {
    use nix::errno::Errno::{
        EACCES, ECONNRESET, EDQUOT, EEXIST, EINTR, EIO, EISDIR, ELOOP, ENAMETOOLONG, ENOENT, ENOSPC, ENOTDIR, EPERM,
        EROFS, ESTALE, ETIMEDOUT, EXDEV,
    };

    use super::*;

    #[test]
    fn only_a_person_mends_what_lies_in_the_way_and_time_mends_the_rest() {
        let system = |errno: Errno| Error::from_raw_os_error(errno as i32);
        for errno in [EACCES, EEXIST, EISDIR, ELOOP, ENAMETOOLONG, ENOTDIR, EROFS, EPERM, EXDEV] {
            assert!(remedy(&system(errno)).is_some(), "{errno}");
        }
        for errno in [EDQUOT, EINTR, EIO, ENOENT, ENOSPC, ESTALE, ETIMEDOUT, ECONNRESET] {
            assert_eq!(remedy(&system(errno)), None, "{errno}");
        }
        let of_a_nul = std::fs::read("a\0b").unwrap_err();
        assert!(remedy(&of_a_nul).is_some(), "{of_a_nul:?}");
        assert_eq!(remedy(&Error::other("a task was lost")), None);
    }
}
