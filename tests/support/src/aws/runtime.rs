//! One Tokio runtime for the servers and clients of this support, apart from the tests' own: a test
//! that blocks or ends does not stop them.

use std::sync::{OnceLock, mpsc};

use tokio::runtime::Runtime;

/// The runtime.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(2).thread_name("aws-support").enable_all().build().expect("a runtime can be started")
    })
}

/// Runs `future` there and blocks until its answer; from any thread but the runtime's own.
pub fn wait_for<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    // Not `block_on`, which a test that is itself async may not call.
    let (sender, receiver) = mpsc::channel();
    runtime().spawn(async move { sender.send(future.await) });
    receiver.recv().expect("the future has panicked; its message is on standard error")
}
