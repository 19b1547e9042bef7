//! Which models are given out: whole ones, and where models are signed, only those that somebody with the key has made or
//! has vouched for.

use std::path::{Path, PathBuf};

use lake::documents::{ModelList, ModelSignature};
use lake::{keys, to_json};
use protocol::Digest;

use super::Registry;
use crate::error::{Error, Result};
use crate::signing::Signing;

impl Registry {
    /// Whether and how models are signed.
    pub fn signing(&self) -> &Signing {
        &self.signing
    }

    /// A local folder with the files of a version that is trusted, each as the training left it. What was compared with
    /// the signature is what the files are compared with.
    pub async fn fetch_model(&self, version: &str, scratch: &Path) -> Result<PathBuf> {
        let list = self.trusted(version).await?;
        Ok(list.fetch(&self.lake, scratch).await?)
    }

    /// The list of the files of a version that is trusted.
    pub async fn trusted(&self, version: &str) -> Result<ModelList> {
        let list = ModelList::find(&self.lake, version).await?;
        if self.signing.is_on() {
            let signature = self.signature(version).await?;
            self.signing.check(version, list.digest(), signature.as_ref()).await?;
        }
        Ok(list)
    }

    /// The same, with every file compared: what becomes champion must be able to score.
    pub async fn require_whole(&self, version: &str) -> Result<ModelList> {
        let list = self.trusted(version).await?;
        for file in list.files() {
            self.lake.verify(file).await?;
        }
        Ok(list)
    }

    /// Whether a stored version may be used as it is; one that may not is trained again.
    pub async fn is_trusted(&self, version: &str) -> Result<bool> {
        match self.trusted(version).await {
            Ok(_) => Ok(true),
            Err(Error::UntrustedModel { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Signs the files of a version as they are now, after each was compared with the list; none where signing is off.
    pub async fn sign(&self, version: &str) -> Result<Option<ModelSignature>> {
        if !self.signing.is_on() {
            return Ok(None);
        }
        self.signing.require_signer().await?;
        let list = ModelList::find(&self.lake, version).await?;
        for file in list.files() {
            self.lake.verify(file).await?;
        }
        let Some(files) = list.digest() else {
            let problem = "it was trained before models had a list of their files, and cannot be signed".to_owned();
            return Err(Error::UntrustedModel { version: version.to_owned(), problem });
        };
        self.sign_files(version, files).await
    }

    /// Signs a version whose list of files this process has just made; none where signing is off.
    pub async fn sign_files(&self, version: &str, files: &Digest) -> Result<Option<ModelSignature>> {
        let signature = self.signing.sign(version, files).await?;
        if let Some(signature) = &signature {
            self.lake.put(&keys::model_signature(version), to_json(signature)).await?;
        }
        Ok(signature)
    }

    /// The stored signature of a version, whatever it is worth. One that cannot be read is none.
    pub async fn signature(&self, version: &str) -> Result<Option<ModelSignature>> {
        let stored = self.lake.get(&keys::model_signature(version)).await?;
        Ok(stored.and_then(|(bytes, _)| serde_json::from_slice(&bytes).ok()))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use lake::{FolderLake, Lake, Made, list_model_files};

    use super::*;
    use crate::signing::sample::{private, public};
    use crate::signing::{KeyFile, Signing};

    fn signing(pem: &str) -> Signing {
        KeyFile::parse(pem).unwrap().into()
    }

    /// A lake with the files of a version, and its list.
    async fn lake_with_model(version: &str) -> (tempfile::TempDir, Lake) {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        store_model(&lake, version).await;
        (root, lake)
    }

    async fn store_model(lake: &Lake, version: &str) {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("model.ubj");
        fs::write(&path, version).unwrap();
        let made = vec![Made::file("model.ubj", "model.ubj".to_owned(), path.clone(), 0).unwrap()];
        list_model_files(&made, scratch.path()).unwrap();
        for file in ["model.ubj", "files.json"] {
            lake.put_file(&keys::model_file(version, file), &scratch.path().join(file)).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_signed_model_is_given_out_and_an_unsigned_or_changed_one_is_not() {
        let (root, lake) = lake_with_model("v").await;
        let scratch = tempfile::tempdir().unwrap();
        let registry = Registry::in_lake(lake.clone()).with_signing(signing(&private(1)));
        assert!(!registry.is_trusted("v").await.unwrap());
        let refused = registry.fetch_model("v", scratch.path()).await.unwrap_err();
        assert_eq!(refused.type_name(), "SG0042 UntrustedModel");

        registry.sign("v").await.unwrap().expect("a signature");
        let folder = registry.fetch_model("v", scratch.path()).await.unwrap();
        assert_eq!(fs::read(folder.join("model.ubj")).unwrap(), b"v");
        let checks_only = Registry::in_lake(lake.clone()).with_signing(signing(&public(1)));
        assert!(checks_only.is_trusted("v").await.unwrap());
        let other = Registry::in_lake(lake.clone()).with_signing(signing(&private(2)));
        assert!(!other.is_trusted("v").await.unwrap());

        // The list and the file are exchanged together: without a signature nobody would see it.
        store_model(&lake, "w").await;
        for file in ["model.ubj", "files.json"] {
            fs::copy(root.path().join(format!("models/w/{file}")), root.path().join(format!("models/v/{file}")))
                .unwrap();
        }
        assert!(!registry.is_trusted("v").await.unwrap());
        Registry::in_lake(lake.clone()).fetch_model("v", scratch.path()).await.unwrap();
        // The signature of another version is none either.
        registry.sign("w").await.unwrap();
        fs::copy(root.path().join("models/w/signature.json"), root.path().join("models/v/signature.json")).unwrap();
        assert!(!registry.is_trusted("v").await.unwrap());
    }

    #[tokio::test]
    async fn nobody_vouches_for_a_changed_file_and_a_broken_signature_is_none() {
        let (root, lake) = lake_with_model("v").await;
        let registry = Registry::in_lake(lake).with_signing(signing(&private(1)));
        registry.sign("v").await.unwrap();
        fs::write(root.path().join("models/v/signature.json"), "{").unwrap();
        assert!(!registry.is_trusted("v").await.unwrap());
        fs::write(root.path().join("models/v/model.ubj"), "changed").unwrap();
        assert_eq!(registry.sign("v").await.unwrap_err().type_name(), "SG0029 TableDamaged");
        assert_eq!(registry.require_whole("v").await.unwrap_err().type_name(), "SG0042 UntrustedModel");
    }

    #[tokio::test]
    async fn where_signing_is_off_nothing_is_written_and_nothing_is_asked() {
        let (root, lake) = lake_with_model("v").await;
        let registry = Registry::in_lake(lake);
        assert_eq!(registry.sign("v").await.unwrap(), None);
        assert!(!root.path().join("models/v/signature.json").exists());
        registry.require_whole("v").await.unwrap();
    }
}
