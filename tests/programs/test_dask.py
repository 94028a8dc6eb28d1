"""The model object in a cluster: the key is not in what travels, and is read again where it wakes up."""

from __future__ import annotations

import subprocess
import sys

from gptrouter_notebook.gateway import start_gateway

# In a process of its own: a cluster leaves threads, loops and sockets that belong to its tests, not to ours.
PROGRAM = """
import os, pickle
from dask.distributed import Client, LocalCluster
from gptrouter_notebook import GPTRouter

def ask(model, prompt):
    answer = model.invoke(prompt)
    return os.getpid(), answer.content, answer.response_metadata["model_name"]

if __name__ == "__main__":
    model = GPTRouter(models_priority_list=["demo/down", "demo/echo"])
    assert os.environ["GPT_ROUTER_API_KEY"].encode() not in pickle.dumps(model)
    with LocalCluster(n_workers=2, threads_per_worker=2, dashboard_address=None) as cluster, Client(cluster) as client:
        prompts = [f"prompt {i}" for i in range(200)]
        answers = client.gather(client.map(lambda prompt: ask(model, prompt), prompts))
    assert all(prompt in text for prompt, (_, text, _) in zip(prompts, answers))
    assert {name for _, _, name in answers} == {"echo"}
    assert os.getpid() not in {pid for pid, _, _ in answers}
    print(len(answers), "answers from", len({pid for pid, _, _ in answers}), "workers")
"""


def test_two_hundred_prompts_through_a_local_cluster(tmp_path, monkeypatch):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, "utf-8")
    with start_gateway(token_delay_s=0.0) as gateway:
        monkeypatch.setenv("GPT_ROUTER_API_BASE", gateway.url)
        monkeypatch.setenv("GPT_ROUTER_API_KEY", gateway.key)
        done = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr[-4000:]
        assert done.stdout.strip() == "200 answers from 2 workers"
        assert len(gateway.requests) == 200
