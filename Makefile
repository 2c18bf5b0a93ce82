.DEFAULT_GOAL := help

GO ?= go
# As in the workers of a cluster, so that they are built from the same cache.
export CGO_ENABLED = 0

.PHONY: help run test test_integration soak lint bench

help: ## list the targets
	@grep -E '^[a-z_]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: ## run the engine on the sample; results under out/
	$(GO) run ./pipelines/conversions

test: ## all tests that need Go alone
	$(GO) test -timeout 10m ./...

test_integration: ## tests with real servers: Kafka (needs java and mvn), Kinesis (npm); they are fetched at first
	$(GO) test -tags integration -timeout 10m ./io/kinesisio
	$(GO) test -tags integration -timeout 20m -run 'TestReal|TestKinesis|TestKafkaGoes|TestFreshness|TestSustained' ./pipelines/engine

soak: ## the long forms of these: 10 minutes at 100,000 clicks a second, 5 minutes of silence
	$(GO) test -tags integration -timeout 60m -v -run 'Freshness|Sustained|Silent|TestKafkaGoes' ./pipelines/engine -sustained 10m -rate 100000 -silence 5m -freshness 1m

lint: ## formatting and vet
	@unformatted=$$(gofmt -l io launch pipelines transforms); \
	if [ -n "$$unformatted" ]; then echo "not gofmt-ed, run gofmt -w on:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) vet -tags integration ./...

bench: ## the engine's speed, as ratios to DuckDB's (needs Python 3 with venv)
	$(GO) run ./launch/bench
