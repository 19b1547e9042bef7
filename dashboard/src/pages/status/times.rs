//! When a schedule starts something, in words. What has no words here stands as its cron line, which operators know.

use crate::format::Format;
use crate::words::{Language, Word};

/// The days of the week as cron numbers them, from Sunday.
const DAYS: [Word; 7] = [
    Word::StatusSunday,
    Word::StatusMonday,
    Word::StatusTuesday,
    Word::StatusWednesday,
    Word::StatusThursday,
    Word::StatusFriday,
    Word::StatusSaturday,
];

/// The times of a cron line: "every day at 06:00".
pub fn in_words(format: Format, cron: &str) -> String {
    said(format, cron).unwrap_or_else(|| cron.to_owned())
}

fn said(format: Format, cron: &str) -> Option<String> {
    let fields: Vec<&str> = cron.split(' ').collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else { return None };
    if *month != "*" {
        return None;
    }
    let language = format.0;
    if let Some(minutes) = minute.strip_prefix("*/").filter(|_| [*hour, *day, *weekday] == ["*"; 3]) {
        return Some(language.fill(Word::StatusEveryMinutes, &[("minutes", minutes)]));
    }
    let at = time(language, minute, hour)?;
    let at = ("at", at.as_str());
    Some(match (*day, *weekday) {
        ("*", "*") => language.fill(Word::StatusEveryDay, &[at]),
        ("*", "1-5") => language.fill(Word::StatusWorkingDays, &[at]),
        ("*", weekday) => language.fill(Word::StatusEveryWeek, &[("day", self::weekday(language, weekday)?), at]),
        (day, "*") => {
            let day: u8 = day.parse().ok()?;
            language.fill(Word::StatusEveryMonth, &[("day", &day.to_string()), at])
        }
        _ => return None,
    })
}

/// `06:00`, or `6:00` in Spanish.
fn time(language: Language, minute: &str, hour: &str) -> Option<String> {
    let (hour, minute): (u8, u8) = (hour.parse().ok()?, minute.parse().ok()?);
    Some(match language {
        Language::En => format!("{hour:02}:{minute:02}"),
        Language::Es => format!("{hour}:{minute:02}"),
    })
}

fn weekday(language: Language, weekday: &str) -> Option<&'static str> {
    // Some write Sunday as 7.
    let number: usize = weekday.parse().ok()?;
    DAYS.get(number % DAYS.len()).filter(|_| number <= DAYS.len()).map(|word| language.say(*word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyday_times_are_words_and_others_stay() {
        let said = |cron: &str| in_words(Format(Language::En), cron);
        assert_eq!(said("0 6 * * *"), "every day at 06:00");
        assert_eq!(said("30 5 * * 1-5"), "Monday to Friday at 05:30");
        assert_eq!(said("0 3 * * 0"), said("0 3 * * 7"));
        assert!(said("0 3 * * 0").contains("Sunday"));
        assert!(said("15 4 1 * *").contains("04:15"));
        assert_eq!(said("*/5 * * * *"), "every 5 minutes");
        assert_eq!(in_words(Format(Language::Es), "0 6 * * *"), "cada día a las 6:00");
        for odd in ["0 6 1 1 *", "0 6 1 * 1", "0 6,18 * * *", "0 6 * * 9", "", "x", "0 6 L * *"] {
            assert_eq!(said(odd), odd);
        }
    }
}
