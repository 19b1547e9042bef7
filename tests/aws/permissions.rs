//! The list of permissions is what infrastructure code takes its policies from: it must be what is called.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// `service Operation` of every call in a log with `aws_calls=debug`.
pub fn calls_in(log: &str) -> BTreeSet<String> {
    let field = |line: &str, name: &str| {
        let from = line.find(&format!("{name}=\""))? + name.len() + 2;
        Some(line[from..].split('"').next()?.to_owned())
    };
    let calls = log.lines().filter(|line| line.contains(" call "));
    let named = calls.filter_map(|line| Some((field(line, "service")?, field(line, "operation")?)));
    named.map(|(service, operation)| format!("{} {operation}", service.to_lowercase())).collect()
}

/// `service Operation` of everything that a role may call.
pub fn operations_of(role: &str) -> BTreeSet<String> {
    let roles: BTreeMap<String, Value> =
        serde_norway::from_str(include_str!("../../configs/permissions.yaml")).expect("permissions.yaml is YAML");
    let services = roles[role].as_object().expect("services by name");
    let operations = |(service, listed): (&String, &Value)| {
        let named = listed["operations"].as_object().map(|operations| operations.keys().cloned().collect::<Vec<_>>());
        named.unwrap_or_default().into_iter().map(|operation| format!("{service} {operation}")).collect::<Vec<_>>()
    };
    services.iter().flat_map(operations).collect()
}

/// Every action that a list of grants allows.
fn actions_of(grants: &Value) -> BTreeSet<&str> {
    let grants = grants.as_array().expect("a list of grants").iter();
    grants.flat_map(|grant| grant["actions"].as_array().expect("a list of actions")).filter_map(Value::as_str).collect()
}

#[test]
fn every_action_is_one_of_its_service() {
    let roles: BTreeMap<String, Value> =
        serde_norway::from_str(include_str!("../../configs/permissions.yaml")).expect("permissions.yaml is YAML");
    for role in ["worker", "operator", "approver", "eraser", "collector"] {
        for (service, listed) in roles[role].as_object().expect("services by name") {
            let Some(operations) = listed["operations"].as_object() else { continue };
            let granted = actions_of(&listed["grants"]);
            for (operation, action) in operations {
                let action = action.as_str().expect("an action");
                assert!(action.starts_with(&format!("{service}:")), "{role}: {operation} needs {action}?");
                assert!(granted.contains(action), "{role}: {operation} needs {action}, and no grant gives it");
            }
        }
    }
    let looks = |operation: &String| {
        let name = operation.split(' ').nth(1).expect("service and operation");
        ["Get", "Head", "List", "Describe"].iter().any(|verb| name.starts_with(verb))
    };
    // Whoever talks to a Temporal server with encrypted payloads uses the key, which changes nothing.
    let uses_a_key = |operation: &String| operation.starts_with("kms ");
    let operations = operations_of("operator");
    let beyond: Vec<_> = operations.iter().filter(|operation| !looks(operation) && !uses_a_key(operation)).collect();
    assert!(beyond.is_empty(), "who only looks must not write: {beyond:?}");
    let signers: Vec<_> = ["worker", "operator", "approver", "eraser", "collector"]
        .into_iter()
        .filter(|role| operations_of(role).contains("kms GenerateMac"))
        .collect();
    assert_eq!(signers, ["worker"], "who trains signs, and nobody else");
}

#[test]
fn who_collects_garbage_deletes_what_runs_make_again_and_nothing_else() {
    let roles: BTreeMap<String, Value> =
        serde_norway::from_str(include_str!("../../configs/permissions.yaml")).expect("permissions.yaml is YAML");
    for role in ["collector", "collector_boundary"] {
        let grants = roles[role].as_object().expect("services by name").values();
        let grants = grants.flat_map(|listed| listed.get("grants").unwrap_or(listed).as_array().expect("grants"));
        let deletes = grants.filter(|grant| grant["actions"].to_string().contains("Delete"));
        let deleted: Vec<_> = deletes.map(|grant| (&grant["actions"], &grant["resources"])).collect();
        let only = serde_json::json!([["s3:DeleteObject"], ["lake_collected"]]);
        assert_eq!(deleted, [(&only[0], &only[1])], "{role}");
    }
}

#[test]
fn what_sagemaker_does_in_a_job_s_name_is_allowed() {
    let roles: BTreeMap<String, Value> =
        serde_norway::from_str(include_str!("../../configs/permissions.yaml")).expect("permissions.yaml is YAML");
    let also = actions_of(&roles["training"]["also"]);
    // Of AWS's own list of what a training role needs.
    let needed = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetAuthorizationToken",
        "ecr:GetDownloadUrlForLayer",
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey",
    ];
    assert_eq!(needed.iter().filter(|action| !also.contains(**action)).collect::<Vec<_>>(), Vec::<&&str>::new());
}
