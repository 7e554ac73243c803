"""`levelset explain` as a user meets it: what it prints, and how it exits."""

import io
import json
import re
import shlex

import pytest

from levelset.cli import main


@pytest.fixture
def explain(capsys, monkeypatch, tmp_path):
    """Runs a line of words and gives the status, standard output and standard error."""
    monkeypatch.chdir(tmp_path)

    def run(line, stdin=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as stopped:
            main(["explain", *shlex.split(line)])
        printed = capsys.readouterr()
        return stopped.value.code, printed.out, printed.err

    return run


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("softmax --logits 2 1 0.1", "q₀ = 1 / 1.5174      ≈ 0.6590"),
        ("softmax --logits -2 -1 --temperature 0.5 --digits 2", "s₀ = −2 / 0.5 = −4"),
        ("one-hot --label 2", "p = (0, 0, 1)"),
        ("one-hot --label 0 --classes 2", "p = (1, 0)"),
        ("cross-entropy --logits 2 1 0.1 --label 0", "∂ℓ/∂z₀ = 0.6590 − 1 ≈ −0.3410"),
        ("cross-entropy --logits 2 1 0.1 --target 0.7 0.2 0.1", "≈ 0.8070"),
        (
            "cross-entropy --logits 2 1 0.1 --label 0 --smoothing 0.3",
            "p̃₁ = (1 − 0.3) · 0 + 0.3 / 3 = 0.1",
        ),
        ("cross-entropy --logits 1e4 -1e4 0 --label 1", "ℓ = 0 + 20000 + 0 = 20000"),
        ("binary-cross-entropy --logits 2 -1 --target 1 0", "ℓ = 0.1269 + 0.3133 ≈ 0.4402"),
        ("kl --target 0.5 0.5 --prediction 0.25 0.75", "KL(p‖q) = 0.3466 + (−0.2027) ≈ 0.1438"),
        ("kl --target 0.7 0.2 0.1 --logits 2 1 0.1", "H(p, q) − H(p) = 0.8070 − 0.8018 ≈ 0.0052"),
        ("kl --label 0 --logits 2 1 0.1", "H(p) = 0 + 0 + 0 = 0"),
        ("backpropagation", "a⁽¹⁾₀ = 1 / (1 + exp(−0)) = 0.5"),
        ("backpropagation --activation relu --label 0 --learning-rate 0.1", "= max(0, 1) = 1"),
        ("backpropagation --x 2 0 --target 0.5 0.5", "x = a⁽⁰⁾ = (2, 0)"),
        (
            "backpropagation --weights '[[1, -1], [2, 0]]' --biases '[0.5, 0]' --label 0",
            "z⁽¹⁾₀ = 1 · 1 + 0.5 · 2 + 0.5  =  2.5",
        ),
        ("backpropagation --weights '[[1, -1], [2, 0]]' --label 0", "b⁽¹⁾ = (0, 0)"),
    ],
)
def test_each_topic_prints_its_working(line, shown, explain):
    status, out, error = explain(line)
    assert (status, error) == (0, "")
    assert shown in out


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        (
            "toml",
            'x = [1, 2]\nweights = [[[1], [0.5]]]\nlabel = 0\nloss = "sigmoid_cross_entropy"\n',
        ),
        (
            "json",
            '{"x": [1, 2], "weights": [[[1], [0.5]]], "label": 0, "loss": "sigmoid_cross_entropy"}',
        ),
    ],
)
def test_a_network_may_be_a_file_with_options_over_it(suffix, content, explain, tmp_path):
    (tmp_path / f"net.{suffix}").write_text(content)
    status, out, _ = explain(f"backpropagation --network net.{suffix} --learning-rate 1")
    assert status == 0
    assert "z⁽¹⁾₀ = 1 · 1 + 2 · 0.5 + 0 = 2" in out
    assert "η = 1" in out


def test_formats_follow_the_ending_or_the_option(explain, tmp_path):
    line = "softmax --logits 2 -1 --digits 3"
    assert explain(f"{line} --out a.html")[1] == f"Softmax by hand: {tmp_path / 'a.html'}\n"
    assert (tmp_path / "a.html").read_text("utf-8").startswith("<!doctype html>")
    explain(f"{line} --out a.tex")
    assert r"\begin{align*}" in (tmp_path / "a.tex").read_text("utf-8")
    explain(f"{line} --out a.txt")
    assert "d₁ = −1 − 2 = −3" in (tmp_path / "a.txt").read_text("utf-8")
    assert explain(f"{line} --format latex")[1].startswith("% needs")
    assert explain(f"{line} --format html")[1] == (tmp_path / "a.html").read_text("utf-8")


def test_the_command_on_a_page_makes_it_again(explain, tmp_path):
    lines = [
        "cross-entropy --logits 2 -1 --target 0.5 0.5 --smoothing 0.1 --out a.html --digits 5",
        "kl --logits 2 -1 --label 1 --out a.html",
        "backpropagation --weights '[[1, -1], [2, 0]]' --label 0 --out a.html",
    ]
    for line in lines:
        explain(line)
        page = (tmp_path / "a.html").read_text("utf-8")
        code = re.search(r"<code>(.*?)</code>", page)
        command = re.sub(r"<.*?>", "", code[1]).replace("&#39;", "'")
        assert command.startswith("levelset explain ")
        assert str(tmp_path) not in page
        assert explain(command.removeprefix("levelset explain "))[1] == page


TOPIC = "check cross-entropy --logits 2 1 0.1 --label 0"


def test_right_answers_end_with_status_0(explain):
    status, out, _ = explain(f"{TOPIC} probabilities=0.659,0.242,0.099 loss=0.417")
    assert status == 0
    assert "✓ probabilities  0.659, 0.242, 0.099" in out
    assert "Not given: maximum, shifted, exponentials, sum, target," in out
    assert "2 of 2 lines are right." in out


def test_wrong_answers_end_with_status_1_and_a_reason(explain):
    status, out, _ = explain(f"{TOPIC} loss=0.181 gradient=-0.341,0.242,0.099")
    assert status == 1
    assert "✗ loss      0.181\n            wrong: this is log10" in out
    assert "expected" not in out
    assert "1 of 2 lines are right. `levelset explain cross-entropy` shows the working." in out
    assert "expected 0.417" in explain(f"{TOPIC} loss=0.181 --reveal")[1]


def test_what_follows_and_what_was_rounded_have_marks_of_their_own(explain):
    out = explain(f"{TOPIC} q=0.9,0.05,0.05 loss=0.105")[1]
    assert "↪ loss           0.105\n                 follows: follows from" in out
    status, out, _ = explain(f"{TOPIC} loss=0.418")
    assert status == 0
    assert "≈ loss  0.418" in out


def test_answers_come_from_a_file_standard_input_or_both_sides_of_the_options(explain, tmp_path):
    (tmp_path / "answers.txt").write_text("# mine\nloss = 0.417\n\ntarget: [1 0 0]\n", "utf-8")
    lines = "loss = 0.417\ntarget = 1 0 0\n"
    runs = [
        explain(f"{TOPIC} --answers answers.txt"),
        explain(TOPIC, stdin=lines),
        explain(f"{TOPIC} --answers -", stdin=lines),
        explain(f"{TOPIC} --lines loss=0.417 target=1,0,0"),
        explain(f"{TOPIC} target=1,0,0 --answers -", stdin="loss = 0.417"),
        explain("check cross-entropy loss=0.417 target=1,0,0 --logits 2 1 0.1 --label 0"),
    ]
    for status, out, _ in runs:
        assert status == 0
        assert "2 of 2 lines are right." in out


@pytest.mark.parametrize(
    "line",
    [
        "check softmax sum=1.517 --logits 2 1 0.1",
        "check one-hot target=0,1,0 --label 1",
        "check binary-cross-entropy loss=0.693 --logits 0 --target 1",
        "check kl divergence=0.144 --target 0.5 0.5 --prediction 0.25 0.75",
        "check backpropagation z1=0,1 a1=0.5,0.731",
    ],
)
def test_every_topic_can_be_checked(line, explain):
    assert explain(line)[0] == 0


def test_json_holds_the_same(explain):
    status, out, _ = explain(f"{TOPIC} loss=0.181 --json")
    assert status == 1
    said = json.loads(out)
    assert said["all_good"] is False
    assert said["marks"][0]["verdict"] == "wrong"
    assert said["marks"][0]["expected"] == ["0.417"]
    assert "gradient" in said["missing"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("softmax", "requires an argument|LOGITS|--logits"),
        ("softmax --logits 1", "`logits` must hold from 2 to 30 numbers"),
        ("softmax --logits 1 x", "unable to convert .x. into float"),
        ("softmax --logits 1 nan", "got nan"),
        ("softmax --logits 1 2 --digits 0", "`--digits` must lie from 1 to 12, got 0"),
        ("softmax --logits 1 2 --format pdf", "Choose from"),
        ("softmax --logits 1 2 --out no/such.html", "must exist, got no"),
        ("softmx --logits 1 2", "Did you mean .softmax."),
        ("cross-entropy --logits 1 2", "One of `--label` and `--target` must be given, got none"),
        ("cross-entropy --logits 1 2 --label 0 --target 1 0", "got both"),
        ("cross-entropy --logits 1 2 --label 2", "classes - 1 = 1, got 2"),
        ("kl --target 0.5 0.5", "One of `logits` and `prediction`"),
        ("kl", "`--label` and `--target`"),
        ("backpropagation --network none.toml", "none.toml must be a readable file"),
        ("backpropagation --network bad.toml", "bad.toml must hold a network, but cannot be read"),
        ("backpropagation --network bad.json", "bad.json must hold a network, but cannot be read"),
        ("backpropagation --network deep.json", "deep.json must hold a network"),
        ("backpropagation --network list.json", "must hold fields and values, got a list"),
        ("backpropagation --network net.txt", "must end in .json or .toml, got net.txt"),
        ("backpropagation --network latin.toml", "must be text in UTF-8"),
        ("backpropagation --network large.toml", "must be smaller than 1 MB"),
        ("backpropagation --weights '[[1'", "`--weights` must be given in brackets"),
        ("backpropagation --weights '[[1]]' --label 0", "each row of the first weights = 1, got 2"),
        ("check cross-entropy --logits 1 2 --label 0", "Answers must be lines such as"),
        ("check softmax los=1 --logits 1 2", "one of maximum, .* got `los`"),
        ("check softmax q=a --logits 1 2", "written as 0.25, -1.5e-3 or 1/4, got `a`"),
        ("check softmax --logits 1 2 --answers none.txt", "none.txt must be a readable file"),
    ],
)
def test_wrong_words_get_one_paragraph(line, message, explain, tmp_path):
    (tmp_path / "bad.toml").write_text("x = ")
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "net.txt").write_text("")
    (tmp_path / "latin.toml").write_bytes("# größe".encode("latin-1"))
    (tmp_path / "large.toml").write_text("#" * 1_000_001)
    status, out, error = explain(line)
    assert status == 2
    assert out == ""
    assert error.startswith("levelset: ")
    assert error.count("\n") == 1
    assert re.search(message, error), error
