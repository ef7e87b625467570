"""The records that carry everything from one stage to the next, and the classes they speak of.

No torch here, and no image code: a record can be read, sliced and sent in any notebook.

Shape legend: N photos, A attributes, V values of one attribute, K joint classes.
"""

from photobench.records.box import WHOLE, Box
from photobench.records.classes import Attribute, ClassSpace
from photobench.records.combined import aligned, averaged, joined
from photobench.records.decision import BOX, EXCLUDE, GROUP, Decision
from photobench.records.dynamics import DYNAMICS_FILE, JOINT, Dynamics
from photobench.records.finding import FIXES, Checked, Finding, findings_frame, findings_of
from photobench.records.ledger import LedgerEvent, Submission
from photobench.records.manifest import BOX_COLUMNS, EVIDENCE_COLUMNS, GIVEN, GIVEN_COLUMNS, RESERVED, SPLITS, Manifest
from photobench.records.parquet import fingerprint, parquet_bytes, read_parquet
from photobench.records.predictions import Predictions
from photobench.records.run import RunRecord
from photobench.records.sentence import Reason, Said, Sentence

__all__ = [
    "BOX",
    "BOX_COLUMNS",
    "DYNAMICS_FILE",
    "EVIDENCE_COLUMNS",
    "EXCLUDE",
    "FIXES",
    "GIVEN",
    "GIVEN_COLUMNS",
    "GROUP",
    "JOINT",
    "RESERVED",
    "SPLITS",
    "WHOLE",
    "Attribute",
    "Box",
    "Checked",
    "ClassSpace",
    "Decision",
    "Dynamics",
    "Finding",
    "LedgerEvent",
    "Manifest",
    "Predictions",
    "Reason",
    "RunRecord",
    "Said",
    "Sentence",
    "Submission",
    "aligned",
    "averaged",
    "findings_frame",
    "findings_of",
    "fingerprint",
    "joined",
    "parquet_bytes",
    "read_parquet",
]
