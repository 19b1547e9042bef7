//! Blocks of rows, read on all cores; what comes of them is taken in the order of the file.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::Result;
use crate::csv::{Block, FileRecords, PassedOver, Records};

/// About so many bytes are a block. It is longer than the longest record, so that every block of good rows has a line end.
pub(super) const BLOCK_BYTES: usize = 2 << 20;
/// More would not be faster than the thread that unpacks and cuts and the one that writes, and would take more memory.
const MAX_WORKERS: usize = 4;

/// What comes of a block, and of the rows in it that hold no data.
type Outcome<T> = Result<(T, PassedOver)>;

/// Reads the file's next rows in blocks of about `bytes`, as far as they can be cut off: `read` is called on several
/// threads, `take` on this one, in the order of the file. The rows behind them are left to be read one by one.
///
/// The first error in the order of the file is the answer. Two blocks a worker wait at most.
pub(super) fn in_blocks<T: Send>(
    records: FileRecords,
    bytes: usize,
    read: impl Fn(&mut Records<&[u8]>) -> Result<T> + Sync,
    mut take: impl FnMut(T) -> Result<()>,
) -> Result<FileRecords> {
    let workers = thread::available_parallelism().map_or(1, usize::from).min(MAX_WORKERS);
    let nothing = records.of_lines(b"", 0);
    let (nothing, read) = (&nothing, &read);
    thread::scope(|scope| {
        let mut inputs = Vec::with_capacity(workers);
        let mut outputs = Vec::with_capacity(workers);
        for _ in 0..workers {
            let (input, blocks) = sync_channel(1);
            let (outcomes, output) = sync_channel(1);
            scope.spawn(move || read_all(nothing, read, &blocks, &outcomes));
            inputs.push(input);
            outputs.push(output);
        }
        let cutter = scope.spawn(move || cut(records, bytes, &inputs));
        let mut passed_over = PassedOver::default();
        // Blocks go round the workers. Whose turn it is has no more of them, when all are read.
        for output in outputs.iter().cycle() {
            let Ok(outcome) = output.recv() else { break };
            let (taken, passed) = outcome?;
            passed_over += passed;
            take(taken)?;
        }
        drop(outputs);
        let mut records = cutter.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        records.count(passed_over);
        Ok(records)
    })
}

/// Cuts off blocks and hands them round, until there are no more of them or nobody takes them; what is left of the file.
fn cut(mut records: FileRecords, bytes: usize, workers: &[SyncSender<Block>]) -> FileRecords {
    for worker in workers.iter().cycle() {
        let Some(block) = records.cut_off(bytes) else { break };
        if worker.send(block).is_err() {
            break;
        }
    }
    records
}

/// One worker: reads the blocks that it is given, until there are no more of them or nobody hears of them.
fn read_all<T>(
    file: &Records<&[u8]>,
    read: &impl Fn(&mut Records<&[u8]>) -> Result<T>,
    blocks: &Receiver<Block>,
    outcomes: &SyncSender<Outcome<T>>,
) {
    for block in blocks {
        let mut records = file.of_lines(&block.lines, block.rows_before);
        let outcome = read(&mut records).map(|made| (made, records.passed_over()));
        if outcomes.send(outcome).is_err() {
            return;
        }
    }
}
