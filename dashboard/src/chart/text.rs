//! How wide a text is at 12 pixels, so that labels neither collide nor leave the picture. The widths are those of a
//! wide font (DejaVu Sans): in a narrower one there is room to spare.

/// The height of a line of text.
pub(super) const LINE: f64 = 16.0;

/// The width of a text in pixels, a little more rather than less.
pub(super) fn width(text: &str) -> f64 {
    text.chars().map(sign_width).sum()
}

/// Where the middle of a text must be, so that none of it leaves a picture of this width.
pub(super) fn inside(x: f64, text: &str, picture: f64) -> f64 {
    let half = width(text) / 2.0;
    if 2.0 * half >= picture { picture / 2.0 } else { x.clamp(half, picture - half) }
}

/// The text as far as it fits, then "…".
pub(super) fn fit(text: &str, room: f64) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = sign_width('…');
    for sign in text.chars() {
        used += sign_width(sign);
        if used > room {
            break;
        }
        kept.push(sign);
    }
    format!("{}…", kept.trim_end())
}

/// The text in lines that fit, at most `lines`; the last one is cut if it must be.
pub(super) fn wrap(text: &str, room: f64, lines: usize) -> Vec<String> {
    let mut wrapped: Vec<String> = Vec::new();
    // What is joined by a no-break space stays together.
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let full = wrapped.len() == lines;
        let fits = wrapped.last().is_some_and(|line| width(line) + sign_width(' ') + width(word) <= room);
        match wrapped.last_mut().filter(|_| fits || full) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => wrapped.push(word.to_owned()),
        }
    }
    wrapped.iter().map(|line| fit(line, room)).collect()
}

fn sign_width(sign: char) -> f64 {
    match sign {
        'i' | 'j' | 'l' | '\'' | '|' | '.' | ',' | ':' | ';' | 'I' | '!' | '·' => 3.9,
        ' ' | '\u{a0}' | 'f' | 't' | 'r' | '(' | ')' | '-' | '/' => 4.9,
        'm' | 'w' | 'M' | 'W' | '…' | '%' | '@' => 11.4,
        '0'..='9' | '€' | '–' => 7.7,
        '+' | '<' | '>' | '=' | '○' | '◔' | '◑' | '●' | '✓' | '✕' | '△' | '▼' => 10.4,
        sign if sign.is_uppercase() => 8.6,
        _ => 7.5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_in_the_corner_moves_inside() {
        let half = width("0.70") / 2.0;
        assert_eq!([0.0, 50.0, 99.0].map(|x| inside(x, "0.70", 100.0)), [half, 50.0, 100.0 - half]);
        assert_eq!(inside(0.0, "much too long for this", 20.0), 10.0);
    }

    #[test]
    fn a_text_is_cut_only_where_it_must_be() {
        assert_eq!(fit("Critical", 100.0), "Critical");
        let cut = fit("Prices rose by 19 % in a year", 90.0);
        assert!(cut.ends_with('…') && width(&cut) <= 90.0, "{cut}");
    }

    #[test]
    fn a_text_is_wrapped_between_words() {
        let text = "would get an offer they do not need";
        let lines = wrap(text, 110.0, 4);
        assert!(lines.len() > 1 && lines.iter().all(|line| width(line) <= 110.0), "{lines:?}");
        assert_eq!(lines.join(" "), text);
    }

    #[test]
    fn what_does_not_fit_into_the_lines_is_cut() {
        let lines = wrap("one two three four five six seven eight nine ten", 60.0, 2);
        assert!(lines.len() == 2 && lines[1].ends_with('…'), "{lines:?}");
        assert!(lines.iter().all(|line| width(line) <= 60.0), "{lines:?}");
    }
}
