"""The sample's report, for the tests of this folder."""

import pytest

import reports


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> reports.Report:
    """All notebooks of the sample case, run and published."""
    return reports.of_sample(tmp_path_factory)
