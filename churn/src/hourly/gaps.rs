//! What is lost between a customer's first reading and the last one, and what was never hourly.

use chrono_tz::Tz;

use super::calendar::ReadingMonth;
use super::coverage::Coverage;
use super::hours::lacks_midnight_alone;
use super::local_clock::skipped_between;
use super::partial_sums::{Line, PartialSums};

/// A day of most customers is one that this share of them has readings of.
const MOST: f64 = 0.5;
/// A month that fewer have is missing or strayed, and nobody is held to it.
const HARDLY_ANYBODY: f64 = 0.05;
/// A customer is short of a month's hours when more than this many are lost, and more than a tenth of them.
const HOURS_LOST: i64 = 24;
/// Readings of the last days come late: whoever has some of this many before the last day has not stopped.
const DAYS_LATE: i64 = 7;
/// A reading a day at most on fewer days than this is no pattern.
const A_WEEK: u32 = 7;
/// Neither are a reading or two in fewer months than these.
const A_QUARTER: usize = 3;

/// The first and the last day that most customers have, in days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    first: i64,
    last: i64,
}

impl Span {
    fn of(coverage: &Coverage) -> Option<Self> {
        let enough = (MOST * coverage.most_customers() as f64).max(1.0);
        let covered = || coverage.days.iter().filter(move |day| day.customers as f64 >= enough).map(|day| day.day);
        let (first, last) = (covered().next()?, covered().next_back()?);
        Some(Self { first: i64::from(first.to_epoch_days()), last: i64::from(last.to_epoch_days()) })
    }

    /// A customer's first and last hour within it; none without a reading there.
    fn of_customer(self, lines: &[Line]) -> Option<(i64, i64)> {
        let (begin, end) = (self.first * 24, self.last * 24 + 23);
        let hours = lines.iter().filter_map(|Line { month, hours, .. }| {
            let start = month.first_day()? * 24;
            Some((start + hours.first()?, start + hours.last()?))
        });
        let mut within = hours.filter(|(from, to)| *to >= begin && *from <= end);
        let (first, to) = within.next()?;
        let last = within.next_back().map_or(to, |(_, to)| to);
        Some((first.max(begin), last.min(end)))
    }
}

/// A month that customers are held to.
struct Held {
    month: ReadingMonth,
    /// Its place in [`Coverage::months`].
    place: usize,
    /// Its days, since 1970-01-01.
    first: i64,
    last: i64,
    /// Hours that its clock leaves out: one in spring.
    skipped: i64,
}

/// What a customer's readings are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pattern {
    Hours,
    Days,
    Months,
}

impl Pattern {
    fn of(lines: &[Line]) -> Self {
        if lines.len() >= A_QUARTER && lines.iter().all(|line| line.counts.readings <= 2) {
            return Self::Months;
        }
        let days = |line: &Line| line.counts.days.count_ones();
        let one_a_day = lines.iter().all(|line| line.counts.readings <= days(line));
        if one_a_day && lines.iter().map(days).sum::<u32>() >= A_WEEK { Self::Days } else { Self::Hours }
    }
}

impl PartialSums {
    /// Counts customers who lack hours, whose readings stop, and who have totals instead; months and days are counted
    /// before.
    pub(super) fn find_gaps(&self, coverage: &mut Coverage, zone: Tz) {
        let Some(span) = Span::of(coverage) else { return };
        let held = held(coverage, zone);
        for (_, lines) in self.by_customer() {
            match Pattern::of(lines) {
                Pattern::Months => coverage.of_months += 1,
                Pattern::Days => coverage.of_days += 1,
                Pattern::Hours => {
                    let Some((first, last)) = span.of_customer(lines) else { continue };
                    hold(coverage, &held, lines, (first, last));
                    stop(coverage, &held, span, last);
                    begin(coverage, span, lines, last);
                }
            }
        }
    }
}

fn held(coverage: &Coverage, zone: Tz) -> Vec<Held> {
    let enough = HARDLY_ANYBODY * coverage.most_customers() as f64;
    let months = coverage.months.iter().enumerate().filter(|(_, month)| month.customers as f64 >= enough);
    let held = months.filter_map(|(place, month)| {
        let month = ReadingMonth::parse(&month.month)?;
        let (first, next) = (month.first_day()?, month.next().first_day()?);
        Some(Held { month, place, first, last: next - 1, skipped: skipped_between(zone, first, next) })
    });
    held.collect()
}

/// Looks for the hours of each month between a customer's first and last one.
fn hold(coverage: &mut Coverage, held: &[Held], lines: &[Line], (first, last): (i64, i64)) {
    for month in held {
        let (from, to) = (first.max(month.first * 24), last.min(month.last * 24 + 23));
        if from > to {
            continue;
        }
        let line = lines.binary_search_by_key(&month.month, |line| line.month).ok();
        let days = (from.div_euclid(24) - month.first, to.div_euclid(24) - month.first);
        let read = line.map_or(0, |place| lines[place].hours.of_days(days.0, days.1));
        let hours = to - from + 1;
        let lost = hours - i64::from(read);
        let of_month = &mut coverage.months[month.place];
        // The hour that spring leaves out is lost by nobody.
        of_month.hours_expected += hours as u64;
        of_month.hours_lost += (lost - month.skipped).max(0) as u64;
        of_month.expected += 1;
        of_month.short += u64::from(lost > HOURS_LOST && lost * 10 > hours);
    }
}

/// Counts a customer whose last hour is well before those of most.
fn stop(coverage: &mut Coverage, held: &[Held], span: Span, last: i64) {
    let day = last.div_euclid(24);
    if day + DAYS_LATE >= span.last {
        return;
    }
    if let Some(month) = held.iter().find(|month| (month.first..=month.last).contains(&day)) {
        coverage.months[month.place].stopped += 1;
    }
}

/// Looks at the first hour of the first day; where the last day lacks hours, nothing can be said of labels.
fn begin(coverage: &mut Coverage, span: Span, lines: &[Line], last: i64) {
    let hours = lines.iter().find_map(|line| {
        let day = u32::try_from(span.first - line.month.first_day()?).ok()?;
        Some(line.hours.of_day(day)).filter(|hours| *hours != 0)
    });
    let Some(hours) = hours else { return };
    coverage.on_first_day += 1;
    coverage.without_first_hour += u64::from(lacks_midnight_alone(hours) && last == span.last * 24 + 23);
}

#[cfg(test)]
mod tests {
    use super::super::RETAILER_ZONE;
    use super::super::counts::Counts;
    use super::super::hours::Hours;
    use super::super::within_hour::WithinHour;
    use super::*;

    const ALL: u32 = u32::MAX >> 1;

    /// A month of hourly readings on the days of these bits, in the hours of the day that are kept.
    fn line(customer: u32, month: &str, days: u32, keeps: impl Fn(u32) -> bool) -> Line {
        let month = ReadingMonth::parse(month).unwrap();
        let length = month.next().first_day().unwrap() - month.first_day().unwrap();
        let days = days & (u32::MAX >> (32 - length));
        let mut hours = Hours::default();
        for day in (0_u32..31).filter(|day| days >> day & 1 == 1) {
            (0..24).filter(|hour| keeps(*hour)).for_each(|hour| hours.add(day, hour));
        }
        let counts = Counts { readings: hours.count(), days, quarters: 1, ..Counts::default() };
        let within_hour = WithinHour::default();
        let (elec_kwh, gas_m3, rests) = ([1.0, 0.0, 0.0], [0.0; 3], [0.0; 6]);
        Line { customer, month, elec_kwh, gas_m3, rests, counts, hours, within_hour }
    }

    fn whole(customer: u32, month: u32) -> Line {
        line(customer, &format!("2024-{month:02}"), ALL, |_| true)
    }

    fn coverage(lines: Vec<Line>) -> Coverage {
        let customers = lines.last().map_or(0, |line| line.customer + 1);
        let sums = PartialSums {
            rows: 0,
            dropped_rows: 0,
            negative_elec: 0,
            negative_gas: 0,
            customers: (0..customers).map(|number| format!("C{number}")).collect(),
            lines,
        };
        sums.coverage(RETAILER_ZONE, 0.25)
    }

    /// Ten customers with a whole year, some of whose lines are otherwise or gone.
    fn of_ten(change: impl Fn(Line) -> Option<Line>) -> Coverage {
        let lines = (0..10).flat_map(|customer| (1..=12).map(move |month| whole(customer, month)));
        coverage(lines.filter_map(change).collect())
    }

    fn named(line: &Line) -> (u32, String) {
        (line.customer, line.month.to_string())
    }

    fn short(coverage: &Coverage) -> Vec<(&str, u64)> {
        let short = coverage.months.iter().filter(|month| month.short > 0);
        short.map(|month| (month.month.as_str(), month.short)).collect()
    }

    fn stopped(coverage: &Coverage) -> Vec<(&str, u64)> {
        let stopped = coverage.months.iter().filter(|month| month.stopped > 0);
        stopped.map(|month| (month.month.as_str(), month.stopped)).collect()
    }

    #[test]
    fn a_whole_year_lacks_nothing() {
        let whole = of_ten(Some);
        assert!(short(&whole).is_empty() && stopped(&whole).is_empty());
        assert!(whole.months.iter().all(|month| month.expected == 10 && month.overfull == 0 && month.hours_lost == 0));
        assert_eq!((whole.of_days, whole.of_months, whole.on_first_day, whole.without_first_hour), (0, 0, 10, 0));
    }

    #[test]
    fn every_other_hour_and_twenty_days_of_may_are_short() {
        let halved = of_ten(|of| Some(line(of.customer, &of.month.to_string(), ALL, |hour| hour % 2 == 0)));
        assert_eq!(short(&halved).len(), 12);
        let may = of_ten(|of| match named(&of) {
            (customer, month) if month == "2024-05" => Some(line(customer, &month, (1 << 20) - 1, |_| true)),
            _ => Some(of),
        });
        assert_eq!(short(&may), [("2024-05", 10)]);
        // Two days may be lost, and a tenth of a month.
        let few = of_ten(|of| Some(line(of.customer, &of.month.to_string(), ALL & !0b110_0000, |_| true)));
        assert!(short(&few).is_empty());
        // February has 29 days; the clock of March shows an hour less.
        let lost: Vec<_> = few.months[1..4].iter().map(|month| (month.hours_lost, month.hours_expected)).collect();
        assert_eq!(lost, [(480, 6_960), (470, 7_440), (480, 7_200)]);
    }

    #[test]
    fn a_month_that_some_lack_between_others_is_short_and_one_that_nobody_has_is_missing() {
        let july = of_ten(|of| (named(&of) != (3, "2024-07".to_owned())).then_some(of));
        assert_eq!(short(&july), [("2024-07", 1)]);
        let nobody = of_ten(|of| (of.month.to_string() != "2024-07").then_some(of));
        assert!(short(&nobody).is_empty());
    }

    #[test]
    fn new_customers_and_those_who_moved_out_are_not_short_and_the_latter_are_counted() {
        let moving = of_ten(|of| match named(&of) {
            (0, month) if month.as_str() < "2024-06" => None,
            (0, month) if month == "2024-06" => Some(line(0, &month, ALL & !0xfff, |_| true)),
            (1, month) if month.as_str() > "2024-06" => None,
            (1, month) if month == "2024-06" => Some(line(1, &month, 0xfff, |_| true)),
            // Late by some days.
            (2, month) if month == "2024-12" => Some(line(2, &month, (1 << 25) - 1, |_| true)),
            _ => Some(of),
        });
        assert!(short(&moving).is_empty());
        assert_eq!(stopped(&moving), [("2024-06", 1)]);
        let third = of_ten(|of| (of.customer >= 3 || of.month.to_string().as_str() <= "2024-06").then_some(of));
        assert_eq!(stopped(&third), [("2024-06", 3)]);
    }

    #[test]
    fn a_reading_of_another_time_moves_no_customers_begin_or_end() {
        let lines = (0..10).flat_map(|customer| {
            let stray = |month| line(customer, month, 1, |hour| hour == 5);
            let year = (1..=12).map(move |month| whole(customer, month)).collect::<Vec<_>>();
            if customer == 0 { [vec![stray("1970-01")], year, vec![stray("2070-01")]].concat() } else { year }
        });
        let strayed = coverage(lines.collect());
        assert!(short(&strayed).is_empty() && stopped(&strayed).is_empty());
    }

    #[test]
    fn totals_of_days_and_of_months_are_no_lost_hours() {
        let daily = of_ten(|of| Some(line(of.customer, &of.month.to_string(), ALL, |hour| hour == 0)));
        assert_eq!((daily.of_days, daily.of_months), (10, 0));
        let monthly = of_ten(|of| Some(line(of.customer, &of.month.to_string(), 1, |hour| hour == 0)));
        assert_eq!((monthly.of_days, monthly.of_months), (0, 10));
        assert!(short(&daily).is_empty() && short(&monthly).is_empty());
    }

    #[test]
    fn repeats_that_fit_into_a_month_are_more_than_the_hours_that_they_are_of() {
        let twice = |mut line: Line| {
            line.counts.readings *= 2;
            Some(line)
        };
        let half_months = of_ten(|of| twice(line(of.customer, &of.month.to_string(), 0x7fff, |_| true)));
        let every_other = of_ten(|of| twice(line(of.customer, &of.month.to_string(), ALL, |hour| hour % 2 == 0)));
        for coverage in [half_months, every_other] {
            assert_eq!(coverage.overfull_customers, 10);
            assert_eq!(coverage.months[0].fullest_permille, 2_000);
        }
        let drifting = of_ten(|of| {
            let mut late = line(of.customer, &of.month.to_string(), ALL & !1, |_| true);
            (0..14).for_each(|hour| late.hours.add(0, hour));
            let hours = late.hours.count();
            late.counts = Counts { readings: hours + hours / 100, ..of.counts };
            Some(late)
        });
        assert_eq!(drifting.overfull_customers, 0, "a few readings are on the wrong side of an hour");
    }

    #[test]
    fn a_first_day_without_its_first_hour_is_counted_where_the_last_day_is_whole() {
        let is_kept = |of: &Line, day: u32, hour: u32| day + hour > 0 || of.month.to_string() != "2024-01";
        let cut = of_ten(|of| {
            let mut hours = Hours::default();
            for day in 0..31 {
                let there = (0_u32..24).filter(|hour| of.hours.of_day(day) >> hour & 1 == 1);
                there.filter(|hour| is_kept(&of, day, *hour)).for_each(|hour| hours.add(day, hour));
            }
            Some(Line { counts: Counts { readings: hours.count(), ..of.counts }, hours, ..of })
        });
        assert_eq!((cut.on_first_day, cut.without_first_hour), (10, 10));
        assert!(short(&cut).is_empty());
    }
}
