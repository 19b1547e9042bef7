//! Keys for tests, made of a seed, so that none is written down anywhere.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{Ed25519KeyPair, KeyPair};

/// What a private key of Ed25519 begins with in PKCS#8 as openssl writes it, RFC 8410; its 32 bytes follow.
const PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// A block of PEM.
pub fn pem(label: &str, content: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(content))
}

/// A private key as openssl writes it.
pub fn private(seed: u8) -> String {
    pem("PRIVATE KEY", &[&PKCS8[..], &[seed; 32]].concat())
}

/// Its public key.
pub fn public(seed: u8) -> String {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
    pem("PUBLIC KEY", &[&super::key_file::SPKI[..], pair.public_key().as_ref()].concat())
}
