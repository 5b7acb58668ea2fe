"""Where flows lie in a file: whole files, ranges, and where reading goes on behind damage."""

import io
from pathlib import Path

import pytest
from mitmproxy.io import FlowWriter

from captures import exchange
from promptrail.ingest.flow_file import FlowFile, Gap, Record


def flows(count: int, body: bytes = b"") -> list[bytes]:
    """Flows as mitmproxy writes them, of different lengths."""
    made = []
    for n in range(count):
        out = io.BytesIO()
        FlowWriter(out).add(exchange(f"https://a.test/{n}", body + b"x" * (n * 7 % 40)))
        made.append(out.getvalue())
    return made


def places(folder: Path, data: bytes) -> tuple[list[bytes], list[Gap]]:
    """The whole flows that the walk finds, and what it finds between them."""
    file = folder / "f.mitm"
    file.write_bytes(data)
    with FlowFile(file) as opened:
        found = list(opened.walk())
        assert sum((one.stop + 1 if isinstance(one, Record) else one.end) - one.at for one in found) == len(
            data
        )
        return [data[r.at : r.stop + 1] for r in found if isinstance(r, Record)], [
            g for g in found if isinstance(g, Gap)
        ]


@pytest.mark.parametrize("count", [0, 1, 7])
def test_a_whole_file_has_no_gap(tmp_path: Path, count: int) -> None:
    """Every flow is found, the empty file included."""
    made = flows(count)
    assert places(tmp_path, b"".join(made)) == (made, [])


@pytest.mark.parametrize("shards", [1, 2, 3, 5, 50])
def test_ranges_share_the_file(tmp_path: Path, shards: int) -> None:
    """Ranges follow each other, begin where flows do, and their flows are the file's."""
    made = flows(11)
    file = tmp_path / "f.mitm"
    file.write_bytes(b"".join(made) + b"rubbish")
    with FlowFile(file) as opened:
        ranges = opened.shards(shards)
        assert [low for low, _ in ranges] == [0, *(high for _, high in ranges[:-1])] and ranges[-1][
            1
        ] == opened.size
        found = [one for low, high in ranges for one in opened.walk(low, high)]
        assert found == list(opened.walk())


@pytest.mark.parametrize("which", [0, 3, 6])
@pytest.mark.parametrize(
    "damage", ["length +1", "length /2", "length huge", "length no digit", "no colon", "type"]
)
def test_a_damaged_frame_costs_one_flow(tmp_path: Path, which: int, damage: str) -> None:
    """Length or end of one flow are damaged: the others are found, and the gap is that flow."""
    made = flows(7)
    whole = made[which]
    length, rest = whole.split(b":", 1)
    broken = {
        "length +1": b"%d:" % (int(length) + 1) + rest,
        "length /2": b"%d:" % (int(length) // 2) + rest,
        "length huge": b"999999999999:" + rest,
        "length no digit": length[:-1] + b"q:" + rest,
        "no colon": length + b"z" + rest,
        "type": whole[:-1] + b"]",
    }[damage]
    found, (gap,) = places(tmp_path, b"".join([*made[:which], broken, *made[which + 1 :]]))
    assert found == [*made[:which], *made[which + 1 :]]
    assert (gap.at, gap.end - gap.at) == (sum(map(len, made[:which])), len(broken))


@pytest.mark.parametrize("share", [0.001, 0.01, 0.3, 0.7, 0.999])
def test_a_flow_cut_short_in_the_middle_of_a_file(tmp_path: Path, share: float) -> None:
    """A killed recording with another one appended, twice: no whole flow is lost."""
    made = flows(9)
    cut = [one[: max(1, int(len(one) * share))] for one in made]
    found, gaps = places(tmp_path, b"".join([*made[:3], cut[3], *made[4:6], cut[6], *made[7:]]))
    assert found == [*made[:3], *made[4:6], *made[7:]]
    assert [gap.at for gap in gaps] == [
        sum(map(len, made[:3])),
        sum(map(len, [*made[:3], cut[3], *made[4:6]])),
    ]


@pytest.mark.parametrize("tail", [b"\n", b"12", b"12:", b"5:abc", b"\x00" * 5000, b"}"])
def test_rubbish_behind_the_last_flow(tmp_path: Path, tail: bytes) -> None:
    """Bytes behind the end are told; the last flow stands."""
    made = flows(3)
    found, (gap,) = places(tmp_path, b"".join(made) + tail)
    assert found == made and gap.end - gap.at == len(tail)


def test_rubbish_between_flows(tmp_path: Path) -> None:
    """A hole of zeros, as a crashed file system leaves it: the flows around it are found."""
    made = flows(6)
    found, (gap,) = places(tmp_path, b"".join(made[:3]) + bytes(8192) + b"".join(made[3:]))
    assert found == made and gap.end - gap.at == 8192


@pytest.mark.parametrize("damage", ["length", "cut", "cut at the end"])
def test_flows_in_a_body_are_no_flows(tmp_path: Path, damage: str) -> None:
    """An app that uploads a flow file cannot plant flows, even where the flow that carries it is damaged."""
    planted = flows(5)
    carrier = flows(1, b"".join(planted))[0]
    before, after = flows(2), flows(9, b"y" * 3000)
    inside = carrier.index(planted[3])
    if damage == "length":
        broken, rest = b"9" + carrier[1:], after
    elif damage == "cut":
        broken, rest = carrier[: inside + 40], after
    else:
        broken, rest = carrier[: inside + 40], []
    found, gaps = places(tmp_path, b"".join([*before, broken, *rest]))
    assert found == [*before, *rest] and len(gaps) == 1


def test_many_flows_in_a_damaged_body_take_no_time(tmp_path: Path) -> None:
    """Every beginning inside a body is looked at once, not once for each before it."""
    planted = b"".join(flows(40)) * 50
    carrier = flows(1, planted)[0]
    found, (gap,) = places(tmp_path, carrier[: len(carrier) // 2])
    assert found == [] and gap.end == len(carrier) // 2
