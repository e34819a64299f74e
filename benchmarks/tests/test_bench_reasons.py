import pytest

from pfy_bench.reasons import told
from pfy_core import InputError


@pytest.mark.parametrize("folder", ["plain", "with space", "with: colon"])
def test_a_reason_names_files_and_not_where_they_lie(tmp_path, folder):
    place = tmp_path / folder
    place.mkdir()
    assert told(InputError(f"{place}/a.mp4 is 25/30 long:\n it ends")) == "a.mp4 is 25/30 long: it ends"
    assert told(InputError(f"text: {place}/a.txt and '{place}/b.txt'")) == "text: a.txt and 'b.txt'"
    assert told(InputError(f"nothing in {place} is called c")) == f"nothing in {folder} is called c"


def test_what_is_no_path_stays():
    for text in (
        "25/30 frames",
        "no / yes",
        "real/a.mp4 is lost",
        "/ nothing",
        "~nobody/x",
        f"/{'x' * 999}/y",
        "",
    ):
        assert told(InputError(text)) == text
