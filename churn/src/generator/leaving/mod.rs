//! Who leaves, and why: from what pushes a customer to what it makes up its mind to.
//!
//! It goes one way. What the files can tell of a customer is a [`pressure`]; pressure and a mood of its own make an
//! intention ([`mind`]); the label, the contacts with their notes and the consumption of the last months each follow
//! from the intention, and none of them from another. What decides how well a model can do is in [`knobs`].

mod knobs;
mod mind;
mod pressure;

pub(super) use self::knobs::{CALLS, NOTES};
pub(super) use self::mind::{Intention, Mind, make_up};
pub(super) use self::pressure::Tastes;
