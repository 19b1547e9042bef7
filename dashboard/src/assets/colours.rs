//! The colours keep their promises: contrast (WCAG 2.2, 1.4.3 and 1.4.11), and tiers that differ in lightness, so that
//! nobody needs to see their hue.

use std::collections::BTreeMap;

use super::TOKENS;

/// The least contrast of each with its ground.
const LEAST: [(&str, f64); 7] =
    [("text", 7.0), ("muted", 4.5), ("accent", 4.5), ("ok", 4.5), ("warn", 4.5), ("fail", 4.5), ("line", 3.0)];

type Colours = BTreeMap<String, String>;

/// The blocks of the tokens: light, dark by the machine's setting, dark by choice.
fn blocks() -> Vec<Colours> {
    let inner = TOKENS.split('}').filter_map(|rule| rule.rsplit_once('{')).map(|(_, block)| block);
    let of = |block: &str| -> Colours {
        let pairs = block.split(';').filter_map(|line| line.trim().strip_prefix("--")?.split_once(':'));
        pairs.filter(|(_, value)| value.starts_with('#')).map(|(name, value)| (name.into(), value.into())).collect()
    };
    inner.map(of).collect()
}

/// The relative luminance of `#rrggbb`.
fn luminance(colour: &str) -> f64 {
    let channel = |place: usize| {
        let share = f64::from(u8::from_str_radix(&colour[place..place + 2], 16).unwrap()) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn texts_are_read_and_lines_are_seen_on_every_ground() {
    for colours in blocks() {
        for ground in ["bg", "surface"] {
            for (name, least) in LEAST {
                let found = contrast(&colours[name], &colours[ground]);
                assert!(found >= least, "{name} on {ground}: {found:.2}, at least {least}");
            }
        }
    }
}

#[test]
fn tiers_are_ordered_by_lightness() {
    for colours in blocks() {
        let tiers = ["low", "medium", "high", "critical"].map(|tier| luminance(&colours[tier]));
        let from_the_ground = tiers.map(|tier| (tier - luminance(&colours["bg"])).abs());
        assert!(from_the_ground.is_sorted(), "{from_the_ground:?}");
    }
}

#[test]
fn dark_is_the_same_by_setting_and_by_choice() {
    let [light, by_setting, by_choice]: [Colours; 3] = blocks().try_into().unwrap();
    assert_eq!(by_setting, by_choice);
    assert_eq!(light.keys().collect::<Vec<_>>(), by_choice.keys().collect::<Vec<_>>());
}
