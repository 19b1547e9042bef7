//! The namespace knows all search attributes of our workflows before a worker sets one (an unknown attribute
//! would stall every workflow).

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context, bail};
use protocol::search_attributes::{ALL, SearchAttribute, SearchAttributeKind};
use temporalio_client::errors::ClientError;
use temporalio_client::{Client, WorkflowCountOptions};
use temporalio_common::protos::temporal::api::enums::v1::IndexedValueType;
use temporalio_common::protos::temporal::api::operatorservice::v1::{
    AddSearchAttributesRequest, ListSearchAttributesRequest,
};
use tonic::{Code, IntoRequest, Status};
use tracing::{debug, info};

/// How long a server may take until a new attribute is usable: the caches of a server cluster are
/// refreshed within a minute.
const USABLE_WITHIN: Duration = Duration::from_secs(90);

fn indexed(kind: SearchAttributeKind) -> IndexedValueType {
    match kind {
        SearchAttributeKind::Keyword => IndexedValueType::Keyword,
        SearchAttributeKind::Double => IndexedValueType::Double,
    }
}

/// A comparison that is valid for this type and true for no workflow of ours.
fn never(kind: SearchAttributeKind) -> &'static str {
    match kind {
        SearchAttributeKind::Keyword => "= 'probe'",
        SearchAttributeKind::Double => "= -1.0",
    }
}

/// Registers what is missing and waits until a query on all of them works. Where registering is
/// not ours to do (Temporal Cloud), the error holds the command for those who may.
pub async fn ensure(client: &Client) -> anyhow::Result<()> {
    match list(client).await {
        Ok(known) => add_missing(client, &known).await?,
        Err(status) if is_not_ours_to_do(&status) => {
            debug!(reason = status.message(), "may not list search attributes; probing them instead");
            return match probe(client).await {
                Ok(()) => Ok(()),
                Err(problem) => bail!("{problem}; {}", advice(client.options().namespace.as_str(), ALL)),
            };
        }
        Err(status) => {
            return Err(status).context("could not list the search attributes");
        }
    }
    wait_until_usable(client).await
}

async fn list(client: &Client) -> Result<HashMap<String, i32>, Status> {
    let request = ListSearchAttributesRequest { namespace: client.options().namespace.clone() };
    let answer = client.connection().operator_service().list_search_attributes(request.into_request()).await?;
    Ok(answer.into_inner().custom_attributes)
}

async fn add_missing(client: &Client, known: &HashMap<String, i32>) -> anyhow::Result<()> {
    let namespace = client.options().namespace.clone();
    let missing = missing(known, &namespace)?;
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.iter().map(|attribute| attribute.name).collect::<Vec<_>>().join(", ");
    let search_attributes =
        missing.iter().map(|attribute| (attribute.name.to_owned(), indexed(attribute.kind).into())).collect();
    let request = AddSearchAttributesRequest { search_attributes, namespace: namespace.clone() };
    match client.connection().operator_service().add_search_attributes(request.into_request()).await {
        Ok(_) => {
            info!(attributes = %names, %namespace, "registered search attributes");
            Ok(())
        }
        // Another worker was faster.
        Err(status) if status.code() == Code::AlreadyExists => Ok(()),
        Err(status) => bail!(
            "could not register the search attributes {names} in namespace {namespace}: {}; {}",
            status.message(),
            advice(&namespace, &missing)
        ),
    }
}

/// The required attributes that are not among `known`; an attribute of another type is an error.
fn missing(known: &HashMap<String, i32>, namespace: &str) -> anyhow::Result<Vec<SearchAttribute>> {
    let mut missing = Vec::new();
    for attribute in ALL {
        match known.get(attribute.name).map(|kind| IndexedValueType::try_from(*kind)) {
            None => missing.push(*attribute),
            Some(Ok(kind)) if kind == indexed(attribute.kind) => {}
            Some(other) => bail!(
                "search attribute {} is registered in namespace {namespace} as {} but must be {}; remove it with \
                 `temporal operator search-attribute remove --namespace {namespace} --name {}` and start again",
                attribute.name,
                other.map_or("an unknown type", |kind| kind.as_str_name()),
                attribute.kind.as_str(),
                attribute.name,
            ),
        }
    }
    Ok(missing)
}

async fn wait_until_usable(client: &Client) -> anyhow::Result<()> {
    let started = tokio::time::Instant::now();
    let mut pause = Duration::from_millis(50);
    loop {
        let Err(problem) = probe(client).await else { return Ok(()) };
        if started.elapsed() > USABLE_WITHIN {
            bail!(
                "search attributes are registered but not usable after {} s: {problem}; start again in a minute",
                USABLE_WITHIN.as_secs()
            );
        }
        debug!(%problem, "search attributes are not usable yet");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(2));
    }
}

/// A count over all attributes: needs no operator rights, and fails while one is unknown.
pub(crate) async fn probe(client: &Client) -> Result<(), ClientError> {
    let terms = ALL.iter().map(|attribute| format!("{} {}", attribute.name, never(attribute.kind)));
    client.count_workflows(terms.collect::<Vec<_>>().join(" OR "), WorkflowCountOptions::default()).await.map(|_| ())
}

fn is_not_ours_to_do(status: &Status) -> bool {
    matches!(status.code(), Code::PermissionDenied | Code::Unauthenticated | Code::Unimplemented)
}

/// The command that an administrator of the namespace runs.
fn advice(namespace: &str, attributes: &[SearchAttribute]) -> String {
    let pairs = attributes.iter().map(|it| format!("--name {} --type {}", it.name, it.kind.as_str()));
    let pairs = pairs.collect::<Vec<_>>().join(" ");
    format!("ask an administrator to run `temporal operator search-attribute create --namespace {namespace} {pairs}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(attributes: &[SearchAttribute]) -> HashMap<String, i32> {
        attributes.iter().map(|it| (it.name.to_owned(), indexed(it.kind).into())).collect()
    }

    #[test]
    fn only_what_the_namespace_lacks_is_registered() {
        assert_eq!(missing(&known(&ALL[..6]), "n").unwrap(), ALL[6..]);
        assert_eq!(missing(&known(ALL), "n").unwrap(), []);
    }

    #[test]
    fn an_attribute_of_another_type_is_an_error_with_the_command_that_removes_it() {
        let known = HashMap::from([("ChurnMode".to_owned(), i32::from(IndexedValueType::Int))]);
        let message = missing(&known, "prod").unwrap_err().to_string();
        assert!(message.contains("search-attribute remove --namespace prod --name ChurnMode"), "{message}");
    }

    #[test]
    fn the_advice_is_one_command_with_all_missing_attributes() {
        let expected = "temporal operator search-attribute create --namespace prod \
                        --name ChurnDrift --type Keyword --name ChurnPrAuc --type Double";
        assert!(advice("prod", &ALL[6..]).contains(expected));
    }
}
