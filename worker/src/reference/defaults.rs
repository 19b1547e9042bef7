//! What holds without a setting.

use serde_norway::Value;
use syn::{Expr, ImplItem, Item, Lit, Member, Stmt};

use super::markdown::code;
use super::sources::Sources;

/// The value at a key of a YAML file.
pub fn value_at(file: &Value, path: &[String]) -> Option<String> {
    let mut value = file;
    for name in path {
        value = value.get(name.as_str())?;
    }
    in_yaml(value).map(|text| code(&text))
}

/// A value on one line; nothing for none.
pub fn in_yaml(value: &Value) -> Option<String> {
    match value {
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        Value::String(value) => Some(value.clone()),
        Value::Sequence(list) => Some(format!("[{}]", list.iter().filter_map(in_yaml).collect::<Vec<_>>().join(", "))),
        Value::Mapping(map) => {
            let pairs = map.iter().filter_map(|(key, value)| Some(format!("{}: {}", in_yaml(key)?, in_yaml(value)?)));
            Some(format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", ")))
        }
        Value::Null | Value::Tagged(_) => None,
    }
}

/// What `impl Default` gives the field of a type; nothing for none, or an empty one.
pub fn of_field(sources: &Sources, name: &str, field: &str) -> Option<String> {
    let found = sources.items().iter().find_map(|item| match item {
        Item::Impl(found) if is_default_of(found, name) => found.items.first(),
        _ => None,
    })?;
    let ImplItem::Fn(function) = found else { return None };
    let Some(Stmt::Expr(Expr::Struct(made), None)) = function.block.stmts.first() else { return None };
    let value = made.fields.iter().find(|value| matches!(&value.member, Member::Named(name) if name == field))?;
    literal(&value.expr).map(|text| code(&text))
}

fn is_default_of(found: &syn::ItemImpl, name: &str) -> bool {
    let of_default = found.trait_.as_ref().is_some_and(|(_, path, _)| path.is_ident("Default"));
    of_default && matches!(&*found.self_ty, syn::Type::Path(path) if path.path.is_ident(name))
}

fn literal(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            Lit::Int(number) => Some(number.base10_digits().to_owned()),
            Lit::Float(number) => Some(number.base10_digits().to_owned()),
            Lit::Bool(flag) => Some(flag.value.to_string()),
            _ => None,
        },
        // `"...".to_owned()`.
        Expr::MethodCall(call) => literal(&call.receiver),
        _ => None,
    }
}
