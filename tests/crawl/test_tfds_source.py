import types

import pytest

from jaxlm.crawl.tfds_source import find_dataset
from jaxlm.errors import UserError


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    """A prepared data set `tolm` of three texts in array_record files."""
    import tensorflow_datasets as tfds

    class Tolm(tfds.core.GeneratorBasedBuilder):
        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            return self.dataset_info_from_configs(features=tfds.features.FeaturesDict({"text": tfds.features.Text()}))

        def _split_generators(self, download_manager):
            return {"train": ((number, {"text": f"Text é {number}"}) for number in range(3))}

        def _generate_examples(self):
            raise AssertionError("the split has its own generator")

    folder = tmp_path_factory.mktemp("tfds")
    builder = Tolm(data_dir=folder, file_format="array_record")
    builder.download_and_prepare()
    return folder


def settings(name, data_dir="", split="train", text_field="text"):
    return types.SimpleNamespace(name=str(name), split=split, data_dir=str(data_dir), text_field=text_field)


def bodies(tfds_settings):
    return sorted(record.body for record in find_dataset(tfds_settings).read([]))


def test_by_name_and_by_folder(data_dir):
    assert bodies(settings("tolm", data_dir)) == [f"Text é {number}" for number in range(3)]
    assert bodies(settings(data_dir / "tolm" / "1.0.0")) == [f"Text é {number}" for number in range(3)]
    assert len(bodies(settings("tolm", data_dir, split="train[:2]"))) == 2
    (first, *_) = find_dataset(settings(data_dir / "tolm" / "1.0.0")).read([])
    assert first.source == "tolm/1.0.0"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (dict(name=""), "config.crawl.tfds.name is empty"),
        (dict(name="no_such_set"), "cannot read no_such_set"),
        (dict(split="validation"), r"cannot read tolm \[validation\]"),
        (dict(text_field="body"), "has no body, but text"),
    ],
)
def test_mistakes_are_named(data_dir, changed, message):
    with pytest.raises(UserError, match=message):
        bodies(settings(**({"name": "tolm", "data_dir": data_dir} | changed)))
