# Every command that a person needs; `make help` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help

SWIFT ?= swift
OUT ?= out/quickstart
BIN = .build/release

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Install what is missing from Debian's packages
	@Scripts/setup

.PHONY: build
build: setup ## Build the command and its media worker, optimised
	@Scripts/build

.PHONY: run
run: setup ## Run the sample pipeline from end to end and list the files it makes
	@Scripts/quickstart "$(OUT)"

.PHONY: test
test: ## Install what tests need and run every test
	@Scripts/setup tests
	@echo "Building the tests (about two minutes the first time)"
	@$(SWIFT) build --build-tests -q
	@Scripts/test

.PHONY: lint
lint: setup ## Check format, floors and lists
	@$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Benchmarks Tools
	@Scripts/lint-house

.PHONY: docs
docs: setup ## Build the library's documentation into .build/docs, warnings as errors
	@Scripts/docs

.PHONY: bench
bench: build ## Measure everything beside its peers and write docs/benchmarks.md (some 40 minutes)
	@Scripts/setup bench
	@Benchmarks/report

.PHONY: torture
torture: build ## Kill batches at every moment, restart them, and count what was paid (some 20 minutes)
	@Scripts/torture

.PHONY: bare
bare: ## Run the README's two commands in a minimal Debian 12, as root (some 15 minutes)
	@Scripts/bare

.PHONY: compare
compare: build ## Compare what is read in thousands of drawn files with what other readers read (some 15 minutes)
	@Scripts/setup browser compare
	@$(SWIFT) build --configuration release --static-swift-stdlib --product FrameDump -q
	@Scripts/compare-readers --self-test
	@Scripts/generate-media .build/compare/media
	@Scripts/compare-readers fixtures .build/compare/media

.PHONY: doctor
doctor: build ## Say what is installed, what loads and saves, and what is missing
	@$(BIN)/swapline doctor

.PHONY: clean
clean: ## Remove what was built and what the sample run made
	rm -rf .build out
