.DEFAULT_GOAL := help

GO ?= go

.PHONY: help run test lint bench

help: ## list the targets
	@grep -E '^[a-z_]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: ## run the engine on the sample; results under out/
	$(GO) run ./pipelines/conversions

test: ## all tests that need Go alone
	$(GO) test -timeout 10m ./...

lint: ## formatting and vet
	@unformatted=$$(gofmt -l io launch pipelines transforms); \
	if [ -n "$$unformatted" ]; then echo "not gofmt-ed, run gofmt -w on:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...

bench: ## the engine's speed, as ratios to DuckDB's (needs Python 3 with venv)
	$(GO) run ./launch/bench
