"""Runs EleutherAI's lm-evaluation-harness on a checkpoint in process, or over HTTP on whatever serves one.

    python -m jaxlm.evals.harness --model=RUN_OR_URL --tasks=piqa,lambada_openai --data=DIR

Tasks are JSON Lines files, or archives of them, under DIR; nothing is downloaded. The fields of a task's first row say
of which kind it is:

| kind | fields | right when |
|---|---|---|
| choice | query, choices, gold | the choice `gold` is the most probable continuation |
| schema | context_options, continuation, gold | the continuation is most probable behind the option `gold` |
| continuation | context, continuation | the continuation is what greedy decoding writes |
| answer | context, answer, aliases | greedy decoding writes an accepted answer (a line, compared without case) |
"""

import argparse
import contextlib
import os
import pathlib
import tempfile
from collections.abc import Iterator
from typing import Any

from jaxlm import runtime
from jaxlm.errors import UserError, one_line
from jaxlm.files import write_json, write_jsonl
from jaxlm.text.rows import read_rows

PHASES = ("pretrain", "finetune", "honesty", "search", "identity")
ACCURACY = [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}]
KINDS: dict[tuple[str, ...], dict[str, Any]] = {
    ("query", "choices", "gold"): {
        "output_type": "multiple_choice",
        "doc_to_text": "{{query}}",
        "doc_to_choice": "choices",
        "doc_to_target": "gold",
        "metric_list": ACCURACY,
    },
    ("context_options", "continuation", "gold"): {
        "output_type": "multiple_choice",
        "doc_to_text": "gold",
        "doc_to_choice": "context_options",
        "doc_to_target": "continuation",
        "metric_list": ACCURACY,
    },
    ("context", "continuation"): {
        "output_type": "loglikelihood",
        "doc_to_text": "{{context}}",
        "doc_to_target": "{{continuation}}",
        "metric_list": ACCURACY,
    },
    ("context", "answer", "aliases"): {
        "output_type": "generate_until",
        "doc_to_text": "{{context}}",
        "doc_to_target": "aliases",
        "generation_kwargs": {"until": ["\n"], "max_gen_toks": 32, "do_sample": False},
        "metric_list": [
            {"metric": "exact_match", "aggregation": "mean", "higher_is_better": True}
            | {"ignore_case": True, "ignore_punctuation": True}
        ],
    },
}


def main(argv: list[str] | None = None) -> None:
    """Prints a table of accuracies; a user's mistake is one line and status 2."""
    parser = argparse.ArgumentParser("python -m jaxlm.evals.harness", description=__doc__.split("\n\n")[0])
    parser.add_argument("--model", required=True, help="a run's folder, or the URL of an OpenAI-compatible API")
    parser.add_argument("--tasks", required=True, help="names of files under --data, without .jsonl, commas between")
    parser.add_argument("--data", required=True, type=pathlib.Path, help="folder with the tasks' files")
    parser.add_argument("--phase", default="finetune", choices=PHASES, help="a run's model")
    parser.add_argument("--checkpoint", default="best", help="best, last or the number of a step")
    parser.add_argument("--limit", type=int, help="rows of each task, at most")
    parser.add_argument("--shots", type=int, default=0, help="solved examples before each row")
    parser.add_argument("--key_variable", default="", help="URL: environment variable that holds its key")
    parser.add_argument("--out", type=pathlib.Path, help="JSON file for figures and rows")
    args = parser.parse_args(argv)
    with one_line():
        runtime.configure()
        found = evaluate(model(args), args.tasks.split(","), args.data, args.limit, args.shots)
        for name, figures in found["results"].items():
            print(f"{name}: " + ", ".join(f"{metric} {p:.4f} +- {error:.4f}" for metric, (p, error) in figures.items()))
        if args.out:
            write_json(args.out, found)


def model(args: argparse.Namespace):
    """The harness's model for the flags: ours in process, or its own client of completions over HTTP."""
    offline()
    if args.model.startswith(("http://", "https://")):
        return remote(args.model, args.key_variable)
    from jaxlm.evals.harness_model import Local
    from jaxlm.serve.model import load

    which = int(args.checkpoint) if args.checkpoint.isdigit() else args.checkpoint
    return Local(load(pathlib.Path(args.model), args.phase, which))


def remote(url: str, key_variable: str = "", batch: int = 16):
    """lm-eval's `local-completions` on a server that echoes log-probabilities and serves its tokenizer, as ours."""
    from jaxlm.evals.endpoint import Endpoint

    offline()
    server = Endpoint(url, key_variable=key_variable)
    if not server.max_len:
        raise UserError(f"{url}: the server does not say how many tokens the model holds (max_model_len)")
    key = os.environ[key_variable] if key_variable else ""
    from lm_eval.models.openai_completions import LocalCompletionsAPI

    with known():
        return LocalCompletionsAPI(
            f"{url.rstrip('/')}/completions",
            tokenizer_backend="remote",
            model=server.model,
            max_length=server.max_len,
            max_gen_toks=max(1, server.max_len // 4),
            batch_size=batch,
            auth_token=key or None,
            header={"Authorization": f"Bearer {key}"} if key else {"Content-Type": "application/json"},
        )


def evaluate(lm, tasks: list[str], data: pathlib.Path, limit: int | None = None, shots: int = 0) -> dict[str, Any]:
    """Runs tasks on a model of the harness.

    Returns:
      {results: {task: {metric: (mean, standard error)}}, samples: {task: [{gold, responses}]}}; responses are what
      the harness got: [log-likelihood in nats, is greedy] of each option, or texts.
    Raises:
      UserError: a task is not there, or its rows are of no known kind.
    """
    offline()
    import lm_eval
    from lm_eval.tasks import TaskManager

    with tempfile.TemporaryDirectory() as folder, known():
        for name in tasks:
            write_task(name, data, pathlib.Path(folder), limit, shots)
        manager = TaskManager(include_path=folder, include_defaults=False)
        names = [f"jaxlm_{name}" for name in tasks]
        found = lm_eval.simple_evaluate(
            model=lm, tasks=names, task_manager=manager, bootstrap_iters=100, log_samples=True
        )
    return {
        "results": {name: figures(found["results"][f"jaxlm_{name}"]) for name in tasks},
        "samples": {
            name: [
                {"gold": sample["target"], "responses": [part[0] for part in sample["resps"]]}
                for sample in sorted(found["samples"][f"jaxlm_{name}"], key=lambda sample: sample["doc_id"])
            ]
            for name in tasks
        },
    }


def figures(result: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """{metric: (mean, standard error)} of one task's results, whose keys are `metric,filter`."""
    means = {key: value for key, value in result.items() if key.endswith(",none") and "_stderr" not in key}
    return {
        key.removesuffix(",none"): (float(p), _number(result.get(key.replace(",none", "_stderr,none"))))
        for key, p in means.items()
    }


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def write_task(name: str, data: pathlib.Path, folder: pathlib.Path, limit: int | None, shots: int) -> None:
    """Writes the rows and the harness's description of a task (YAML, of which JSON is a part) into the folder."""
    rows = find(name, data)
    fields = next((kind for kind in KINDS if all(field in rows[0] for field in kind)), None)
    if fields is None:
        kinds = " | ".join(", ".join(kind) for kind in KINDS)
        raise UserError(f"{name}.jsonl: its rows have {', '.join(rows[0])}; expected {kinds}")
    file = folder / f"{name}.jsonl"
    # The first rows serve as solved examples and are not asked.
    write_jsonl(
        folder / f"{name}.shots.jsonl", ({field: row[field] for field in fields} for row in rows[:shots] or rows[:1])
    )
    asked = rows[shots:][:limit]
    write_jsonl(file, ({field: row[field] for field in fields} for row in asked))
    about = {
        "task": f"jaxlm_{name}",
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": str(file), "shots": str(folder / f"{name}.shots.jsonl")}},
        "test_split": "test",
        "fewshot_split": "shots",
        "fewshot_config": {"sampler": "first_n"},
        "num_fewshot": shots,
        "target_delimiter": " ",
        "metadata": {"version": 1},
    }
    write_json(folder / f"{name}.yaml", about | KINDS[fields])


def find(name: str, data: pathlib.Path) -> list[dict]:
    """The rows of NAME.jsonl under the folder, plain, compressed or in an archive; UserError when there is none."""
    if not data.is_dir():
        raise UserError(f"--data={data}: no such folder")
    files = sorted(path for path in data.rglob("*") if path.is_file() and path.name.split(".")[0] == name)
    archives = sorted(path for path in data.rglob("*.tar*") if path.is_file())
    for path in [*files, *archives]:
        rows = [row for place, row in read_rows([path]) if pathlib.PurePath(place.rsplit(":", 1)[0]).stem == name]
        if rows:
            return rows
    raise UserError(f"--tasks={name}: there is no {name}.jsonl under {data}, nor in an archive there")


def offline() -> None:
    """Before the harness is imported: it must not look for anything on the network, nor fill the user's cache."""
    for variable in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):
        os.environ.setdefault(variable, "1")
    os.environ.setdefault("HF_HOME", str(runtime.cache_folder().parents[1] / "huggingface"))
    try:
        import lm_eval  # noqa: F401
    except ModuleNotFoundError as error:
        raise UserError(f"the harness needs the package {error.name}: pip install 'jaxlm[lmeval]'") from None


@contextlib.contextmanager
def known() -> Iterator[None]:
    """Without the progress and warnings that the harness writes about what is as it should be."""
    import logging

    logger = logging.getLogger("lm_eval")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


if __name__ == "__main__":
    main()
