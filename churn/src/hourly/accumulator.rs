//! Running sums per customer and month; grows with the customers and months present, not with rows.

use std::collections::HashMap;

use super::calendar::{Place, ReadingMonth};
use super::counts::Counts;
use super::exact_sum::ExactSum;
use super::hours::Hours;
use super::partial_sums::{Line, PartialSums};
use super::within_hour::WithinHour;
use crate::{Error, Result};

/// The slot of a row that has no customer: it is counted and not looked at further.
pub(super) const DROPPED: u32 = u32::MAX;
/// No cell yet for this customer and month.
const NO_CELL: u32 = u32::MAX;
/// The lowest bit of a code that is of the month; 18 are left for it, and the calendar has fewer months.
const MONTH: u32 = 14;
/// The bits of a code that are of the tier.
const TIER: u32 = 0b11;
/// The bits of a code that are of the quarter of its hour.
const QUARTER: u32 = 0b11 << 7;
const SECOND_QUARTER: u32 = 0b01 << 7;
const THIRD_QUARTER: u32 = 0b10 << 7;
const HOUR: u32 = 1 << 9;

/// What is added up of one customer and month.
struct Cell {
    slot: u32,
    /// Place in the accumulator's months.
    month: u32,
    /// Electricity by tier in places 0 to 2, gas by tier in 4 to 6: an index that the compiler knows to be in bounds.
    sums: [ExactSum; 8],
    counts: Counts,
    hours: Hours,
    within_hour: WithinHour,
}

/// Lines take the place of their cells, or a large file would be in memory twice: [`Vec`] does so where they fit in.
const _: () = assert!(size_of::<Line>() <= size_of::<Cell>() && align_of::<Line>() == align_of::<Cell>());

impl Cell {
    fn of(slot: u32, month: u32) -> Self {
        let (counts, hours, within_hour) = Default::default();
        Self { slot, month, sums: Default::default(), counts, hours, within_hour }
    }

    fn line(self, customer: u32, month: ReadingMonth) -> Line {
        let [e1, e2, e3, _, g1, g2, g3, _] = self.sums.map(ExactSum::parts);
        Line {
            customer,
            month,
            elec_kwh: [e1.0, e2.0, e3.0],
            gas_m3: [g1.0, g2.0, g3.0],
            rests: [e1.1, e2.1, e3.1, g1.1, g2.1, g3.1],
            counts: self.counts.of_stretch(),
            hours: self.hours,
            within_hour: self.within_hour,
        }
    }
}

/// A batch, ready to be summed; all four have one entry per row.
pub(super) struct Rows<'a> {
    /// The customer slot, or [`DROPPED`].
    pub slots: &'a [u32],
    /// See [`Accumulator::code`].
    pub codes: &'a [u32],
    /// NaN where there is no value.
    pub elec: &'a [f64],
    /// The same.
    pub gas: &'a [f64],
    /// Whether one of the readings has no value.
    pub nulls: Nulls,
}

/// Whether a batch must be searched for readings without a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nulls {
    None,
    Some,
}

/// Sums that readings (or finished partial sums) are added to.
#[derive(Default)]
pub(super) struct Accumulator {
    slots: HashMap<Box<str>, u32>,
    customers: Vec<Box<str>>,
    months: Vec<ReadingMonth>,
    /// For every month the cell of each customer slot; shorter than `customers` until needed.
    cell_of: Vec<Vec<u32>>,
    cells: Vec<Cell>,
    pub rows: u64,
    pub dropped_rows: u64,
    pub negative_elec: u64,
    pub negative_gas: u64,
}

impl Accumulator {
    /// The slot of a customer.
    pub fn slot(&mut self, customer: &str) -> u32 {
        if let Some(&slot) = self.slots.get(customer) {
            return slot;
        }
        let slot = self.customers.len() as u32;
        self.customers.push(customer.into());
        self.slots.insert(customer.into(), slot);
        slot
    }

    /// The code of a place and a quarter of its hour (0 to 3), for [`Rows::codes`]; from the lowest bit two of the tier,
    /// five of the day, two of the quarter, five of the hour, and the month's number.
    #[inline]
    pub fn code(&mut self, place: Place, quarter: u32) -> u32 {
        let month = self.month_index(place.month);
        month << MONTH | place.hour << 9 | quarter << 7 | place.day << 2 | place.tier as u32
    }

    fn month_index(&mut self, month: ReadingMonth) -> u32 {
        // A handful of months: looking through them is faster than hashing.
        let known = self.months.iter().position(|&known| known == month);
        let index = known.unwrap_or_else(|| {
            self.months.push(month);
            self.cell_of.push(Vec::new());
            self.months.len() - 1
        });
        index as u32
    }

    /// Adds readings, negative ones and those without a value as 0; both are counted, and so is electricity of exactly 0.
    pub fn add(&mut self, rows: &Rows<'_>) {
        // Neither is in most batches, and a look at all of them at once costs less than one at every row.
        if rows.nulls == Nulls::Some || has_zeros(rows.elec) {
            self.add_rows::<true>(rows);
        } else {
            self.add_rows::<false>(rows);
        }
        self.add_within_hours(rows);
    }

    /// Adds what readings that are not on the full hour have to do with those before them. Hourly readings have none, and
    /// cost a look at their codes.
    fn add_within_hours(&mut self, rows: &Rows<'_>) {
        if rows.codes.iter().fold(0_u32, |all, code| all | code) & QUARTER == 0 {
            return;
        }
        let mut before: Option<(u32, u32, [f64; 2])> = None;
        let readings = rows.elec.iter().zip(rows.gas);
        for ((&slot, &code), (&elec, &gas)) in rows.slots.iter().zip(rows.codes).zip(readings) {
            let reading = [elec, gas];
            if slot != DROPPED {
                let cell = self.cell(slot, code >> MONTH);
                let within_hour = &mut self.cells[cell].within_hour;
                if code & QUARTER != 0 {
                    within_hour.add(reading);
                }
                match before.filter(|(of, ..)| *of == slot) {
                    Some((_, at, before)) if may_repeat(at, code) => within_hour.copies.add(reading, before),
                    Some((_, at, before)) if may_have_filled(at, code) => within_hour.filled.add(reading, before),
                    _ => {}
                }
            }
            before = Some((slot, code, reading));
        }
    }

    /// The counters of neighbouring rows of one customer and month stay in registers until another one comes.
    fn add_rows<const NULLS_OR_ZEROS: bool>(&mut self, rows: &Rows<'_>) {
        let mut current = (DROPPED, NO_CELL);
        let mut cell = 0;
        let mut counts = Counts::default();
        let mut dropped = 0_u64;
        let readings = rows.elec.iter().zip(rows.gas);
        for ((&slot, &code), (&elec, &gas)) in rows.slots.iter().zip(rows.codes).zip(readings) {
            if slot == DROPPED {
                dropped += 1;
                continue;
            }
            if current != (slot, code >> MONTH) {
                self.count(cell, &counts);
                counts = Counts::default();
                current = (slot, code >> MONTH);
                cell = self.cell(slot, code >> MONTH);
            }
            counts.readings += 1;
            counts.days |= 1 << (code >> 2 & 31);
            counts.quarters |= 1 << (code >> 7 & 3);
            counts.negative_elec += u32::from(elec < 0.0);
            counts.negative_gas += u32::from(gas < 0.0);
            if NULLS_OR_ZEROS {
                counts.null_elec += u32::from(elec.is_nan());
                counts.null_gas += u32::from(gas.is_nan());
                counts.zero_elec += u32::from(elec == 0.0);
            }
            let Cell { sums, hours, .. } = &mut self.cells[cell];
            hours.add(code >> 2 & 31, code >> 9 & 31);
            let tier = (code & 3) as usize;
            // The larger one of NaN and 0 is 0.
            sums[tier].add(elec.max(0.0));
            sums[4 + tier].add(gas.max(0.0));
        }
        self.count(cell, &counts);
        self.rows += rows.slots.len() as u64;
        self.dropped_rows += dropped;
    }

    /// Settles the counters of a run of rows.
    fn count(&mut self, cell: usize, counts: &Counts) {
        if counts.readings == 0 {
            return;
        }
        self.cells[cell].counts.add(&counts.of_stretch());
        self.negative_elec += u64::from(counts.negative_elec);
        self.negative_gas += u64::from(counts.negative_gas);
    }

    /// Adds finished sums. Their counts come from files: they are not believed to fit.
    pub fn add_partial(&mut self, part: &PartialSums) -> Result<()> {
        for (customer, lines) in part.by_customer() {
            let slot = self.slot(customer);
            for line in lines {
                let month = self.month_index(line.month);
                let cell = self.cell(slot, month);
                let Cell { sums, counts, hours, within_hour, .. } = &mut self.cells[cell];
                counts.add(&line.counts);
                hours.merge(&line.hours);
                within_hour.merge(&line.within_hour);
                for tier in 0..3 {
                    sums[tier].add_parts(line.elec_kwh[tier], line.rests[tier]);
                    sums[4 + tier].add_parts(line.gas_m3[tier], line.rests[3 + tier]);
                }
            }
        }
        add_count(&mut self.rows, part.rows)?;
        add_count(&mut self.dropped_rows, part.dropped_rows)?;
        add_count(&mut self.negative_elec, part.negative_elec)?;
        add_count(&mut self.negative_gas, part.negative_gas)
    }

    fn cell(&mut self, slot: u32, month: u32) -> usize {
        let cell_of = &mut self.cell_of[month as usize];
        if cell_of.len() <= slot as usize {
            cell_of.resize(self.customers.len(), NO_CELL);
        }
        let cell = &mut cell_of[slot as usize];
        if *cell == NO_CELL {
            *cell = self.cells.len() as u32;
            self.cells.push(Cell::of(slot, month));
        }
        *cell as usize
    }

    /// The sums, sorted by customer and month.
    pub fn finish(self) -> PartialSums {
        let Self { customers: names, months, mut cells, rows, dropped_rows, negative_elec, negative_gas, .. } = self;
        let ranks = ranks(&names);
        cells.sort_unstable_by_key(|cell| (ranks[cell.slot as usize], months[cell.month as usize]));
        // A dictionary may list a customer that no reading uses, and who has no cell.
        let mut customers = Vec::with_capacity(names.len());
        let mut last = None;
        let line = |cell: Cell| {
            if last.replace(cell.slot) != Some(cell.slot) {
                customers.push(names[cell.slot as usize].to_string());
            }
            let month = months[cell.month as usize];
            cell.line(customers.len() as u32 - 1, month)
        };
        let lines = cells.into_iter().map(line).collect();
        PartialSums { rows, dropped_rows, negative_elec, negative_gas, customers, lines }
    }
}

/// For every name its place among all of them, sorted.
fn ranks(names: &[Box<str>]) -> Vec<u32> {
    let mut sorted: Vec<usize> = (0..names.len()).collect();
    sorted.sort_unstable_by_key(|&slot| &names[slot]);
    let mut ranks = vec![0; names.len()];
    for (rank, slot) in (0..).zip(sorted) {
        ranks[slot] = rank;
    }
    ranks
}

/// Whether a reading is exactly 0. It looks at all of them, without a branch, several at a time.
fn has_zeros(readings: &[f64]) -> bool {
    readings.iter().map(|&reading| u32::from(reading == 0.0)).fold(0, u32::max) > 0
}

/// Whether a reading may be the copy of the one before, by their codes: both are of one hour. The third quarter is no copy of
/// the second one, where half-hours have copies as well.
fn may_repeat(before: u32, code: u32) -> bool {
    let is_one_hour = (before ^ code) & !QUARTER == 0;
    is_one_hour && code & QUARTER != 0 && (before & QUARTER, code & QUARTER) != (SECOND_QUARTER, THIRD_QUARTER)
}

/// Whether the one before may have been filled from a reading that stands on the full or the half hour, by their codes. Those
/// around midnight, one in 24, are left out.
fn may_have_filled(before: u32, code: u32) -> bool {
    match (before & QUARTER, code & QUARTER) {
        (SECOND_QUARTER, THIRD_QUARTER) => (before ^ code) & !QUARTER == 0,
        // The next hour may be of another tier.
        (1.., 0) => (before & !(QUARTER | TIER)) + HOUR == code & !(QUARTER | TIER),
        _ => false,
    }
}

fn add_count(total: &mut u64, more: u64) -> Result<()> {
    let sum = total.checked_add(more);
    *total = sum.ok_or_else(|| Error::data("partial sums", None, None, "count more readings than there can be"))?;
    Ok(())
}
