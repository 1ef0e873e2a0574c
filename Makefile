# Everything a person who works here needs. `make` alone lists it.
PYTHON ?= python3
PORT ?= 8000
KILLS ?= 10
TASKS ?= 100000
ROUNDS ?= 5
COMPOSE = docker compose --env-file deploy/compose.env
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.requirements

.DEFAULT_GOAL := help
.PHONY: bench-events bench-relay bench-api bench-growth bench-reminders
.PHONY: faults restarts test-stack test-shipping
.PHONY: test-image image-tools compose-env compose-up compose-observe compose-down
.PHONY: check-tools test-delivery bench-restore
.PHONY: helm chart-files lint-chart
.PHONY: monitoring-tools monitoring-files
.PHONY: cluster-tools test-chart
.PHONY: messages lighthouse screenshots
.PHONY: help run test lint format demo clean browser services stack stack-down stack-status smoke

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(STAMP) ## set everything up and serve on http://localhost:8000 (PORT=… for another port)
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py collectstatic --noinput --verbosity 0
	@exec $(BIN)/python manage.py serve --port $(PORT)

test: $(STAMP) lint ## check everything: style, types, layers, migrations, then the tests, on both kinds of services
	@$(BIN)/python manage.py makemigrations --check --dry-run --verbosity 1
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup -m "not stack and not image and not chart and not delivery"
	@$(BIN)/python -m tests.on_real_services postgresql
	@$(MAKE) --no-print-directory -j 2 test-stack test-shipping

test-stack: $(STAMP) ## follow events through PostgreSQL, Redis, Kafka and daprd, and kill each of them
	@$(BIN)/python -m tests.on_real_services stack

test-shipping: $(STAMP) ## check everything that ships: test-delivery, test-image, lint-chart, test-chart
	@$(MAKE) --no-print-directory test-delivery
	@$(MAKE) --no-print-directory test-image
	@$(MAKE) --no-print-directory lint-chart
	@$(MAKE) --no-print-directory test-chart

lint: $(STAMP) ## check style, types and layers
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary .
	@$(BIN)/lint-imports --no-cache > var/lint-imports.log || { cat var/lint-imports.log; exit 1; }

format: $(STAMP) ## bring the code into shape
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

demo: $(STAMP) ## fill an account with a believable month and print how to sign in
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py seed_demo

browser: ## install what the browser tests need (Debian; asks for root where needed)
	@command -v chromium > /dev/null || { apt-get update -qq && apt-get install -y -qq chromium; }

image-tools: ## install what builds and tests the image (Debian, Go; the first time takes two minutes)
	@deploy/image/tools

test-image: $(STAMP) ## build the image, run it as each role on the real services, check the compose files
	@$(BIN)/python -m pytest -q -n 0 -m image deploy

check-tools: ## install what checks Terraform, the scripts and the pipeline (PyPI, Go; the first time takes three minutes)
	@deploy/checks/tools

test-delivery: $(STAMP) ## check Terraform, the scripts and the pipeline
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup -m delivery deploy

helm: ## build Helm, helm-unittest and kubeconform (Go; the first time takes three minutes)
	@charts/tools/build

chart-files: $(STAMP) ## write what of the chart is made from other files: its README, its copies, the names of settings
	@$(BIN)/python -m charts

lint-chart: $(STAMP) ## check the chart without a cluster: Helm, schemas, the behaviours of its templates
	@$(BIN)/python -m pytest -q -p xdist -n 0 charts --ignore-glob='charts/tests/test_cluster*'

messages: $(STAMP) ## find the texts in code and templates and compile their translations (Debian's gettext)
	@command -v xgettext > /dev/null || { apt-get update -qq && apt-get install -y -qq gettext; }
	@$(BIN)/python manage.py makemessages --all --extension html,txt,py --no-location --no-obsolete --ignore '.*' \
		--ignore var --ignore charts --ignore deploy --ignore bench --ignore docs --ignore tests --ignore '*/tests/*'
	@$(BIN)/python -c "import pathlib, polib; [polib.pofile(str(path)).save_as_mofile(str(path.with_suffix('.mo'))) for path in pathlib.Path('locale').rglob('*.po')]"

services: ## install PostgreSQL, Redis, Kafka and daprd (Debian, Maven, Go; the first time takes minutes)
	@deploy/local/services

stack: $(STAMP) ## run the five roles on PostgreSQL, Redis, Kafka and daprd on this machine
	@$(BIN)/python -m deploy.local up

stack-down: $(STAMP) ## stop what `make stack` started; its data stays in var/stack
	@$(BIN)/python -m deploy.local down

stack-status: $(STAMP) ## what of the stack runs
	@$(BIN)/python -m deploy.local status

smoke: $(STAMP) ## follow one task through the running stack, with the time of each hop
	@$(BIN)/python -m deploy.local smoke

bench-events: $(STAMP) ## how long an event takes through Dapr and Kafka, and how many a second
	@$(BIN)/python -m bench.events

bench-api: $(STAMP) ## the API's lists and creates against a FastAPI twin and a bare WSGI function
	@command -v wrk > /dev/null || { apt-get update -qq && apt-get install -y -qq wrk; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r bench/requirements.txt
	@$(BIN)/python -m bench.api

bench-relay: $(STAMP) ## the relay against a usual one, and which of them loses events
	@$(BIN)/python -m bench.relay

bench-growth: $(STAMP) ## lists, searches and the scheduler's tick among 10,000 and a million tasks
	@$(BIN)/python -m bench.growth

bench-reminders: $(STAMP) ## from a reminder's instant to its notification, a thousand at once
	@$(BIN)/python -m bench.reminders

bench-restore: $(STAMP) ## lose PostgreSQL's disk under load and come back from the backup (TASKS=100000)
	@$(BIN)/python -m bench.restore --tasks $(TASKS)

lighthouse: $(STAMP) browser ## the scores of Today, a task and the settings by Lighthouse (npm)
	@command -v npm > /dev/null || { apt-get update -qq && apt-get install -y -qq npm; }
	@$(BIN)/python -m bench.pages.lighthouse

screenshots: $(STAMP) browser ## pictures of every screen, both themes, on a desk and a phone, into docs/screenshots
	@$(BIN)/python -m bench.pages.screenshots

faults: $(STAMP) ## kill, freeze and empty every part of a stack of its own under load (KILLS=10 times each)
	@KILLS=$(KILLS) FREEZE_SECONDS=30 $(BIN)/python -m pytest -q -p xdist -n 0 tests/faults tests/test_oracle.py

restarts: $(STAMP) ## replace each role of a stack of its own under load (ROUNDS=5 times each)
	@ROUNDS=$(ROUNDS) $(BIN)/python -m pytest -q -p xdist -n 0 tests/upgrades/test_restarted_in_turn.py

compose-env: ## make the keys for Docker Compose, once (deploy/compose.env)
	@deploy/compose/keys

compose-up: compose-env ## build the image and run everything with Docker Compose; http://localhost:8000
	@docker build --file deploy/Dockerfile --tag todo-app:local .
	@$(COMPOSE) --file deploy/compose.yaml up --detach --wait

compose-observe: compose-up ## the same with metrics, alerts, logs and traces; http://localhost:3000
	@$(COMPOSE) --file deploy/compose.yaml --file deploy/compose.observability.yaml up --detach --wait

compose-down: ## stop what Docker Compose runs; its data stays in volumes
	@$(COMPOSE) --file deploy/compose.yaml --file deploy/compose.observability.yaml down

cluster-tools: $(STAMP) helm ## build a Kubernetes API server and what belongs to it (Go, Maven; the first time takes six minutes)
	@PYTHON=$(CURDIR)/$(BIN)/python deploy/cluster/install

test-chart: $(STAMP) ## install the chart on a real Kubernetes API server, upgrade it, roll it back, take it away
	@$(BIN)/python -m pytest -q -p xdist -n 0 charts/tests/test_cluster*.py

monitoring-tools: ## fetch promtool and Prometheus, which the tests of the alerts use (Debian; some seconds)
	@deploy/monitoring/install

monitoring-files: $(STAMP) ## write the alerts of the objectives and the dashboards anew, and copy all of them into the chart
	@$(BIN)/python -m deploy.monitoring
	@$(BIN)/python -m charts

clean: ## remove what was made here: the virtual environment, caches and var/ with its database
	@test ! -e var/stack || $(BIN)/python -m deploy.local destroy
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made once, and again only when the requirements change.
$(STAMP): requirements.txt requirements-dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what requirements-dev.txt lists …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@mkdir -p var
	@touch $(STAMP)
