# Everything a person or a machine does with this repository. Needed: python3 (3.11 or newer) and make.

UV_VERSION := 0.13.9
CHECKOV := checkov==3.3.30
UV := $(or $(shell command -v uv),.tools/bin/uv)
RUN := $(UV) run --locked

.DEFAULT_GOAL := help
.PHONY: help install format check check-deploy contracts image test test-node test-oldest test-kine test-fast explore crash fuzz demo dev bench bench-step bench-issuer attack

N ?= 1000

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(UV) ## get everything that is pinned in uv.lock into .venv
	@$(UV) sync --locked

format: $(UV) ## lay out the code
	@$(RUN) ruff format
	@$(RUN) ruff check --fix-only

check: $(UV) ## layout, lint, strict types, import layers, manifests
	@$(RUN) ruff format --check
	@$(RUN) ruff check
	@$(RUN) mypy
	@PYTHONPATH=operator $(RUN) lint-imports
	@$(RUN) yamllint --strict crds deploy examples tests/parts/audit-policy.yaml
	@test ! -e operator/__init__.py || { echo "operator/__init__.py would break the standard library's operator"; exit 1; }

# In an environment of its own: it is 300 MB, and its dependencies do not go with ours.
check-deploy: $(UV) ## what deploy/ builds, under checkov
	@built=$$(mktemp -d) && trap 'rm -r "$$built"' EXIT && $(RUN) python -m tests.parts.manifests "$$built" \
	  && $(UV) tool run --isolated --from $(CHECKOV) checkov --config-file deploy/.checkov.yaml --skip-download --directory "$$built"

image: ## build the image with docker, podman or buildah; PUSH=registry.example.com/NAME pushes it (docs/install.md)
	@python3 -m deploy.image $(if $(PUSH),--push=$(PUSH)) $(if $(ENGINE),--engine=$(ENGINE)) -- $(IMAGE_FLAGS)

contracts: $(UV) ## what the others run as well, alone: that types, layers, definitions, pages and code say the same (two minutes)
	@$(RUN) mypy
	@PYTHONPATH=operator $(RUN) lint-imports
	@$(RUN) python -m pytest -m contract tests/pure tests/fuzz

test: $(UV) ## all tests, on the real parts (a first run builds them: ten minutes)
	@python3 -m deploy.image --which >/dev/null || echo "So in this run the image is not built; the steps of its Dockerfile are taken all the same."
	@$(RUN) python -m tests.parts
	@$(RUN) python -m pytest --numprocesses 2 --dist loadscope --no-loadscope-reorder

test-node: $(UV) ## a pod on a real kubelet (Linux, root): the image, deploy/, an app with a mounted Secret (two minutes)
	@$(RUN) python -m tests.node

test-oldest: $(UV) ## what the API server does for us, and lives of clients, on Kubernetes 1.30 (a first run builds it; ten minutes)
	@$(RUN) python -m tests.oldest

test-kine: $(UV) ## what stands on watches and versions, on an API server whose storage is SQLite by kine, as that of k3s is (a first run builds kine; eight minutes)
	@$(RUN) python -m tests.kine

test-fast: $(UV) ## the tests that need no part, but for those that take their time: half a minute
	@$(RUN) python -m pytest --numprocesses 2 -m "not exhaustive and not slow" tests/pure tests/wire

explore: $(UV) ## try every pair of surprises on the executor, then random ones, until a law is broken (hours; docs/exploration.md)
	@$(RUN) python -m tests.exploration

crash: $(UV) ## make every fault at every request of the real process, SIGKILL among them (three hours; docs/track-record.md)
	@$(RUN) python -m tests.parts
	@$(RUN) python -m pytest tests/cluster/crash/every_fault.py

fuzz: $(UV) ## feed every parser of others' bytes what chance and coverage find, until one breaks (hours; docs/fuzzing.md)
	@$(RUN) --group fuzz python -m tests.fuzz

demo: $(UV) ## see it work: three clients created, changed and deleted, on real parts or in the cluster that KUBECONFIG names (asks first; YES=1 answers)
	@$(RUN) python -m examples.demo $(if $(YES),--yes)

dev: $(UV) ## the same cluster, issuer and operator, kept up to try things by hand
	@$(RUN) python -m examples.demo --stay $(if $(YES),--yes)

bench: $(UV) ## what N=1000 new clients cost, against a bare client that makes the same calls (five minutes)
	@$(RUN) python -m bench $(N)

bench-step: $(UV) ## more and more new clients at once, until the operator does not keep up (as long as you let it)
	@$(RUN) python -m bench --step

bench-issuer: $(UV) ## what an edit of one issuer takes that N=1000 clients refer to, and whether it is bounded (ten minutes)
	@$(RUN) python -m bench --issuer $(N)

attack: $(UV) ## what a good tenant feels while another one attacks the operator (ten minutes; docs/load.md)
	@$(RUN) python -m bench.attacks $(ATTACKS)

# Only where the machine has no uv of its own.
.tools/bin/uv:
	@echo "Getting uv $(UV_VERSION) into .tools ..."
	@python3 -m venv .tools
	@.tools/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
