"""The live page and its API over HTTP; the only place that knows Starlette and uvicorn."""
