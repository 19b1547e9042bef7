//! Compact Thrift, the form of Parquet's footer and page headers: walked, never built.
//!
//! <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>

/// What a field or an element holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Bool,
    I8,
    I16,
    I32,
    I64,
    Binary,
    Struct(Fields),
    List(&'static Kind),
}

/// The known fields of a struct by number. Unknown ones may hold anything that is well formed.
pub(super) type Fields = &'static [(i16, Kind)];

/// The bytes are no such struct, or end within it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// Structs and lists within each other; Parquet's own have eight.
const DEEPEST: u32 = 24;

/// Types on the wire.
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const I16: u8 = 4;
const I32: u8 = 5;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;
const UUID: u8 = 13;

/// The bytes that are not walked yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a>(pub &'a [u8]);

impl Cursor<'_> {
    /// Walks a struct whole: known fields have their type, and no count exceeds the bytes that are left.
    pub fn walk(&mut self, fields: Fields) -> Result<(), Malformed> {
        self.walk_struct(fields, DEEPEST)
    }

    /// Hands the fields of a struct to `visit` one by one; what it leaves unread is skipped.
    pub fn fields(&mut self, mut visit: impl FnMut(i16, Self) -> Result<(), Malformed>) -> Result<(), Malformed> {
        let mut last = 0;
        while let Some((id, wire)) = self.field(last)? {
            visit(id, *self)?;
            self.skip(wire, DEEPEST)?;
            last = id;
        }
        Ok(())
    }

    /// Hands the elements of a list of structs to `visit`, which walks each to its end.
    pub fn elements(&mut self, mut visit: impl FnMut(&mut Self) -> Result<(), Malformed>) -> Result<(), Malformed> {
        let (_, count) = self.list()?;
        (0..count).try_for_each(|_| visit(self))
    }

    /// The number of elements of a list, which are at least a byte each, and their type.
    pub fn list(&mut self) -> Result<(u8, usize), Malformed> {
        let header = self.byte()?;
        let count = match header >> 4 {
            15 => self.varint()?,
            short => u64::from(short),
        };
        let count = usize::try_from(count).map_err(|_| Malformed)?;
        if count > self.0.len() { Err(Malformed) } else { Ok((header & 0x0f, count)) }
    }

    /// A whole number in zigzag form.
    pub fn integer(&mut self) -> Result<i64, Malformed> {
        let number = self.varint()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    fn walk_struct(&mut self, fields: Fields, depth: u32) -> Result<(), Malformed> {
        let depth = depth.checked_sub(1).ok_or(Malformed)?;
        let mut last = 0;
        while let Some((id, wire)) = self.field(last)? {
            match fields.iter().find(|(known, _)| *known == id) {
                Some((_, Kind::Bool)) if matches!(wire, TRUE | FALSE) => {}
                Some((_, kind)) if wire == kind.wire() => self.walk_value(*kind, depth)?,
                Some(_) => return Err(Malformed),
                None => self.skip(wire, depth)?,
            }
            last = id;
        }
        Ok(())
    }

    /// A value; a Boolean is one within a list, for that of a field stands in its header.
    fn walk_value(&mut self, kind: Kind, depth: u32) -> Result<(), Malformed> {
        match kind {
            Kind::Bool | Kind::I8 => self.byte().map(drop),
            Kind::I16 => i16::try_from(self.integer()?).map(drop).map_err(|_| Malformed),
            Kind::I32 => i32::try_from(self.integer()?).map(drop).map_err(|_| Malformed),
            Kind::I64 => self.integer().map(drop),
            Kind::Binary => self.binary(),
            Kind::Struct(fields) => self.walk_struct(fields, depth),
            Kind::List(element) => {
                let depth = depth.checked_sub(1).ok_or(Malformed)?;
                let (wire, count) = self.list()?;
                let fits = wire == element.wire() || (matches!(element, Kind::Bool) && wire == FALSE);
                if count > 0 && !fits {
                    return Err(Malformed);
                }
                (0..count).try_for_each(|_| self.walk_value(*element, depth))
            }
        }
    }

    /// The number and type of the next field; `None` at the end of the struct.
    fn field(&mut self, last: i16) -> Result<Option<(i16, u8)>, Malformed> {
        let header = self.byte()?;
        let wire = header & 0x0f;
        if wire == 0 {
            return Ok(None);
        }
        let id = match header >> 4 {
            0 => i16::try_from(self.integer()?).map_err(|_| Malformed)?,
            step => last.checked_add(i16::from(step)).ok_or(Malformed)?,
        };
        Ok(Some((id, wire)))
    }

    fn skip(&mut self, wire: u8, depth: u32) -> Result<(), Malformed> {
        match wire {
            TRUE | FALSE => Ok(()),
            BYTE => self.byte().map(drop),
            I16 | I32 | I64 => self.varint().map(drop),
            DOUBLE => self.take(8),
            UUID => self.take(16),
            BINARY => self.binary(),
            STRUCT => self.walk_struct(&[], depth),
            LIST | SET => {
                let depth = depth.checked_sub(1).ok_or(Malformed)?;
                let (wire, count) = self.list()?;
                (0..count).try_for_each(|_| self.skip_element(wire, depth))
            }
            MAP => {
                let depth = depth.checked_sub(1).ok_or(Malformed)?;
                let count = self.varint()?;
                if count == 0 {
                    return Ok(());
                }
                let wires = self.byte()?;
                (0..count).try_for_each(|_| {
                    self.skip_element(wires >> 4, depth)?;
                    self.skip_element(wires & 0x0f, depth)
                })
            }
            _ => Err(Malformed),
        }
    }

    fn skip_element(&mut self, wire: u8, depth: u32) -> Result<(), Malformed> {
        if matches!(wire, TRUE | FALSE) { self.byte().map(drop) } else { self.skip(wire, depth) }
    }

    fn binary(&mut self) -> Result<(), Malformed> {
        let bytes = usize::try_from(self.varint()?).map_err(|_| Malformed)?;
        self.take(bytes)
    }

    fn take(&mut self, bytes: usize) -> Result<(), Malformed> {
        self.0 = self.0.get(bytes..).ok_or(Malformed)?;
        Ok(())
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        let (&byte, rest) = self.0.split_first().ok_or(Malformed)?;
        self.0 = rest;
        Ok(byte)
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Malformed)
    }
}

impl Kind {
    fn wire(self) -> u8 {
        match self {
            Self::Bool => TRUE,
            Self::I8 => BYTE,
            Self::I16 => I16,
            Self::I32 => I32,
            Self::I64 => I64,
            Self::Binary => BINARY,
            Self::Struct(_) => STRUCT,
            Self::List(_) => LIST,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBERS: Fields = &[(1, Kind::I32), (2, Kind::List(&Kind::I32)), (3, Kind::Binary)];

    fn walked(bytes: &[u8]) -> Result<usize, Malformed> {
        let mut cursor = Cursor(bytes);
        cursor.walk(NUMBERS).map(|()| cursor.0.len())
    }

    #[test]
    fn a_struct_is_walked_to_its_end_and_no_further() {
        // 1: 7, 2: [1, 2], 3: "ab", an unknown map {1: 2} in field 9, end, and a byte behind it
        let bytes = [0x15, 14, 0x19, 0x25, 2, 4, 0x18, 2, b'a', b'b', 0x6b, 1, 0x55, 2, 4, 0, 0xff];
        assert_eq!(walked(&bytes), Ok(1));
        for length in 0..bytes.len() - 1 {
            assert_eq!(walked(&bytes[..length]), Err(Malformed), "{length}");
        }
    }

    #[test]
    fn a_count_beyond_the_bytes_that_are_left_is_refused() {
        assert_eq!(walked(&[0x29, 0xf5, 0xff, 0xff, 0xff, 0xff, 0x07, 2, 0]), Err(Malformed));
        assert_eq!(walked(&[0x38, 0xff, 0xff, 0xff, 0xff, 0x0f, 0]), Err(Malformed));
        assert_eq!(walked(&[0x29, 0x35, 2, 0]), Err(Malformed));
    }

    #[test]
    fn a_known_field_of_another_type_or_size_is_refused() {
        assert_eq!(walked(&[0x16, 14, 0]), Err(Malformed));
        assert_eq!(walked(&[0x29, 0x26, 2, 4, 0]), Err(Malformed));
        // 2^32 is no i32, and eleven bytes are no number
        assert_eq!(walked(&[0x15, 0x80, 0x80, 0x80, 0x80, 0x20, 0]), Err(Malformed));
        assert_eq!(walked(&[&[0x15][..], &[0x80; 10], &[0, 0]].concat()), Err(Malformed));
    }

    #[test]
    fn no_depth_of_nesting_uses_up_the_stack() {
        assert_eq!(walked(&vec![0x9c; 1 << 20]), Err(Malformed));
        assert_eq!(walked(&[vec![0x99], vec![0x19; 1 << 20]].concat()), Err(Malformed));
    }

    #[test]
    fn zigzag_numbers_have_both_signs() {
        let number = |bytes: &[u8]| Cursor(bytes).integer();
        assert_eq!((number(&[0]), number(&[1]), number(&[2])), (Ok(0), Ok(-1), Ok(1)));
        assert_eq!(number(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]), Ok(i64::MIN));
    }
}
