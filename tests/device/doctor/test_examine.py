"""The rules by which checks are made and counted, whatever they check."""

from promptrail.device.doctor import CHECKS, Bench, Check, examine
from promptrail.device.doctor.check import Evidence, Result, fault, not_checked, ok
from promptrail.errors import DeviceError, MissingTool


def check(name: str, result: Result | Exception, *needs: str, severity: str = "required") -> Check:
    def run(bench: Bench) -> Result:
        if isinstance(result, Exception):
            raise result
        return result

    return Check(name, severity, run, needs)  # type: ignore[arg-type]


def states(*checks: Check) -> dict[str, str]:
    return {row.check.id: row.result.state for row in examine(Bench(), checks=checks)}


def test_what_cannot_be_checked_is_never_ok() -> None:
    """What needs a fault, or what was not checked itself, is not checked, however far behind it comes."""
    chain = [
        check("a", fault("no", "do")),
        check("b", ok("x"), "a"),
        check("c", ok("x"), "b"),
        check("d", ok("x")),
    ]
    assert states(*chain) == {"a": "fault", "b": "not checked", "c": "not checked", "d": "ok"}
    assert not any(row.passed for row in examine(Bench(), checks=tuple(chain[:3])))


def test_only_what_is_required_counts() -> None:
    """A fault in what is recommended is told, and nothing hangs on it."""
    rows = examine(
        Bench(),
        checks=(
            check("a", ok("x")),
            check("b", fault("no", "do"), severity="recommended"),
            check("c", not_checked("x")),
        ),
    )
    assert [row.passed for row in rows] == [True, True, False]


def test_an_error_is_a_fault_with_its_own_words() -> None:
    """The sentence is taken apart: what is so, and what to do."""
    error = DeviceError("adb shell x: error: closed. Check that it runs.", "error: closed", "broke")
    (row,) = examine(Bench(), checks=(check("a", error),))
    assert (row.result.told, row.result.remedy) == ("adb shell x: error: closed", "Check that it runs")
    assert row.result.evidence == (Evidence("adb shell x", None, ("error: closed",)),)
    (row,) = examine(Bench(), checks=(check("a", MissingTool("no such thing")),))
    assert (row.result.state, row.result.told, row.result.evidence) == ("fault", "no such thing", ())


def test_fixing() -> None:
    """What can be put right is put right and looked at again; a repair that fails is told, and the fault stays."""
    broken = {"a", "b"}

    def run(name: str) -> Check:
        def mend(bench: Bench) -> Evidence:
            if name == "b":
                raise DeviceError("it does not hold.")
            broken.discard(name)
            return Evidence("mend", 0, ())

        return Check(
            name, "required", lambda bench: fault("no", "do") if name in broken else ok("x"), (), mend
        )

    first, second = examine(Bench(), fix=True, checks=(run("a"), run("b")))
    assert first.result.state == "ok" and first.fixed == (Evidence("mend", 0, ()),)
    assert second.result.state == "fault" and second.fixed[0].lines == ("it does not hold.",)


def test_nothing_is_fixed_unasked() -> None:
    """Without --fix nothing is changed."""
    touched: list[str] = []

    def mend(bench: Bench) -> Evidence:
        touched.append("x")
        return Evidence("mend", 0, ())

    examine(Bench(), checks=(Check("a", "required", lambda bench: fault("no", "do"), (), mend),))
    assert touched == []


def test_needs_come_first() -> None:
    """Each check stands behind those that it needs, and each id is there once."""
    ids = [one.id for one in CHECKS]
    assert len(ids) == len(set(ids)) >= 20
    assert [one.id for one in CHECKS for need in one.needs if need not in ids[: ids.index(one.id)]] == []
