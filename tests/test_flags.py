import pytest

from jaxlm import flags
from jaxlm.errors import UserError

EXPERIMENT = """\
from jaxlm.config import defaults
from jaxlm.errors import UserError


def get_config(variant=""):
    config = defaults()
    config.name = "named" + variant
    if variant == "value":
        raise ValueError("two\\nlines")
    if variant == "type":
        config.seed = "zero"
    if variant == "user":
        raise UserError("no such variant")
    if variant == "field":
        config.pretrain.optimiser = 3
    return config
"""


@pytest.fixture
def experiment(tmp_path):
    path = tmp_path / "experiment.py"
    path.write_text(EXPERIMENT)
    return path


def _error(*argv) -> str:
    with pytest.raises(UserError) as caught:
        flags.parse([str(argument) for argument in argv])
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_fields_are_set_from_the_command_line(experiment):
    command = flags.parse(
        [f"--config={experiment}:x", "--config.seed=7", "--config.pretrain.optimizer.lr=1", "--noconfig.crawl.pii",
         "--config.crawl.paths=a.txt", "--config.crawl.microweb.tiers=(0, 5)", "--phases=report,crawl"]
    )  # fmt: skip
    config = command.config
    assert (config.seed, config.pretrain.optimizer.lr, config.crawl.pii) == (7, 1.0, False)
    assert (config.crawl.paths, config.crawl.microweb.tiers) == (("a.txt",), (0, 5))
    assert command.phases == ("crawl", "report")  # the experiment's order
    assert str(command.workdir) == "runs/namedx"
    with pytest.raises(AttributeError):
        config.sede = 1  # locked


def test_one_command_line_leaves_nothing_to_the_next(experiment):
    assert flags.parse([f"--config={experiment}", "--config.seed=7", "--workdir=a"]).config.seed == 7
    command = flags.parse(["--config", str(experiment)])
    assert (command.config.seed, str(command.workdir)) == (0, "runs/named")


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("--config.sede=1", "config.sede: no such field, did you mean 'seed'?"),
        ("--config.pretrain.optimiser.lr=1", "did you mean 'pretrain.optimizer.lr'?"),
        ("--config.lr=1", "did you mean 'search.optimizer.lr'?"),
        ("--config.seed.x=1", "config.seed.x: no such field"),
        ("--config.seed=1.5", "--config.seed=1.5: expected an integer like 0"),
        ("--config.pretrain.optimizer.lr=fast", "--config.pretrain.optimizer.lr=fast: expected a number like 0.003"),
        ("--config.crawl.pii=maybe", "--config.crawl.pii=maybe: expected true or false"),
        ("--config.crawl.microweb.tiers=many", "config.crawl.microweb.tiers=('many',): expected a tuple like (0, 1,"),
        ("--config.report=5", "--config.report=5: expected one of its fields to be set (examples, title)"),
        ("--workdri=x", "Unknown command line flag 'workdri'. Did you mean: workdir ?"),
        ("--phases=craw", "--phases=craw: not a phase of this experiment, did you mean 'crawl'?"),
        ("stray", "unexpected argument 'stray'"),
        ("--config.seed", "Missing value for flag --config.seed"),
        ("--config.crawl.paths=(1,)", "config.crawl.paths=(1,): expected a tuple of texts"),
        ("--config.finetune.schedule.name=linear", "config.finetune.schedule.name='linear': expected wsd | cosine"),
        ("--config.evaluate.kshot=(1,-1)", "config.evaluate.kshot=(1, -1): expected 0 or more"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_line(experiment, argument, message):
    assert message in _error(f"--config={experiment}", argument)


@pytest.mark.parametrize(
    ("variant", "message"),
    [
        (":value", "experiment.py:9: ValueError: two lines"),
        (":type", "experiment.py:11: TypeError: Could not override field 'seed'"),
        (":user", "no such variant"),
        (":field", "config.pretrain.optimiser: no such field, did you mean 'optimizer'?"),
    ],
)
def test_a_mistake_in_the_experiment_names_its_line(experiment, variant, message):
    assert message in _error(f"--config={experiment}{variant}")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("def get_config(:\n", "broken.py:1: invalid syntax"),
        ("x = 1\n", "broken.py: expected a function get_config()"),
        ("import nowhere\n", "broken.py:1: ModuleNotFoundError: No module named 'nowhere'"),
        ("def get_config():\n    return open('/nowhere')\n", "broken.py:2: FileNotFoundError"),
        ("from ml_collections import ConfigDict\nget_config = ConfigDict\n", " is missing: start from the fields of"),
        ("def get_config():\n    return 5\n", "broken.py: get_config() must return a ConfigDict, not int"),
    ],
)
def test_a_file_that_is_no_experiment_is_one_line(tmp_path, content, message):
    (tmp_path / "broken.py").write_text(content)
    assert message in _error(f"--config={tmp_path / 'broken.py'}")


def test_missing_files_and_wrong_order(experiment, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "small.py").touch()
    assert _error() == "--config=EXPERIMENT is missing; experiments here: experiments/small.py"
    assert "nope.py: no such file; experiments here: experiments/small.py" in _error("--config=nope.py:tiny")
    assert "must come before" in _error("--config.seed=1", f"--config={experiment}")


def test_help_names_every_flag(capsys):
    assert flags.parse(["--help"]) is None
    out = capsys.readouterr().out
    assert all(f"--{name}" in out.replace("[no]", "") for name in ("config", "workdir", "phases", "print_config"))
