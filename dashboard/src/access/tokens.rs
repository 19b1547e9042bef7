//! Two files, two tokens: whoever knows one has its role.

use std::fmt;
use std::path::Path;

use ring::hmac;

use super::person::Role;
use crate::secret::{Secret, SecretError, read};

/// The tokens, as what they sign: they themselves are not kept.
pub struct Tokens {
    key: hmac::Key,
    viewer: hmac::Tag,
    operator: hmac::Tag,
}

impl Tokens {
    /// Reads both files; with them comes the secret that they make: a new token ends every session.
    pub fn read(viewer: &Path, operator: &Path) -> Result<(Self, Secret), SecretError> {
        let viewers = read("the viewers' token", viewer)?;
        let operators = read("the operators' token", operator)?;
        if viewers == operators {
            return Err(SecretError::Unusable {
                what: "the operators' token",
                path: operator.to_owned(),
                problem: "it is the viewers' token, too, so every viewer would be an operator; make another one: \
                          openssl rand -hex 32",
            });
        }
        Ok(Self::of(&viewers, &operators))
    }

    fn of(viewers: &str, operators: &str) -> (Self, Secret) {
        let secret = Secret::of(&[viewers.as_bytes(), operators.as_bytes()]);
        let key = secret.key("token");
        let sign = |token: &str| hmac::sign(&key, token.as_bytes());
        (Self { viewer: sign(viewers), operator: sign(operators), key }, secret)
    }

    /// Whose token it is. How long that takes says nothing of the tokens: signatures are compared, in constant time.
    pub fn role_of(&self, given: &str) -> Option<Role> {
        let fits = |tag: &hmac::Tag| hmac::verify(&self.key, given.trim().as_bytes(), tag.as_ref()).is_ok();
        let (operator, viewer) = (fits(&self.operator), fits(&self.viewer));
        if operator { Some(Role::Operator) } else { viewer.then_some(Role::Viewer) }
    }
}

/// Nothing of them is shown.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(..)")
    }
}

#[cfg(test)]
mod tests {
    use protocol::ErrorNumber;

    use super::*;

    fn written(folder: &tempfile::TempDir, name: &str, text: &str) -> std::path::PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn a_token_gives_its_role_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let viewer = written(&folder, "viewer", &format!("{}\n", "v".repeat(32)));
        let operator = written(&folder, "operator", &"o".repeat(40));
        let (tokens, _) = Tokens::read(&viewer, &operator).unwrap();
        assert_eq!(tokens.role_of(&"v".repeat(32)), Some(Role::Viewer));
        assert_eq!(tokens.role_of(&format!(" {} ", "o".repeat(40))), Some(Role::Operator), "pasted with spaces");
        for wrong in ["", "v", &"v".repeat(31), &"v".repeat(33), &"o".repeat(39)] {
            assert_eq!(tokens.role_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_can_be_guessed_or_tells_no_roles_apart_is_refused_and_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let good = written(&folder, "good", &"g".repeat(32));
        let short = written(&folder, "short", "hunter2");
        let lines = written(&folder, "lines", &format!("{}\n{}", "a".repeat(32), "b".repeat(32)));
        for (viewer, operator, number, words) in [
            (&short, &good, ErrorNumber::WeakSecret, "fewer than 32 bytes"),
            (&good, &lines, ErrorNumber::WeakSecret, "several lines"),
            (&good, &good, ErrorNumber::WeakSecret, "every viewer would be an operator"),
            (&good, &folder.path().join("absent"), ErrorNumber::FileTrouble, "absent"),
        ] {
            let error = Tokens::read(viewer, operator).err().unwrap();
            assert_eq!(error.number(), number, "{error}");
            let shown = error.to_string();
            assert!(shown.contains(words) && !shown.contains("hunter2") && !shown.contains("gggg"), "{shown}");
        }
    }
}
