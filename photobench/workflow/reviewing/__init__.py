"""Findings looked at by people, one after the other, and what they say of them. What serves it to a page is `photobench.web`."""

from photobench.workflow.reviewing.session import Answer, Review, Wanted, open_review

__all__ = ["Answer", "Review", "Wanted", "open_review"]
