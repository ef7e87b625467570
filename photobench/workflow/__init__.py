"""One function per verb of the user. Connects the stages, which know nothing of each other, and skips what is up to date.

The verbs are loaded at their first use: `init` need not wait for torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

VERBS = {
    "bench": ["Bench", "open_bench"],
    "first_look": ["init"],
    "preparing": ["describe_split", "prepare", "split_table"],
    "cropping": ["crop", "crop_sheet", "export_boxes", "import_boxes"],
    "deciding": [
        "apply_rules",
        "check_rules",
        "decide",
        "decisions_table",
        "export_decisions",
        "import_decisions",
        "list_decisions",
        "undo_all",
        "undo_decision",
    ],
    "training": ["train"],
    "answering": ["Answerer", "HeldOut", "find_answerer", "find_single_run"],
    "folding": ["FoldedRuns", "find_folds", "out_of_fold", "predict_folds", "train_folds"],
    "fold_evidence": ["held_out_views", "read_margins"],
    "finding": ["find_batch", "find_lr"],
    "tuning": ["tune"],
    "tuned": ["Tuned"],
    "explaining": ["explain", "looks_of", "mistakes_explained"],
    "slicing": ["Slices", "slices", "slices_of"],
    "augmenting": ["augment_sheet", "check_augmentation"],
    "exploring": ["explore"],
    "asking": [
        "check_table_name",
        "evaluate_run",
        "predict",
        "run_manifest",
        "split_predictions",
        "write_predictions",
        "write_table",
    ],
    "auditing": ["audit", "audited", "ranked", "write_findings"],
    "reviewing": ["Review", "open_review"],
    "handing_in": ["check_submission", "submit", "submit_folds"],
    "scoring": [
        "export_ledger",
        "ledger_status",
        "ledger_table",
        "record_score",
        "send",
        "take_out",
        "undo_submission",
    ],
    "planning": ["Plan", "plan_submissions"],
    "weighing": ["what_if"],
    "comparing": ["check_page_name", "compare", "write_comparison"],
    "comparing_words": ["Compared", "Comparison", "comparison_text"],
    "refining": ["RefineResult", "refine_answerer"],
    "combining": ["ensemble"],
    "ensembles": ["Ensemble"],
    "distilling": ["Distilled", "distil"],
    "reporting": ["report"],
    "runs": ["list_runs", "runs_table", "runs_text", "tag"],
    "showing": ["show_run"],
    "pruning": ["prune"],
    "journey": ["run"],
    "demonstrating": ["demo", "draw_demo"],
    "doctoring": ["doctor"],
    "prescribing": ["prescribe"],
}
_HOME = {name: module for module, names in VERBS.items() for name in names}

if TYPE_CHECKING:
    from photobench.workflow.answering import Answerer, HeldOut, find_answerer, find_single_run
    from photobench.workflow.asking import (
        check_table_name,
        evaluate_run,
        predict,
        run_manifest,
        split_predictions,
        write_predictions,
        write_table,
    )
    from photobench.workflow.auditing import audit, audited, ranked, write_findings
    from photobench.workflow.augmenting import augment_sheet, check_augmentation
    from photobench.workflow.bench import Bench, open_bench
    from photobench.workflow.combining import ensemble
    from photobench.workflow.comparing import check_page_name, compare, write_comparison
    from photobench.workflow.comparing_words import Compared, Comparison, comparison_text
    from photobench.workflow.cropping import crop, crop_sheet, export_boxes, import_boxes
    from photobench.workflow.deciding import (
        apply_rules,
        check_rules,
        decide,
        decisions_table,
        export_decisions,
        import_decisions,
        list_decisions,
        undo_all,
        undo_decision,
    )
    from photobench.workflow.demonstrating import demo, draw_demo
    from photobench.workflow.distilling import Distilled, distil
    from photobench.workflow.doctoring import doctor
    from photobench.workflow.ensembles import Ensemble
    from photobench.workflow.explaining import explain, looks_of, mistakes_explained
    from photobench.workflow.exploring import explore
    from photobench.workflow.finding import find_batch, find_lr
    from photobench.workflow.first_look import init
    from photobench.workflow.fold_evidence import held_out_views, read_margins
    from photobench.workflow.folding import FoldedRuns, find_folds, out_of_fold, predict_folds, train_folds
    from photobench.workflow.handing_in import check_submission, submit, submit_folds
    from photobench.workflow.journey import run
    from photobench.workflow.planning import Plan, plan_submissions
    from photobench.workflow.preparing import describe_split, prepare, split_table
    from photobench.workflow.prescribing import prescribe
    from photobench.workflow.pruning import prune
    from photobench.workflow.refining import RefineResult, refine_answerer
    from photobench.workflow.reporting import report
    from photobench.workflow.reviewing import Review, open_review
    from photobench.workflow.runs import list_runs, runs_table, runs_text, tag
    from photobench.workflow.scoring import (
        export_ledger,
        ledger_status,
        ledger_table,
        record_score,
        send,
        take_out,
        undo_submission,
    )
    from photobench.workflow.showing import show_run
    from photobench.workflow.slicing import Slices, slices, slices_of
    from photobench.workflow.training import train
    from photobench.workflow.tuned import Tuned
    from photobench.workflow.tuning import tune
    from photobench.workflow.weighing import what_if


def __getattr__(name: str) -> Any:
    """No submodule has the name of a verb: the import system would put it in the verb's place."""
    if name not in _HOME:
        raise AttributeError(f"module 'photobench.workflow' has no attribute '{name}'")
    return getattr(import_module(f"photobench.workflow.{_HOME[name]}"), name)
