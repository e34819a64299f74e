import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_the_example_of_the_readme_speaks(capsys):
    code = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    exec(code[1], {})
    assert 3 < float(capsys.readouterr().out.split()[0]) < 8
