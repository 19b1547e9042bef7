//! The documents of the lake, by type: what is read elsewhere is written here.

pub mod sealed;
