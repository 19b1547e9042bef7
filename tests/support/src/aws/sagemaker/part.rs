//! The server, as tests start, script and ask it.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use super::job::{Job, JobSeen, Order};
use super::service::{Service, lock};
use crate::aws::http::Server;
use crate::aws::runtime::wait_for;
use crate::eventually;
use crate::home::folder;
use crate::program::program;

/// SageMaker as a test needs it; its jobs end when it is dropped.
pub struct SageMakerPart {
    server: Server,
    service: Arc<Service>,
    _home: TempDir,
}

impl SageMakerPart {
    /// Starts it on a free port of this machine in front of moto; its jobs use `s3` and this build's program.
    pub fn start(moto_url: &str, s3: aws_sdk_s3::Client) -> Self {
        let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self::listen(here, moto_url, s3, program(), folder("sagemaker"))
    }

    /// Starts it at an address; its jobs run `program` below `home`.
    pub fn listen(address: SocketAddr, moto_url: &str, s3: aws_sdk_s3::Client, program: &Path, home: TempDir) -> Self {
        let service = Arc::new(Service::new(moto_url, s3, home.path().to_owned(), program.to_owned()));
        let shared = Arc::clone(&service);
        let server = Server::listen(address, move |request, _| Arc::clone(&shared).handle(request));
        Self { server, service, _home: home }
    }

    /// `http://host:port` for clients.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The names of all operations that were asked for.
    pub fn operations(&self) -> BTreeSet<String> {
        lock(&self.service.operations).clone()
    }

    /// The next job that is created fails with exactly this reason and does not run.
    pub fn fail_next(&self, reason: &str) {
        lock(&self.service.failures).push_back(reason.to_owned());
    }

    /// The next creation of a job is refused with this error.
    pub fn refuse_next(&self, error_type: &str, message: &str) {
        lock(&self.service.refusals).push_back((error_type.to_owned(), message.to_owned()));
    }

    /// From now on no list of packages has any: SageMaker's lists may be older than a package.
    pub fn list_no_packages(&self) {
        self.service.lists_are_old.store(true, Ordering::Relaxed);
    }

    /// The next `times` calls of an operation are denied.
    pub fn deny(&self, operation: &str, times: u32) {
        lock(&self.service.denials).push((operation.to_owned(), times));
    }

    /// All jobs, oldest first.
    pub fn jobs(&self) -> Vec<JobSeen> {
        lock(&self.service.jobs).iter().map(|job| job.seen()).collect()
    }

    /// Takes the machine from a job that trains: SIGTERM, and another start from its checkpoints.
    pub fn interrupt(&self, name: &str) {
        let job = self.job(name);
        assert!(job.state().pid.is_some(), "{name} does not train");
        job.order(Order::Interrupt);
    }

    /// A job that trains does not get on from here, however fast the machine is, until it is ended.
    pub fn hold(&self, name: &str) {
        let process = Pid::from_raw(self.await_process(name).cast_signed());
        kill(process, Signal::SIGSTOP).expect("the training can be stopped");
    }

    /// A job that trains ends by an error of SageMaker's own.
    pub fn break_down(&self, name: &str) {
        let job = self.job(name);
        assert!(job.state().pid.is_some(), "{name} does not train");
        job.order(Order::Break);
    }

    /// What a job has written to standard output and standard error.
    pub fn log(&self, name: &str) -> String {
        let log = std::fs::read(self.job(name).log_file()).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Waits until a job trains; its process.
    pub fn await_process(&self, name: &str) -> u32 {
        eventually(&format!("job {name} trains"), Duration::from_mins(1), || {
            self.service.find(name).and_then(|job| job.state().pid)
        })
    }

    /// Waits until a job has ended.
    pub fn await_end(&self, name: &str, within: Duration) -> JobSeen {
        eventually(&format!("job {name} ends"), within, || {
            self.service.find(name).filter(|job| job.state().has_ended()).map(|job| job.seen())
        })
    }

    fn job(&self, name: &str) -> Arc<Job> {
        self.service.find(name).unwrap_or_else(|| panic!("there is no job {name}"))
    }
}

impl Drop for SageMakerPart {
    fn drop(&mut self) {
        let mut running = std::mem::take(&mut *lock(&self.service.running));
        wait_for(async move { running.shutdown().await });
    }
}
