"""The expected tables of the golden set, computed by a second implementation.

It was written from the rules in words, with pandas, and shares nothing with the Rust
code. The Rust test does not need it: its results are kept in `expected/`. After a change of
`input/` or of a rule, run it again and read the difference before you keep it:

    python3 -m venv /some/folder && /some/folder/bin/pip install pandas
    /some/folder/bin/python churn/tests/golden/expected.py
"""

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
AS_OF = pd.Timestamp("2024-06-29")
# What is called yearly, 12m or 2024 looks at the twelve months that end with the date's.
WINDOW = str(AS_OF.to_period("M") - 11)
CARRIED_MONTHS = 2
KEY = ["customer_id", "month"]
FILL = {
    "variable_price_tier1_eur_kwh": "elec_kwh_tier_1_peak",
    "variable_price_tier2_eur_kwh": "elec_kwh_tier_2_standard",
    "variable_price_tier3_eur_kwh": "elec_kwh_tier_3_offpeak",
    "gas_variable_price_eur_m3": "monthly_gas_m3",
    "elec_fixed_fee_eur_month": "monthly_elec_kwh",
    "gas_fixed_revenue_eur_year": "monthly_gas_m3",
}
DATES = [
    "customer_first_activation_date",
    "contract_start_date",
    "last_product_change_date",
    "next_renewal_date",
    "date",
]
CODES = [
    "churn",
    "is_industrial",
    "is_second_residence",
    "province_code",
    "is_high_competition_province",
    "is_urban",
    "has_interaction",
]


def bronze_customer():
    table = pd.read_csv(HERE / "input/bronze_customer.csv")
    for name in DATES:
        table[name] = pd.to_datetime(table[name])
    for name in CODES:
        table[name] = table[name].astype("Int64")
    return table


def bronze_customer_month(customers):
    sums = pd.read_csv(HERE / "input/monthly_sums.csv")
    prices = pd.read_csv(HERE / "input/price_history.csv").dropna(subset=["customer_id"])
    prices["month"] = prices.pop("pricing_date").str[:7]
    costs = pd.read_csv(HERE / "input/costs_by_province_month.csv")
    table = sums.merge(prices, on=KEY, how="left", validate="1:1")
    table = table.merge(customers[["customer_id", "province_code"]], on="customer_id", how="left")
    costs["province"] = costs["province"].astype("Int64")
    table = table.merge(
        costs, left_on=["province_code", "month"], right_on=["province", "month"], how="left", validate="m:1"
    )
    return table.drop(columns=["province_code", "province"]).sort_values(KEY, ignore_index=True)


def silver_customer(bronze):
    table = bronze.copy()
    names = {
        "presencial_comercial": "In-Person Commercial",
        "comparador": "Comparison Website",
        "oficina": "Office",
        "telemarketing": "Telemarketing",
        "web_propia": "Own Website",
        "desconocido": "Unknown",
        "unknown": "Unknown",
    }
    cleaned = table["sales_channel"].str.strip().str.lower()
    table["sales_channel"] = cleaned.map(names).fillna(cleaned).fillna("Unknown")
    industrial = table["is_industrial"].astype(float)
    power = table["contracted_power_kw"]
    table["segment"] = None
    table.loc[industrial == 0, "segment"] = "Residential"
    table.loc[(industrial == 1) & (power == 10), "segment"] = "SME"
    table.loc[(industrial == 1) & (power > 10), "segment"] = "Corporate"
    second = table["is_second_residence"].astype(float)
    table["residential_type"] = None
    table.loc[(table["segment"] == "Residential") & (second == 1), "residential_type"] = "Second_Residence"
    table.loc[(table["segment"] == "Residential") & (second == 0), "residential_type"] = "Primary_Residence"
    return table.sort_values("customer_id", ignore_index=True)


def silver_customer_month(bronze, customers):
    ends = pd.PeriodIndex(bronze["month"], freq="M").end_time.normalize()
    table = bronze[ends <= AS_OF].copy()
    table = table.merge(customers[["customer_id", "is_industrial", "province_code"]], on="customer_id", how="left")
    table = table.sort_values(KEY, ignore_index=True)
    # Months before the window fill nothing in it.
    block = [table["customer_id"], table["month"] >= WINDOW]
    for price, consumption in FILL.items():
        consumes = table[consumption] > 0
        known = table[price].where(table[price] != 0)
        own = known.groupby(block)
        filled = known.where(~consumes, known.fillna(own.ffill()).fillna(own.bfill()))
        peers = filled[consumes].groupby([table["is_industrial"], table["month"]]).median()
        for row in table.index[consumes & filled.isna()]:
            kind = table.at[row, "is_industrial"]
            if not pd.isna(kind):
                filled[row] = peers.get((kind, table.at[row, "month"]), np.nan)
        everyone = filled[consumes].groupby(table["month"]).median()
        gaps = consumes & filled.isna()
        filled[gaps] = table.loc[gaps, "month"].map(everyone)
        table[price] = filled
    ordinal = pd.PeriodIndex(table["month"], freq="M").year * 12 + pd.PeriodIndex(table["month"], freq="M").month
    # Costs that are not there yet: of the province, up to two months back.
    for name in ["elec_var_cost_eur_kwh", "gas_var_cost_eur_m3", "peaje_elec_eur_kwh"]:
        there = table[name].notna() & table["province_code"].notna()
        province = dict(zip(zip(table.loc[there, "province_code"], ordinal[there]), table.loc[there, name]))
        inside = table["month"] >= WINDOW
        side = dict(zip(ordinal, inside))
        for row in table.index[table[name].isna() & table["province_code"].notna()]:
            for back in range(1, CARRIED_MONTHS + 1):
                month = ordinal[row] - back
                value = province.get((table.at[row, "province_code"], month))
                if value is not None and side.get(month, inside[row]) == inside[row]:
                    table.at[row, name] = value
                    break
    # A fixed cost is the customer's own, and is carried where it meets a fee.
    for name, fee in [
        ("elec_fixed_cost_eur_month", "elec_fixed_fee_eur_month"),
        ("gas_fixed_cost_eur_year", "gas_fixed_revenue_eur_year"),
    ]:
        last = table[name].groupby(block).ffill()
        since = pd.Series(ordinal, index=table.index).where(table[name].notna()).groupby(block).ffill()
        is_needed = table[fee].notna() & (table[fee] != 0) & (ordinal - since <= CARRIED_MONTHS)
        table[name] = table[name].where(table[name].notna() | ~is_needed, last)
    table = table.drop(columns=["province_code"])
    t = table

    def amount(quantity, price):
        """Of nothing 0, whatever the price."""
        return quantity * price.where(quantity > 0, price.fillna(0.0))

    def charged(fee, quantity):
        return fee.where(fee.notna() | (quantity > 0), 0.0)

    def cost_of(cost, fee):
        return cost.where(cost.notna() | ~(fee == 0), 0.0)

    t["elec_revenue_variable"] = (
        amount(t["elec_kwh_tier_1_peak"], t["variable_price_tier1_eur_kwh"])
        + amount(t["elec_kwh_tier_2_standard"], t["variable_price_tier2_eur_kwh"])
        + amount(t["elec_kwh_tier_3_offpeak"], t["variable_price_tier3_eur_kwh"])
    )
    t["elec_revenue_fixed"] = charged(t["elec_fixed_fee_eur_month"], t["monthly_elec_kwh"])
    t["elec_cost_variable"] = amount(t["monthly_elec_kwh"], t["elec_var_cost_eur_kwh"] + t["peaje_elec_eur_kwh"])
    t["elec_cost_fixed"] = cost_of(t["elec_fixed_cost_eur_month"], t["elec_revenue_fixed"])
    t["gas_revenue_variable"] = amount(t["monthly_gas_m3"], t["gas_variable_price_eur_m3"])
    t["gas_revenue_fixed"] = charged(t["gas_fixed_revenue_eur_year"], t["monthly_gas_m3"]) / 12
    t["gas_cost_variable"] = amount(t["monthly_gas_m3"], t["gas_var_cost_eur_m3"])
    t["gas_cost_fixed"] = cost_of(t["gas_fixed_cost_eur_year"], t["gas_revenue_fixed"]) / 12
    for fuel in ["elec", "gas"]:
        revenue = t[f"{fuel}_revenue_variable"] + t[f"{fuel}_revenue_fixed"]
        t[f"{fuel}_margin"] = revenue - t[f"{fuel}_cost_variable"] - t[f"{fuel}_cost_fixed"]
    for kind in ["revenue", "cost"]:
        t[f"total_{kind}"] = sum(t[f"{fuel}_{kind}_{part}"] for fuel in ["elec", "gas"] for part in ["variable", "fixed"])
    t["total_margin"] = t["elec_margin"] + t["gas_margin"]
    written_as_zero = [
        *FILL,
        "elec_fixed_cost_eur_month",
        "gas_fixed_cost_eur_year",
        "elec_var_cost_eur_kwh",
        "gas_var_cost_eur_m3",
        "peaje_elec_eur_kwh",
    ]
    t[written_as_zero] = t[written_as_zero].fillna(0.0)
    return t


def of_months(m):
    """The features of one customer's months, in the order of time."""

    m = m[m["month"] >= WINDOW]

    def trend(name):
        """From the first price that there is to the last."""
        prices = m.loc[m[name] > 0, name]
        return (prices.iloc[-1] - prices.iloc[0]) / prices.iloc[0] if len(prices) else 0.0

    def cost(name):
        """The mean of the costs that there are; unknown without any."""
        return m.loc[m[name] != 0, name].mean()

    def whole(values):
        """A sum is known when all months are."""
        return values.sum(skipna=False)

    tier1, margin, revenue = m["variable_price_tier1_eur_kwh"], m["total_margin"], whole(m["total_revenue"])
    is_known = margin.notna().all()
    before = margin.iloc[:-3].iloc[-3:]
    return {
        "avg_monthly_elec_kwh": m["monthly_elec_kwh"].mean(),
        "total_elec_kwh_2024": whole(m["monthly_elec_kwh"]),
        "avg_monthly_gas_m3": m["monthly_gas_m3"].mean(),
        "total_gas_m3_2024": whole(m["monthly_gas_m3"]),
        "gas_share_of_revenue": (
            np.nan if pd.isna(revenue) else whole(m["gas_revenue_variable"]) / revenue if revenue > 0 else 0.0
        ),
        "price_update_count": int((tier1.diff().abs() > 0.001).sum()),
        "province_avg_elec_cost_2024": cost("elec_var_cost_eur_kwh"),
        "province_avg_gas_cost_2024": cost("gas_var_cost_eur_m3"),
        "std_monthly_elec_kwh": m["monthly_elec_kwh"].std(),
        "std_monthly_gas_m3": m["monthly_gas_m3"].std(),
        "std_margin": margin.std(skipna=False),
        "active_months_count": m["month"].nunique(),
        "min_monthly_margin": margin.min(skipna=False),
        "max_negative_margin": int((margin < 0).sum()) if is_known else pd.NA,
        "elec_price_trend_12m": trend("variable_price_tier1_eur_kwh"),
        "gas_price_trend_12m": trend("gas_variable_price_eur_m3"),
        "province_elec_cost_trend": trend("elec_var_cost_eur_kwh"),
        "elec_price_volatility_12m": tier1.std(),
        "elec_price_vs_province_cost_spread": tier1.iloc[-1] - cost("elec_var_cost_eur_kwh"),
        "rolling_margin_trend": (
            margin.iloc[-3:].mean(skipna=False) - before.mean(skipna=False) if len(before) else 0.0
        ),
        "avg_monthly_margin": margin.mean(skipna=False),
        "total_margin_2024": whole(margin),
    }


def gold_master(customers, months):
    g = customers.drop(
        columns=["contracted_power_kw", "is_industrial", "province_code", "region", "is_urban", "contract_start_date"]
        + ["channel", "interaction_summary", "residential_type"]
    )
    features = pd.DataFrame.from_dict(
        {customer: of_months(m) for customer, m in months.groupby("customer_id")}, orient="index"
    )
    g = g.join(features, on="customer_id")
    for name in ["price_update_count", "active_months_count", "max_negative_margin"]:
        g[name] = g[name].astype("Int64")

    def flag(condition):
        return condition.fillna(False).astype("Int64")

    to_renewal = (g["next_renewal_date"] - AS_OF).dt.days / 30.44
    g["months_to_renewal"] = to_renewal.round(1) + 0.0
    g["renewal_bucket"] = pd.cut(
        g["months_to_renewal"],
        [-np.inf, 0, 3, 6, 12, np.inf],
        labels=["expired", "0-3m", "3-6m", "6-12m", "12m+"],
    ).astype(object)
    within = g["months_to_renewal"] <= 3
    g["is_within_3m_of_renewal"] = flag(within)
    g["tenure_months"] = ((AS_OF - g["customer_first_activation_date"]).dt.days / 30.44).round(0) + 0.0
    g["tenure_bucket"] = pd.cut(
        g["tenure_months"], [0, 6, 12, 24, 60, np.inf], labels=["0-6m", "6-12m", "1-2y", "2-5y", "5y+"]
    ).astype(object)
    g["is_expired_contract"] = flag(g["renewal_bucket"] == "expired")
    gas = g["total_gas_m3_2024"] > 0
    dual = (g["total_elec_kwh_2024"] > 0) & gas
    g["is_dual_fuel"] = flag(dual)
    g["portfolio_type"] = g["segment"].where(g["segment"].isna(), g["segment"] + np.where(gas, "_DualFuel", "_SingleFuel"))
    comparison, own = g["sales_channel"] == "Comparison Website", g["sales_channel"] == "Own Website"
    g["is_digital_channel"] = flag(comparison | own)
    g["is_comparison_channel"], g["is_own_website_channel"] = flag(comparison), flag(own)
    g["is_price_increase"] = flag(g["elec_price_trend_12m"] > 0)

    cancellation = g["customer_intent"] == "Cancellation / Switch"
    complaint = g["customer_intent"] == "Complaint / Escalation"
    pricing = g["customer_intent"] == "Pricing Offers"
    negative = g["sentiment_label"] == "negative"
    g["is_cancellation_intent"], g["is_complaint_intent"] = flag(cancellation), flag(complaint)
    g["recent_complaint_flag"] = flag(cancellation | complaint)
    g["intent_severity_score"] = (3 * cancellation + 2 * complaint + 1 * pricing).astype("Int64")
    g["last_interaction_days_ago"] = (AS_OF - g["date"]).dt.days.astype("Int64")
    then = (g["next_renewal_date"] - g["date"]).dt.days / 30.44
    near = (then >= 0) & (then <= 3)
    g["interaction_within_3m_of_renewal"] = flag(near)
    g["is_interaction_within_30d_of_renewal"] = flag((then >= 0) & (then <= 1))
    g["complaint_near_renewal"] = flag((cancellation | complaint) & near)
    g["months_since_last_change"] = ((AS_OF - g["last_product_change_date"]).dt.days / 30.44).round(1) + 0.0
    g["is_negative_sentiment"] = flag(negative)
    g["complaint_x_negative_sentiment"] = flag((cancellation | complaint) & negative)

    competition = (g["is_high_competition_province"] == 1).fillna(False).astype(bool)
    g["is_price_sensitive"] = flag(pricing)
    g["is_high_risk_lifecycle"] = flag(
        g["renewal_bucket"].isin(["expired", "0-3m"]) & g["tenure_bucket"].isin(["0-6m", "6-12m"])
    )
    g["is_competition_x_renewal"] = flag(competition & within)
    g["dual_fuel_x_renewal"] = flag(dual & within)
    g["dual_fuel_x_competition"] = flag(dual & competition)
    g["dual_fuel_x_intent"] = flag(dual & (cancellation | complaint))

    def pair(left, right):
        written = [g[name].map(lambda cell: "Unknown" if pd.isna(cell) else str(cell)) for name in (left, right)]
        return written[0] + "_x_" + written[1]

    g["intent_x_renewal_bucket"] = pair("customer_intent", "renewal_bucket")
    g["intent_x_tenure_bucket"] = pair("customer_intent", "tenure_bucket")
    g["sentiment_x_renewal_bucket"] = pair("sentiment_label", "renewal_bucket")
    g["intent_x_sentiment"] = pair("customer_intent", "sentiment_label")
    g["tenure_x_renewal_bucket"] = pair("tenure_bucket", "renewal_bucket")
    g["sales_channel_x_renewal_bucket"] = pair("sales_channel", "renewal_bucket")
    g["has_interaction_x_renewal_bucket"] = pair("has_interaction", "renewal_bucket")
    g["competition_x_intent"] = pair("is_high_competition_province", "customer_intent")
    return g.drop(columns=[name for name in DATES if name in g.columns])


def main():
    bronze = bronze_customer()
    bronze_months = bronze_customer_month(bronze)
    customers = silver_customer(bronze)
    months = silver_customer_month(bronze_months, customers)
    tables = {
        "bronze_customer_month": bronze_months,
        "silver_customer": customers,
        "silver_customer_month": months,
        "gold_master": gold_master(customers, months),
    }
    for name, table in tables.items():
        table.to_csv(HERE / f"expected/{name}.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
