# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""Where keys are named, only a model that one of them signed is loaded."""

import subprocess

import pytest
from conftest import run
from package import load

bundle = load("ops.bundle")
registry = load("ops.registry")
signing = load("ops.signing")
Predictor = load("ops.predictor").Predictor
Promotion = load("ops.promotion").Promotion
ProjectError = load("ops.errors").ProjectError


def new_key(folder, name):
    key, public = folder / f"{name}.key", folder / f"{name}.pub"
    make = ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(key)]
    subprocess.run(make, check=True)
    half = ["openssl", "ec", "-in", str(key), "-pubout", "-out", str(public)]
    subprocess.run(half, check=True, capture_output=True)
    return key, public


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    return {name: new_key(folder, name) for name in ("ours", "theirs")}


@pytest.fixture
def model(project, keys):
    """A signed version."""
    directory = project / "models/v1"
    signing.sign(directory, keys["ours"][0])
    return directory


def test_a_signed_model_is_loaded_by_any_of_the_keys(model, keys, tmp_path):
    both = tmp_path / "both.pub"
    both.write_text("".join(keys[name][1].read_text() for name in ("theirs", "ours")))

    for public in (keys["ours"][1], both, None):
        assert Predictor(model, public).golden_rows


def test_a_model_without_a_signature_or_with_one_of_others_is_refused(project, model, keys):
    with pytest.raises(ProjectError, match=r"SHA256SUMS\.sig was made by no key of .*theirs\.pub"):
        Predictor(model, keys["theirs"][1])

    (model / bundle.SIGNATURE).write_text("nonsense")
    with pytest.raises(ProjectError, match="was made by no key"):
        Predictor(model, keys["ours"][1])

    (model / bundle.SIGNATURE).unlink()
    with pytest.raises(ProjectError, match="is not signed, and must be by a key of"):
        Predictor(model, keys["ours"][1])


@pytest.mark.parametrize("name", ["model.onnx", "model.json", "golden.json", "SHA256SUMS"])
def test_one_byte_less_or_more_is_refused(model, keys, name):
    file = model / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)

    with pytest.raises((ProjectError, UnicodeDecodeError)):
        Predictor(model, keys["ours"][1])


def test_who_changes_the_model_and_its_sums_still_lacks_the_key(model, keys):
    with (model / "model.onnx").open("ab") as stream:
        stream.write(b"\0")
    bundle.seal(model)
    bundle.verify(model)

    with pytest.raises(ProjectError, match="was made by no key"):
        Predictor(model, keys["ours"][1])


def test_a_changed_model_is_not_signed(project, keys):
    with (project / "models/v1/model.onnx").open("ab") as stream:
        stream.write(b"\0")

    with pytest.raises(ProjectError, match="is not what was written"):
        signing.sign(project / "models/v1", keys["ours"][0])


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "No such file"), ("no key", "holds no public key in PEM")],
)
def test_keys_that_can_not_be_read_are_named(model, tmp_path, content, reason):
    public = tmp_path / "model.pub"
    if content:
        public.write_text(content)

    with pytest.raises(ProjectError, match=rf"signed_by: .*model\.pub:? .*{reason}"):
        Predictor(model, public)


def test_a_key_that_is_none_is_named(project, tmp_path):
    with pytest.raises(ProjectError, match=r"there is no signing key .*: openssl ecparam"):
        signing.sign(project / "models/v1", tmp_path / "no.key")

    (tmp_path / "no.key").write_text("no key")
    with pytest.raises(ProjectError, match=r"openssl can't sign with .*no\.key"):
        signing.sign(project / "models/v1", tmp_path / "no.key")


def test_a_version_is_signed_when_it_is_stored_and_promoted_only_signed(project, keys):
    settings = load("ops.settings").settings()
    contract = load("ops.contract").load()
    quality = load("ops.kpi").load().model_quality
    private, public = keys["ours"]
    strict = settings.model_copy(update={"signed_by": public})

    with pytest.raises(ProjectError, match="v1 is not signed"):
        Promotion(contract, quality, strict).promote("v1")

    version = registry.store(registry.latest_run(project / "runs"), project / "models", private)
    assert Promotion(contract, quality, strict).promote(version.name)[0].name == "v2"
    assert Predictor(registry.champion(project / "models"), public)


def test_commands_sign_and_verify_a_version(project, keys):
    private, public = map(str, keys["ours"])

    refused = run(project, "verify", "v1", "--signed-by", public)
    assert refused.returncode == 1
    assert "is not signed" in refused.stderr

    assert run(project, "sign", "--key", private).stdout.strip() == "models/v1/SHA256SUMS.sig"
    assert f"signed by a key of {public}" in run(project, "verify", "--signed-by", public).stdout


def test_neither_scoring_nor_predicting_uses_a_model_that_is_not_signed(
    project, table, keys, monkeypatch
):
    monkeypatch.setenv("OPS_SIGNED_BY", str(keys["ours"][1]))
    table.head(5).write_parquet(project / "some.parquet")

    for command in (("score", "some.parquet", "out.parquet"), ("predict", "[]")):
        refused = run(project, *command)
        assert refused.returncode == 1
        assert "models/v1 is not signed" in refused.stderr
