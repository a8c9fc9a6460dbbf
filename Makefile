# Every command that a person needs; `make help` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help

SWIFT ?= swift
OUT ?= out/quickstart
RELEASE := $(SWIFT) build --configuration release --static-swift-stdlib
BIN = .build/release
# The face detector is a template library: unoptimised it takes a hundred times longer.
FAST_CXX := -Xcxx -O2

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Install what is missing from Debian's packages
	@Scripts/setup

.PHONY: build
build: setup ## Build the command and its media worker, optimised
	@$(RELEASE) --product swapline
	@$(RELEASE) --product swapline-media

.PHONY: run
run: setup ## Swap a face in the sample picture, the whole line, and show the files
	@Scripts/quickstart "$(OUT)"

.PHONY: test
test: setup ## Run every test
	@$(SWIFT) build --build-tests $(FAST_CXX)
	@Scripts/test

.PHONY: lint
lint: setup ## Check format, floors and lists
	@$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Benchmarks
	@Scripts/lint-house

.PHONY: docs
docs: setup ## Build the library's documentation into .build/docs, warnings as errors
	@Scripts/docs

.PHONY: bench
bench: build ## Measure start-up, a run, the engine and the server
	@Benchmarks/run

.PHONY: torture
torture: build ## Kill batches at every moment, restart them, and count what was paid (some 20 minutes)
	@Scripts/torture

.PHONY: doctor
doctor: build ## Say what is installed, what loads and saves, and what is missing
	@$(BIN)/swapline doctor

.PHONY: clean
clean: ## Remove what was built and what the sample run made
	rm -rf .build out
