"""What the review says by itself: notes, and why something cannot be done. Every sentence has its Korean in `web/static/i18n/notes_ko.js`.

Whoever has something new to say to a page adds it here: a test holds that no other text is sent, and that Korean knows them all.
"""

from __future__ import annotations

from photobench.errors import PhotobenchError
from photobench.records import Said, Sentence


class Refused(PhotobenchError):
    """What a page asks for cannot be done; `said` is why, for any language."""

    def __init__(self, said: Said):
        self.said = said
        super().__init__(said)


# --- notes ---------------------------------------------------------------------------------------------------------------

NO_AUDIT = Sentence(
    "no audit",
    "Nothing has been looked for yet. Find what is probably wrong with: photobench audit. Until then all photos can be looked at, by class.",
)
AUDIT_IS_OLD = Sentence(
    "audit is old",
    "{num:,} findings of the last audit speak of photos or labels that are no longer there: photobench audit",
)
NO_NEIGHBOURS = Sentence(
    "no neighbours",
    "No backbone has looked at the photos yet, so their neighbours are not known. Make a map of them with: photobench explore",
)

# --- what is not there ---------------------------------------------------------------------------------------------------

STALE = Sentence("stale", "The photos or the findings are others than this page knows. Reload it.")
NO_PHOTO = Sentence("no such photo", "There is no photo {photo}: they are numbered from 0 to {last}.")
NO_FINDING = Sentence("no such finding", "There is no finding {finding}: there are {num}, numbered from 0.")
NO_DECISION = Sentence("no such decision", "There is no decision {number}.")
NO_RUN = Sentence(
    "no such run", 'There is no run "{name}" that could be asked. It may have been removed: reload the page.'
)
NO_METHOD = Sentence("no such method", 'There is no map by the method "{method}": there is {known}.')
NO_SIZE = Sentence("no such size", "Photos are shown as {known}.")
NO_PAGE = Sentence("no page", "The page of the review is not part of this installation.")

# --- deciding ------------------------------------------------------------------------------------------------------------

NOT_DECIDED = Sentence("not decided", "Nothing was decided: {problems}.")
NOTHING_NAMED = Sentence("nothing named", "Nothing was decided: no photo and no finding is named.")
NOTHING_SUGGESTED = Sentence(
    "nothing suggested", "{path}: this finding suggests nothing, it only wants a look: keep, change or leave out."
)
NOTHING_TO_KEEP = Sentence("nothing to keep", "{path} has no {field} that could be kept: choose one.")
NOTHING_TO_UNDO = Sentence("nothing to undo", "There is nothing to undo: {who} has decided nothing that still stands.")
DOES_NOT_STAND = Sentence(
    "does not stand", "Nothing is undone: decision {number} is taken back already, or a later one lies upon it."
)
OVERTAKEN = Sentence(
    "overtaken", "Somebody else has decided on this meanwhile. Nothing was changed: look at it, then decide again."
)
COMPARED_ALREADY = Sentence("compared already", "A comparison runs already. Wait for it, or stop it.")

# --- asking a model ------------------------------------------------------------------------------------------------------

UNREADABLE_PHOTO = Sentence("photo unreadable", "The photo cannot be read: {reason}.")
NOT_A_PHOTO = Sentence("not a photo", "This is no photo that can be read: {reason}.")
TOO_MANY_PIXELS = Sentence(
    "too many pixels",
    "This photo is too large to be dropped here: {width:,} × {height:,} px, and {millions} million pixels are the limit. "
    "Ask about it on the command line: photobench predict FILE",
)
TOO_OFTEN = Sentence("too often", "That is too many photos at once: about one a second is taken.")
NOT_FINISHED = Sentence("not finished", "{name} is {status}: only what is finished can be compared.")
TOO_MANY_RUNS = Sentence(
    "too many runs", "{num} runs are too many at once: at most {most} are compared with the reference."
)
OTHER_LABELS = Sentence("other labels", "{name} told other labels apart than those of today.")

# --- requests that are not in order --------------------------------------------------------------------------------------

OTHER_NAME = Sentence(
    "other name", "This server does not answer to that name. Open the address that photobench review printed."
)
NO_TOKEN = Sentence("no token", "Open the address that photobench review printed: it has the token that lets you in.")
OTHER_ORIGIN = Sentence(
    "other origin", "Only the page of this server may change anything: the request has another Origin, or none."
)
NOT_JSON = Sentence("not json", "What is sent here is JSON: Content-Type: application/json.")
NO_LENGTH = Sentence("no length", "How long the request is has to be said: Content-Length.")
TOO_MUCH = Sentence("too much", "That is more than is taken at once: {megabytes} MB.")
TOO_MANY = Sentence("too many", "At most {most} photos are told about at once.")
NOT_A_NUMBER = Sentence("not a number", "A photo is asked for by its number.")
NOT_A_TIME = Sentence("not a time", 'since = "{since}" is no time: write it as 2026-03-01T14:30:00+09:00.')
MALFORMED = Sentence("malformed", "The request is not as docs/review-api.md has it: {problems}.")
