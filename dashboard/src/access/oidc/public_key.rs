//! The load balancer's public key: a point of the curve P-256 in PEM.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

/// How such a key begins in DER: that it is one of an elliptic curve, which curve, and a string of bits (RFC 5480).
const BEGIN: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// An uncompressed point: a mark and two numbers of 32 bytes.
const POINT: usize = 65;

/// A key that checks signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey([u8; POINT]);

impl PublicKey {
    /// The key of a PEM text, `-----BEGIN PUBLIC KEY-----`.
    pub fn parse(pem: &str) -> Option<Self> {
        let body = pem.split_once("-----BEGIN PUBLIC KEY-----")?.1.split_once("-----END PUBLIC KEY-----")?.0;
        let body: String = body.chars().filter(|character| !character.is_whitespace()).collect();
        let der = STANDARD.decode(body).ok()?;
        let point = der.strip_prefix(&BEGIN)?;
        Some(Self(point.try_into().ok()?))
    }

    /// Whether the signature (two numbers of 32 bytes, RFC 7518 section 3.4) is one of this key.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.0[..]).verify(message, signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `openssl ecparam -name prime256v1 -genkey -noout | openssl ec -pubout`
    const PEM: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEAQz0nk0TGKI3e9UmGLzf4ivdx1E6\nAQ55ft+NyQiCSYaxW6fbZq8FAR/JtttSYfNzb7BJQOlAZJM/HHr0plekTw==\n-----END PUBLIC KEY-----\n";

    #[test]
    fn a_key_of_openssl_is_read_and_what_is_none_is_not() {
        let key = PublicKey::parse(PEM).unwrap();
        assert_eq!(key.0[0], 4, "the mark of an uncompressed point");
        assert_eq!(PublicKey::parse(&PEM.replace('\n', "\r\n")), Some(key));
        for bad in ["", "-----BEGIN PUBLIC KEY-----", "-----BEGIN PUBLIC KEY-----!-----END PUBLIC KEY-----", &PEM[..80]]
        {
            assert_eq!(PublicKey::parse(bad), None, "{bad}");
        }
    }

    /// `printf message | openssl dgst -sha256 -sign`, its two numbers written one after the other.
    #[test]
    fn a_signature_of_openssl_fits_its_message_alone() {
        let key = PublicKey::parse(PEM).unwrap();
        let signature = STANDARD
            .decode("TIsUXuXdJEBh0iEQ0k76hc2CU1gWaZ1zJ7aDyeKYSf/46El3lRcV+wK8SczHlocGjg4zQVV4Qc4/LGYpgBB3+w==")
            .unwrap();
        assert!(key.verifies(b"message", &signature));
        assert!(!key.verifies(b"massage", &signature));
        assert!(!key.verifies(b"message", &signature[1..]));
    }
}
