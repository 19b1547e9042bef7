//! `spanishgas generate-data`.

use std::path::PathBuf;
use std::process::ExitCode;

use churn::generator::{GenerateSettings, Others, generate};

use crate::display::Bar;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// How many customers.
    #[arg(long, default_value_t = 20_099, value_parser = clap::value_parser!(u32).range(1..))]
    pub customers: u32,
    /// The same seed gives the same files.
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
    /// The folder to write to.
    #[arg(long)]
    pub out: PathBuf,
    /// Replace raw files there that the generator did not make, or that were changed since.
    #[arg(long)]
    pub overwrite: bool,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let settings = GenerateSettings { customers: arguments.customers, seed: arguments.seed };
    let bar = Bar::new("hourly readings");
    let others = if arguments.overwrite { Others::Replace } else { Others::Keep };
    let generated = generate(&settings, &arguments.out, others, &bar)?;
    bar.finish();
    for file in generated.files {
        eprintln!("{:>12} rows  {}", crate::display::thousands(file.rows), arguments.out.join(file.name).display());
    }
    Ok(ExitCode::SUCCESS)
}
