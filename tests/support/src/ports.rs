//! Ports for servers that must be told theirs.

use std::fs::File;
use std::net::TcpListener;
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::sync::Mutex;

/// Below the ports that the system gives to outgoing connections: between asking whether one is free and the start
/// of its server, such a connection would take it.
const PORTS: Range<u16> = 15_000..32_000;

/// Ports that nobody uses, for this test binary alone until it ends.
pub fn free_ports<const N: usize>() -> [u16; N] {
    std::array::from_fn(|_| free_port())
}

fn free_port() -> u16 {
    // The locks: another test binary on this machine passes over what is taken here, before its server listens.
    static TAKEN: Mutex<Vec<File>> = Mutex::new(Vec::new());
    let mut taken = TAKEN.lock().expect("no holder panics");
    // Each binary begins elsewhere, so that few meet.
    let (all, first) = (PORTS.len() as u32, std::process::id().wrapping_mul(7919));
    let mut candidates = (0..all).map(|step| PORTS.start + ((first.wrapping_add(step)) % all) as u16);
    let (port, lock) = candidates.find_map(take).expect("some port is free");
    taken.push(lock);
    port
}

/// The port and the lock on it, unless somebody has one of them.
fn take(port: u16) -> Option<(u16, File)> {
    let me = std::fs::metadata("/proc/self").expect("Linux").uid();
    let folder = std::env::temp_dir().join(format!("spanishgas-test-ports-{me}"));
    std::fs::create_dir_all(&folder).expect("a folder for locks");
    let lock = File::create(folder.join(port.to_string())).expect("a lock can be made");
    lock.try_lock().ok()?;
    // Nobody listens there, on any address of this machine.
    TcpListener::bind(("0.0.0.0", port)).ok()?;
    Some((port, lock))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_port_is_given_twice_and_none_is_one_of_outgoing_connections() {
        let first: [u16; 3] = free_ports();
        let second: [u16; 3] = free_ports();
        let all: BTreeSet<u16> = first.into_iter().chain(second).collect();
        assert_eq!(all.len(), 6);
        let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").expect("Linux");
        let lowest: u16 = range.split_whitespace().next().and_then(|port| port.parse().ok()).expect("a port");
        assert!(all.iter().all(|port| *port < lowest), "{all:?} from {lowest}");
        // A second lock on the same port is refused, as another process would see it.
        assert!(first.into_iter().all(|port| take(port).is_none()));
    }
}
