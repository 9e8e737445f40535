import io
import json
import re

import pytest

from jaxlm.errors import UserError
from jaxlm.text import view
from jaxlm.text.conversation import render

MESSAGES = [dict(role="user", content="<b>river</b> & \033[2J\n"), dict(role="assistant", content="blue")]


def test_html_is_escaped_and_marks_what_is_learnt(tokenizer):
    page = view.html(render(MESSAGES, tokenizer), tokenizer)
    text = re.sub(r"<[^>]*>", "", page)
    assert text.startswith("&lt;|bos|&gt;&lt;|user|&gt; &lt;b&gt;river&lt;/b&gt; &amp; ")
    learnt = re.findall(r"border-bottom[^>]*>([^<]*)<", page)
    assert "".join(learnt) == " blue&lt;|end|&gt;"
    assert 'title="5"' in page


def test_the_terminal_cannot_be_steered_by_the_text(tokenizer):
    shown = view.terminal(render(MESSAGES, tokenizer), tokenizer)
    plain = re.sub(r"\033\[[0-9;]*m", "", shown)
    assert plain == "<|bos|><|user|> <b>river</b> & \\x1b[2J\\n\n<|end|><|assistant|> blue<|end|><|eos|>"
    learnt = re.findall(r"\033\[\d+;1m([^\033]*)", shown)
    assert "".join(learnt) == " blue<|end|>"


def test_command_line(tokenizer, tmp_path, capsys, monkeypatch):
    tokenizer.save(tmp_path)
    (tmp_path / "text.txt").write_text("the river")
    (tmp_path / "chat.jsonl").write_text(json.dumps(dict(messages=MESSAGES)) + "\n")
    view.main([f"--tokenizer={tmp_path}", str(tmp_path / "text.txt")])
    assert re.sub(r"\033\[[0-9;]*m", "", capsys.readouterr().out) == "the river\n"
    view.main([f"--tokenizer={tmp_path}", str(tmp_path / "chat.jsonl")])
    assert "<|assistant|>" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"blue \xff")))
    view.main([f"--tokenizer={tmp_path}", "-"])
    assert re.sub(r"\033\[[0-9;]*m", "", capsys.readouterr().out) == "blue \\xff\n"
    with pytest.raises(UserError, match="nowhere: No such file or directory"):
        view.main([f"--tokenizer={tmp_path}", str(tmp_path / "nowhere")])
