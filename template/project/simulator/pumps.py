"""A SIMULATION of centrifugal pumps in several plants: nothing in its data was ever measured.

    python simulator/pumps.py data/readings.parquet [--plants 4] [--pumps 24] [--days 180]
                                                    [--every 4] [--seed 7] [--as-sent]

Writes .parquet or .csv for the project to train on until it has data of its own. Nothing imports
it; a team with its own data deletes it in one step: rm -r simulator

Speed follows a daily and weekly demand. Flow and head are where the pump curve, scaled by the
affinity laws, meets the curve of the pipework; shaft power and motor current follow. Bearings run
above ambient by load and wear. Bearing, seal and impeller have Weibull lives; the first to end is
the failure, and an overhauled pump takes over at once. Duty is harsh: some ten weeks a life. Wear
is (age / life) ** sharpness: signs come late and, for sudden failures, next to never. New bearings
and seals look worn too, until they have run in. Bearing wear moves vibration and temperature; seal
wear leak and, a little, pressure; impeller wear head, flow and current.

One row per pump (--pumps a plant) and --every hours (dividing 24) from 2026-01-01T00:00Z on:
  plant, pump, time, running_hours                "A", "A-07", UTC timestamp, h since overhaul
  speed_rpm, flow_m3_h, motor_current_a           rev/min, m³/h, A
  suction_pressure_bar, discharge_pressure_bar    bar above atmosphere
  bearing_temperature_c, ambient_temperature_c    °C
  vibration_mm_s, seal_leak_ml_h                  mm/s RMS, ml/h
  vibration_trend_mm_s    change of the 24-h mean in a week, 0 without such history since overhaul
  fails_within_horizon    label: true if it fails within 7 days; if so,
  failure_mode            label: "bearing", "seal" or "impeller"; if not, "none"
  remaining_life_h        label: h until it fails, at most 720; before wear shows, nothing can tell
With --as-sent all plants but the first send what their own instruments show: wrong gains and
offsets and, at every second plant, US units in the same columns. `calibration` tells which.
"""

import os
from argparse import SUPPRESS, ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from pathlib import Path
from string import ascii_uppercase

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]

START = np.datetime64("2026-01-01", "us")  # UTC
HORIZON_H, LIFE_CAP_H = 168, 720  # 7 and 30 days
MAX_ROWS = 10_000_000  # some 3 GB of memory
DECIMALS = 4  # finer than any instrument, so that processors and file formats agree
LIVES, NOISE, CALIBRATION = range(3)  # streams of random numbers

RATED_RPM, RATED_FLOW_M3_H, RATED_KW, RATED_EFFICIENCY = 1480.0, 200.0, 28.0, 0.78
SPEED_LIMITS = 0.65, 1.05  # of the drive, in rated speeds
SHUTOFF_HEAD_M, STATIC_HEAD_M = 50.0, 15.0  # pump without flow at rated speed; height to lift
PUMP_CURVE, PIPE_CURVE = 2.5e-4, 6.25e-4  # head lost with flow, m per (m³/h)²
BAR_PER_M, AMPERE_PER_KW = 0.0981, 1.8  # of water; of the shaft, with a motor for 400 V

# Mean and standard deviation between new pumps of: head against the curve, vibration (mm/s) and
# bearing rise (°C) at rated speed, leak (ml/h) and mean speed in rated speeds.
NEW_PUMP = [1.0, 1.6, 26.0, 6.0, 0.88], [0.005, 0.1, 0.8, 0.8, 0.02]

MODES = "bearing", "seal", "impeller"
WEIBULL_SHAPE = np.array([2.5, 2.2, 3.0])  # above 1: they wear out, they don't fail at random
WEIBULL_SCALE_H = np.array([2700.0, 2900.0, 2900.0])
SHARPNESS = 6.0, 12.0  # from, to
RUN_IN_SIGN, RUN_IN_H = (0.8, 0.8, 0.0), 120.0  # how worn a new one looks, for how long
SUDDEN_SHARE, SUDDEN_SHARPNESS = 0.08, 150.0
BEARING_VIBRATION_MM_S, BEARING_RISE_C = 5.0, 18.0  # what wear has done when it ends a life
SEAL_LEAK_ML_H, SEAL_LOSS_BAR = 50.0, 0.15
IMPELLER_HEAD_LOSS, IMPELLER_EFFICIENCY_LOSS = 0.12, 0.3

# Standard deviations of noise in a reading and, at plants that don't calibrate, of the gain
# (relative) and the offset, in the column's unit; then gain and offset into the US unit.
SENSORS = {
    "speed_rpm": (3.0, 0.02, 10.0, 1.0, 0.0),
    "flow_m3_h": (3.0, 0.08, 8.0, 4.40287, 0.0),  # gpm
    "suction_pressure_bar": (0.03, 0.05, 0.2, 14.5038, 0.0),  # psi
    "discharge_pressure_bar": (0.04, 0.05, 0.2, 14.5038, 0.0),  # psi
    "motor_current_a": (0.8, 0.08, 2.0, 1.0, 0.0),
    "bearing_temperature_c": (1.0, 0.05, 5.0, 1.8, 32.0),  # °F
    "ambient_temperature_c": (0.5, 0.05, 2.0, 1.8, 32.0),  # °F
    "vibration_mm_s": (0.25, 0.35, 0.6, 1 / 25.4, 0.0),  # in/s
    "seal_leak_ml_h": (1.5, 0.35, 6.0, 1.0, 0.0),
}


def calibration(plant_index: int, seed: int) -> dict[str, tuple[float, float]]:
    """Return a plant's sensor -> (gain, offset): it sends gain * standard + offset."""
    rng = np.random.default_rng([seed, plant_index, 0, CALIBRATION])
    table = {}
    for name, (_, gain_error, offset_error, us_gain, us_offset) in SENSORS.items():
        error = rng.normal(0.0, [gain_error, offset_error]) * (plant_index > 0)  # "A" is right
        unit, zero = (us_gain, us_offset) if plant_index % 2 else (1.0, 0.0)
        table[name] = float(np.exp(error[0]) * unit), float(error[1] * unit + zero)
    table["vibration_trend_mm_s"] = table["vibration_mm_s"][0], 0.0  # a difference: no offset
    return table


def _lives(rng: np.random.Generator, until_h: float) -> list[Floats]:
    """Return, for each life of a pump, its start (h) and, for each mode, length (h), sharpness."""
    start, lives = -rng.uniform(2, 4) * WEIBULL_SCALE_H.min(), []  # early, to mix ages well
    while start <= until_h:
        life_h = WEIBULL_SCALE_H * rng.weibull(WEIBULL_SHAPE)
        sudden = rng.random(len(MODES)) < SUDDEN_SHARE
        gradual = rng.uniform(*SHARPNESS, len(MODES))
        lives.append((start, life_h, np.where(sudden, SUDDEN_SHARPNESS, gradual)))
        start += life_h.min()
    return [np.array(column) for column in zip(*lives, strict=True)]


def _pump(seed: int, plant: int, pump: int, hours: Floats, as_sent: bool) -> dict[str, Floats]:
    """Return what a pump sends at hours after START, and mode (1 to 3) and time of its failure."""
    # Every pump has random numbers of its own, drawn in order of time: more rows change none.
    rng = np.random.default_rng([seed, plant, pump, LIVES])
    head_share, vibration, rise_c, leak, duty = rng.normal(*NEW_PUMP)
    starts, lives, sharpness = _lives(rng, hours[-1])
    life = np.searchsorted(starts, hours, side="right") - 1
    running = hours - starts[life]
    wear = (running[:, None] / lives[life]) ** sharpness[life]
    bearing, seal, impeller = wear.T + np.outer(RUN_IN_SIGN, np.exp(-running / RUN_IN_H))
    rng = np.random.default_rng([seed, plant, pump, NOISE])
    demand, tank_level, weather, *errors = rng.normal(size=(len(hours), 3 + len(SENSORS))).T

    day, year = 2 * np.pi * hours / 24, 2 * np.pi * hours / (24 * 365)
    weekend = (hours // 24 + 3) % 7 >= 5  # 2026 begins on a Thursday
    ambient = 12 - 9 * np.cos(year) - 3 * np.cos(day - 0.8) + 3 * weather
    speed = np.clip(duty - 0.05 * (np.cos(day - 0.5) + weekend) + 0.02 * demand, *SPEED_LIMITS)
    shutoff_m = SHUTOFF_HEAD_M * head_share * speed**2 * (1 - IMPELLER_HEAD_LOSS * impeller)
    flow = np.sqrt((shutoff_m - STATIC_HEAD_M) / (PUMP_CURVE + PIPE_CURVE))
    gain_bar = BAR_PER_M * (shutoff_m - PUMP_CURVE * flow**2)
    off_rated = flow / (RATED_FLOW_M3_H * speed) - 1
    efficiency = RATED_EFFICIENCY * (1 - off_rated**2) * (1 - IMPELLER_EFFICIENCY_LOSS * impeller)
    shaft_kw = gain_bar * flow / 36 / efficiency  # 36 bar m³/h = 1 kW
    suction = 1.6 - 0.4 * (flow / RATED_FLOW_M3_H) ** 2 + 0.1 * tank_level
    discharge = suction + gain_bar - SEAL_LOSS_BAR * seal
    bearing_c = ambient + rise_c * shaft_kw / RATED_KW + BEARING_RISE_C * bearing
    vibration = (vibration + BEARING_VIBRATION_MM_S * bearing) * speed**2
    leak = leak + SEAL_LEAK_ML_H * seal
    rpm, current = RATED_RPM * speed, AMPERE_PER_KW * shaft_kw  # now all, as SENSORS has them:
    exact = rpm, flow, suction, discharge, current, bearing_c, ambient, vibration, leak

    table = {"running_hours": running}
    scales = calibration(plant if as_sent else 0, seed)
    for (name, (noise, *_)), value, error in zip(SENSORS.items(), exact, errors, strict=True):
        lowest = -273.15 if name.endswith("_c") else 0.0
        gain, offset = scales[name]
        table[name] = gain * np.maximum(value + noise * error, lowest) + offset
    table["remaining_life_h"] = np.minimum(lives[life].min(axis=1) - running, LIFE_CAP_H)
    table["mode"] = 1.0 + lives[life].argmin(axis=1).astype(np.float64)
    return {name: values.round(DECIMALS) for name, values in table.items()}


def simulate(
    plants: int, pumps: int, days: int, every_hours: int, seed: int, as_sent: bool = False
) -> pl.DataFrame:
    """Return plants * pumps * days * 24 / every_hours rows of the columns listed above.

    They come by pump and time; `as_sent` applies each `calibration`. Bad sizes: ValueError.
    """
    if not 1 <= plants <= 26 or min(pumps, days) < 1 or seed < 0:
        raise ValueError("plants must be 1 to 26, pumps and days positive, the seed not negative")
    if every_hours < 1 or 24 % every_hours:
        raise ValueError(f"readings must be a divisor of 24 hours apart, not {every_hours}")
    if plants * pumps * days * 24 // every_hours > MAX_ROWS:
        raise ValueError(f"that makes more than {MAX_ROWS:,} rows")
    hours = np.arange(0.0, 24 * days, every_hours)
    machines = [(plant, pump) for plant in range(plants) for pump in range(pumps)]
    tables = [_pump(seed, plant, pump, hours, as_sent) for plant, pump in machines]
    names = pl.Series([f"{ascii_uppercase[plant]}-{pump + 1:02}" for plant, pump in machines])
    name = names.gather(np.repeat(np.arange(len(machines)), len(hours)))
    time = pl.Series(np.tile(START + hours.astype("timedelta64[h]"), len(machines)))
    columns = {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
    frame = pl.DataFrame({"pump": name, "time": time.dt.replace_time_zone("UTC"), **columns})
    day, week = 24 // every_hours, 168 // every_hours
    trend = pl.col("vibration_mm_s").rolling_mean(day).diff(week).round(DECIMALS).over("pump")
    fails = pl.col("remaining_life_h") <= HORIZON_H
    return frame.select(
        pl.col("pump").str.head(1).alias("plant"),
        pl.exclude("remaining_life_h", "mode"),
        vibration_trend_mm_s=pl.when(pl.col("running_hours") >= 192).then(trend).fill_null(0.0),
        fails_within_horizon=fails,
        failure_mode=(pl.col("mode") * fails).replace_strict(range(4), ("none", *MODES)),
        remaining_life_h="remaining_life_h",
    )


def write(table: pl.DataFrame, path: Path) -> None:
    """Write the table as its path's suffix says, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with unfinished.open("wb") as file:
            if path.suffix == ".csv":
                table.write_csv(file, datetime_format="%Y-%m-%dT%H:%M:%SZ")
            else:
                table.write_parquet(file)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def main(
    arguments: list[str] | None = None,
    finish: Callable[[pl.DataFrame, int], pl.DataFrame] = lambda table, seed: table,
) -> None:
    """Write a simulated table to a file; `finish` gets it and the seed, and may add columns."""
    # The docstring shows the usage; without argparse's own, an error is a single line.
    parser = ArgumentParser(None, SUPPRESS, __doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    for option, value in {"plants": 4, "pumps": 24, "days": 180, "every": 4, "seed": 7}.items():
        parser.add_argument(f"--{option}", type=int, default=value)
    parser.add_argument("--as-sent", action="store_true")
    args = parser.parse_args(arguments)
    try:
        if args.path.suffix not in (".csv", ".parquet"):
            raise ValueError(f"{args.path} ends in neither .csv nor .parquet")
        table = simulate(args.plants, args.pumps, args.days, args.every, args.seed, args.as_sent)
        write(finish(table, args.seed), args.path)
    except (ValueError, OSError, pl.exceptions.PolarsError) as error:
        parser.error(f"{error}")
    share = table.select(pl.mean("fails_within_horizon")).item()
    print(f"{len(table):,} rows of a SIMULATION, {share:.1%} failing within 7 days: {args.path}")


if __name__ == "__main__":
    main()
