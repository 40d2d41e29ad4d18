"""The manifests for Kubernetes: kustomize builds them, the schemas of Kubernetes accept them, and one run at a time stays one."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from exactsend.settings.load import load_settings
from exactsend.settings.models import DivisionSettings
from tests.tools import ROOT, run, tool

KUBERNETES = ROOT / "deploy" / "kubernetes"
BASE, OVERLAY = KUBERNETES / "base", KUBERNETES / "overlays" / "many-divisions"
OF_KUBERNETES = ("1.34", "1.37")
UID = 10001

Manifest = Mapping[str, Any]


def built(folder: Path) -> str:
    done = run(tool("kubectl"), "kustomize", folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def manifests(folder: Path, kind: str) -> list[Manifest]:
    return [row for row in yaml.safe_load_all(built(folder)) if row["kind"] == kind]


def pod_of(cron_job: Manifest) -> Manifest:
    pod: Manifest = cron_job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    return pod


@pytest.mark.parametrize("folder", [BASE, OVERLAY], ids=lambda folder: folder.name)
@pytest.mark.parametrize("version", OF_KUBERNETES)
def test_the_schemas_of_kubernetes_accept_what_kustomize_builds(
    folder: Path, version: str, tmp_path: Path
) -> None:
    (tmp_path / "all.yaml").write_text(built(folder))

    done = run(tool("kubernetes-validate"), "--strict", "-k", version, tmp_path / "all.yaml")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed for resource cronjob/" in done.stdout + done.stderr


def test_the_schemas_refuse_a_field_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(built(BASE).replace("concurrencyPolicy:", "concurrencyPolity:"))

    assert run(
        tool("kubernetes-validate"), "--strict", "-k", OF_KUBERNETES[0], tmp_path / "all.yaml"
    ).returncode


def test_one_run_at_a_time_and_none_is_repeated() -> None:
    for job in manifests(OVERLAY, "CronJob"):
        assert job["spec"]["concurrencyPolicy"] == "Forbid"
        assert job["spec"]["jobTemplate"]["spec"]["backoffLimit"] == 0
        assert pod_of(job)["restartPolicy"] == "Never"
    for volume in manifests(OVERLAY, "PersistentVolumeClaim"):
        assert volume["spec"]["accessModes"] == ["ReadWriteOncePod"]


def test_a_pod_may_do_nothing_but_its_work() -> None:
    for pod in map(pod_of, manifests(OVERLAY, "CronJob")):
        (container,) = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == UID
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        }


def test_secrets_are_files_and_stand_in_no_manifest() -> None:
    assert manifests(OVERLAY, "Secret") == []
    for pod in map(pod_of, manifests(OVERLAY, "CronJob")):
        (container,) = pod["containers"]
        variables = {row["name"]: row["value"] for row in container["env"]}
        mounted = {row["name"]: row["mountPath"] for row in container["volumeMounts"]}
        assert variables["CREDENTIALS_DIRECTORY"] == mounted["secrets"]
        assert variables["EXACTSEND_CONFIG"] == f"{mounted['config']}/config.toml"
        assert variables["EXACTSEND_STATE_DIR"].startswith(f"{mounted['state']}/")


def test_no_customer_shares_a_volume_a_secret_or_a_configuration_with_another() -> None:
    jobs = {job["metadata"]["name"]: pod_of(job)["volumes"] for job in manifests(OVERLAY, "CronJob")}
    claims = {manifest["metadata"]["name"] for manifest in manifests(OVERLAY, "PersistentVolumeClaim")}
    configs = {manifest["metadata"]["name"] for manifest in manifests(OVERLAY, "ConfigMap")}

    assert set(jobs) == {
        f"{customer}-exactsend{hand}" for customer in ("acme", "bravo") for hand in ("", "-by-hand")
    }
    for name, volumes in jobs.items():
        customer = name.partition("-")[0]
        named = dict(_named_by(volumes))
        assert named["state"] in claims
        assert named["config"] in configs
        assert all(text.startswith(f"{customer}-") for text in named.values())


def _named_by(volumes: list[Manifest]) -> Iterator[tuple[str, str]]:
    for volume in volumes:
        found = volume.get("configMap", volume.get("secret", volume.get("persistentVolumeClaim")))
        assert found is not None
        yield volume["name"], found.get("name") or found.get("secretName") or found.get("claimName")


def test_the_pod_for_commands_by_hand_never_starts_by_itself() -> None:
    (by_hand,) = [job for job in manifests(BASE, "CronJob") if job["metadata"]["name"].endswith("by-hand")]

    assert by_hand["spec"]["suspend"] is True
    assert "args" not in pod_of(by_hand)["containers"][0]


@pytest.mark.parametrize("config", sorted(OVERLAY.rglob("config.toml")), ids=lambda path: path.parent.name)
def test_the_configurations_are_right(config: Path) -> None:
    settings = load_settings(config)

    assert all(isinstance(division, DivisionSettings) for division in settings.divisions.values())
    assert list(settings.divisions) == list(tomllib.loads(config.read_text())["divisions"])
