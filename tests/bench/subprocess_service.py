"""The service that Mayfly replaces, as people write it: FastAPI around subprocess. It isolates nothing.

    uvicorn --app-dir tests/bench subprocess_service:app

The handler is a plain function, which FastAPI calls in its pool of threads. That is the faster of the two ways, and so the
fair one: a coroutine with asyncio's subprocesses served a fifth fewer runs, in turns with this.
"""

import subprocess
import sys
import time

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Job(BaseModel):
    code: str
    timeout: float = 5


def text_of(output):
    """Returns the output of a program before its timeout; None if there is none."""
    return (output or b"").decode(errors="replace")


@app.post("/api/v1/execute")
def execute(job: Job):
    begun = time.perf_counter()
    try:
        done = subprocess.run([sys.executable, "-c", job.code], stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=job.timeout)
        status, code = "success" if done.returncode == 0 else "error", done.returncode
    except subprocess.TimeoutExpired as late:
        done, status, code = late, "timeout", None
    return {"status": status, "stdout": text_of(done.stdout), "stderr": text_of(done.stderr),
            "execution_time": time.perf_counter() - begun, "return_code": code}
