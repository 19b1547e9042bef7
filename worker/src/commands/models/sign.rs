//! `spanishgas models sign VERSION`: for models of before signing was turned on, and for a new key.

use std::process::ExitCode;

use anyhow::bail;

use super::open;
use crate::environment::EnvironmentOptions;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: spanishgas models sign 0123456789abcdef --signing-key key.pem\n\
    Or: spanishgas models sign 0123456789abcdef --signing-key kms:alias/spanishgas-models\n\
    Exit code: 0 it is signed, 1 it is not")]
pub struct Sign {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// The version, as `models list` shows it.
    #[arg(value_name = "VERSION")]
    pub model_version: String,
    /// Print the signature as one JSON object.
    #[arg(long)]
    pub json: bool,
}

pub async fn run(sign: &Sign) -> anyhow::Result<ExitCode> {
    let registry = open(&sign.places).await?;
    let Some(signature) = registry.sign(&sign.model_version).await? else {
        bail!(
            "signing is off; name the private key, or kms: and a key, with --signing-key (or SPANISHGAS_SIGNING_KEY)"
        );
    };
    if sign.json {
        println!("{}", serde_json::to_string_pretty(&signature)?);
    } else {
        println!("{} is signed with key {}", signature.version, signature.key_id);
    }
    Ok(ExitCode::SUCCESS)
}
