"""What a comparison says of the photos it stands on; the review page says it in Korean too (`web/static/i18n/notes_ko.js`)."""

from __future__ import annotations

from photobench.records import Sentence
from photobench.words import count

OTHER_CLASSES = Sentence(
    "other classes",
    "{name} and {first} tell different classes, so neither can be better than the other. "
    "Train one of them again with the classes of today.",
)
TOO_LITTLE_IN_COMMON = Sentence(
    "too little in common",
    lambda names, last, photos, groups, fewest: (
        f"{names} and {last} were validated on different photos. All of them held out {count(photos, 'photo')} of "
        f"{count(groups, 'group')}, and at least {fewest} groups are needed to compare on. Train them on the same split, or compare "
        "sets of folds, which hold out every photo: photobench train --folds 5"
    ),
)
OTHER_PHOTOS = Sentence(
    "other photos",
    "They were validated on different photos ({each}); compared are the {photos:,} that all of them held out.",
)
RELABELLED = Sentence(
    "relabelled",
    lambda photos: (
        f"{count(photos, 'photo')} whose label changed between the trainings {'is' if photos == 1 else 'are'} left out."
    ),
)
