//! What a note is about and how it sounds.

/// What a contact is about, in the priority order of the vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    Cancellation,
    Complaint,
    Billing,
    Renewal,
    Pricing,
    Plan,
    Account,
}

/// How the customer sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sentiment {
    Negative,
    Neutral,
    Positive,
}

/// How sure the customer sounds. Only a neutral note can leave it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Settled,
    Undecided,
}
