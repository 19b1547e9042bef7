//! The runbook has a section for every alert, and names no command that is not there.

use clap::CommandFactory;
use regex::Regex;

use super::sources::repository;

fn runbook() -> String {
    std::fs::read_to_string(repository().join("docs/RUNBOOK.md")).unwrap()
}

/// The words of `AlertKind::as_str`, which the compiler keeps complete.
fn alert_kinds() -> Vec<String> {
    let source = std::fs::read_to_string(repository().join("protocol/src/alert.rs")).unwrap();
    let arm = Regex::new(r#"Self::\w+ => "(\w+)""#).unwrap();
    arm.captures_iter(&source).map(|found| found[1].to_owned()).collect()
}

/// What is wrong with a command line: a subcommand or an option that the program does not have.
fn unknown(line: &str) -> Option<String> {
    let mut command = crate::Arguments::command();
    command.build();
    let mut at = &command;
    for word in line.split_whitespace().skip(1).take_while(|word| !word.starts_with('#')) {
        if let Some(option) = word.strip_prefix("--") {
            let known = at.get_arguments().any(|argument| argument.get_long() == Some(option));
            if !known {
                return Some(format!("{line}: no option --{option}"));
            }
        } else if at.has_subcommands() {
            match at.find_subcommand(word) {
                Some(found) => at = found,
                None => return Some(format!("{line}: no command {word}")),
            }
        }
    }
    None
}

#[test]
fn every_alert_has_its_section() {
    let (runbook, kinds) = (runbook(), alert_kinds());
    assert!(kinds.len() > 10, "{kinds:?}");
    let without: Vec<_> = kinds.iter().filter(|kind| !runbook.contains(&format!("\n### {kind}\n"))).collect();
    assert!(without.is_empty(), "docs/RUNBOOK.md has no section for {without:?}");
}

#[test]
fn every_command_is_there() {
    let runbook = runbook();
    let commands = Regex::new(r"(?m)(?:^|`)(spanishgas [^`\n]*)").unwrap();
    let commands: Vec<_> = commands.captures_iter(&runbook).map(|found| found[1].trim().to_owned()).collect();
    assert!(commands.len() > 20, "{commands:?}");
    let wrong: Vec<_> = commands.iter().filter_map(|line| unknown(line)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(unknown("spanishgas models promte V").as_deref(), Some("spanishgas models promte V: no command promte"));
}
