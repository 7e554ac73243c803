"""Tables in, splits and encodings out."""

from levelset.data.arrays import from_arrays
from levelset.data.bundled import BUNDLED, load_bundled
from levelset.data.dataset import Column, Dataset, Provenance
from levelset.data.encoding import Encoding, fit_encoding
from levelset.data.files import read_table
from levelset.data.frames import from_frame
from levelset.data.loading import load
from levelset.data.splits import Split, stratified_split

__all__ = [
    "BUNDLED",
    "Column",
    "Dataset",
    "Encoding",
    "Provenance",
    "Split",
    "fit_encoding",
    "from_arrays",
    "from_frame",
    "load",
    "load_bundled",
    "read_table",
    "stratified_split",
]
