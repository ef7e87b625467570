"""One function per verb of the user. Connects the stages, which know nothing of each other, and skips what is up to date.

The verbs are loaded at their first use: `init` need not wait for torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

VERBS = {
    "bench": ["Bench", "open_bench"],
    "photos.first_look": ["init"],
    "photos.preparing": ["describe_split", "prepare", "split_table"],
    "photos.cropping": ["crop", "crop_sheet", "export_boxes", "import_boxes"],
    "labels.deciding": [
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
    "models.training": ["train"],
    "answers.answerer": ["Answerer"],
    "answers.answering": ["find_answerer", "find_single_run", "open_answerer"],
    "answers.folding": ["FoldedRuns", "find_folds", "out_of_fold", "predict_folds"],
    "answers.training_folds": ["train_folds"],
    "labels.fold_evidence": ["held_out_views", "read_margins"],
    "search.finding": ["find_batch", "find_lr"],
    "search.tuning": ["tune"],
    "search.tuned": ["Tuned"],
    "insight.explaining": ["explain", "looks_of", "mistakes_explained"],
    "insight.slicing": ["Slices", "slices", "slices_of"],
    "models.augmenting": ["augment_sheet", "check_augmentation"],
    "insight.exploring": ["explore"],
    "models.asking": [
        "check_table_name",
        "evaluate_run",
        "predict",
        "run_manifest",
        "split_predictions",
        "write_predictions",
        "write_table",
    ],
    "labels.auditing": ["audit", "only_new", "ranked", "write_findings"],
    "labels.last_audit": ["LastAudit", "last_audit"],
    "reviewing": ["Review", "open_review"],
    "contest.handing_in": ["check_submission", "hand_in", "submit"],
    "contest.sharing": ["share_ledger"],
    "contest.scoring": [
        "export_ledger",
        "ledger_status",
        "ledger_table",
        "record_score",
        "send",
        "take_out",
        "undo_submission",
    ],
    "contest.planning": ["Plan", "plan_submissions"],
    "labels.weighing": ["what_if"],
    "runs.comparing": ["check_page_name", "compare", "write_comparison"],
    "runs.comparing_words": ["Compared", "Comparison", "comparison_text"],
    "answers.refining": ["RefineResult", "refine_answerer"],
    "answers.combining": ["ensemble"],
    "answers.ensembles": ["Ensemble"],
    "answers.distilling": ["Distilled", "distil"],
    "insight.reporting": ["report"],
    "runs.listing": ["list_runs", "runs_table", "runs_text", "tag"],
    "runs.showing": ["show_run"],
    "runs.pruning": ["prune"],
    "journey": ["run"],
    "demonstrating": ["demo", "draw_demo"],
    "models.doctoring": ["doctor"],
    "prescribing": ["prescribe"],
}
_HOME = {name: module for module, names in VERBS.items() for name in names}

if TYPE_CHECKING:
    from photobench.workflow.answers.answerer import Answerer
    from photobench.workflow.answers.answering import find_answerer, find_single_run, open_answerer
    from photobench.workflow.answers.combining import ensemble
    from photobench.workflow.answers.distilling import Distilled, distil
    from photobench.workflow.answers.ensembles import Ensemble
    from photobench.workflow.answers.folding import FoldedRuns, find_folds, out_of_fold, predict_folds
    from photobench.workflow.answers.refining import RefineResult, refine_answerer
    from photobench.workflow.answers.training_folds import train_folds
    from photobench.workflow.bench import Bench, open_bench
    from photobench.workflow.contest.handing_in import check_submission, hand_in, submit
    from photobench.workflow.contest.planning import Plan, plan_submissions
    from photobench.workflow.contest.scoring import (
        export_ledger,
        ledger_status,
        ledger_table,
        record_score,
        send,
        take_out,
        undo_submission,
    )
    from photobench.workflow.contest.sharing import share_ledger
    from photobench.workflow.demonstrating import demo, draw_demo
    from photobench.workflow.insight.explaining import explain, looks_of, mistakes_explained
    from photobench.workflow.insight.exploring import explore
    from photobench.workflow.insight.reporting import report
    from photobench.workflow.insight.slicing import Slices, slices, slices_of
    from photobench.workflow.journey import run
    from photobench.workflow.labels.auditing import audit, only_new, ranked, write_findings
    from photobench.workflow.labels.deciding import (
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
    from photobench.workflow.labels.fold_evidence import held_out_views, read_margins
    from photobench.workflow.labels.last_audit import LastAudit, last_audit
    from photobench.workflow.labels.weighing import what_if
    from photobench.workflow.models.asking import (
        check_table_name,
        evaluate_run,
        predict,
        run_manifest,
        split_predictions,
        write_predictions,
        write_table,
    )
    from photobench.workflow.models.augmenting import augment_sheet, check_augmentation
    from photobench.workflow.models.doctoring import doctor
    from photobench.workflow.models.training import train
    from photobench.workflow.photos.cropping import crop, crop_sheet, export_boxes, import_boxes
    from photobench.workflow.photos.first_look import init
    from photobench.workflow.photos.preparing import describe_split, prepare, split_table
    from photobench.workflow.prescribing import prescribe
    from photobench.workflow.reviewing import Review, open_review
    from photobench.workflow.runs.comparing import check_page_name, compare, write_comparison
    from photobench.workflow.runs.comparing_words import Compared, Comparison, comparison_text
    from photobench.workflow.runs.listing import list_runs, runs_table, runs_text, tag
    from photobench.workflow.runs.pruning import prune
    from photobench.workflow.runs.showing import show_run
    from photobench.workflow.search.finding import find_batch, find_lr
    from photobench.workflow.search.tuned import Tuned
    from photobench.workflow.search.tuning import tune


def __getattr__(name: str) -> Any:
    """No submodule has the name of a verb: the import system would put it in the verb's place."""
    if name not in _HOME:
        raise AttributeError(f"module 'photobench.workflow' has no attribute '{name}'")
    return getattr(import_module(f"photobench.workflow.{_HOME[name]}"), name)
