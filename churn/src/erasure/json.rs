//! The contacts: a JSON array of objects, or one object a line.

use std::io::Write;
use std::path::Path;

use serde_json::Value;

use super::{CUSTOMER, Erased};
use crate::{Error, Result};

/// Copies the array, or the lines, without the objects of erased customers; how many these were.
pub(super) fn copy(path: &Path, name: &str, out: &mut dyn Write, erased: &Erased) -> Result<u64> {
    let bytes = std::fs::read(path).map_err(Error::file("read", path))?;
    let content = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    // Only the position is told: serde's own words may quote the text.
    let broken = |problem: serde_json::Error| {
        let place = format!("line {}, byte {}", problem.line(), problem.column());
        Error::data(name, None, Some(place), "neither a JSON array nor JSON lines")
    };
    let are_lines = content.trim_ascii_start().first() == Some(&b'{');
    let elements: Vec<Value> = if are_lines {
        let objects = serde_json::Deserializer::from_slice(content).into_iter::<Value>();
        objects.collect::<Result<_, _>>().map_err(broken)?
    } else {
        serde_json::from_slice(content).map_err(broken)?
    };
    let before = elements.len();
    let is_of = |element: &Value| {
        let customer = element.get(CUSTOMER).and_then(Value::as_str).map(str::trim);
        customer.is_some_and(|customer| !customer.is_empty() && erased(customer))
    };
    let kept: Vec<Value> = elements.into_iter().filter(|element| !is_of(element)).collect();
    let written = |error: serde_json::Error| Error::file("write the copy of", path)(error.into());
    if are_lines {
        for element in &kept {
            serde_json::to_writer(&mut *out, element).map_err(written)?;
            out.write_all(b"\n").map_err(Error::file("write the copy of", path))?;
        }
    } else {
        serde_json::to_writer(&mut *out, &kept).map_err(written)?;
        out.write_all(b"\n").map_err(Error::file("write the copy of", path))?;
    }
    Ok((before - kept.len()) as u64)
}
