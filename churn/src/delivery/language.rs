//! Contacts in a language that neither the intents nor the sentiment can read: everybody would be neutral and without a
//! concern, and nobody would know why.

use std::collections::HashSet;

use super::rules::DeliveryRules;
use super::{Delivered, column};
use crate::error::Result;
use crate::quality::{Finding, Severity};
use crate::raw::RawTable;
use crate::text::{IntentVocabulary, without_html};

/// Of fewer contacts nothing can be said of how long they are.
const FEW: u64 = 20;
/// Fewer words say nothing about their language.
const FEWEST_WORDS: usize = 5;
/// A text of the language has at least this share of its usual words. English notes have a third of these words; Spanish,
/// Catalan, French and Italian ones next to none, German ones one in fourteen (`will`).
const KNOWN_SHARE: f64 = 0.10;

/// The words that English notes are made of, without those that other languages of the region have too (`a`, `no`, `me`,
/// `he`, `is`, `in`, `was`).
const WORDS: &str = "the and of to for with that this has have had not are were will would about from their they his her \
     she my your you our we it its at by on be been an or but if when which who what all more can could should did does \
     after before because until again asked called customer caller contract renewal service bill billing price prices \
     pricing rates account payment plan supplier letter terms agent next year month week days said sent";

/// The contacts whose text is hardly of the language that is read here, or is hardly a text, where they are many.
pub fn of_contacts(rules: &DeliveryRules, tables: &Delivered, intents: &IntentVocabulary) -> Result<Option<Finding>> {
    let texts = column(tables, RawTable::CustomerInteractions, "interaction_summary")?;
    let none_of_them = intents.names().last().unwrap_or_default().to_owned();
    let usual: HashSet<&str> = WORDS.split_whitespace().collect();
    let (mut all, mut unreadable, mut short) = (0_u64, 0_u64, 0_u64);
    for text in texts.into_iter().flatten() {
        let text = without_html(text);
        let Some(share) = known_share(&text, &usual) else {
            short += 1;
            continue;
        };
        all += 1;
        unreadable += u64::from(share < KNOWN_SHARE && intents.classify(&text) == none_of_them);
    }
    let share = unreadable as f64 / all.max(1) as f64;
    if share <= rules.unreadable_contacts_warn {
        return Ok(hardly_texts(short, all + short));
    }
    let words = format!(
        "{:.1} % of the contacts ({unreadable} of {all}) are hardly in the language of the intents and of the sentiment \
         model (fewer than {:.0} % of their words are usual English ones): what they say counts as neutral and about \
         nothing; deliver English notes, or give intents.yaml and the model their language",
        share * 100.0,
        KNOWN_SHARE * 100.0
    );
    let finding = Finding::new(Severity::Warn, RawTable::CustomerInteractions.as_str(), "unreadable_language", words);
    Ok(Some(finding.of_column("interaction_summary").counting_of(unreadable, all)))
}

/// Most notes are no sentences: texts that were cut off, or words in place of them.
fn hardly_texts(short: u64, all: u64) -> Option<Finding> {
    if all < FEW || short * 2 <= all {
        return None;
    }
    let words = format!(
        "{short} of {all} contacts have fewer than {FEWEST_WORDS} words, of which hardly any intent or sentiment can be read: look \
         whether the texts were cut off, or stand in another field"
    );
    let finding = Finding::new(Severity::Warn, RawTable::CustomerInteractions.as_str(), "short_contacts", words);
    Some(finding.of_column("interaction_summary").counting_of(short, all))
}

/// The share of a text's words that are usual; none where there are too few to tell.
fn known_share(text: &str, usual: &HashSet<&str>) -> Option<f64> {
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    let known = words.iter().filter(|word| usual.contains(*word)).count();
    (words.len() >= FEWEST_WORDS).then(|| known as f64 / words.len() as f64)
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;

    use super::*;

    fn told(texts: &[&str]) -> Option<Finding> {
        let intents = IntentVocabulary::parse(include_str!("../../../configs/intents.yaml")).unwrap();
        let contacts = df!("interaction_summary" => texts).unwrap();
        of_contacts(&DeliveryRules::default(), &[("customer_interactions", contacts)], &intents).unwrap()
    }

    const ENGLISH: [&str; 4] = [
        "The customer asked by phone what happens at the renewal of the contract in 12 days.",
        "Cust inq re: services. Info provided.",
        "Escalation noted, reply by mail.",
        "Bill.",
    ];
    const OTHERS: [&str; 5] = [
        "El cliente llamó para preguntar por la renovación de su contrato y no está contento con el precio.",
        "El client va trucar per la factura del mes passat i vol canviar de companyia",
        "Der Kunde hat angerufen und ist mit dem Preis nicht zufrieden, er will kündigen",
        "Le client a appelé au sujet de sa facture et du contrat, il n'est pas content",
        "Il cliente ha chiamato per la bolletta e vuole cambiare fornitore",
    ];

    #[test]
    fn tags_are_no_words_of_another_language() {
        let note = "<div><p><b>The</b> customer was calm and then happy</p></div><ul><li><br/></li><li><br/></li><li><br/></li></ul>";
        let wrapped = format!("{note}{}", "<ul><li><br/></li><li><br/></li></ul>".repeat(6));
        assert_eq!(told(&[wrapped.as_str(); 40]), None);
    }

    #[test]
    fn english_notes_are_read_and_others_told() {
        assert_eq!(told(&[ENGLISH[0]; 40]), None);
        for text in OTHERS {
            let finding = told(&[text, text]).unwrap();
            assert_eq!((finding.count, finding.share, finding.severity), (2, Some(1.0), Severity::Warn), "{text}");
        }
    }

    #[test]
    fn notes_that_were_cut_off_or_left_out_are_told() {
        for text in ["N/A", "The customer asked b"] {
            let notes = |short: usize| (0..20).map(move |row| if row < short { text } else { ENGLISH[0] });
            assert_eq!(told(&notes(10).collect::<Vec<_>>()), None, "a half is not most");
            let finding = told(&notes(11).collect::<Vec<_>>()).unwrap();
            assert_eq!(
                (finding.rule.as_str(), finding.count, finding.severity),
                ("short_contacts", 11, Severity::Warn)
            );
        }
        assert_eq!(told(&["N/A"; 19]), None);
    }

    #[test]
    fn a_few_terse_notes_are_no_other_language() {
        let mut notes = vec![ENGLISH[0]; 30];
        notes.extend(ENGLISH);
        assert_eq!(told(&notes), None);
        notes.extend([OTHERS[0]; 10]);
        let finding = told(&notes).unwrap();
        assert!(finding.count >= 10 && finding.words.contains("deliver English notes"), "{}", finding.words);
        assert_eq!(told(&[]), None);
    }
}
