import pytest

from tests.report.examples import example_content


@pytest.fixture
def content():
    return example_content()
