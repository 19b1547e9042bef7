//! Universal Binary JSON as XGBoost writes it, with every length held against the bytes that are there.
//!
//! <https://ubjson.org/type-reference/>; XGBoost's own reader believes the lengths.

use std::collections::BTreeMap;

/// A value; long arrays of numbers stay bytes (big-endian).
#[derive(Debug, PartialEq)]
pub(super) enum Value<'a> {
    Object(BTreeMap<&'a str, Value<'a>>),
    Array(Vec<Value<'a>>),
    Floats(&'a [[u8; 4]]),
    Integers(&'a [[u8; 4]]),
    LongIntegers(&'a [[u8; 8]]),
    Bytes(&'a [u8]),
    Text(&'a str),
    Integer(i64),
    Number(f32),
    Boolean,
    Null,
}

/// The bytes are not one whole value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// Objects and arrays within each other; a model has seven.
const DEEPEST: u32 = 16;

/// Reads bytes that are one value and nothing else.
pub(super) fn parse(bytes: &[u8]) -> Result<Value<'_>, Malformed> {
    let mut reader = Reader(bytes);
    let value = reader.value(DEEPEST)?;
    if reader.0.is_empty() { Ok(value) } else { Err(Malformed) }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn value(&mut self, depth: u32) -> Result<Value<'a>, Malformed> {
        let depth = depth.checked_sub(1).ok_or(Malformed)?;
        let [marker] = self.array()?;
        Ok(match marker {
            b'{' => self.object(depth)?,
            b'[' => self.list(depth)?,
            b'S' => Value::Text(self.text()?),
            b'i' => Value::Integer(i8::from_be_bytes(self.array()?).into()),
            b'I' => Value::Integer(i16::from_be_bytes(self.array()?).into()),
            b'l' => Value::Integer(i32::from_be_bytes(self.array()?).into()),
            b'L' => Value::Integer(i64::from_be_bytes(self.array()?)),
            b'd' => Value::Number(f32::from_be_bytes(self.array()?)),
            b'T' | b'F' => Value::Boolean,
            b'Z' => Value::Null,
            _ => return Err(Malformed),
        })
    }

    fn object(&mut self, depth: u32) -> Result<Value<'a>, Malformed> {
        let mut entries = BTreeMap::new();
        while !self.follows(b"}") {
            let key = self.text()?;
            if entries.insert(key, self.value(depth)?).is_some() {
                return Err(Malformed);
            }
        }
        Ok(Value::Object(entries))
    }

    fn list(&mut self, depth: u32) -> Result<Value<'a>, Malformed> {
        if self.follows(b"$") {
            let [element] = self.array()?;
            return match element {
                b'd' => self.numbers().map(Value::Floats),
                b'l' => self.numbers().map(Value::Integers),
                b'L' => self.numbers().map(Value::LongIntegers),
                b'U' => {
                    let count = self.count()?;
                    self.take(count).map(Value::Bytes)
                }
                _ => Err(Malformed),
            };
        }
        // A value has at least a byte, so that no count asks for more memory than the file is worth.
        let count = self.count()?;
        if count > self.0.len() {
            return Err(Malformed);
        }
        (0..count).map(|_| self.value(depth)).collect::<Result<_, _>>().map(Value::Array)
    }

    fn numbers<const BYTES: usize>(&mut self) -> Result<&'a [[u8; BYTES]], Malformed> {
        let bytes = self.count()?.checked_mul(BYTES).ok_or(Malformed)?;
        Ok(self.take(bytes)?.as_chunks().0)
    }

    fn count(&mut self) -> Result<usize, Malformed> {
        if self.follows(b"#") { self.length() } else { Err(Malformed) }
    }

    fn text(&mut self) -> Result<&'a str, Malformed> {
        let length = self.length()?;
        std::str::from_utf8(self.take(length)?).map_err(|_| Malformed)
    }

    fn length(&mut self) -> Result<usize, Malformed> {
        if !self.follows(b"L") {
            return Err(Malformed);
        }
        usize::try_from(i64::from_be_bytes(self.array()?)).map_err(|_| Malformed)
    }

    fn follows(&mut self, marker: &[u8]) -> bool {
        self.0.strip_prefix(marker).map(|rest| self.0 = rest).is_some()
    }

    fn array<const BYTES: usize>(&mut self) -> Result<[u8; BYTES], Malformed> {
        let (array, rest) = self.0.split_first_chunk().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*array)
    }

    fn take(&mut self, bytes: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(bytes).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `{"a": [1, "b"], "c": [$l 7, -1]}`
    fn sample() -> Vec<u8> {
        let length = |n: u64| [&b"L"[..], &n.to_be_bytes()].concat();
        let (key_a, key_c) = ([length(1), b"a".to_vec()].concat(), [length(1), b"c".to_vec()].concat());
        let list = [b"[#".to_vec(), length(2), b"i\x01S".to_vec(), length(1), b"b".to_vec()].concat();
        let numbers = [b"[$l#".to_vec(), length(2), vec![0, 0, 0, 7, 255, 255, 255, 255]].concat();
        [b"{".to_vec(), key_a, list, key_c, numbers, b"}".to_vec()].concat()
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = sample();
        let Value::Object(entries) = parse(&bytes).unwrap() else { panic!("no object") };
        assert_eq!(entries["a"], Value::Array(vec![Value::Integer(1), Value::Text("b")]));
        assert_eq!(entries["c"], Value::Integers(&[[0, 0, 0, 7], [255; 4]]));
    }

    #[test]
    fn a_value_cut_off_anywhere_or_followed_by_more_is_none() {
        let bytes = sample();
        for length in 0..bytes.len() {
            assert_eq!(parse(&bytes[..length]), Err(Malformed), "{length}");
        }
        assert_eq!(parse(&[bytes, vec![0]].concat()), Err(Malformed));
    }

    #[test]
    fn no_length_is_believed_and_no_depth_uses_up_the_stack() {
        for start in [&b"SL"[..], b"[#L", b"[$d#L", b"[$L#L", b"[$U#L", b"{L"] {
            for length in [i64::MAX, -1, 1 << 40, 9] {
                assert_eq!(parse(&[start, &length.to_be_bytes()].concat()), Err(Malformed), "{length}");
            }
        }
        let deep = [&b"[#L"[..], &1_i64.to_be_bytes()].concat().repeat(100_000);
        assert_eq!(parse(&deep), Err(Malformed));
    }
}
