//! Moments and places drawn by lot, the same for the same seed and case.

use std::time::Duration;

/// SplitMix64 (Steele, Lea and Flood 2014): small, and good enough to pick moments.
pub struct Chance(u64);

impl Chance {
    /// The lots of one case.
    pub fn of(seed: u64, case: &str) -> Self {
        let mixed = case.bytes().fold(seed, |state, byte| Self(state ^ u64::from(byte)).next());
        Self(mixed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// A time of at most `longest`.
    pub fn within(&mut self, longest: Duration) -> Duration {
        Duration::from_micros(self.below(longest.as_micros() as u64 + 1))
    }
}

#[test]
fn the_same_seed_and_case_draw_the_same() {
    let draw = |seed, case| {
        let mut chance = Chance::of(seed, case);
        [(); 4].map(|()| chance.below(1_000))
    };
    assert_eq!(draw(1, "kill"), draw(1, "kill"));
    assert_ne!(draw(1, "kill"), draw(2, "kill"));
    assert_ne!(draw(1, "kill"), draw(1, "flip"));
}
