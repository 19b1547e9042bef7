"""The same training by XGBoost, scikit-learn and NumPy in Python: `peer_xgboost.py GOLD MODEL_FOLDER THREADS`.

GOLD is gold_master.parquet, MODEL_FOLDER one of our models of it: its metadata and preprocessing say which columns, folds and
settings. Prints a line of JSON for the fits, TreeSHAP of every customer and their scores, then how good the model is.
"""

import hashlib
import json
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import sklearn
import xgboost
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score


class Matrix:
    """Gold rows as the numbers that the model reads."""

    def __init__(self, gold: pl.DataFrame, preprocessing: dict) -> None:
        columns = [column for feature in preprocessing["features"] for column in encoded(gold, feature)]
        self.values = np.column_stack(columns)

    def data(self, rows: np.ndarray, threads: int, labels: np.ndarray | None = None) -> xgboost.DMatrix:
        return xgboost.DMatrix(self.values[rows], labels, nthread=threads)


def encoded(gold: pl.DataFrame, feature: dict) -> list[np.ndarray]:
    """The columns of one feature: a number or a flag is one, a category one for each value that training has seen."""
    column = gold[feature["name"]]
    if feature["kind"] == "category":
        texts = column.cast(pl.String).fill_null(feature["null_as"])
        return [(texts == category).to_numpy().astype(np.float32) for category in feature["categories"]]
    null_as = 0.0 if feature["kind"] == "flag" else feature["null_as"]
    numbers = column.cast(pl.Float64)
    return [(numbers if null_as is None else numbers.fill_null(null_as)).to_numpy().astype(np.float32)]


def unit_hash(salt: str, customers: list[str]) -> np.ndarray:
    """The same number in [0, 1) for each customer as in churn/src/model/split.rs."""
    heads = (hashlib.sha256(f"{salt}\0{customer}".encode()).digest()[:8] for customer in customers)
    return np.array([(int.from_bytes(head, "big") >> 11) / 2**53 for head in heads])


def fit(matrix: Matrix, labels: np.ndarray, rows: np.ndarray, settings: dict, threads: int) -> xgboost.Booster:
    positives = labels[rows].sum()
    names = ("max_depth", "eta", "subsample", "colsample_bytree", "seed")
    parameters = {
        "objective": "binary:logistic", "eval_metric": "logloss", "tree_method": "hist", "nthread": threads, "verbosity": 0,
        "scale_pos_weight": (len(rows) - positives) / positives, **{name: settings[name] for name in names},
    }
    return xgboost.train(parameters, matrix.data(rows, threads, labels[rows]), settings["rounds"])


def train(gold: pl.DataFrame, preprocessing: dict, settings: dict, threads: int):
    """One fit for each fold, the calibration on what they say of rows that they have not seen, the fit of all."""
    matrix, split = Matrix(gold, preprocessing), settings["split"]
    customers, labels = gold["customer_id"].to_list(), gold["churn"].to_numpy()
    training = np.flatnonzero(unit_hash(split["holdout_salt"], customers) >= split["holdout_share"])
    folds = (unit_hash(split["fold_salt"], customers) * split["folds"]).astype(int)
    margins = np.zeros(len(customers))
    for fold in range(split["folds"]):
        inside, outside = training[folds[training] == fold], training[folds[training] != fold]
        model = fit(matrix, labels, outside, settings["xgboost"], threads)
        margins[inside] = model.predict(matrix.data(inside, threads), output_margin=True)
    calibration = LogisticRegression(C=np.inf).fit(margins[training, None], labels[training])
    return matrix, training, calibration, fit(matrix, labels, training, settings["xgboost"], threads)


def measured(name: str, rows: int, work):
    clock, processor = time.monotonic(), time.process_time()
    answer = work()
    taken = {"seconds": time.monotonic() - clock, "cpu_seconds": time.process_time() - processor}
    print(json.dumps({"name": name, "rows": rows, **taken}))
    return answer


def main() -> None:
    gold_path, model_folder, threads = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    preprocessing, metadata = (json.loads((model_folder / name).read_text()) for name in ("preprocessing.json", "metadata.json"))
    gold = pl.read_parquet(gold_path).filter(pl.col("churn").is_not_null()).sort("customer_id")
    everybody = np.arange(gold.height)

    rows = metadata["split"]["training_rows"]
    matrix, training, calibration, model = measured("fits", rows, lambda: train(gold, preprocessing, metadata["settings"], threads))
    if matrix.values.shape[1] != len(metadata["columns"]) or len(training) != rows:
        sys.exit(f"these are not the rows and columns of the model: {len(training)} and {matrix.values.shape[1]}")
    measured("shap", gold.height, lambda: model.predict(matrix.data(everybody, threads), pred_contribs=True))
    margins = measured("scores", gold.height, lambda: model.predict(matrix.data(everybody, threads), output_margin=True))

    held_out = np.setdiff1d(everybody, training)
    probabilities = calibration.predict_proba(margins[held_out, None])[:, 1]
    versions = {"XGBoost": xgboost.__version__, "scikit-learn": sklearn.__version__}
    pr_auc = average_precision_score(gold["churn"].to_numpy()[held_out], probabilities)
    print(json.dumps({"pr_auc": pr_auc, "versions": versions}))


if __name__ == "__main__":
    main()
