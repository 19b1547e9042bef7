//! The words of the data as readers say them. A word that is not known here stands as it is.

use crate::pages::category::{Category, UNKNOWN};
use crate::words::{Language, Word};

/// The provinces of Spain by their INE code, from 1.
const PROVINCES: [&str; 52] = [
    "Álava",
    "Albacete",
    "Alicante",
    "Almería",
    "Ávila",
    "Badajoz",
    "Illes Balears",
    "Barcelona",
    "Burgos",
    "Cáceres",
    "Cádiz",
    "Castellón",
    "Ciudad Real",
    "Córdoba",
    "A Coruña",
    "Cuenca",
    "Girona",
    "Granada",
    "Guadalajara",
    "Gipuzkoa",
    "Huelva",
    "Huesca",
    "Jaén",
    "León",
    "Lleida",
    "La Rioja",
    "Lugo",
    "Madrid",
    "Málaga",
    "Murcia",
    "Navarra",
    "Ourense",
    "Asturias",
    "Palencia",
    "Las Palmas",
    "Pontevedra",
    "Salamanca",
    "Santa Cruz de Tenerife",
    "Cantabria",
    "Segovia",
    "Sevilla",
    "Soria",
    "Tarragona",
    "Teruel",
    "Toledo",
    "Valencia",
    "Valladolid",
    "Bizkaia",
    "Zamora",
    "Zaragoza",
    "Ceuta",
    "Melilla",
];

/// A word of a column as the reader says it.
pub fn of(language: Language, category: Category, value: &str) -> String {
    if value == UNKNOWN {
        return language.say(Word::NameUnknown).to_owned();
    }
    if category == Category::Province {
        let place = value.parse::<usize>().ok().and_then(|code| code.checked_sub(1));
        let name = place.and_then(|place| PROVINCES.get(place));
        return name.map_or_else(|| value.to_owned(), |name| format!("{value} {name}"));
    }
    known(value).map_or_else(|| value.to_owned(), |word| language.say(word).to_owned())
}

/// The words of the contracts of gold and silver, and how they are said.
const KNOWN: [(&str, Word); 34] = [
    ("Residential", Word::NameResidential),
    ("SME", Word::NameSme),
    ("Corporate", Word::NameCorporate),
    ("expired", Word::NameExpired),
    ("0-3m", Word::NameMonths03),
    ("3-6m", Word::NameMonths36),
    ("6-12m", Word::NameMonths612),
    ("12m+", Word::NameMonths12),
    ("negative", Word::NameNegative),
    ("neutral", Word::NameNeutral),
    ("positive", Word::NamePositive),
    ("Cancellation / Switch", Word::NameCancellation),
    ("Complaint / Escalation", Word::NameComplaint),
    ("Billing / Payment", Word::NameBilling),
    ("Contract Renewal", Word::NameContractRenewal),
    ("Pricing Offers", Word::NamePricing),
    ("Plan / Product Inquiry", Word::NamePlan),
    ("Account / Service Inquiry", Word::NameAccount),
    ("General / Operational Contact", Word::NameGeneral),
    ("Other / Unclassified", Word::NameOther),
    ("In-Person Commercial", Word::NameInPerson),
    ("Comparison Website", Word::NameComparison),
    ("Office", Word::NameOffice),
    ("Telemarketing", Word::NameTelemarketing),
    ("Own Website", Word::NameOwnWebsite),
    ("Unknown", Word::NameUnknown),
    (UNKNOWN, Word::NameUnknown),
    ("no_offer", Word::NameNoOffer),
    ("offer_small", Word::NameOfferSmall),
    ("offer_medium", Word::NameOfferMedium),
    ("offer_large", Word::NameOfferLarge),
    ("immediate", Word::NameImmediate),
    ("30_60_days", Word::NameDays3060),
    ("60_90_days", Word::NameDays6090),
];

/// The words that are known here.
pub fn words() -> impl Iterator<Item = &'static str> {
    KNOWN.into_iter().map(|(value, _)| value)
}

/// Whether a value is the code of a province.
pub fn is_province(value: &str) -> bool {
    let code = value.parse::<usize>().ok().filter(|code| (1..=PROVINCES.len()).contains(code));
    code.is_some_and(|code| code.to_string() == value)
}

fn known(value: &str) -> Option<Word> {
    KNOWN.into_iter().find(|(known, _)| *known == value).map(|(_, word)| word)
}

/// An action, a timing window, or any other single word of the tables.
pub fn word(language: Language, value: &str) -> String {
    known(value).map_or_else(|| value.to_owned(), |word| language.say(word).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_province_has_its_code_and_name_and_an_unknown_word_stays() {
        assert_eq!(of(Language::En, Category::Province, "28"), "28 Madrid");
        assert_eq!(of(Language::En, Category::Province, "52"), "52 Melilla");
        for odd in ["0", "53", "x"] {
            assert_eq!(of(Language::En, Category::Province, odd), odd);
        }
        assert!(is_province("1") && is_province("52"));
        assert!(!["0", "53", "01", "+1", "x"].into_iter().any(is_province));
        assert_eq!(of(Language::Es, Category::Segment, "SME"), "Pyme");
        assert_eq!(word(Language::En, UNKNOWN), Language::En.say(Word::NameUnknown));
        assert_eq!(of(Language::En, Category::Segment, "Public Body"), "Public Body");
    }
}
