//! What a table of months says of each customer.

use std::collections::BTreeMap;

/// The values of each customer, in the order of the table. The rows of a customer mostly lie together: they are then looked
/// up once.
pub(super) fn by_customer<'a, T>(rows: impl Iterator<Item = (&'a str, T)>) -> BTreeMap<&'a str, Vec<T>> {
    let mut found: BTreeMap<&str, Vec<T>> = BTreeMap::new();
    let mut rows = rows.peekable();
    while let Some((customer, first)) = rows.next() {
        let of_customer = found.entry(customer).or_default();
        of_customer.push(first);
        while let Some((_, value)) = rows.next_if(|(next, _)| *next == customer) {
            of_customer.push(value);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_customer_need_not_lie_together() {
        let rows = [("C2", 1), ("C2", 2), ("C1", 3), ("C2", 4)];
        let expected = BTreeMap::from([("C1", vec![3]), ("C2", vec![1, 2, 4])]);
        assert_eq!(by_customer(rows.into_iter()), expected);
        assert!(by_customer(std::iter::empty::<(&str, i32)>()).is_empty());
    }
}
