# Two commands: `make demo` shows the main job, `make test` passes the tests.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check bench slow corpus browser clean

demo: .venv/run.stamp  ## deploy the example project to the local cloud, run it, show what happened
	$(BIN)/python -m bench.demo

test: .venv/dev.stamp browser  ## the whole suite, under ten minutes on two cores
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: .venv/dev.stamp  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/dev.stamp  ## every benchmark, each beside a baseline of the same run
	$(BIN)/python -m bench

slow: .venv/dev.stamp  ## crash and fault tests at full length: many minutes
	$(BIN)/python -m pytest -m slow

corpus: .venv/dev.stamp  ## real Mage projects under $$BLOCKLIFT_CORPUS: a table of all, and some of them run
	$(BIN)/python -m pytest -m slow -s tests/deployer/load/test_load.py tests/corpus

browser:  ## Debian's Chromium for the tests in a real browser, where it may be installed
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || \
		echo "no chromium: the tests in a browser will be skipped"

clean:
	rm -rf .venv .blocklift .mypy_cache .ruff_cache .pytest_cache

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.venv/dev.stamp: requirements-dev.lock pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@ .venv/run.stamp
