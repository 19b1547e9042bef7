//! A file that is sent while it is written: never whole in memory, and never cut off without a word.

use std::io;

use axum::body::Body;
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use polars::prelude::DataFrame;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::text::Dialect;

/// So many rows are written at a time: about 200 kB.
const ROWS: usize = 1_000;
/// So many pieces wait for a slow reader.
const WAITING: usize = 4;

/// A piece of a file, or its end.
#[derive(Debug)]
enum Piece {
    Bytes(Bytes),
    End,
}

/// The file of a table.
pub fn body(frame: DataFrame, dialect: Dialect) -> Body {
    let (sender, receiver) = channel(WAITING);
    // It ends by itself when the reader goes away: nobody takes its pieces any more.
    tokio::task::spawn_blocking(move || write(&frame, dialect, &sender));
    Body::from_stream(pieces(receiver))
}

/// What is sent. Whoever packs it asks once more after its end.
fn pieces(receiver: Receiver<Piece>) -> impl Stream<Item = io::Result<Bytes>> {
    stream::unfold(Some(receiver), next).fuse()
}

fn write(frame: &DataFrame, dialect: Dialect, sender: &Sender<Piece>) {
    let send = |text: String| sender.blocking_send(Piece::Bytes(Bytes::from(text))).is_ok();
    if !send(dialect.head(frame)) {
        return;
    }
    for from in (0..frame.height()).step_by(ROWS) {
        match dialect.lines(frame, from, from + ROWS) {
            Ok(lines) => {
                if !send(lines) {
                    return;
                }
            }
            Err(error) => {
                tracing::error!(%error, "a download could not be written to its end");
                return;
            }
        }
    }
    // Nobody may be there any more.
    let _ = sender.blocking_send(Piece::End);
}

/// The next piece. A writer that ends without saying so breaks the connection: else the begin of a file would pass for
/// the whole.
async fn next(receiver: Option<Receiver<Piece>>) -> Option<(io::Result<Bytes>, Option<Receiver<Piece>>)> {
    let mut receiver = receiver?;
    match receiver.recv().await {
        Some(Piece::Bytes(bytes)) => Some((Ok(bytes), Some(receiver))),
        Some(Piece::End) => None,
        None => Some((Err(io::Error::other("the file could not be written to its end")), None)),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use polars::df;

    use super::*;

    #[tokio::test]
    async fn all_rows_come_in_their_order() {
        let rows: Vec<i64> = (0..2_500).collect();
        let frame = df!("row" => rows.clone()).unwrap();
        let bytes = to_bytes(body(frame, Dialect::PLAIN), usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let read: Vec<i64> = text.lines().skip(1).map(|line| line.parse().unwrap()).collect();
        assert_eq!(read, rows);
    }

    #[tokio::test]
    async fn a_writer_that_is_lost_breaks_the_file_instead_of_ending_it() {
        let (sender, receiver) = channel(1);
        sender.send(Piece::Bytes(Bytes::from_static(b"head\n"))).await.unwrap();
        drop(sender);
        assert!(to_bytes(Body::from_stream(pieces(receiver)), usize::MAX).await.is_err());
    }

    /// As compression does.
    #[tokio::test]
    async fn the_end_is_the_end_however_often_it_is_asked_for() {
        let (sender, receiver) = channel(1);
        sender.send(Piece::End).await.unwrap();
        let mut pieces = std::pin::pin!(pieces(receiver));
        assert!(pieces.next().await.is_none());
        assert!(pieces.next().await.is_none());
    }
}
