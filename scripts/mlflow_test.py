"""Looks at what an export left on an MLflow server, by MLflow's own client:
`mlflow_test.py URI RESULT AGAIN CHAMPION`, three JSON files; ends with 1 and says what is wrong."""

import json
import sys

from mlflow import MlflowClient

NAME = "spanishgas-churn"


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def main():
    client = MlflowClient(sys.argv[1], sys.argv[1])
    result, again, champion = (read(path) for path in sys.argv[2:5])
    experiment = client.get_experiment_by_name(NAME)
    runs = client.search_runs([experiment.experiment_id])
    assert len(runs) == 1, f"one run was exported three times, and {len(runs)} are there"
    run = runs[0]
    assert run.info.status == "FINISHED", run.info.status
    assert run.data.tags["spanishgas.run_id"] == result["run_id"], run.data.tags
    pr_auc = result["model"]["metrics"]["pr_auc"]
    assert run.data.metrics["pr_auc"] == pr_auc, (run.data.metrics["pr_auc"], pr_auc)
    assert run.data.params["mode"] == "train", run.data.params
    assert any(name.startswith("train.") for name in run.data.params), run.data.params
    assert again["run_was_there"] and champion["run_was_there"], (again, champion)
    versions = client.search_model_versions(f"name = '{NAME}'")
    assert [version.run_id for version in versions] == [run.info.run_id], versions
    if result["champion"] == result["model"]["version"]:
        assert champion["is_champion"], champion
        assert client.get_model_version_by_alias(NAME, "champion").version == versions[0].version
    print(f"mlflow-test ok: run {run.info.run_id}, PR-AUC {pr_auc}, {NAME} version {versions[0].version}")


if __name__ == "__main__":
    main()
