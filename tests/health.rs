//! `spanishgas health worker` tells a container's runtime the truth: well while a worker of this host asks for
//! work, ill when none does, when it serves another queue, and when the server is gone; it says which.

use support::home::folder;
use support::lake::TestLake;
use support::{LENIENT, TestServer, Worker, eventually, new_name, spanishgas};

use std::time::Duration;

#[test]
fn a_worker_is_well_while_it_asks_for_work() {
    let (lake, config, scratch, queue) = (TestLake::new(), LENIENT.write(), folder("scratch"), new_name("health"));
    let ask = |queue: &str| spanishgas(Some(TestServer::shared()), &["health", "worker", "--task-queue", queue]);
    let before = ask(&queue);
    assert_eq!(before.code, Some(1), "{before:#?}");
    assert!(before.stderr.contains(&format!("for work on task queue {queue}")), "{before:#?}");

    let [config, scratch] = [config.path(), scratch.path()].map(|path| path.to_str().expect("a UTF-8 path"));
    let options = ["--config", config, "--scratch", scratch];
    let _worker = Worker::start(TestServer::shared(), lake.path(), &queue, &options);
    let well =
        eventually("the worker is well", Duration::from_secs(30), || Some(ask(&queue)).filter(|it| it.code == Some(0)));
    assert!(well.stdout.contains(&queue), "{well:#?}");
    assert_eq!(ask(&new_name("another")).code, Some(1), "another queue is not served");
}

#[test]
fn without_a_server_the_address_is_said() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("its address");
    let said = spanishgas(None, &["health", "worker", "--address", &free.to_string()]);
    assert_eq!(said.code, Some(1), "{said:#?}");
    assert!(said.stderr.contains(&free.to_string()) && said.stderr.contains("refused"), "{said:#?}");
}
