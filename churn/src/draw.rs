//! Draws that depend on a salt and a customer alone: no state, and the same customer stays on the same side.

use sha2::{Digest, Sha256};

/// A number in [0, 1): the first 53 bits of SHA-256 over salt, a zero byte and the ID, so that every draw is an exact
/// `f64`.
pub(crate) fn unit(salt: &str, customer_id: &str) -> f64 {
    let digest = Sha256::new().chain_update(salt).chain_update([0]).chain_update(customer_id).finalize();
    let drawn = digest.iter().take(8).fold(0_u64, |number, &byte| (number << 8) | u64::from(byte));
    (drawn >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_draw_is_the_published_one_and_depends_on_salt_and_customer() {
        // python: int.from_bytes(hashlib.sha256(b"holdout-1\0C00001").digest()[:8], "big") >> 11, over 2**53
        assert_eq!(unit("holdout-1", "C00001"), 0.159_641_875_539_723_53);
        assert_ne!(unit("holdout-1", "C00002"), unit("holdout-1", "C00001"));
        assert_ne!(unit("holdout-2", "C00001"), unit("holdout-1", "C00001"));
    }
}
