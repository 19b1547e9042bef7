//! A matrix of cells, darker where there is more; in each its number and words. A confusion matrix, a table of moves
//! between tiers.

use super::svg::{Anchor, Svg};
use super::text::{LINE, fit, width as text_width, wrap};
use super::{Chart, Table};
use crate::export::List;

/// The names of the columns are above.
const HEAD: f64 = 24.0;
const PAD: f64 = 10.0;
/// Between cells.
const SPACE: f64 = 3.0;
/// How many lines the words of a cell may have.
const LINES: usize = 3;
/// How many shades the style sheet has, from `h0` (nothing) on.
const SHADES: f64 = 5.0;

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatCell {
    /// How many are in it, for files.
    pub count: u64,
    /// Its number, as it is shown.
    pub value: String,
    /// What it means; may be empty.
    pub note: String,
    /// The share of them, which says how dark it is: 0 to 1.
    pub shade: f64,
}

/// A matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Heat {
    /// What the picture shows.
    pub title: String,
    /// What there is to see, in a sentence.
    pub description: String,
    /// What the rows are.
    pub row_head: String,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows: name and cells.
    pub rows: Vec<(String, Vec<HeatCell>)>,
}

/// Draws the matrix in a column of this width.
pub fn heat(data: &Heat, width: f64) -> Chart {
    let names = data.rows.iter().map(|(name, _)| text_width(name)).chain([text_width(&data.row_head)]);
    let left = (names.fold(0.0, f64::max) + PAD).min(width / 3.0);
    let cell = (width - left) / data.columns.len().max(1) as f64;
    let notes = data.rows.iter().flat_map(|(_, cells)| cells).map(|inside| note(inside, cell - SPACE).len());
    let lines = notes.max().unwrap_or_default().max(1);
    let row = 2.0 * PAD + LINE * (1.0 + lines as f64);
    let mut svg = Svg::new(width);
    svg.text("m", (0.0, 14.0), Anchor::Start, &fit(&data.row_head, left - PAD));
    for (column, name) in data.columns.iter().enumerate() {
        let name = fit(name, cell - SPACE);
        svg.text("m", (left + (column as f64 + 0.5) * cell, 14.0), Anchor::Middle, &name);
    }
    for (place, (name, cells)) in data.rows.iter().enumerate() {
        let top = HEAD + place as f64 * row;
        for (line, y) in wrap(name, left - PAD, 2).iter().zip([0.0, LINE]) {
            svg.text("", (0.0, top + PAD + 12.0 + y), Anchor::Start, line);
        }
        for (column, inside) in cells.iter().enumerate() {
            draw(&mut svg, inside, (left + column as f64 * cell, top), (cell - SPACE, row - SPACE));
        }
    }
    let height = HEAD + data.rows.len() as f64 * row;
    Chart::new(svg.finish(height, &data.title, &data.description), table(data)).numbered(numbers(data))
}

fn draw(svg: &mut Svg, cell: &HeatCell, (x, y): (f64, f64), (width, height): (f64, f64)) {
    svg.rect(&format!("h{} o", shade(cell.shade)), (x, y), (width, height));
    let middle = x + width / 2.0;
    svg.text("b", (middle, y + PAD + 12.0), Anchor::Middle, &cell.value);
    for (line, below) in note(cell, width).iter().zip(1u32..) {
        svg.text("s", (middle, y + PAD + 12.0 + f64::from(below) * LINE), Anchor::Middle, line);
    }
}

/// The words of a cell of this width, in lines.
fn note(cell: &HeatCell, width: f64) -> Vec<String> {
    wrap(&cell.note, width - 8.0, LINES)
}

/// Which of the shades; what is not a number has none.
fn shade(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * SHADES).ceil() as u32
}

fn table(data: &Heat) -> Table {
    let head = std::iter::once(&data.row_head).chain(&data.columns).cloned().collect();
    let say = |cell: &HeatCell| match cell.note.as_str() {
        "" => cell.value.clone(),
        note => format!("{} ({note})", cell.value),
    };
    let row =
        |(name, cells): &(String, Vec<HeatCell>)| std::iter::once(name.clone()).chain(cells.iter().map(say)).collect();
    Table { head, rows: data.rows.iter().map(row).collect() }
}

fn numbers(data: &Heat) -> List {
    let cells = data
        .rows
        .iter()
        .flat_map(|(row, cells)| data.columns.iter().zip(cells).map(move |(column, cell)| (row, column, cell)));
    let cells: Vec<(&String, &String, &HeatCell)> = cells.collect();
    List::of(&cells)
        .text("row", |(row, ..)| (*row).clone())
        .text("column", |(_, column, _)| (*column).clone())
        .count("count", |(.., cell)| cell.count)
        .number("share", |(.., cell)| cell.shade)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confusion() -> Heat {
        let cell = |value: &str, note: &str, shade| HeatCell {
            count: value.replace(',', "").parse().unwrap(),
            value: value.to_owned(),
            note: note.to_owned(),
            shade,
        };
        Heat {
            title: "Confusion".to_owned(),
            description: String::new(),
            row_head: "In truth".to_owned(),
            columns: vec!["Flagged".to_owned(), "Not flagged".to_owned()],
            rows: vec![
                ("left".to_owned(), vec![cell("140", "are reached in time", 0.7), cell("60", "are missed", 0.3)]),
                (
                    "stayed".to_owned(),
                    vec![cell("260", "would get an offer they do not need", 0.06), cell("3,540", "", 0.94)],
                ),
            ],
        }
    }

    #[test]
    fn every_cell_has_its_number_and_its_shade() {
        let chart = heat(&confusion(), 420.0);
        for (class, number) in [("h4", "140"), ("h2", "60"), ("h1", "260"), ("h5", "3,540")] {
            assert!(chart.svg.contains(&format!("class=\"{class} o\"")), "{class}: {}", chart.svg);
            assert!(chart.svg.contains(&format!(">{number}</text>")), "{number}");
        }
        assert_eq!(chart.svg.matches("<rect").count(), 4);
    }

    #[test]
    fn shades_go_from_nothing_to_the_darkest() {
        assert_eq!([0.0, 0.01, 0.2, 0.21, 1.0, 7.0, f64::NAN].map(shade), [0, 1, 1, 2, 5, 5, 0]);
    }

    #[test]
    fn a_file_has_counts_and_shares_and_no_number_as_a_text() {
        let list = heat(&confusion(), 420.0).numbers.frame().unwrap();
        let counts: Vec<_> = list.column("count").unwrap().u64().unwrap().iter().collect();
        assert_eq!(counts, [140, 60, 260, 3540].map(Some));
        assert_eq!(list.column("share").unwrap().f64().unwrap().get(2), Some(0.06));
        assert_eq!(list.width(), 4, "row, column, count, share");
    }

    #[test]
    fn the_table_says_numbers_with_their_words() {
        let table = heat(&confusion(), 420.0).table;
        assert_eq!(table.head, ["In truth", "Flagged", "Not flagged"]);
        assert_eq!(table.rows[1], ["stayed", "260 (would get an offer they do not need)", "3,540"]);
    }
}
