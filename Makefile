# Every command that a person needs; `make help` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help

SWIFT ?= swift
OUT ?= out/quickstart
PREFIX ?= /usr/local
BIN = .build/release

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

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
docs: setup ## Build the Swift library's reference into .build/docs, warnings as errors
	@Scripts/docs

.PHONY: site
site: ## Make the documentation as pages in .build/site, which open as files
	@Scripts/setup tests
	@Scripts/site

.PHONY: reference
reference: ## Write docs/reference and the schema anew, after a change of stages, options or codes
	@$(SWIFT) build -q --product swapline
	@.build/debug/swapline schema > pipelines/schema.json
	@Scripts/reference

.PHONY: bench
bench: build ## Measure everything beside its peers and write docs/benchmarks.md (some 20 minutes)
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

.PHONY: install
install: build ## Install below PREFIX (default /usr/local), with DESTDIR in front of it for packagers
	@PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" Scripts/install

.PHONY: deb
deb: build ## Make the Debian packages in .build/packages
	@Scripts/setup release
	@Scripts/deb

.PHONY: dist
dist: build ## Make a tarball of the two programs in .build/packages
	@Scripts/setup release
	@Scripts/dist

.PHONY: bare-packages
bare-packages: deb dist ## Try deb and tarball in a minimal Debian 12, as root (some 5 minutes)
	@Scripts/bare-packages

.PHONY: doctor
doctor: build ## Say what is installed, what loads and saves, and what is missing
	@$(BIN)/swapline doctor

.PHONY: clean
clean: ## Remove what was built and what the sample run made
	rm -rf .build out
