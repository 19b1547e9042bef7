//! Who runs on this machine, told by their command lines.

/// The IDs of the processes whose command line holds `text`.
pub fn processes_with(text: &str) -> Vec<u32> {
    let all = std::fs::read_dir("/proc").expect("Linux").flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| command_line(*pid).contains(text)).collect()
}

/// The training process that works below `folder`, if there is one.
pub fn training_below(folder: &str) -> Option<u32> {
    processes_with(folder).into_iter().find(|pid| command_line(*pid).contains(" train --base "))
}

/// Whether a process is still there (and is no zombie, which has no command line).
pub fn is_running(pid: u32) -> bool {
    !command_line(pid).is_empty()
}

fn command_line(pid: u32) -> String {
    let bytes = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).replace('\0', " ")
}
