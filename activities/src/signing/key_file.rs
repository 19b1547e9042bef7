//! A file of Ed25519 keys in PEM: at most one private key, which signs, and any number of public keys, which are trusted
//! beside it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol::Digest;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use super::Verified;
use super::pem::{Block, blocks};

/// What a public key of Ed25519 begins with in SubjectPublicKeyInfo, RFC 8410; its 32 bytes follow.
pub(in crate::signing) const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// The bytes of a public key.
const PUBLIC_BYTES: usize = 32;
/// So much of the digest of a public key names it.
const ID_CHARACTERS: usize = 16;
/// What a file should hold, and how it is made.
const HOW: &str = "give a private key (openssl genpkey -algorithm ed25519 -out FILE), or public keys to check with \
                   (openssl pkey -in FILE -pubout)";

/// The keys.
#[derive(Clone)]
pub struct KeyFile {
    signer: Option<(String, Arc<Ed25519KeyPair>)>,
    trusted: BTreeMap<String, Vec<u8>>,
}

impl KeyFile {
    /// Reads a file.
    pub fn read(path: &Path) -> churn::Result<Self> {
        let text = std::fs::read_to_string(path).map_err(churn::Error::file("read", path))?;
        Self::parse(&text)
            .map_err(|problem| churn::Error::settings("signing key", format!("{}: {problem}", path.display())))
    }

    /// Reads the text of a file; the error says what is wrong, and nothing of what a key is.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut keys = Self { signer: None, trusted: BTreeMap::new() };
        for block in blocks(text)? {
            keys.add(&block)?;
        }
        if keys.trusted.is_empty() { Err(format!("it holds no key in PEM; {HOW}")) } else { Ok(keys) }
    }

    fn add(&mut self, block: &Block) -> Result<(), String> {
        let public = match block.label.as_str() {
            "PRIVATE KEY" => {
                // The form that openssl writes has no public key beside the private one to compare.
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&block.content)
                    .map_err(|problem| format!("its private key is none of Ed25519 ({problem}); {HOW}"))?;
                let public = pair.public_key().as_ref().to_vec();
                if self.signer.replace((id_of(&public), Arc::new(pair))).is_some() {
                    return Err("it holds two private keys; leave one, and the public key of the other".to_owned());
                }
                public
            }
            "PUBLIC KEY" => match block.content.strip_prefix(&SPKI) {
                Some(public) if public.len() == PUBLIC_BYTES => public.to_vec(),
                _ => return Err(format!("its public key is none of Ed25519; {HOW}")),
            },
            other => return Err(format!("it holds a {other}; {HOW}")),
        };
        self.trusted.insert(id_of(&public), public);
        Ok(())
    }

    /// Whether it holds a private key.
    pub fn can_sign(&self) -> bool {
        self.signer.is_some()
    }

    /// The IDs of all keys that are trusted.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.trusted.keys().map(String::as_str)
    }

    /// The ID of the key that signs, or of the first that is trusted.
    pub fn id(&self) -> &str {
        let trusted = || self.ids().next();
        self.signer.as_ref().map(|(id, _)| id.as_str()).or_else(trusted).unwrap_or_default()
    }

    /// The ID of the key that signs, and the signature in Base64; none without a private key.
    pub(in crate::signing) fn sign(&self, message: &[u8]) -> Option<(String, String)> {
        let (id, pair) = self.signer.as_ref()?;
        Some((id.clone(), STANDARD.encode(pair.sign(message).as_ref())))
    }

    /// Whether the key of this ID made the signature.
    pub(in crate::signing) fn verify(&self, key_id: &str, message: &[u8], signature: &str) -> Verified {
        let Some(public) = self.trusted.get(key_id) else { return Verified::UnknownKey };
        let Ok(signature) = STANDARD.decode(signature) else { return Verified::No };
        match UnparsedPublicKey::new(&ED25519, public).verify(message, &signature) {
            Ok(()) => Verified::Yes,
            Err(_) => Verified::No,
        }
    }
}

/// Nothing of a key is shown but its ID.
impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyFile").field("id", &self.id()).field("can_sign", &self.can_sign()).finish_non_exhaustive()
    }
}

fn id_of(public: &[u8]) -> String {
    Digest::of(public).as_str().chars().take(ID_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample::{pem, private, public};
    use super::*;

    #[test]
    fn a_file_signs_with_its_private_key_and_trusts_the_public_ones_beside_it() {
        let [first, second] = [1, 2].map(|seed| KeyFile::parse(&private(seed)).unwrap());
        assert_ne!(first.id(), second.id());
        assert_eq!(KeyFile::parse(&public(1)).unwrap().id(), first.id());
        let (id, signature) = first.sign(b"message").unwrap();
        let rotated = KeyFile::parse(&(private(2) + &public(1))).unwrap();
        assert_eq!(rotated.id(), second.id());
        assert_eq!(rotated.verify(&id, b"message", &signature), Verified::Yes);
        assert_eq!(rotated.verify(&id, b"other", &signature), Verified::No);
        assert_eq!(second.verify(&id, b"message", &signature), Verified::UnknownKey);
    }

    /// RFC 8032, section 7.1, test 2.
    #[test]
    fn a_published_signature_is_one_of_its_key() {
        let bytes = |hex: &str| -> Vec<u8> {
            (0..hex.len()).step_by(2).map(|place| u8::from_str_radix(&hex[place..place + 2], 16).unwrap()).collect()
        };
        let public = bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        let signature = bytes(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        );
        let keys = KeyFile::parse(&pem("PUBLIC KEY", &[&SPKI[..], &public].concat())).unwrap();
        assert_eq!(keys.verify(&id_of(&public), &[0x72], &STANDARD.encode(&signature)), Verified::Yes);
    }

    #[test]
    fn what_is_no_key_is_told_with_what_to_do_and_no_key_is_shown() {
        let bad = ["RSA PRIVATE KEY", "PRIVATE KEY", "PUBLIC KEY"].map(|label| pem(label, &[1, 2, 3]));
        for bad in bad.iter().map(String::as_str).chain([""]) {
            let problem = KeyFile::parse(bad).unwrap_err();
            assert!(problem.contains("openssl genpkey -algorithm ed25519"), "{problem}");
        }
        assert!(KeyFile::parse(&(private(1) + &private(2))).unwrap_err().contains("two private keys"));
        let shown = format!("{:?}", KeyFile::parse(&private(1)).unwrap());
        assert!(shown.len() < 80, "{shown}");
    }
}
