.DEFAULT_GOAL := help

GO ?= go
# As in the workers of a cluster, so that they are built from the same cache.
export CGO_ENABLED = 0

FUZZTIME = 1m

.PHONY: help run demo test test_integration fuzz soak lint bench

help: ## list the targets
	@grep -E '^[a-z_]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: ## run the engine on the sample; results under out/
	$(GO) run ./pipelines/conversions

demo: ## three evenings, live traffic, the engine and its page, until Ctrl-C
	@$(GO) run ./launch/demo

# The scenarios are on their own: where a busy machine holds up one of Prism's own
# stages for a tenth of a second, Prism (Beam 2.77) fails the job, and may end the process.
test: ## all tests that need nothing but Go
	$(GO) test -vet=off -timeout 20m $$($(GO) list ./... | grep -v /pipelines/scenarios$$)
	$(GO) test -vet=off -timeout 20m ./pipelines/scenarios

test_integration: ## tests with real servers: Kafka and Flink (need java, mvn, pip), stand-ins of clouds (npm, Python 3.13), which are fetched at first, and Chromium
	GO="$(GO)" .ci/integration

fuzz: ## every fuzz test for a minute; FUZZTIME=10m for longer
	GO="$(GO)" .ci/fuzz $(FUZZTIME)

soak: ## the long forms of these: 10 minutes at 100,000 clicks a second, 5 minutes of silence, 20 kills on Flink, what viewers of the page cost; freshness to the second
	$(GO) test -tags integration -timeout 90m -v -run 'Freshness|Sustained|Silent|TestKafkaGoes|TestFlink' ./pipelines/scenarios \
		-sustained 10m -rate 100000 -silence 5m -freshness 1m -outage 30s -flink_kills 20 -flink_clicks 2000000
	$(GO) test -tags integration -timeout 30m -v -run 'TestViewers|TestBrowser' ./launch/dashboard/web \
		-strict -viewer_clicks 1000000
	$(GO) test -tags integration -timeout 15m -v -run TestDemo ./launch/demo -strict

# All checks but ST1000 (a package that only tests use may do without a comment) and
# ST1005 (an error may begin with a name, such as Beam).
lint: ## formatting, lines, vet, staticcheck, and go.mod: tidy, with direct and indirect requirements in blocks of their own
	@unformatted=$$(gofmt -l io launch pipelines transforms); \
	if [ -n "$$unformatted" ]; then echo "not gofmt-ed, run gofmt -w on:"; echo "$$unformatted"; exit 1; fi
	@find io launch pipelines transforms -name '*.go' | xargs .ci/lines
	$(GO) mod tidy -diff
	@awk '/^require \(/ {n++; inside = 1} /^\)/ {inside = 0} inside && /^\t/ && (n == 1) == /\/\/ indirect/ {bad = 1} \
		END {exit bad || n != 2}' go.mod || { echo "go.mod: put all requirements into one block, then: go mod tidy"; exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags integration ./...
	$(GO) tool staticcheck -tests=false -checks all,-ST1000,-ST1005 ./...

bench: ## the engine's speed, as ratios to DuckDB's and Flink SQL's (needs Python 3 with venv and pip, a JDK, mvn)
	$(GO) run ./launch/bench
