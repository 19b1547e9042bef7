//! The columns of the readings, and what their cells must be.

/// The columns a file of readings must have, in the order the contract lists them.
pub(super) const CUSTOMER: &str = "customer_id";
pub(super) const TIMESTAMP: &str = "timestamp";
pub(super) const ELEC: &str = "consumption_elec_kwh";
pub(super) const GAS: &str = "consumption_gas_m3";

/// The largest believable reading of one hour, kWh or m3, in either direction.
///
/// One million kWh in an hour is the full output of a nuclear power station; the largest contract
/// draws 150 kW. A value beyond it is a unit or decoding mistake, and would hide in a monthly sum.
pub(super) const LARGEST_READING: f64 = 1e6;

pub(super) const LARGEST_READING_RULE: &str = "not a believable reading (not a number, infinite, or beyond 1,000,000 in one \
     hour; what is not known is null, and not NaN)";
pub(super) const TIMESTAMP_RULE: &str = "not a timestamp `YYYY-MM-DD HH:MM:SS` (a `T` may stand in the middle, a fraction of a second and a zone like `Z` or \
     `+01:00` behind it; midnight is `00:00:00` of the new day, not `24:00`)";
