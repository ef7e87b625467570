"""The review in a browser: a thin face over `workflow.reviewing`. The only package that imports FastAPI and uvicorn.

`docs/review-api.md` is what its page may rely on.
"""
