//! Where it is kept: raw files arrive in the lake, and every table, model and pointer lives there.
//!
//! Objects have keys like paths. A stage's outputs are immutable; only the small pointers change,
//! by compare-and-swap. The adapter is chosen in the settings and built once at start-up.

#[cfg(feature = "s3")]
pub mod aws;
mod digest_notes;
pub mod documents;
mod error;
pub mod file_digest;
mod file_version;
mod folder;
#[cfg(test)]
mod folder_test;
mod identity;
mod json;
mod json_changes;
pub mod keys;
mod known_digests;
mod listing;
mod object;
mod object_notes;
mod os_error;
mod own_folder;
mod port;
pub mod remote;
#[cfg(feature = "s3")]
mod s3;
mod stage;
mod verified;
#[cfg(test)]
mod verified_test;
mod whereabouts;

pub use documents::{MODEL_FILES, list_model_files};
pub use error::{Error, LakeError, Result};
pub use folder::FolderLake;
pub use identity::LakeId;
pub use json::to_json;
pub use json_changes::{JsonChange, json_changes};
pub use known_digests::Rehash;
pub use listing::Listing;
pub use object::{ObjectHead, ObjectMeta, Version, Versions};
pub use object_notes::SeenObject;
pub use own_folder::{Leftover, OwnFolder, OwnFolders, Parent, remove_leftovers};
pub use port::Lake;
pub use protocol::{Digest, Key, UnsafeKey};
pub use remote::{RemoteError, RemoteErrorKind};
#[cfg(feature = "s3")]
pub use s3::{Place, S3Lake, S3Settings, s3_client};
pub use stage::{
    Difference, Made, NewestStage, StageManifest, StageSpec, Stored, digests, newest_stage, outputs_of_manifest,
};
pub use verified::Fetched;
pub use whereabouts::Whereabouts;
