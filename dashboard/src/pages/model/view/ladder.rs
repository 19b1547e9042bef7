//! What the ladder tried: experiments and algorithms beside each other, none of them kept as a model.

use protocol::experiment_ladder::{Leaderboard, LeaderboardRow};

use super::lead_time::with_interval;
use crate::data::moment;
use crate::export::List;
use crate::frame::{Cell, Column, Row, TablePart};
use crate::pages::downloads;
use crate::server::Visit;
use crate::words::Word;

/// The table in the page, and its file in an address.
pub const LADDER: &str = "ladder";

/// The newest leaderboard; what the version that is shown was made of, experiment and algorithm, is set off.
pub fn ladder(visit: &Visit, board: &Leaderboard, own: Option<(&str, &str)>) -> TablePart {
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    let row = |row: &LeaderboardRow| {
        let (trial, figures) = ((row.trial.experiment.as_str(), row.trial.algorithm.as_str()), &row.figures);
        let cells = vec![
            Cell::short(trial.0),
            Cell::short(trial.1),
            Cell::number(with_interval(format, figures.pr_auc, figures.pr_auc_interval)),
            Cell::number(with_interval(format, figures.roc_auc, figures.roc_auc_interval)),
            Cell::number(format.count(figures.rows)),
            Cell::number(format.count(figures.positives)),
        ];
        Row { cells, stands_out: own == Some(trial) }
    };
    let columns = vec![
        Column::text(say(Word::ModelExperiment)),
        Column::text(say(Word::ModelAlgorithm)),
        Column::number(say(Word::OverviewPrAuc)),
        Column::number(say(Word::OverviewRocAuc)),
        Column::number(say(Word::RiskCustomers)),
        Column::number(say(Word::ModelLeft)),
    ];
    let at = moment(&board.started).map_or_else(|| board.started.clone(), |at| format.moment(at));
    let note = language.fill(Word::ModelLadderNote, &[("at", &at), ("date", &format.date(board.as_of.date()))]);
    let table =
        TablePart::new(language, LADDER, say(Word::ModelLadder), columns).note(note).rows(board.rows.iter().map(row));
    downloads::listed(table, &visit.query, list(&board.rows))
}

fn list(rows: &[LeaderboardRow]) -> List {
    List::of(rows)
        .text("experiment", |row| row.trial.experiment.clone())
        .text("algorithm", |row| row.trial.algorithm.as_str().to_owned())
        .number("pr_auc", |row| row.figures.pr_auc)
        .number("pr_auc_low", |row| row.figures.pr_auc_interval.map(|interval| interval.low))
        .number("pr_auc_high", |row| row.figures.pr_auc_interval.map(|interval| interval.high))
        .number("roc_auc", |row| row.figures.roc_auc)
        .number("roc_auc_low", |row| row.figures.roc_auc_interval.map(|interval| interval.low))
        .number("roc_auc_high", |row| row.figures.roc_auc_interval.map(|interval| interval.high))
        .count("training_rows", |row| row.figures.training_rows)
        .count("training_positives", |row| row.figures.training_positives)
        .count("rows", |row| row.figures.rows)
        .count("positives", |row| row.figures.positives)
        .into()
}
