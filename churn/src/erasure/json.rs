//! The contacts: a JSON array of objects.

use std::io::Write;
use std::path::Path;

use serde_json::Value;

use super::{CUSTOMER, Erased};
use crate::{Error, Result};

/// Copies the array without the objects of erased customers; how many these were.
pub(super) fn copy(path: &Path, name: &str, out: &mut dyn Write, erased: &Erased) -> Result<u64> {
    let bytes = std::fs::read(path).map_err(Error::file("read", path))?;
    let content = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    // Only the position is told: serde's own words may quote the text.
    let broken = |problem: serde_json::Error| {
        let place = format!("line {}, byte {}", problem.line(), problem.column());
        Error::data(name, None, Some(place), "not a JSON array")
    };
    let elements: Vec<Value> = serde_json::from_slice(content).map_err(broken)?;
    let before = elements.len();
    let is_of =
        |element: &Value| element.get(CUSTOMER).and_then(Value::as_str).is_some_and(|customer| erased(customer));
    let kept: Vec<Value> = elements.into_iter().filter(|element| !is_of(element)).collect();
    serde_json::to_writer(&mut *out, &kept).map_err(|error| Error::file("write the copy of", path)(error.into()))?;
    out.write_all(b"\n").map_err(Error::file("write the copy of", path))?;
    Ok((before - kept.len()) as u64)
}
