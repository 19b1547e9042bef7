//! Sources as tokens, for what stands within macros.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::sources;

/// The tokens of a file without its unit tests.
pub fn of_file(path: &str) -> Vec<TokenTree> {
    let tokens: TokenStream = sources::read(path).parse().unwrap_or_else(|error| panic!("{path}: {error}"));
    without_tests(tokens.into_iter().collect())
}

/// `#[cfg(test)]`, then all up to the end of the next block in braces.
fn without_tests(tokens: Vec<TokenTree>) -> Vec<TokenTree> {
    let mut kept = Vec::new();
    let mut skipping = false;
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            let text: String = group.stream().to_string().split_whitespace().collect();
            if group.delimiter() == Delimiter::Bracket && text == "cfg(test)" {
                skipping = true;
                continue;
            }
            if skipping && group.delimiter() == Delimiter::Brace {
                skipping = false;
                continue;
            }
        }
        // Of `#[cfg(test)] mod tests;` and `use`, too.
        if skipping && matches!(&token, TokenTree::Punct(mark) if mark.as_char() == ';') {
            skipping = false;
        } else if !skipping {
            kept.push(token);
        }
    }
    kept
}

/// The text of a literal, if that is what it is.
pub fn text(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Literal(literal) => {
            syn::parse_str::<syn::LitStr>(&literal.to_string()).ok().map(|literal| literal.value())
        }
        _ => None,
    }
}

/// Every text literal, in order.
pub fn texts(tokens: &[TokenTree], found: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => texts(&group.stream().into_iter().collect::<Vec<_>>(), found),
            other => found.extend(text(other)),
        }
    }
}
