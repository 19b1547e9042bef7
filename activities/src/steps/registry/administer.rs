//! A change of the registry by a person, made by a run of its own.

use chrono::{SecondsFormat, Utc};
use lake::documents::ChangeByHand;
use protocol::model_admin::{AdministerModel, Administered};

use crate::error::{Error, Result};
use crate::steps::Environment;

/// Makes the change, once; the second attempt of a run that made it answers the same.
#[expect(clippy::disallowed_methods, reason = "the moment of a change is a fact, not a computation")]
pub async fn administer_model(environment: &Environment, request: AdministerModel) -> Result<Administered> {
    let AdministerModel { run, wish } = request;
    if let Some(wanted) = &wish.lake {
        let here = environment.lake.identity().await?;
        if here.as_str() != wanted {
            let (lake, found) = (environment.lake.to_string(), here.to_string());
            return Err(Error::OtherLake { wanted: wanted.clone(), found, lake });
        }
    }
    let at = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
    let change = ChangeByHand {
        workflow_id: Some(run.workflow_id),
        run_id: Some(run.run_id),
        ..ChangeByHand::new(wish.by.clone(), wish.reason.clone(), at)
    };
    environment.registry.administer(&wish, &change).await
}
