"""Tests of the simulator, run from the project's root as `pytest simulator`."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

# By its path, since the project's package may have the same name.
_spec = importlib.util.spec_from_file_location("simulated", Path(__file__).with_name("pumps.py"))
pumps = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(pumps)

PLANTS, PUMPS, DAYS, EVERY, SEED = 3, 8, 120, 6, 7
RANGES = {  # what an engineer would believe
    "speed_rpm": (900, 1600),
    "flow_m3_h": (50, 230),
    "suction_pressure_bar": (0.5, 2.5),
    "discharge_pressure_bar": (2.5, 6.5),
    "motor_current_a": (10, 75),
    "bearing_temperature_c": (-10, 90),
    "ambient_temperature_c": (-20, 45),
    "vibration_mm_s": (0, 10),
    "seal_leak_ml_h": (0, 90),
    "vibration_trend_mm_s": (-5, 8),
}


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return pumps.simulate(PLANTS, PUMPS, DAYS, EVERY, SEED)


def run(path: Path, *options: str) -> None:
    pumps.main([str(path), "--plants", "2", "--pumps", "2", "--days", "3", *options])


def test_every_pump_has_a_row_per_reading(table: pl.DataFrame) -> None:
    assert len(table) == PLANTS * PUMPS * DAYS * 24 // EVERY
    assert table.select("pump", "time").is_unique().all()
    assert table["plant"].unique().sort().to_list() == ["A", "B", "C"]
    assert table["pump"].n_unique() == PLANTS * PUMPS
    assert str(table["time"].min()) == "2026-01-01 00:00:00+00:00"
    steps = table.select(pl.col("time").diff().over("pump").drop_nulls().dt.total_hours())
    assert set(steps["time"]) == {EVERY}


def test_columns_are_those_documented(table: pl.DataFrame) -> None:
    documented = str(pumps.__doc__).split("One row per")[1]
    assert table.columns == [
        *("plant", "pump", "time", "running_hours", *RANGES),
        *("fails_within_horizon", "failure_mode", "remaining_life_h"),
    ]
    assert all(name in documented for name in table.columns)


def test_same_seed_same_rows_and_another_seed_others(table: pl.DataFrame) -> None:
    assert_frame_equal(table, pumps.simulate(PLANTS, PUMPS, DAYS, EVERY, SEED), check_exact=True)
    assert not table.equals(pumps.simulate(PLANTS, PUMPS, DAYS, EVERY, SEED + 1))


def test_time_zone_and_locale_of_the_machine_change_nothing(tmp_path: Path) -> None:
    run(tmp_path / "here.csv")
    there = [sys.executable, pumps.__file__, str(tmp_path / "there.csv")]
    environment = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "3"}
    options = ["--plants", "2", "--pumps", "2", "--days", "3"]
    subprocess.run([*there, *options], env=environment, check=True, capture_output=True)
    assert (tmp_path / "here.csv").read_bytes() == (tmp_path / "there.csv").read_bytes()


def test_more_plants_pumps_and_days_only_add_rows(table: pl.DataFrame) -> None:
    fewer = pumps.simulate(PLANTS - 1, PUMPS - 1, DAYS - 30, EVERY, SEED)
    assert_frame_equal(fewer, table.join(fewer, on=["pump", "time"], how="semi"))


def test_readings_are_finite_and_physical(table: pl.DataFrame) -> None:
    numbers = table.select(pl.selectors.float())
    assert numbers.select(pl.all().is_finite().all()).row(0) == (True,) * numbers.width
    for name, (low, high) in RANGES.items():
        assert table[name].is_between(low, high).all(), name
    assert (table["discharge_pressure_bar"] > table["suction_pressure_bar"]).all()


def test_labels_agree(table: pl.DataFrame) -> None:
    fails, life = table["fails_within_horizon"], table["remaining_life_h"]
    assert (fails == (life <= 168)).all()
    assert life.is_between(0, 720).all()
    assert ((table["failure_mode"] == "none") != fails).all()
    assert set(table["failure_mode"]) == {"none", *pumps.MODES}
    assert 0.05 < fails.to_numpy().mean() < 0.15


def test_a_pump_fails_when_its_remaining_life_says_so_and_starts_anew(table: pl.DataFrame) -> None:
    last = table.with_columns(
        overhauled=pl.col("running_hours").diff().over("pump") < 0,
        due=pl.col("remaining_life_h").shift(1).over("pump") <= EVERY,
        step=pl.col("running_hours").diff().over("pump"),
    ).drop_nulls()
    assert last["overhauled"].sum() > PLANTS * PUMPS / 2
    assert (last["overhauled"] == last["due"]).all()
    assert (last.filter("overhauled")["running_hours"] <= EVERY).all()
    assert ((last.filter(~pl.col("overhauled"))["step"] - EVERY).abs() < 1e-3).all()


def test_trend_is_the_weekly_change_of_the_daily_mean(table: pl.DataFrame) -> None:
    day, week = 24 // EVERY, 168 // EVERY
    one = table.filter(pump="B-03")
    vibration, running = one["vibration_mm_s"].to_list(), one["running_hours"].to_list()
    for row, trend in enumerate(one["vibration_trend_mm_s"]):
        expected = 0.0
        if row >= day - 1 + week and running[row] >= 24 + 168:
            now, then = row + 1, row + 1 - week
            expected = (sum(vibration[now - day : now]) - sum(vibration[then - day : then])) / day
        assert trend == pytest.approx(expected, abs=1e-4)
    assert (one["vibration_trend_mm_s"].abs() > 0.05).any()


@pytest.mark.parametrize(
    ("mode", "sensor", "change"),
    [
        ("bearing", "vibration_mm_s", 1.5),
        ("bearing", "bearing_temperature_c", 5.0),
        ("seal", "seal_leak_ml_h", 20.0),
        ("impeller", "flow_m3_h", -5.0),
        ("impeller", "discharge_pressure_bar", -0.1),
        ("impeller", "motor_current_a", 1.0),
    ],
)
def test_each_mode_moves_its_own_sensors(
    table: pl.DataFrame, mode: str, sensor: str, change: float
) -> None:
    late = table.filter(pl.col("remaining_life_h") < 48).group_by("failure_mode")
    means = dict(late.agg(pl.mean(sensor)).iter_rows())
    others = [means[other] for other in pumps.MODES if other != mode]
    assert all((means[mode] - other) / change > 1 for other in others)


def test_calibration_turns_what_plants_sent_into_standard_readings(table: pl.DataFrame) -> None:
    sent = pumps.simulate(PLANTS, PUMPS, DAYS, EVERY, SEED, as_sent=True)
    for index, plant in enumerate("ABC"):
        scales = pumps.calibration(index, SEED)
        assert scales.keys() == RANGES.keys()
        back = sent.filter(plant=plant).with_columns(
            (pl.col(name) - offset) / gain for name, (gain, offset) in scales.items()
        )
        assert_frame_equal(back, table.filter(plant=plant), abs_tol=0.005, rel_tol=0)
    assert sent.filter(plant="A").equals(table.filter(plant="A"))


def test_second_plant_sends_us_units_and_third_wrong_ones() -> None:
    us, metric = pumps.calibration(1, SEED), pumps.calibration(2, SEED)
    assert us["discharge_pressure_bar"][0] == pytest.approx(14.5, rel=0.2)
    assert us["bearing_temperature_c"][0] == pytest.approx(1.8, rel=0.2)
    assert metric["discharge_pressure_bar"][0] == pytest.approx(1.0, rel=0.2)
    assert all(scale != (1.0, 0.0) for scale in metric.values())
    assert pumps.calibration(2, SEED + 1) != metric


def test_csv_and_parquet_hold_the_same_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    csv, parquet = tmp_path / "new" / "readings.csv", tmp_path / "new" / "readings.parquet"
    run(csv, "--as-sent")
    run(parquet, "--as-sent")
    table = pl.read_parquet(parquet)
    assert_frame_equal(pl.read_csv(csv, try_parse_dates=True), table, check_exact=True)
    assert_frame_equal(table, pumps.simulate(2, 2, 3, 4, 7, as_sent=True), check_exact=True)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("72 rows of a SIMULATION")
    assert second.endswith(str(parquet))


@pytest.mark.parametrize("name", ["readings.csv", "readings.parquet"])
def test_a_run_cut_short_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def write_half(table: pl.DataFrame, file: object, **_: object) -> None:
        file.write(b"half")  # type: ignore[attr-defined]
        raise KeyboardInterrupt

    monkeypatch.setattr(pl.DataFrame, "write_csv", write_half)
    monkeypatch.setattr(pl.DataFrame, "write_parquet", write_half)
    (tmp_path / name).write_text("old")
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "old"


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("readings.xlsx", []),
        ("readings", []),
        ("file/readings.csv", []),  # below a file
        ("folder.csv", []),  # a folder
        ("readings.csv", ["--plants", "0"]),
        ("readings.csv", ["--plants", "27"]),
        ("readings.csv", ["--pumps", "-1"]),
        ("readings.csv", ["--days", "0"]),
        ("readings.csv", ["--days", "many"]),
        ("readings.csv", ["--days", "1000000000"]),
        ("readings.csv", ["--every", "0"]),
        ("readings.csv", ["--every", "5"]),
        ("readings.csv", ["--seed", "-1"]),
    ],
)
def test_a_bad_argument_is_one_line_and_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, options: list[str]
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(SystemExit) as exit_:
        run(tmp_path / name, *options)
    assert exit_.value.code == 2
    error = capsys.readouterr().err
    assert "error: " in error
    assert error.count("\n") == 1
    assert {path.name for path in tmp_path.iterdir()} == {"file", "folder.csv"}
