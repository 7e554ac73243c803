"""Tables in, or drawn; splits, encodings and moved copies out."""

from levelset.data.arrays import from_arrays
from levelset.data.augmentation import (
    image_side,
    shift_copies,
    shifted,
    shifted_signal,
    signal_copies,
    signal_length,
    with_shifted_copies,
)
from levelset.data.bundled import BUNDLED, load_bundled
from levelset.data.dataset import Column, Dataset, Provenance
from levelset.data.encoding import Encoding, fit_encoding
from levelset.data.files import read_table
from levelset.data.frames import from_frame
from levelset.data.labels import label_noise, permuted_labels
from levelset.data.loading import load
from levelset.data.options import Option
from levelset.data.splits import Split, stratified_split
from levelset.data.synthetic import (
    SYNTHETIC,
    Synthetic,
    class_probabilities,
    load_synthetic,
)

__all__ = [
    "BUNDLED",
    "SYNTHETIC",
    "Column",
    "Dataset",
    "Encoding",
    "Option",
    "Provenance",
    "Split",
    "Synthetic",
    "class_probabilities",
    "fit_encoding",
    "from_arrays",
    "from_frame",
    "image_side",
    "label_noise",
    "load",
    "load_bundled",
    "load_synthetic",
    "permuted_labels",
    "read_table",
    "shift_copies",
    "shifted",
    "shifted_signal",
    "signal_copies",
    "signal_length",
    "stratified_split",
    "with_shifted_copies",
]
