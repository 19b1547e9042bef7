//! The plan from the raw files to the gold table.

use churn::SnapshotDate;
use churn::hourly::ReadingsReport;
use churn::quality::last_covered_day;
use protocol::TableRef;
use protocol::pipeline::StageName;

use super::Planner;
use super::foreseen::{Action, Foreseen, Known};
use crate::error::Result;
use crate::steps::tables::raw::{RawFiles, conversion_spec};
use crate::steps::tables::raw_roles::is_parquet;
use crate::steps::tables::{bronze, gold, months, silver};
use lake::Stored;

impl Planner<'_> {
    /// The raw stage, and the months, which do not depend on the date.
    pub(super) async fn raw_and_months(&self, raw: &RawFiles, known: &mut Known) -> Result<Foreseen> {
        known.add_tables(&raw.tables);
        let (readings, foreseen) = self.readings(raw).await?;
        known.add(foreseen);

        let stage = StageName::BronzeCustomerMonth;
        let request = self.request(stage, known).zip(readings);
        let spec = request.map(|(request, files)| months::months_spec(self.configuration, &request, &files));
        self.foresee(stage, spec, known).await
    }

    /// The date that was asked for; else the one that the run settles when its readings are summed, the last day that they
    /// cover, where that was done.
    pub(super) async fn settled(&self, months: &Foreseen) -> Result<Option<SnapshotDate>> {
        if self.input.as_of.is_some() {
            return Ok(Some(self.as_of));
        }
        let report = months.outputs.as_ref().and_then(|outputs| outputs.get(months::READINGS_REPORT));
        let Some(report) = report else { return Ok(None) };
        let report: ReadingsReport = self.lake.read_json_exactly(report).await?;
        Ok(Some(last_covered_day(&report.coverage, self.configuration.registry.checks().as_of_share)?))
    }

    /// All that is made from them by the date of the run.
    pub(super) async fn tables(&self, months: Foreseen, known: &mut Known) -> Result<()> {
        let stage = StageName::BronzeCustomer;
        let spec = self.request(stage, known).map(|request| bronze::spec(self.configuration, &request));
        known.add(self.foresee(stage, spec, known).await?);
        known.add(months);

        let stage = StageName::Silver;
        let spec = self.request(stage, known).map(|request| silver::spec(&request));
        known.add(self.foresee(stage, spec, known).await?);

        let stage = StageName::Gold;
        let spec = self.request(stage, known).map(|request| gold::spec(self.configuration, &request));
        known.add(self.foresee(stage, spec, known).await?);
        Ok(())
    }

    /// The readings as the months are made of them, if none of them has to be converted first; and the raw stage,
    /// which every run begins with.
    async fn readings(&self, raw: &RawFiles) -> Result<(Option<Vec<TableRef>>, Foreseen)> {
        let mut readings = Vec::new();
        let zone = self.configuration.pipeline.time_zone;
        let mut to_convert = 0;
        for file in &raw.readings {
            if is_parquet(&file.key) {
                readings.push(file.clone());
                continue;
            }
            match conversion_spec(file, zone).look(self.lake).await? {
                Stored::Whole(manifest) => readings.extend(manifest.outputs.get("readings").cloned()),
                Stored::Damaged(_) | Stored::Nothing => to_convert += 1,
            }
        }
        let stage = StageName::Raw;
        if to_convert == 0 {
            let reason = "the raw files are looked at by every run".to_owned();
            return Ok((Some(readings), Foreseen::of(stage, Action::Look, reason)));
        }
        let reason = format!("{to_convert} files of readings are CSV and are converted first");
        Ok((None, Foreseen::of(stage, Action::Run, reason)))
    }
}
