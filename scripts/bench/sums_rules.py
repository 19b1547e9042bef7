"""The rules of the twelve sums, as both peers use them: see 'The hourly readings' in ARCHITECTURE.md."""

HOLIDAYS = ["01-01", "01-06", "05-01", "08-15", "10-12", "11-01", "12-06", "12-08", "12-25"]
# The tariff tiers by number.
TIERS = {1: "tier_1_peak", 2: "tier_2_standard", 3: "tier_3_offpeak"}
KWH_PER_M3 = 11.0
KEY = ["customer_id", "month"]
SUMS = [
    "monthly_elec_kwh", "monthly_gas_m3", "monthly_gas_kwh",
    *(f"{unit}_{tier}" for unit in ("elec_kwh", "gas_m3", "gas_kwh") for tier in TIERS.values()),
]
