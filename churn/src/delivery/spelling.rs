//! How an id is spelled: what is left of it without the things that tools change, and its shape for people, which names
//! nobody.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Shapes are cut here: no id is longer.
const LONGEST_SHAPE: usize = 24;

/// An id without what tools change: invisible characters, width, case, `.0`, leading letters and zeros.
pub(super) fn bare(id: &str) -> String {
    let visible: String = id.chars().filter(|letter| !is_invisible(*letter)).map(narrow).collect();
    let upper = visible.trim().to_uppercase();
    let whole = upper.strip_suffix(".0").unwrap_or(&upper);
    let number = whole.trim_start_matches(|letter: char| letter.is_ascii_alphabetic()).trim_start_matches('0');
    if number.is_empty() { whole.to_owned() } else { number.to_owned() }
}

/// Characters that a screen does not show and a comparison sees.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
        || letter.is_control()
}

/// The usual form of a letter of double width.
fn narrow(letter: char) -> char {
    const WIDTH: u32 = 0xff01 - 0x21;
    match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - WIDTH).unwrap_or(letter),
        other => other,
    }
}

/// The shape that most of the ids have: `#` for a digit, what cannot be seen by its code.
pub(super) fn usual_shape<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for id in ids {
        *counts.entry(shape(id)).or_insert(0) += 1;
    }
    // Of equals the first in their order, so that the same delivery is told in the same words.
    let most = counts.into_iter().max_by(|one, other| one.1.cmp(&other.1).then_with(|| other.0.cmp(&one.0)));
    most.map(|(shape, _)| shape).unwrap_or_default()
}

fn shape(id: &str) -> String {
    let mut shape = String::new();
    for letter in id.chars().take(LONGEST_SHAPE) {
        match letter {
            letter if is_invisible(letter) => {
                // Writing to a text cannot fail.
                let _ = write!(shape, "<U+{:04X}>", letter as u32);
            }
            letter if letter.is_numeric() && letter.is_ascii() => shape.push('#'),
            letter if letter.is_numeric() || narrow(letter) != letter => shape.push_str("<wide>"),
            // More than a letter or two before a number might be a name.
            letter if letter.is_alphabetic() && shape.chars().filter(char::is_ascii_alphabetic).count() >= 2 => {
                shape.push('x');
            }
            letter => shape.push(letter),
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_id_are_one_when_bare() {
        for id in [
            "C00017",
            "c00017",
            "17",
            "00017",
            "17.0",
            "C17.0",
            "C\u{200b}00017",
            "\u{ff23}\u{ff10}\u{ff11}\u{ff17}",
            " C17\u{feff}",
        ] {
            assert_eq!(bare(id), "17", "{id:?}");
        }
        assert_ne!(bare("C170"), bare("C17"));
        assert_eq!((bare("C0"), bare("ANA"), bare("")), ("C0".to_owned(), "ANA".to_owned(), String::new()));
    }

    #[test]
    fn a_shape_names_nobody_and_shows_what_cannot_be_seen() {
        assert_eq!(usual_shape(["C00017", "C00018", "9"].into_iter()), "C#####");
        assert_eq!(shape("17.0"), "##.#");
        assert_eq!(shape("C\u{200b}17"), "C<U+200B>##");
        assert_eq!(shape("\u{ff23}1"), "<wide>#");
        assert_eq!(shape("Garcia1"), "Gaxxxx#");
        assert_eq!(usual_shape(std::iter::empty()), "");
    }
}
