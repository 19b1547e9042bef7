//! The IDs of traces and spans, by rule: whoever makes a span knows those of its trace and of its parent without being told,
//! and a span that is made twice is the same span.

use protocol::Digest;

/// The ID of a trace.
pub type TraceId = [u8; 16];
/// The ID of a span.
pub type SpanId = [u8; 8];

/// The trace of a run: its ID without the hyphens, since Temporal's are UUIDs. Any other text is hashed.
pub fn trace_of(run_id: &str) -> TraceId {
    let digits = run_id.replace('-', "");
    let of_uuid = if digits.len() == 32 { u128::from_str_radix(&digits, 16).ok() } else { None };
    let number = of_uuid.unwrap_or_else(|| first_digits(run_id, 32));
    // All zeros is no ID.
    number.max(1).to_be_bytes()
}

/// A span of a run: `what` it is about is unique in the run.
pub fn span_of(run_id: &str, what: &str) -> SpanId {
    let number = first_digits(&format!("{run_id} {what}"), 16) as u64;
    number.max(1).to_be_bytes()
}

/// The first hexadecimal digits of a text's digest.
fn first_digits(text: &str, digits: usize) -> u128 {
    let digest = Digest::of(text.as_bytes());
    digest.as_str().get(..digits).and_then(|digits| u128::from_str_radix(digits, 16).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_found_by_the_id_of_its_run() {
        let trace = trace_of("01a2146e-4068-78f2-aa22-895acf865826");
        assert_eq!(u128::from_be_bytes(trace), 0x01a2_146e_4068_78f2_aa22_895a_cf86_5826);
        assert_ne!(trace_of("another-1"), trace_of("another-2"));
        assert_eq!(trace_of("another-1"), trace_of("another-1"));
        assert_eq!(u128::from_be_bytes(trace_of("00000000-0000-0000-0000-000000000000")), 1);
    }

    #[test]
    fn a_span_has_one_id_in_its_run_and_another_in_another_run() {
        assert_eq!(span_of("r", "stage train"), span_of("r", "stage train"));
        assert_ne!(span_of("r", "stage train"), span_of("r", "stage gold"));
        assert_ne!(span_of("r", "stage train"), span_of("s", "stage train"));
        assert_eq!(first_digits("", 4), 0xe3b0);
    }
}
