//! What people say in their own words (who they are, why, a comment) stays in histories, documents and alerts for good: it
//! must name no customer.

/// Refuses words with something like the ID of a customer: C and digits, as a word of its own. Each comes with its name; the
/// message repeats nothing of them.
pub fn name_no_customer(words: &[(&str, &str)]) -> Result<(), String> {
    match words.iter().find(|(_, text)| has_customer_id(text)) {
        Some((name, _)) => Err(format!(
            "{name} has what looks like the ID of a customer, and would keep it for good: name a ticket instead"
        )),
        None => Ok(()),
    }
}

fn has_customer_id(text: &str) -> bool {
    let is_one = |word: &str| {
        word.strip_prefix('C')
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()))
    };
    text.split(|letter: char| !letter.is_ascii_alphanumeric()).any(is_one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_look_like_a_customer_are_refused_and_not_repeated() {
        for bad in ["C00017", "for C17, who asked", "(C1)", "customer_C00017"] {
            let told = name_no_customer(&[("by", "ana"), ("reason", bad)]).unwrap_err();
            assert!(told.starts_with("reason has") && !told.contains(bad), "{told}");
        }
        for good in ["", "request 4711", "CO2", "C", "abC17", "C17a", "c17", "PC3"] {
            assert_eq!(name_no_customer(&[("by", good), ("reason", good)]), Ok(()), "{good}");
        }
    }
}
