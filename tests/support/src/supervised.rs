//! A child process that cannot outlive the test binary: it ends when the handle is dropped, and
//! also when the test binary ends without dropping anything (statics, a crash, SIGKILL).

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use super::eventually;

/// For `sh -c`: the shell becomes the command; beside it a watcher waits for our pipe (the shell's
/// standard input) to close, then sends SIGTERM.
pub const SUPERVISED: &str = r#"exec 3<&0; (read -r _ <&3; kill -TERM $$) & exec 3<&-; exec "$@" </dev/null"#;

/// A running child, its output in a file.
pub struct Supervised {
    child: Child,
    log_file: PathBuf,
}

impl Supervised {
    /// Starts `program` with its output in `log_file`.
    pub fn start<A: AsRef<OsStr>>(
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
        variables: &[(&str, &str)],
        log_file: PathBuf,
    ) -> Self {
        let log = File::create(&log_file).expect("the folder of the log exists");
        let child = Command::new("sh")
            .args(["-c", SUPERVISED, "sh"])
            .arg(program)
            .args(arguments)
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(log.try_clone().expect("the log can be shared"))
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("could not start {}: {error}", program.display()));
        Self { child, log_file }
    }

    /// The child's process ID.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has written so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log_file).unwrap_or_default()).into_owned()
    }

    /// The exit status once it has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the child can be asked")
    }

    /// Waits until its output holds `text`; panics with the output when it ends before.
    pub fn await_log(&mut self, text: &str, within: Duration) {
        eventually(&format!("output holds {text:?}"), within, || {
            let found = self.log().contains(text);
            assert!(found || self.ended().is_none(), "ended before {text:?}:\n{}", self.log());
            found.then_some(())
        });
    }

    /// SIGTERM, then waits for the end.
    pub fn terminate(mut self, within: Duration) -> (ExitStatus, String) {
        drop(self.child.stdin.take());
        let status = eventually("the child ends after SIGTERM", within, || self.ended());
        (status, self.log())
    }

    /// SIGKILL: as a crash or a lost machine would end it.
    pub fn kill(mut self) {
        self.child.kill().expect("the child can be killed");
        self.child.wait().expect("a killed child ends");
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
