//! The disk of the lake is full in mid-run, and later has space again: the run goes on, or
//! was refused and the next one is right. Only root can make a small disk: anybody else is told so.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::Extent;
use super::ground::{A_DISTURBED_RUN, Ground, Pointers, Refusal};
use super::report::{Case, Ending};
use super::run::{End, Trouble};
use super::undisturbed::Undisturbed;
use support::eventually;
use support::lake::raw_files;

/// How much of what a run needs there is space for, in percent.
const SHARES: [u64; 6] = [5, 20, 40, 60, 80, 95];
const SHORT_SHARES: [u64; 1] = [40];
/// What the operating system calls it.
const FULL: &str = "No space left";
/// Within this the worker has met the full disk.
const FULL_WITHIN: Duration = Duration::from_mins(2);

/// A disk for a share of the result.
pub fn cases(extent: Extent) -> Vec<Case> {
    let shares = extent.choose(&SHORT_SHARES[..], &SHARES[..]);
    let case = |share: &u64| {
        let share = *share;
        Case::new("disk full", format!("at {share} %"), move |undisturbed, _| fill(undisturbed, share))
    };
    shares.iter().map(case).collect()
}

fn fill(undisturbed: &Undisturbed, share: u64) -> Ending {
    let ground = Ground::new();
    let raw = used(raw_files());
    let result = used(undisturbed.lake().path()) - raw;
    let disk = match SmallDisk::over(ground.lake.path(), raw + result * share / 100) {
        Ok(disk) => disk,
        Err(why) => {
            let note = format!("a disk of its own needs root: {}", why.trim());
            return ground.leave(Vec::new(), Ending::Skipped(note));
        }
    };
    copy_raw(&ground);
    let worker = ground.worker();
    let run = ground.start();
    let trouble = eventually("the disk is full", FULL_WITHIN, || run.trouble());
    disk.grow();
    let end = run.end(A_DISTURBED_RUN);
    let ending = match trouble {
        Trouble::Attempt(said) if !said.contains(FULL) => Ending::Wrong(format!("not the full disk, but: {said}")),
        Trouble::Ended if matches!(end, End::Completed) => Ending::Wrong("the disk was never full".to_owned()),
        _ => after(&ground, end, undisturbed),
    };
    ground.leave(vec![worker], ending)
}

/// Nobody is left alone with a refusal: with space again, the next run comes through.
fn after(ground: &Ground, end: End, undisturbed: &Undisturbed) -> Ending {
    let nothing = Pointers::default();
    match ground.judge(end, &nothing, &undisturbed.contents, Refusal::Allowed) {
        Ending::Refused(number) => {
            let again = ground.start().end(A_DISTURBED_RUN);
            match ground.judge(again, &nothing, &undisturbed.contents, Refusal::Never) {
                Ending::Right => Ending::Refused(number),
                other => other,
            }
        }
        other => other,
    }
}

/// A file system of a few megabytes over a folder.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn over(folder: &Path, bytes: u64) -> Result<Self, String> {
        mount(folder, &format!("size={bytes}"))?;
        Ok(Self(folder.to_owned()))
    }

    fn grow(&self) {
        mount(&self.0, "remount,size=1g").expect("a mounted disk can grow");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).output();
    }
}

fn mount(folder: &Path, options: &str) -> Result<(), String> {
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder).output();
    let mounted = mounted.map_err(|error| format!("mount: {error}"))?;
    if mounted.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&mounted.stderr).into_owned()) }
}

fn copy_raw(ground: &Ground) {
    let raw = ground.lake.at("raw");
    std::fs::create_dir_all(&raw).expect("a folder for raw files");
    for file in std::fs::read_dir(raw_files()).expect("the raw files can be listed").flatten() {
        std::fs::copy(file.path(), raw.join(file.file_name())).expect("a raw file can be copied");
    }
}

/// What a folder takes of a disk: whole blocks.
fn used(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let size = |entry: std::fs::DirEntry| {
        let path = entry.path();
        if path.is_dir() { used(&path) } else { entry.metadata().map_or(0, |meta| meta.blocks() * 512) }
    };
    entries.map(size).sum()
}
