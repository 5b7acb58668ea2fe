"""The lab's stories: what each notebook concludes from a real recording, against the key that says what is true."""

import json

import pytest
from filelock import FileLock

from cells import shown
from lab.golden import FOLDER, findings, stated, told
from promptrail.case import Case
from promptrail.findings import FINDINGS
from promptrail.lab.stories import CANNOT_TELL, CONTRADICTED, NOT_OBSERVED, STORIES, SUPPORTED
from promptrail.model import Finding

stories = pytest.mark.parametrize("name", list(STORIES))


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Case, dict[str, Finding]]]:
    """Stories that were recorded in this process so far, with their findings."""
    return {}


@pytest.fixture
def story(
    name: str,
    recorded: dict[str, tuple[Case, dict[str, Finding]]],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Finding]:
    """The findings of one story."""
    if name not in recorded:
        folder = tmp_path_factory.mktemp("story")
        with FileLock(tmp_path_factory.getbasetemp().parent / "stories.lock"):
            case = told(folder, name)
        recorded[name] = case, findings(case, name)
    return recorded[name][1]


@pytest.mark.rig
@stories
def test_each_notebook_comes_to_the_verdict_of_the_key(name: str, story: dict[str, Finding]) -> None:
    """The key follows from how the build was written, not from what a notebook said."""
    came = {notebook: story[notebook].verdict for notebook in STORIES[name].verdicts}
    assert came == STORIES[name].verdicts
    assert all(finding.simulated for finding in story.values())


@pytest.mark.rig
@stories
def test_what_is_stated_is_what_was_read_and_agreed_to(name: str, story: dict[str, Finding]) -> None:
    """Golden files: `tests/lab/golden.py` writes them anew, and the difference is read before it is committed."""
    golden = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert {notebook: stated(finding) for notebook, finding in story.items()} == golden


@pytest.mark.rig
@stories
@pytest.mark.usefixtures("story")
def test_every_cell_of_every_notebook_can_be_shown(
    name: str, recorded: dict[str, tuple[Case, dict[str, Finding]]]
) -> None:
    """Where nothing was found, nothing was read, and nothing was recorded for a notebook, too."""
    case, came = recorded[name]
    for notebook in came:
        blocks = shown(notebook, case.path)
        assert len(blocks) > 5 and all(blocks), notebook
        assert "Simulated, not evidence" in blocks[0] + blocks[-1]


@pytest.mark.rig
@stories
def test_what_is_supported_can_be_looked_up(name: str, story: dict[str, Finding]) -> None:
    """A claim that is supported cites rows; that all was read, or read whole, has nothing to cite."""
    bare = [k for k, one in story.items() if one.verdict == "supported" and not one.evidence]
    assert set(bare) <= {"00-start-here", "09-unseen"}


@pytest.mark.rig
@pytest.mark.parametrize("name", ["broken-control"])
def test_a_control_that_broke_takes_the_verdict_away_and_is_named(story: dict[str, Finding]) -> None:
    """A prompt was typed in the run without prompts: nothing is claimed, and the page says which control failed."""
    finding = story["01-prompt-to-host"]
    (failed,) = [control for control in finding.controls if control.result == "fail"]
    assert (finding.verdict, finding.grade, failed.control) == (CANNOT_TELL, None, "C0, no prompt")
    assert failed.control in finding.sentence


@pytest.mark.parametrize("notebook", [name for name in FINDINGS if name != "00-start-here"])
def test_every_notebook_has_a_story_for_each_of_its_verdicts(notebook: str) -> None:
    """Supported; contradicted or not observed; cannot tell."""
    verdicts = {story.verdicts.get(notebook) for story in STORIES.values()}
    assert {SUPPORTED, CANNOT_TELL} <= verdicts
    assert verdicts & {CONTRADICTED, NOT_OBSERVED}
