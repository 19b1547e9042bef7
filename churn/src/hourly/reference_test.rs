//! Pins that the fast sums equal the plain reading of the specification, for any readings, in any
//! order, layout and slicing.
