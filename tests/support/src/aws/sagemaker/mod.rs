//! SageMaker's part for training jobs, in front of moto: moto keeps the definitions, this runs them.
//!
//! It plays what the container contract says of one instance in File mode: folders, channels from S3,
//! the `train` argument or an entry point of the job's own, metrics read from the output, the failure
//! file, model.tar.gz, checkpoints, SIGTERM with 120 s of grace, the longest run time, spot
//! interruptions, and a name that is taken for ever.
//!
//! It does not play: the image (the program is always this build's `spanishgas`, on this machine, and
//! not under `/opt/ml`), network and file system walls, roles, several hosts, Pipe and FastFile mode,
//! manifest files, uncompressed output, `output.tar.gz`, checkpoints that are saved while the job runs
//! (here: when its process has ended), the longest waiting time, retries of its own, and the states of
//! a `ListTrainingJobs`, which is moto's own answer.

pub mod definition;
pub mod describe;
pub mod folders;
pub mod job;
pub mod metrics;
pub mod part;
pub mod process;
pub mod service;
pub mod state;
pub mod storage;
pub mod work;

pub use part::SageMakerPart;
