"""The self-test on a stand-in: it passes only through this proxy with its CA trusted, and tells what failed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from promptrail.device import ca_store
from promptrail.device.proxy import Proxy
from promptrail.device.routing import SettingsProxy, Transparent, Tun
from promptrail.device.selftest import DAY, PROBERS, Proof, Said, SelfTest, judge
from rigs.android import rom
from rigs.android.lab_phone import Scene, asked, scene
from rigs.android.namespaces import why_not

BROWSER = rom.BROWSER.name
REACHED, TRUSTED = {"saw": "reached"}, {"saw": "trusted"}
ASKED = {"saw": "asked", "path": "/t", "tls": True}
UNKNOWN = {
    "saw": "refused",
    "error": "The client does not trust the proxy's certificate (tlsv1 alert unknown ca)",
}
EXPIRED = {"saw": "refused", "error": "The client ... (sslv3 alert certificate expired)"}
HUNG_UP = {"saw": "refused", "error": "The client disconnected during the handshake."}
OK, FAILED, BLIND = Said(True, True, ""), Said(True, False, "curl: (60) ..."), Said(True, None, "")


@pytest.mark.parametrize(
    ("evidence", "said", "ahead", "verdict"),
    [
        ([REACHED, TRUSTED, ASKED], OK, 0, "passed"),
        ([REACHED, TRUSTED, ASKED], BLIND, 0, "passed"),
        ([ASKED | {"tls": False}], OK, 0, "not the proxy"),
        ([ASKED | {"path": "/another"}], OK, 0, "not the proxy"),
        ([REACHED, UNKNOWN], FAILED, 0, "not trusted"),
        ([REACHED, HUNG_UP], BLIND, 0, "not trusted"),
        ([REACHED, UNKNOWN, REACHED, TRUSTED, ASKED], BLIND, 0, "passed"),
        ([REACHED, EXPIRED], BLIND, 0, "clock"),
        ([REACHED, UNKNOWN], Said(True, False, "certificate is not yet valid"), 0, "clock"),
        ([REACHED, UNKNOWN], FAILED, -3 * DAY, "clock"),
        ([], OK, 0, "not the proxy"),
        ([], FAILED, 0, "no route"),
        ([], BLIND, 0, "no route"),
        ([], Said(False, None, "no curl"), 0, "not run"),
    ],
)
def test_what_it_means(evidence: list[dict[str, Any]], said: Said, ahead: float, verdict: str) -> None:
    """What the proxy saw decides; the client's word only tells a wrong proxy from none."""
    assert judge(evidence, said, "t", ahead) == verdict


def test_every_verdict_has_its_sentence() -> None:
    """Each failure says what to do, and a success no more than was proved."""
    for verdict in ("passed", "no route", "not the proxy", "not trusted", "clock", "not run"):
        told = str(Proof("curl", verdict, "It proves this.", (), "its words"))  # type: ignore[arg-type]
        assert told.startswith(f"curl: {verdict}.") and ("It proves this." in told) == (verdict == "passed")


@pytest.fixture
def the(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as one:
        yield one


def verdicts(test: SelfTest, the: Scene, **more: Any) -> dict[str, str]:
    proofs = test.run(the.device, **{"process": BROWSER, "wait": 5.0} | more)
    assert len({line["host"] for proof in proofs for line in proof.evidence}) <= 2
    return {proof.prober: proof.verdict for proof in proofs}


@pytest.mark.rig
def test_through_the_settings_proxy(the: Scene, tmp_path: Path) -> None:
    """Not trusted before the CA is installed, passed after, no route without the tunnel; each prober by itself."""
    the.phone.run(f"am start -W -n {BROWSER}/.Main")
    test = SelfTest(tmp_path / "selftest.jsonl")
    with (
        the.proxy(scripts=test.scripts, options=test.options) as proxy,
        SettingsProxy(the.device, proxy.port),
    ):
        assert verdicts(test, the) == {"curl": "not trusted", "view": "not trusted"}
        ca_store.install(the.device, proxy.ca)
        assert verdicts(test, the) == {"curl": "passed", "view": "passed"}
        the.device.unreverse()
        assert verdicts(test, the, wait=1.0) == {"curl": "no route", "view": "no route"}
    assert {host.partition(".")[2] for host in asked(proxy)} == {"selftest.promptrail.test"}
    assert not [path for path in the.phone.file("/data/local/tmp").iterdir() if "promptrail" in path.name]


@pytest.mark.rig
def test_another_proxy_in_between(the: Scene, tmp_path: Path) -> None:
    """Somebody with the same CA who answers the same name is not taken for this proxy."""
    ours, theirs = SelfTest(tmp_path / "ours.jsonl"), SelfTest(tmp_path / "theirs.jsonl")
    with (
        the.proxy("ours", scripts=ours.scripts, options=ours.options) as proxy,
        the.proxy("theirs", scripts=theirs.scripts, options=theirs.options) as other,
        SettingsProxy(the.device, other.port),
    ):
        ca_store.install(the.device, proxy.ca)
        assert verdicts(ours, the, probers=PROBERS[:1], process=None) == {"curl": "not the proxy"}
        assert verdicts(theirs, the, probers=PROBERS[:1], process=None) == {"curl": "passed"}


@pytest.mark.rig
def test_a_prober_that_cannot_run(the: Scene, tmp_path: Path) -> None:
    """An app that does not run has no namespace to judge by; a device without a browser opens nothing."""
    the.phone.run("rm -r /data/app/test.promptrail.browser")
    test = SelfTest(tmp_path / "selftest.jsonl")
    with (
        the.proxy(scripts=test.scripts, options=test.options) as proxy,
        SettingsProxy(the.device, proxy.port),
    ):
        assert verdicts(test, the, process="test.no.app") == {"curl": "not run", "view": "not run"}


@pytest.mark.rig
@pytest.mark.parametrize("way", [Transparent, Tun])
def test_behind_a_gateway(tmp_path: Path, way: type[Transparent | Tun]) -> None:
    """Where the device knows of no proxy, an address that nobody has is asked for, and proves the same."""
    why_not(tun=way is Tun)
    test = SelfTest(tmp_path / "selftest.jsonl")
    with scene(tmp_path, behind=True) as the:
        the.phone.run(f"am start -W -n {BROWSER}/.Main")
        mode = Tun(the.gateway).mode if way is Tun else "transparent"
        made = Proxy(the.case, "r", host="", mode=mode, scripts=test.scripts, options=test.options)
        with the.gateway.start(made) as proxy:
            by_name = way.by_name
            assert verdicts(test, the, by_name=by_name, wait=1.0) == {"curl": "no route", "view": "no route"}
            with Tun(the.gateway) if way is Tun else Transparent(the.gateway, proxy.port):
                assert set(verdicts(test, the, by_name=by_name).values()) == {"not trusted"}
                ca_store.install(the.device, proxy.ca)
                assert set(verdicts(test, the, by_name=by_name).values()) == {"passed"}
