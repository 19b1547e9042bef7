//! The command line: every command with its arguments.

use std::fmt::Write as _;

use clap::{Arg, ArgAction, Command, CommandFactory};

use super::markdown::{cell, code, table};

pub fn text() -> String {
    let mut program = crate::Arguments::command();
    program.build();
    let mut text = format!("# Command line\n\n{}\n\nA flag wins over its variable.\n", about(&program));
    for command in program.get_subcommands() {
        section(command, &format!("{} {}", program.get_name(), command.get_name()), &mut text);
    }
    text
}

fn section(command: &Command, name: &str, text: &mut String) {
    // The program's own `help` says nothing that this document does not.
    if command.get_name() == "help" {
        return;
    }
    write!(text, "\n## {name}\n{}\n", about(command)).unwrap();
    let shown = |argument: &&Arg| !matches!(argument.get_id().as_str(), "help" | "version");
    let mut rows = command.get_arguments().filter(shown).map(row).peekable();
    if rows.peek().is_some() {
        write!(text, "\n{}", table(["argument", "variable", "default", "meaning"], rows)).unwrap();
    }
    if let Some(more) = command.get_after_help() {
        // Each line of it is a paragraph: an example, the exit codes.
        let lines: Vec<_> = more.to_string().lines().map(str::to_owned).collect();
        write!(text, "\n{}\n", lines.join("\n\n")).unwrap();
    }
    for inner in command.get_subcommands() {
        section(inner, &format!("{name} {}", inner.get_name()), text);
    }
}

fn about(command: &Command) -> String {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    if about.ends_with('.') { about } else { about + "." }
}

fn row(argument: &Arg) -> [String; 4] {
    let takes_value = matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
    let value = if takes_value { value_of(argument) } else { String::new() };
    let name = match argument.get_long() {
        Some(long) => format!("--{long} {value}"),
        None => value,
    };
    let variable = argument.get_env().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let defaults = argument.get_default_values().iter().map(|value| value.to_string_lossy());
    let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let (meaning, in_words) =
        help.strip_suffix(']').and_then(|help| help.split_once(" [default: ")).unwrap_or((help.as_str(), ""));
    let default = match defaults.collect::<Vec<_>>().join(" ") {
        _ if argument.is_required_set() => "(required)".to_owned(),
        _ if !takes_value => "off".to_owned(),
        default if default.is_empty() => in_words.to_owned(),
        default => code(&default),
    };
    [code(name.trim()), code(&variable), default, cell(meaning)]
}

/// The words that it takes, or the name of its value.
fn value_of(argument: &Arg) -> String {
    let words: Vec<_> = argument.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if !words.is_empty() {
        return words.join("|");
    }
    let names = argument.get_value_names().unwrap_or_default();
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
