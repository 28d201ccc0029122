# Two commands are enough: `make run` and `make test`. The rest is their parts.

export GOTOOLCHAIN := auto# an older Go fetches the one that go.mod names
export GOFLAGS := -trimpath# build and test share one cache

HTTP ?= 127.0.0.1:8090
DATA ?= pb_data
DOCKER ?= docker
SEEDS ?= 5000
KILLS ?= 1000

MODULES := pb_public/node_modules/.stamp
PAGE := pb_public/dist/index.html
BIN := bin/bindeled

# Folders are listed too, so that a deleted file is noticed.
WEB_SRC := $(shell find pb_public/src pb_public/public pb_public/vite) \
	$(wildcard pb_public/*.html pb_public/*.config.* pb_public/tsconfig*.json)
GO_SRC := go.mod go.sum $(shell find . \( -name '.?*' -o -path ./bench -o -path ./bin -o -path ./docs -o -path ./e2e \
	-o -path ./pb_data -o -path ./pb_public/dist -o -path ./pb_public/node_modules -o -path ./pb_public/src \) \
	-prune -o \( -name '*.go' -o -path './intake/pages/*' -o -path './sync/dashboard/*' \) -not -name '*_test.go' -print)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run build web test test-go test-web e2e verify sim bugs crash push-kills bench bench-app bench-push browser lint golden shots looks \
	access clean docker

help: ## show what there is to make
	@awk 'BEGIN { FS = ":.*## " } /^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
	@echo "  HTTP=$(HTTP) DATA=$(DATA) are for make run, SEEDS=$(SEEDS) for make sim, KILLS=$(KILLS) for make push-kills"

run: build ## build all, fill an empty data folder with the demo, serve it
	$(BIN) demo --http=$(HTTP) --dir=$(DATA)

build: $(BIN) ## build the front end and the server into bin/bindeled

web: $(PAGE) ## build the front end only

test: ## everything, ending with one line: N passed, N failed
	@node scripts/test.mjs

test-go: ## Go tests
	@node scripts/test.mjs go

test-web: $(MODULES) ## front end: unit tests, types, lint
	@node scripts/test.mjs types eslint vitest

e2e: build ## the stories, in Chromium against the real server
	@node scripts/test.mjs e2e

verify: ## check the model of the sync protocol; it must find its planted bugs
	@docs/model/verify.sh

sim: $(MODULES) ## simulate SEEDS=5000 worlds, real client against real server; SEED=7 runs one
	@node sim/run.mjs $(if $(SEED),--seed $(SEED),--seeds $(SEEDS))

bugs: $(MODULES) ## plant bugs in the engine; the simulation must catch each
	@node sim/run.mjs --bugs

crash: ## kill the server under load, and break its disk; nothing acknowledged may be missing
	@node sim/crash.mjs

push-kills: ## kill the server KILLS=1000 times while it pushes; nothing may be lost, nothing shown twice
	go test -count=1 -v -timeout 60m -run '^TestKilled$$' ./notify -args -kills=$(KILLS)

bench-push: ## how long from due to handed over, with a thousand mentors due at once; and what one push costs
	go test -count=1 -timeout 10m -run '^$$' -bench '^BenchmarkDue$$' -benchtime 5x ./notify
	go test -count=1 -run '^$$' -bench '^BenchmarkSend$$' ./notify

bench-app: build ## how the app feels on a slow phone; writes its part of docs/BENCHMARKS.md
	node bench/app.mjs

bench: build ## measure side by side with peers; writes docs/BENCHMARKS.md
	CHROMIUM="$$(scripts/browser.sh)" node bench/run.mjs

browser: $(MODULES) ## find or install a Chromium and print its path
	@scripts/browser.sh

lint: ## gofmt and go vet
	@node scripts/test.mjs gofmt vet

golden: ## rewrite the golden files (then read the diff)
	UPDATE_GOLDENS=1 go test -count=1 -run Golden ./...

shots: build ## take the pictures in docs/img
	CHROMIUM="$$(scripts/browser.sh)" node scripts/shots.mjs

looks: build ## look at every screen at every size, scheme and language; writes the sheets docs/img/ark-*
	CHROMIUM="$$(scripts/browser.sh)" node scripts/looks.mjs

access: build ## run the stories about access; writes the table in docs/ACCESSIBILITY.md
	CHROMIUM="$$(scripts/browser.sh)" node scripts/access.mjs

docker: ## build the container image
	$(DOCKER) build -t bindeled .

clean: ## remove what was built, never data
	rm -rf bin pb_public/node_modules e2e/test-results
	find pb_public/dist -mindepth 1 ! -name .keep -delete

$(MODULES): pb_public/package.json pb_public/package-lock.json
	cd pb_public && npm ci --ignore-scripts
	@touch $@

$(PAGE): $(MODULES) $(WEB_SRC)
	cd pb_public && npm run build
	@touch $@

$(BIN): $(PAGE) $(GO_SRC)
	CGO_ENABLED=0 go build -buildvcs=false -o $@ .
