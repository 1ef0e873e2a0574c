"""The API against a plain FastAPI twin and a bare WSGI floor, on one PostgreSQL with the same 100,000 tasks.

``python -m bench.api`` (``make bench-api``). Each variant runs two processes, one after another, in five interleaved
rounds; ``wrk`` drives them over 32 kept connections. What each variant does:

- **ours**: the application as it is served: middlewares, API token, validation, ``Task.save`` with its signal, event.
- **granian**: the same application on Granian instead of Gunicorn.
- **twin**: FastAPI as one writes it plainly: psycopg's asynchronous pool, pydantic for bodies and answers, uvicorn with
  uvloop and httptools. A list is the token's query, COUNT and the page; a create is a transaction with the task's and
  the outbox's row.
- **floor**: a WSGI function without any framework. One statement checks the token and answers the JSON;
  for a create it also writes both rows.
"""
