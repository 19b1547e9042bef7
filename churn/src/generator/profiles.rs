//! The course of a year: how consumption spreads over its 8,784 hours, by segment.

use chrono::{Datelike, Duration, NaiveDate, Timelike, Weekday};

use super::attributes::Segment;

/// Hours of the leap year 2024.
pub const HOURS: usize = 8_784;
/// Days of the leap year 2024.
pub const DAYS: usize = 366;
/// How strongly a customer follows the seasons, from hardly to heavily.
pub const SWINGS: [f64; 5] = [0.55, 0.8, 1.0, 1.2, 1.45];

/// Monthly electricity: winter above autumn, as published (variation 0.28 within a customer).
const ELECTRICITY_BY_MONTH: [f64; 12] = [1.50, 1.30, 1.05, 0.86, 0.74, 0.76, 0.86, 0.83, 0.70, 0.80, 1.14, 1.48];
/// Monthly gas: exactly nine months have any.
const GAS_BY_MONTH: [f64; 12] = [3.35, 2.55, 1.55, 0.70, 0.28, 0.0, 0.0, 0.0, 0.07, 0.35, 1.15, 3.00];

const HOME_BY_HOUR: [f64; 24] = [
    0.55, 0.45, 0.40, 0.38, 0.38, 0.42, 0.60, 0.90, 1.00, 0.95, 0.95, 1.00, 1.10, 1.25, 1.30, 1.10, 1.00, 1.00, 1.15,
    1.40, 1.70, 1.80, 1.45, 0.90,
];
const BUSINESS_BY_HOUR: [f64; 24] = [
    0.45, 0.42, 0.40, 0.40, 0.40, 0.45, 0.60, 0.95, 1.45, 1.75, 1.85, 1.85, 1.80, 1.60, 1.45, 1.60, 1.70, 1.65, 1.40,
    1.05, 0.80, 0.65, 0.55, 0.48,
];
const PLANT_BY_HOUR: [f64; 24] = [
    0.88, 0.86, 0.85, 0.85, 0.86, 0.90, 0.95, 1.02, 1.08, 1.12, 1.14, 1.14, 1.12, 1.10, 1.08, 1.08, 1.08, 1.07, 1.06,
    1.05, 1.02, 0.98, 0.94, 0.90,
];
const GAS_BY_HOUR: [f64; 24] = [
    0.6, 0.5, 0.45, 0.45, 0.5, 0.8, 1.5, 1.9, 1.6, 1.2, 1.0, 0.9, 0.9, 0.95, 0.95, 0.9, 0.95, 1.1, 1.4, 1.6, 1.6, 1.4,
    1.1, 0.8,
];

/// Shares of the average hour, for every hour of 2024.
#[derive(Debug)]
pub struct YearShape {
    electricity: [[Vec<f64>; 5]; 3],
    /// Gas; zero in the three months without any.
    pub gas: Vec<f64>,
    /// First hour of each month, and the end of the year.
    pub month_starts: [usize; 13],
    /// Hours in which a roof can feed in: April to September, 11 to 16 o'clock.
    pub sunny_hours: Vec<usize>,
}

impl YearShape {
    /// Lays the hours of 2024 out.
    pub fn of_2024() -> Self {
        let shape = |segment: Segment| SWINGS.map(|swing| normalized(|hour| electricity(segment, swing, hour)));
        let month_of = |hour: usize| calendar(hour).month() as usize;
        Self {
            electricity: [shape(Segment::Residential), shape(Segment::Sme), shape(Segment::Corporate)],
            gas: normalized(|hour| GAS_BY_HOUR[calendar(hour).hour() as usize] * GAS_BY_MONTH[month_of(hour) - 1]),
            month_starts: std::array::from_fn(|month| (0..HOURS).filter(|hour| month_of(*hour) <= month).count()),
            sunny_hours: (0..HOURS)
                .filter(|hour| (4..=9).contains(&month_of(*hour)) && (11..=16).contains(&calendar(*hour).hour()))
                .collect(),
        }
    }

    /// The electricity of a segment at one of the [`SWINGS`].
    pub fn electricity(&self, segment: Segment, swing: usize) -> &[f64] {
        let row = match segment {
            Segment::Residential => 0,
            Segment::Sme => 1,
            Segment::Corporate => 2,
        };
        &self.electricity[row][swing]
    }
}

/// The time stamp of an hour of the year, as the readings write it.
pub fn timestamp(hour: usize) -> String {
    calendar(hour).format("%Y-%m-%d %H:%M:%S").to_string()
}

fn calendar(hour: usize) -> chrono::NaiveDateTime {
    NaiveDate::from_ymd_opt(2024, 1, 1).expect("a date of the calendar").and_time(chrono::NaiveTime::MIN)
        + Duration::hours(hour as i64)
}

fn electricity(segment: Segment, swing: f64, hour: usize) -> f64 {
    let moment = calendar(hour);
    let (by_hour, on_workdays, on_weekends) = match segment {
        Segment::Residential => (&HOME_BY_HOUR, 1.0, 1.06),
        Segment::Sme => (&BUSINESS_BY_HOUR, 1.18, 0.55),
        Segment::Corporate => (&PLANT_BY_HOUR, 1.07, 0.83),
    };
    let is_weekend = matches!(moment.weekday(), Weekday::Sat | Weekday::Sun);
    let season = 1.0 + swing * (ELECTRICITY_BY_MONTH[moment.month0() as usize] - 1.0);
    by_hour[moment.hour() as usize] * if is_weekend { on_weekends } else { on_workdays } * season
}

/// A value per hour, scaled to mean 1.
fn normalized(value: impl Fn(usize) -> f64) -> Vec<f64> {
    let values: Vec<f64> = (0..HOURS).map(value).collect();
    let mean = values.iter().sum::<f64>() / HOURS as f64;
    values.into_iter().map(|v| v / mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_has_every_hour_once_and_nine_months_of_gas() {
        let shape = YearShape::of_2024();
        assert_eq!(timestamp(0), "2024-01-01 00:00:00");
        assert_eq!(timestamp(59 * 24 + 7), "2024-02-29 07:00:00");
        assert_eq!(timestamp(HOURS - 1), "2024-12-31 23:00:00");
        assert_eq!(shape.month_starts[0], 0);
        assert_eq!(shape.month_starts[1], 31 * 24);
        assert_eq!(shape.month_starts[12], HOURS);
        let months_with_gas =
            (0..12).filter(|m| shape.gas[shape.month_starts[*m]..shape.month_starts[m + 1]].iter().any(|g| *g > 0.0));
        assert_eq!(months_with_gas.count(), 9);
    }
}
