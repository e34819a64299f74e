import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_the_example_of_the_readme_runs_as_it_says(capsys):
    code = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    exec(code[1], {})
    assert capsys.readouterr().out == "torch.Size([8, 512]) torch.Size([1, 512])\n"
