//! What a training job's machine does with S3: files in, model and checkpoints out.

use std::path::Path;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::DisplayErrorContext;
use aws_sdk_s3::primitives::ByteStream;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::definition::Place;
use super::folders::files_below;

/// An error is a job's failure reason.
pub type Outcome<T> = Result<T, String>;

/// Every object whose key starts with the place's key goes below `folder`, under the rest of its key
/// after the last slash of the place's; how many there were.
pub async fn fetch(s3: &Client, from: &Place, folder: &Path) -> Outcome<usize> {
    let stem = from.key.rfind('/').map_or(0, |slash| slash + 1);
    let keys = keys(s3, from).await?;
    for key in &keys {
        let file = folder.join(&key[stem..]);
        std::fs::create_dir_all(file.parent().expect("below a folder")).map_err(client_error)?;
        let object = s3.get_object().bucket(&from.bucket).key(key).send().await.map_err(sdk_error)?;
        let bytes = object.body.collect().await.map_err(client_error)?.into_bytes();
        std::fs::write(file, bytes).map_err(client_error)?;
    }
    Ok(keys.len())
}

/// Every file below `folder` goes below the place.
pub async fn save(s3: &Client, folder: &Path, to: &Place) -> Outcome<()> {
    for file in files_below(folder) {
        let bytes = std::fs::read(folder.join(&file)).map_err(client_error)?;
        put(s3, &to.below(&file), bytes).await?;
    }
    Ok(())
}

/// The folder as one `.tar.gz` at the place.
pub async fn save_archive(s3: &Client, folder: &Path, to: &Place) -> Outcome<()> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    archive.append_dir_all("", folder).map_err(client_error)?;
    let bytes = archive.into_inner().and_then(GzEncoder::finish).map_err(client_error)?;
    put(s3, to, bytes).await
}

async fn put(s3: &Client, to: &Place, bytes: Vec<u8>) -> Outcome<()> {
    let put = s3.put_object().bucket(&to.bucket).key(&to.key).body(ByteStream::from(bytes));
    put.send().await.map(drop).map_err(sdk_error)
}

async fn keys(s3: &Client, from: &Place) -> Outcome<Vec<String>> {
    let list = s3.list_objects_v2().bucket(&from.bucket).prefix(&from.key);
    let mut pages = list.into_paginator().send();
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(sdk_error)?;
        keys.extend(page.contents().iter().filter_map(|object| object.key().map(str::to_owned)));
    }
    // A folder that the console has made.
    keys.retain(|key| !key.ends_with('/'));
    Ok(keys)
}

fn sdk_error(error: impl std::error::Error) -> String {
    client_error(DisplayErrorContext(error))
}

fn client_error(error: impl std::fmt::Display) -> String {
    format!("ClientError: {error}")
}
