//! Blocks of PEM, RFC 7468: a label and what it holds.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// One block.
#[derive(Debug, PartialEq, Eq)]
pub struct Block {
    /// What it is, for example `PRIVATE KEY`.
    pub label: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// All blocks of a text, in order; what is between them is passed over. The error says what is wrong.
pub fn blocks(text: &str) -> Result<Vec<Block>, String> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let Some(label) = line.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(DASHES)) else { continue };
        let end = format!("{END}{label}{DASHES}");
        let mut content = String::new();
        loop {
            match lines.next() {
                Some(line) if line == end => break,
                Some(line) => content.push_str(line),
                None => return Err(format!("its block {label} has no end")),
            }
        }
        let content = STANDARD.decode(content).map_err(|error| format!("its block {label} is no Base64: {error}"))?;
        blocks.push(Block { label: label.to_owned(), content });
    }
    Ok(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_read_in_order_and_what_is_broken_is_told() {
        let text =
            "words\n-----BEGIN A-----\nAQ\nI=\n-----END A-----\n-----BEGIN B C-----\r\nAw==\r\n-----END B C-----\r\n";
        let found = blocks(text).unwrap();
        let told: Vec<_> = found.iter().map(|block| (block.label.as_str(), block.content.as_slice())).collect();
        assert_eq!(told, [("A", &[1, 2][..]), ("B C", &[3][..])]);
        assert!(blocks("-----BEGIN A-----\nAQI=\n").unwrap_err().contains("no end"));
        assert!(blocks("-----BEGIN A-----\n?\n-----END A-----\n").unwrap_err().contains("Base64"));
        assert_eq!(blocks("nothing").unwrap(), []);
    }
}
