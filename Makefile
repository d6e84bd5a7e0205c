# make help lists the verbs. The tag goolm is Matrix encryption in pure Go, so
# the program builds without a C compiler. Only the race detector wants one.
export CGO_ENABLED := 0
export GOFLAGS := $(strip -tags=goolm $(filter-out -tags=%,$(GOFLAGS)))
UNTAGGED = GOFLAGS="$(filter-out -tags=%,$(GOFLAGS))"

EVALS    ?= ../shared/evals/dev.jsonl
FUZZTIME ?= 30s
BENCH    ?= .
CYCLES   ?= 3000
IMAGE    ?= rapporteur
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# Packages without concurrency of their own.
ALONE := ./handlers ./corpus
# Tests that read megabytes in one goroutine.
SLOW  := ^TestAHuge

# Modules of their own, which ./... does not enter and grep would.
OTHERS := --exclude-dir=e2e --exclude-dir=tools --exclude-dir=bench

.PHONY: help run test check eval bench golden image linear fuzz fmt lint vet build unit mjs e2e chaos flood deliveries

help: ## list the verbs
	@grep -E '^[a-z0-9]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*## /\t/' | expand -t 10

run: ## answer questions in the terminal: no token, no network, no server
	@go run . serve

test: vet unit e2e ## vet, unit tests, whole-process tests

check: fmt lint vet build unit e2e ## everything a change must pass

eval: ## ask the development questions: make eval EVALS=FILE
	@go run . eval $(EVALS)
	@go run . eval testdata/questions/open.jsonl
	@go run ./tools/verifybench

bench: ## benchmarks: make bench BENCH=REGEXP; then BENCHMARKS.md, beside bleve and SQLite
	go test -run '^$$' -bench '$(BENCH)' -benchmem ./...
	cd bench && go run . -date "$$(date +%F)" -version "$(VERSION)" -out ../BENCHMARKS.md

# Only packages that know the flag -update may be given it.
golden: ## write the golden files anew; read the diff before committing it
	@dirs=$$(grep -rlE --include='*_test.go' $(OTHERS) 'flag\.Bool(Var)?\(.*"update"' . | xargs -r dirname | sort -u); \
	test -n "$$dirs" || { echo "golden: no package has a flag -update" >&2; exit 1; }; \
	go test $$dirs -update

image: ## build the container image with buildah or docker
	@if command -v buildah >/dev/null; then \
		buildah bud --format docker --build-arg VERSION="$(VERSION)" -t "$(IMAGE)" . ; \
	else \
		docker build --build-arg VERSION="$(VERSION)" -t "$(IMAGE)" . ; \
	fi

linear: ## whether time grows as the text does, on a quiet machine
	MEASURE=1 go test -count=1 -run 'Linear|Huge|ByTheLength' ./search ./handlers ./calendar

deliveries: ## editions due at once: their section of BENCHMARKS.md alone
	cd bench && go run . -deliveries -date "$$(date +%F)" -out ../BENCHMARKS.md

flood: ## 10,000 editions due at once on both databases while people ask
	MEASURE=1 go test -count=1 -v -run Flood .

fuzz: ## run each fuzz target for FUZZTIME
	@grep -roE --include='*_test.go' $(OTHERS) '^func Fuzz[A-Za-z0-9_]+' . | sort | { \
		found=0; \
		while IFS=: read -r file target; do \
			found=1; name=$${target#func }; dir=$$(dirname "$$file"); \
			echo "fuzz: $$name in $$dir, $(FUZZTIME)"; \
			go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$dir" </dev/null || exit 1; \
		done; \
		test $$found = 1 || { echo "fuzz: no target found" >&2; exit 1; }; \
	}

fmt: ## fail if gofmt would change a file
	@files=$$(gofmt -l .) || exit 1; test -z "$$files" || { echo "gofmt -w these:" >&2; echo "$$files" >&2; exit 1; }

lint: ## golangci-lint, the version that tools/golangci pins
	@lint=$$(cd tools/golangci && GOFLAGS= go tool -n golangci-lint) || exit 1; \
	echo "lint: ." && "$$lint" run --allow-parallel-runners ./... || exit 1; \
	(cd e2e && echo "lint: e2e" && "$$lint" run --allow-parallel-runners ./...) && \
	cd bench && echo "lint: bench" && "$$lint" run --allow-parallel-runners ./...

vet: ## go vet, with and without the tag
	go vet ./...
	$(UNTAGGED) go vet ./...
	cd e2e && go vet ./...
	cd bench && go vet ./...

build: ## compile with and without the tag
	go build -o /dev/null ./...
	$(UNTAGGED) go build -o /dev/null ./...

# Under the race detector the simulation of ten years is one of one year, and the
# ten follow without it.
# Packages that do nothing at the same time are tested without it, and so are the
# megabytes that one goroutine reads.
# Tests that count what was lost and doubled write their counts into REPORT, for
# go test hides what a passing test says.
unit: ## unit tests, under the race detector where a C compiler is there
	@report=$$(mktemp); trap 'cat $$report; rm -f $$report' EXIT; \
	if command -v $$(go env CC) >/dev/null; then \
		echo "CGO_ENABLED=1 go test -race ./..., but for $(ALONE)"; \
		REPORT=$$report CGO_ENABLED=1 go test -race -timeout 20m -skip '$(SLOW)' $$(go list ./... | grep -vxF "$$(go list $(ALONE))") && \
		echo "go test $(ALONE)" && go test $(ALONE) && \
		echo "go test -run 'TenYears|$(SLOW)' ./digest ./search" && REPORT=$$report go test -count=1 -run 'TenYears|$(SLOW)' ./digest ./search ; \
	else \
		echo "go test ./... (no C compiler, so no race detector)"; REPORT=$$report go test -timeout 20m ./... ; \
	fi
	cd bench && go test ./...

mjs: ## install the independent Matrix client that a test of e2e talks with
	cd e2e/mjs && npm ci --no-audit --no-fund

# -count=1: the test cache does not see that the program under test was rebuilt.
# Six at once: they wait for leases more than they work.
e2e: ## whole-process tests against real counterparts
	@report=$$(mktemp); trap 'cat $$report; rm -f $$report' EXIT; \
	echo "cd e2e && go test -count=1 -parallel 6 -timeout 25m ./..."; cd e2e && REPORT=$$report go test -count=1 -parallel 6 -timeout 25m ./...

# Each system has so many kills; make e2e runs 600 in all.
chaos: ## kill replicas for longer: make chaos CYCLES=3000
	@report=$$(mktemp); trap 'cat $$report; rm -f $$report' EXIT; cd e2e && \
	REPORT=$$report CHAOS_CYCLES=$(CYCLES) go test -count=1 -timeout 120m -run 'Chaos|AKillAtEachStep|ALeaderThatSlept|AFullDisk' .
