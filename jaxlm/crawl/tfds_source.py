"""A TensorFlow Datasets catalogue entry as records, read by random access and without TensorFlow."""

import dataclasses
import os
from collections.abc import Iterator

from jaxlm.crawl.records import TEXT, Record
from jaxlm.errors import UserError


@dataclasses.dataclass(frozen=True)
class TfdsInput:
    """A prepared data set in a random-access format (array_record).

    Attributes:
        path: folder of the prepared data set (.../name/config/version), or its name in the catalogue.
        name: how documents will show it.
        split: TFDS split, slices included: "train", "train[:10%]".
        data_dir: where prepared data sets stand; empty is TFDS's default.
        text_field: the feature that holds the text.
    """

    path: str
    name: str
    split: str
    data_dir: str
    text_field: str

    def read(self, warnings: list[str]) -> Iterator[Record]:
        """Yields one record an example in the order of the split; UserError if there is no such data set or feature."""
        source = self._source()
        for number in range(len(source)):
            example = source[number]
            if self.text_field not in example:
                found = ", ".join(sorted(example))
                raise UserError(f"config.crawl.tfds.text_field: {self.name} has no {self.text_field}, but {found}")
            text = example[self.text_field]
            yield Record(self.name, number, TEXT, body=text.decode() if isinstance(text, bytes) else str(text))

    def _source(self):
        import tensorflow_datasets as tfds

        try:
            if os.path.isdir(self.path):
                builder = tfds.builder_from_directory(self.path)
            else:
                builder = tfds.builder(self.path, data_dir=self.data_dir or None)
            return builder.as_data_source(split=self.split)
        except (tfds.core.DatasetNotFoundError, AssertionError, ValueError, NotImplementedError) as error:
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise UserError(f"config.crawl.tfds: cannot read {self.path} [{self.split}]: {reason}") from None


def find_dataset(tfds_config) -> TfdsInput:
    """The input that config.crawl.tfds describes."""
    if not tfds_config.name:
        raise UserError("config.crawl.tfds.name is empty: expected a data set's name or the folder of a prepared one")
    path = os.path.expanduser(tfds_config.name)
    name = "/".join(path.rstrip("/").split("/")[-2:]) if os.path.isdir(path) else path
    return TfdsInput(path, name, tfds_config.split, tfds_config.data_dir, tfds_config.text_field)
