//! Where the Temporal CLI is: one search, in a fixed order, and an error that says where it looked.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::bail;

/// The places to look, in this order; the caller reads arguments and environment.
#[derive(Debug, Clone, Default)]
pub struct EnvironmentOptions<'a> {
    /// The binary named on the command line.
    pub argument: Option<&'a Path>,
    /// The binary named by the variable `TEMPORAL_CLI`.
    pub variable: Option<&'a Path>,
    /// The project's own tools folder, which `make tools` fills (`bin/temporal` inside).
    pub tools: Option<&'a Path>,
    /// The value of the variable `PATH`.
    pub path: Option<&'a OsStr>,
}

/// The Temporal CLI to run. A binary that was named explicitly must exist; the search does not
/// go on past it, so that nobody runs another version than the one asked for.
pub fn find(places: &EnvironmentOptions<'_>) -> anyhow::Result<PathBuf> {
    for (how, named) in [("the command line", places.argument), ("TEMPORAL_CLI", places.variable)] {
        let Some(named) = named else { continue };
        if named.is_file() {
            return Ok(named.to_owned());
        }
        bail!("the Temporal CLI named by {how} is not there: {}; correct it, or run `make tools`", named.display());
    }

    let candidates: Vec<PathBuf> = places
        .tools
        .map(|tools| tools.join("bin"))
        .into_iter()
        .chain(places.path.into_iter().flat_map(std::env::split_paths))
        .map(|folder| folder.join("temporal"))
        .collect();
    if let Some(found) = candidates.iter().find(|candidate| candidate.is_file()) {
        return Ok(found.clone());
    }
    let looked = candidates.iter().map(|candidate| candidate.display().to_string()).collect::<Vec<_>>();
    bail!(
        "no Temporal CLI: TEMPORAL_CLI is not set, and it is not at {}; run `make tools` to install it",
        looked.join(", ")
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with_cli(bin: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join(bin)).unwrap();
        std::fs::write(folder.path().join(bin).join("temporal"), "").unwrap();
        folder
    }

    #[test]
    fn the_projects_own_install_comes_before_the_path() {
        let (tools, elsewhere) = (folder_with_cli("bin"), folder_with_cli(""));
        let path = std::env::join_paths([elsewhere.path()]).unwrap();

        let both = EnvironmentOptions { tools: Some(tools.path()), path: Some(&path), ..EnvironmentOptions::default() };
        assert_eq!(find(&both).unwrap(), tools.path().join("bin/temporal"));

        let only_path = EnvironmentOptions { path: Some(&path), ..EnvironmentOptions::default() };
        assert_eq!(find(&only_path).unwrap(), elsewhere.path().join("temporal"));
    }

    #[test]
    fn a_named_binary_that_is_missing_is_an_error_even_when_another_one_exists() {
        let tools = folder_with_cli("bin");
        let places = EnvironmentOptions {
            variable: Some(Path::new("/nowhere/temporal")),
            tools: Some(tools.path()),
            ..EnvironmentOptions::default()
        };
        let message = find(&places).unwrap_err().to_string();
        assert!(message.contains("TEMPORAL_CLI") && message.contains("/nowhere/temporal"), "{message}");
    }

    #[test]
    fn the_error_lists_every_place_and_the_command_that_installs_it() {
        let path = std::env::join_paths(["/first", "/second"]).unwrap();
        let places =
            EnvironmentOptions { tools: Some(Path::new("/tools")), path: Some(&path), ..EnvironmentOptions::default() };
        let message = find(&places).unwrap_err().to_string();
        for part in ["/tools/bin/temporal", "/first/temporal", "/second/temporal", "make tools"] {
            assert!(message.contains(part), "{message}");
        }
    }
}
