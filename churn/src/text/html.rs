//! A note without the HTML that some systems keep it in: tags are no words, and `&nbsp;` is a blank.

use std::borrow::Cow;

/// Tags that stand between words.
const BETWEEN: &str =
    "p br div li ul ol tr td th table tbody thead h1 h2 h3 h4 h5 h6 hr blockquote pre html head body img";
/// Tags that may stand within a word.
const WITHIN: &str = "b i u em strong span font a small";
/// Signs by their names.
const SIGNS: [(&str, char); 7] =
    [("nbsp", ' '), ("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\''), ("euro", '€')];
/// No name or number of a sign is longer, the `;` behind it included.
const LONGEST_SIGN: usize = 9;
/// No tag is longer, with all its attributes.
const LONGEST_TAG: usize = 4_096;

/// The text without tags and with signs for their names, also where tags were written by such names (`&lt;p&gt;`); what is not
/// surely HTML stays. A text without any is the same text, borrowed.
pub fn without_html(text: &str) -> Cow<'_, str> {
    match plain(text) {
        Some(once) => Cow::Owned(plain(&once).unwrap_or(once)),
        None => Cow::Borrowed(text),
    }
}

/// Nothing where the text has no HTML.
fn plain(text: &str) -> Option<String> {
    let mut words = String::new();
    let mut has_html = false;
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, found) = rest.split_at(at);
        words.push_str(before);
        if let Some((sign, length)) = tag(found).or_else(|| named_sign(found)) {
            words.extend(sign);
            has_html = true;
            rest = &found[length..];
        } else {
            words.push_str(&found[..1]);
            rest = &found[1..];
        }
    }
    words.push_str(rest);
    has_html.then_some(words)
}

/// What stands for the tag that a text begins with, and how long that is.
fn tag(text: &str) -> Option<(Option<char>, usize)> {
    if text.starts_with("<!--") {
        return Some((Some(' '), first(text, "-->", LONGEST_TAG)? + "-->".len()));
    }
    let inner = text.strip_prefix('<')?;
    let end = first(inner, ">", LONGEST_TAG)?;
    let inner = &inner[..end];
    let opened = inner.strip_prefix('/').unwrap_or(inner);
    let (name, behind) =
        opened.split_at(opened.find(|sign: char| !sign.is_ascii_alphanumeric()).unwrap_or(opened.len()));
    let attributes = behind.trim().trim_end_matches('/');
    // `<a bit more>` is no tag.
    let are_attributes = attributes.is_empty() || (behind.starts_with(char::is_whitespace) && attributes.contains('='));
    let is_of = |names: &str| names.split(' ').any(|known| name.eq_ignore_ascii_case(known));
    let sign = is_of(BETWEEN).then_some(' ');
    (are_attributes && (sign.is_some() || is_of(WITHIN))).then_some((sign, end + "<>".len()))
}

/// The sign whose name or number a text begins with, and how long that is.
fn named_sign(text: &str) -> Option<(Option<char>, usize)> {
    let inner = text.strip_prefix('&')?;
    let end = first(inner, ";", LONGEST_SIGN)?;
    let name = &inner[..end];
    let sign = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            let sign = char::from_u32(code.ok()?).filter(|sign| !sign.is_control())?;
            if sign == '\u{a0}' { ' ' } else { sign }
        }
        None => SIGNS.into_iter().find(|(known, _)| *known == name)?.1,
    };
    Some((Some(sign), end + "&;".len()))
}

/// Where a mark stands first, among so many bytes.
fn first(text: &str, mark: &str, bytes: usize) -> Option<usize> {
    text.get(..text.floor_char_boundary(bytes))?.find(mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_no_words_and_names_of_signs_are_signs() {
        for (html, text) in [
            ("<p>The bill</p>", " The bill "),
            ("the bill<br/>of <b>M</b>ay", "the bill of May"),
            ("the&nbsp;bill &amp; more&#160;&#x27;x&#39;", "the bill & more 'x'"),
            ("<P class=\"note\">The <span style='x'>bill</span></P >", " The bill "),
            ("<!-- of Outlook -->the bill", " the bill"),
            ("&lt;p&gt;The bill&lt;/p&gt;", " The bill "),
            ("señor<br>50 &euro;", "señor 50 €"),
        ] {
            assert_eq!(without_html(html), text);
        }
    }

    #[test]
    fn what_is_no_html_stays_as_it_is() {
        for text in [
            "",
            "The bill.",
            "R&D; M&S, AT&T",
            "5 < 6 > 4",
            "wants <a bit more>",
            "<customer> & co",
            "a<b",
            "<p",
            "&",
            "&#; &#xD800;",
        ] {
            assert!(matches!(without_html(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }
}
