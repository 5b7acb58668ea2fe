"""How often do sizes alone call a host dependent on the prompt, when it is not, and when it is?

    .venv/bin/python tests/benchmarks/opaque.py noise FOLDER...      recordings of opaque_nulls.py; prints noise.toml
    .venv/bin/python tests/benchmarks/opaque.py families [N] [SEED]  false alarms over N families of 20 hosts
    .venv/bin/python tests/benchmarks/opaque.py power [TIMES]        found and rightly fitted, by uploader and noise
    .venv/bin/python tests/benchmarks/opaque.py speed                seconds of CPU for 20 hosts

A family is 20 hosts that are not sent the text, with noise drawn from tests/infer/noise.toml (fitted to recorded runs
of the lab) and a bystander's behaviour; at level 0.01 a share of 0.01 of all families may have any alarm.
"""

import sys
import time
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd

from infer import simulate
from promptrail.infer import noise, plan, response
from promptrail.infer.decide import analyse
from promptrail.infer.doses import doses
from promptrail.infer.fit import fit
from promptrail.infer.randomisation import holm, test

FITTED = Path(__file__).resolve().parents[1] / "infer" / "noise.toml"
HOSTS, ALPHA, DRAWS = 20, 0.01, 1_999
FIRST_PARTY = "chat.parley.test"


@dataclass(frozen=True)
class Families:
    families: int
    alarms: int
    """Families with any host called dependent at ALPHA after Holm."""
    hosts: int
    below: dict[float, int]
    """Hosts with a p of at most this, uncorrected."""


def read_noise() -> list[noise.Noise]:
    """The fitted kinds, one a host and profile."""
    held = tomllib.loads(FITTED.read_text("utf-8"))
    return [
        noise.Noise(row["name"], (noise.Part(tuple(row["counts"]), tuple(row["sizes"])),))
        for row in held["host"]
    ]


def families(count: int, seed: int = 11) -> Families:
    kinds = read_noise()
    chance = np.random.default_rng(seed)
    bystanders = list(simulate.NULLS.values())
    below: Counter[float] = Counter()
    alarms = 0
    for number in range(count):
        drawn = simulate.dose(int(chance.choice([4, 6, 10])), f"{seed:016x}{number:016x}", draws=DRAWS)
        p = []
        for host in range(HOSTS):
            kind = kinds[int(chance.integers(len(kinds)))]
            traffic = simulate.fitted_host(
                drawn, kind, bystanders[host % len(bystanders)], chance, f"{number} {host}"
            )
            given = doses(drawn, simulate.recorded(drawn, {"h": traffic}))
            p.append(test(given, traffic, drawn.seed, DRAWS).p)
        below.update(level for level in (0.05, 0.01, 0.0005) for value in p if value <= level)
        alarms += any(value <= ALPHA for value in holm(p))
        if number % 50 == 49:
            print(f"{number + 1} families, {alarms} alarms, {dict(below)}", file=sys.stderr, flush=True)
    return Families(count, alarms, count * HOSTS, dict(below))


def power(times: int) -> None:
    chance = np.random.default_rng(7)
    uploaders = {
        "raw": (simulate.uploader(), 1.0),
        "base64": (simulate.uploader("base64"), 4 / 3),
        "deflate": (simulate.uploader("deflate"), 0.757),
        "first 1,024": (simulate.uploader(cap=1024), 1.0),
        "3 in 10": (simulate.uploader(share=0.3), 1.0),
        "1 in 10": (simulate.uploader(share=0.1), 1.0),
        "all late": (simulate.uploader(late=1.0), 1.0),
        "a tenth": (simulate.uploader(part=0.1), 0.1),
        "padded 16 KiB": (simulate.uploader(layer="pad16384"), 1.0),
    }
    drawn = simulate.dose(10, draws=DRAWS)
    print(
        f"{times} recordings a cell, 10 prompts a length, p <= {ALPHA / HOSTS}; of those found, true slope in limits"
    )
    for name, (behaviour, slope) in uploaders.items():
        for profile in ("quiet", "moderate", "loud"):
            found, held = 0, 0
            for _ in range(times):
                traffic = simulate.host(drawn, chance, behaviour, profile=profile)
                given = doses(drawn, simulate.recorded(drawn, {"h": traffic}))
                if test(given, traffic, drawn.seed, DRAWS).p <= ALPHA / HOSTS:
                    found += 1
                    line = fit(given, traffic, drawn.seed)
                    held += (
                        line is not None and line.low is not None and line.low <= slope <= (line.high or 0)
                    )
            print(f"{name:16}{profile:10}{found}/{times}  {held}/{found}", flush=True)


def speed() -> None:
    drawn = plan.draw("dose", simulate.SEED, positive="chat.example")
    chance = np.random.default_rng(1)
    hosts = {"chat.example": simulate.host(drawn, chance, simulate.uploader())}
    bystanders = list(simulate.NULLS.values())
    for n in range(HOSTS - 1):
        profile = ("quiet", "moderate", "loud")[n % 3]
        hosts[f"h{n}.example"] = simulate.host(drawn, chance, bystanders[n % 6], profile=profile)
    recorded = simulate.recorded(drawn, hosts)
    given = doses(drawn, recorded)
    for what, quick in (("tests with the quick stop", True), ("tests, every draw of every host", False)):
        began = time.process_time()
        for traffic in hosts.values():
            test(given, traffic, drawn.seed, drawn.draws, quick=quick)
        print(f"{what}: {time.process_time() - began:.1f} s for {HOSTS} hosts, {drawn.draws:,} draws")
    began = time.process_time()
    analyse(drawn, recorded)
    print(f"verdicts with {drawn.spikes} spike-ins of each alternative: {time.process_time() - began:.1f} s")


def fit_noise(folders: list[Path]) -> None:
    """TOML of the noise of every host but the first party, over all its windows, by folder."""
    rows, runs = [], 0
    for folder in folders:
        events, bursts = (pd.read_parquet(folder / "noise" / f"{n}.parquet") for n in ("events", "bursts"))
        plans = {path.stem: plan.read(path) for path in sorted((folder / "plans").glob("*.json"))}
        used = [plans[str(d)[:12]] for d in sorted(set(events.loc[events["event"] == "plan", "label"]))]
        seen = [(p, response.observe(p, events, bursts)) for p in used]
        runs += sum(len(recorded.runs) for _, recorded in seen)
        for host in sorted({h for _, recorded in seen for h in recorded.hosts} - {FIRST_PARTY}):
            rows.append(noise.fitted(f"{folder.name} {host}", seen, host, every_window=True))
    print(
        "# Noise of hosts that are not sent the text: how many bursts a window holds, and their sizes by quantiles."
    )
    print(
        "# tests/benchmarks/opaque_nulls.py recorded the runs, tests/benchmarks/opaque.py noise fitted them."
    )
    print(f'made = "fitted to {runs} lab runs, simulated"\nruns = {runs}')
    for row in rows:
        for part in row.parts:
            print(f'\n[[host]]\nname = "{row.name}"')
            print(f"counts = {[round(x, 5) for x in part.counts]}")
            print(f"sizes = {[round(x, 1) for x in part.sizes]}")


def main() -> None:
    what, *rest = sys.argv[1:] or ["families"]
    if what == "noise":
        fit_noise([Path(folder) for folder in rest])
    elif what == "families":
        print(families(*(int(word) for word in rest or ["100"])))
    elif what == "power":
        power(int(rest[0]) if rest else 20)
    else:
        speed()


if __name__ == "__main__":
    main()
