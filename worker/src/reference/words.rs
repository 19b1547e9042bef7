//! A type as a reader of JSON or YAML sees it.

use syn::{GenericArgument, PathArguments, Type};

/// The words for a type; `known` has words for the types of its own document.
pub fn of_type(this: &Type, known: &dyn Fn(&str) -> Option<String>) -> String {
    if let Type::Tuple(tuple) = this {
        let parts: Vec<_> = tuple.elems.iter().map(|part| of_type(part, known)).collect();
        return format!("[{}]", parts.join(", "));
    }
    let (name, arguments) = name_of(this);
    let argument = |position: usize| of_type(arguments[position], known);
    if let Some(words) = known(&name) {
        return words;
    }
    match name.as_str() {
        "Option" => format!("{} or null", argument(0)),
        "Vec" => format!("list of {}", argument(0)),
        "BTreeMap" => format!("object: text → {}", argument(1)),
        "Box" => argument(0),
        // `S` is the name of a stage, which is another type in every workflow.
        "String" | "PathBuf" | "RunId" | "WorkflowId" | "ModelVersion" | "Digest" | "Key" | "RequestId" | "S"
        | "CheckName" | "Tz" => "text".to_owned(),
        "SnapshotDate" => "date".to_owned(),
        "AsOf" => "date or `scheduled`".to_owned(),
        "bool" => "true or false".to_owned(),
        "u32" | "u64" | "usize" | "i32" | "i64" => "whole number".to_owned(),
        "f64" => "number".to_owned(),
        "Value" => "JSON".to_owned(),
        _ => panic!("{name}: give it words in reference/words.rs, or its file to the document"),
    }
}

/// A type without the `Option` around it.
pub fn of_option(this: &Type) -> &Type {
    match name_of(this) {
        (name, arguments) if name == "Option" => arguments[0],
        _ => this,
    }
}

/// The last name of a type's path, and its arguments.
pub fn name_of(this: &Type) -> (String, Vec<&Type>) {
    let Type::Path(path) = this else { panic!("only types with a name are in a message") };
    let last = path.path.segments.last().expect("a path has a name");
    let arguments = match &last.arguments {
        PathArguments::AngleBracketed(list) => list
            .args
            .iter()
            .filter_map(|argument| match argument {
                GenericArgument::Type(argument) => Some(argument),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    (last.ident.to_string(), arguments)
}
