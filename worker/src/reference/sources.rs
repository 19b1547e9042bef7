//! Our own sources as syntax: types with what is said of them.

use std::path::{Path, PathBuf};

use syn::{Attribute, Expr, ExprLit, Fields, Item, ItemEnum, ItemStruct, Lit, Meta};

/// The folder that holds all crates.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file of the repository.
pub fn read(path: &str) -> String {
    std::fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The items of some files, in the order of the files.
pub struct Sources(Vec<Item>);

impl Sources {
    /// Parses the files.
    pub fn of(paths: &[&str]) -> Self {
        Self(paths.iter().flat_map(|path| syn::parse_file(&read(path)).expect(path).items).collect())
    }

    pub fn items(&self) -> &[Item] {
        &self.0
    }

    pub fn find_struct(&self, name: &str) -> Option<&ItemStruct> {
        self.0.iter().find_map(|item| match item {
            Item::Struct(found) if found.ident == name && matches!(found.fields, Fields::Named(_)) => Some(found),
            _ => None,
        })
    }

    pub fn find_enum(&self, name: &str) -> Option<&ItemEnum> {
        self.0.iter().find_map(|item| match item {
            Item::Enum(found) if found.ident == name => Some(found),
            _ => None,
        })
    }
}

/// The doc comment as one line; what it links to are words of the code.
pub fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => literal(&pair.value),
        _ => None,
    });
    let text = lines.map(|line| line.trim().to_owned()).collect::<Vec<_>>().join(" ");
    text.replace("[`", "`").replace("`]", "`").trim().to_owned()
}

/// What `#[serde(...)]` says.
#[derive(Debug, Default)]
pub struct Serde {
    pub rename: Option<String>,
    pub rename_all: Option<String>,
    pub tag: Option<String>,
    pub flatten: bool,
    /// A reader does without it.
    pub has_default: bool,
    /// A writer may leave it out.
    pub may_be_absent: bool,
}

impl Serde {
    pub fn of(attributes: &[Attribute]) -> Self {
        let mut found = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
            let read = attribute.parse_nested_meta(|meta| {
                let value = match meta.value() {
                    Ok(value) => literal(&value.parse::<Expr>()?),
                    Err(_) => None,
                };
                match meta.path.get_ident().map(ToString::to_string).unwrap_or_default().as_str() {
                    "rename" => found.rename = value,
                    "rename_all" => found.rename_all = value,
                    "tag" => found.tag = value,
                    "flatten" => found.flatten = true,
                    "default" => found.has_default = true,
                    "skip_serializing_if" => found.may_be_absent = true,
                    _ => {}
                }
                Ok(())
            });
            read.expect("an attribute of serde");
        }
        found
    }

    /// A variant's word.
    pub fn word(&self, variant: &syn::Variant) -> String {
        let own = Self::of(&variant.attrs).rename;
        own.unwrap_or_else(|| match self.rename_all.as_deref() {
            Some("lowercase") => variant.ident.to_string().to_lowercase(),
            Some("snake_case") => snake_case(&variant.ident.to_string()),
            other => panic!("{}: rename_all is {other:?}", variant.ident),
        })
    }
}

fn snake_case(name: &str) -> String {
    let mut word = String::new();
    for (position, letter) in name.char_indices() {
        if letter.is_uppercase() && position > 0 {
            word.push('_');
        }
        word.extend(letter.to_lowercase());
    }
    word
}

fn literal(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}
