//! How often somebody may guess: five times a minute from one address. Whoever knows a token has not guessed: an office
//! of twenty signs in at nine.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// So many tries fit into the window.
const TRIES: usize = 5;
/// The window.
const WINDOW: TimeDelta = TimeDelta::minutes(1);
/// So many addresses are remembered; whoever has more of them at hand meets the limit of all others.
const ADDRESSES: usize = 10_000;

/// The tries of the last minute that failed, by address.
#[derive(Debug, Default)]
pub struct Tries(Mutex<HashMap<Place, Vec<DateTime<Utc>>>>);

/// A try that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Try {
    place: Place,
    at: DateTime<Utc>,
}

/// Where a try comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    /// An address of IPv4.
    Four([u8; 4]),
    /// A network of IPv6: one household has 2^64 addresses.
    Six([u8; 8]),
    /// Anywhere: the address is unknown, or too many are known.
    Anywhere,
}

impl Place {
    fn of(address: Option<IpAddr>) -> Self {
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => Self::Four(address.octets()),
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, e, f, g, h, ..] = address.octets();
                Self::Six([a, b, c, d, e, f, g, h])
            }
            None => Self::Anywhere,
        }
    }
}

impl Tries {
    /// Takes a try, or says in how many seconds there is another one.
    pub fn take(&self, address: Option<IpAddr>, now: DateTime<Utc>) -> Result<Try, i64> {
        // Whoever panicked has left times in it, and no half of one.
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut place = Place::of(address);
        if places.len() >= ADDRESSES && !places.contains_key(&place) {
            places.retain(|_, times| times.last().is_some_and(|last| now - last < WINDOW));
            if places.len() >= ADDRESSES {
                place = Place::Anywhere;
            }
        }
        let times = places.entry(place).or_default();
        times.retain(|time| now - time < WINDOW);
        match times.first() {
            Some(first) if times.len() >= TRIES => Err((*first + WINDOW - now).num_seconds().max(1)),
            _ => {
                times.push(now);
                Ok(Try { place, at: now })
            }
        }
    }

    /// The try did not fail: it does not count.
    pub fn give_back(&self, good: Try) {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(times) = places.get_mut(&good.place) else { return };
        if let Some(place) = times.iter().position(|time| *time == good.at) {
            times.remove(place);
        }
        if times.is_empty() {
            places.remove(&good.place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_try_of_a_minute_waits_and_other_addresses_do_not() {
        let (tries, now) = (Tries::default(), DateTime::UNIX_EPOCH);
        let here: Option<IpAddr> = "192.0.2.1".parse().ok();
        for second in 0..5 {
            assert!(tries.take(here, now + TimeDelta::seconds(second)).is_ok());
        }
        assert_eq!(tries.take(here, now + TimeDelta::seconds(10)), Err(50));
        assert!(tries.take("192.0.2.2".parse().ok(), now).is_ok());
        assert!(tries.take(here, now + TimeDelta::seconds(60)).is_ok(), "the first one is a minute ago");
        assert!(tries.take(here, now + TimeDelta::seconds(60)).is_err(), "the second one is not");
    }

    #[test]
    fn a_try_that_did_not_fail_does_not_count_and_takes_no_failure_away() {
        let (tries, now) = (Tries::default(), DateTime::UNIX_EPOCH);
        let office: Option<IpAddr> = "192.0.2.1".parse().ok();
        for _ in 0..6 {
            tries.give_back(tries.take(office, now).unwrap());
        }
        assert!(tries.0.lock().unwrap().is_empty());
        for _ in 0..4 {
            tries.take(office, now).unwrap();
        }
        tries.give_back(tries.take(office, now).unwrap());
        assert!(tries.take(office, now).is_ok(), "four failed: there is a fifth try");
        assert!(tries.take(office, now).is_err());
    }

    #[test]
    fn a_network_of_ipv6_is_one_place_and_a_mapped_address_is_its_own() {
        let (tries, now) = (Tries::default(), DateTime::UNIX_EPOCH);
        for last in 1..=5 {
            assert!(tries.take(format!("2001:db8::{last}").parse().ok(), now).is_ok());
        }
        assert!(tries.take("2001:db8::ffff".parse().ok(), now).is_err());
        assert!(tries.take("2001:db8:0:1::1".parse().ok(), now).is_ok());
        assert_eq!(Place::of("::ffff:192.0.2.1".parse().ok()), Place::of("192.0.2.1".parse().ok()));
    }

    #[test]
    fn a_flood_of_addresses_fills_no_memory() {
        let (tries, now) = (Tries::default(), DateTime::UNIX_EPOCH);
        for address in 0..20_000_u32 {
            let _ = tries.take(Some(IpAddr::V4(address.into())), now);
        }
        assert!(tries.0.lock().unwrap().len() <= ADDRESSES + 1);
        let later = now + WINDOW;
        assert!(tries.take("203.0.113.9".parse().ok(), later).is_ok());
        assert_eq!(tries.0.lock().unwrap().len(), 1, "what is a minute old is forgotten");
    }
}
