# Run `make` for the list of targets. The scripts are in .ci/, and each can be run by itself.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

SWIFT ?= swift
SWIFT_PATHS := $(wildcard Package.swift Protocol Server Client Sources Tests)
BASH_SCRIPTS := $(wildcard .ci/* Tests/Benchmarks/run Tests/CTests/run Tests/StdioTests/run Tests/Browser/run Tests/WordPress/run Client/Python/test)

.PHONY: help setup build demo test embed test-browser test-wordpress bench docs deb test-packages lint format clean

help: ## this list
	@echo 'make <target>'
	@grep -hE '^[a-z-]+: ##' Makefile | sed -E 's/^([a-z-]+): ## (.*)$$/\1|\2/' \
	  | while IFS='|' read -r target text; do printf '  %-14s %s\n' "$$target" "$$text"; done
	@echo 'Times are for two cores and a good line; a first run takes longest.'

setup: ## install the missing Debian packages, check Swift (seconds, or some 2 minutes the first time)
	@.ci/setup

build: ## fil and fil-server in .build/release/ (about 5 minutes the first time)
	$(SWIFT) build -c release --product fil
	$(SWIFT) build -c release --product fil-server

demo: ## setup, build, then a small newsroom, a replica and its newspaper on this machine (about 6 minutes, then seconds)
	@$(MAKE) --no-print-directory setup
	@$(MAKE) --no-print-directory build
	@.ci/demo

test: ## setup, build without a warning, all tests (about 10 minutes)
	@echo 'make test: checks the Debian packages, builds everything in release (a warning is a failure), then runs'
	@echo 'all tests, the second implementation in Python among them. About 10 minutes on two cores.'
	@.ci/setup
	@.ci/test

test-browser: ## setup with a browser, build, then the newspaper by keyboard, without JavaScript, and audited (about 2 minutes more)
	@.ci/setup browser
	@$(MAKE) --no-print-directory build
	@Tests/Browser/run

embed: ## the C library, Python package, stdio and examples: build and test (about 10 minutes the first time)
	@.ci/setup embed
	@.ci/embed

test-wordpress: ## a real WordPress on this machine, imported in every case (about 2 minutes after make build)
	@Tests/WordPress/run

bench: ## setup with the tools we compare with, then measure and write BENCHMARKS.md (about 30 minutes)
	@test -x Tests/Benchmarks/run || { echo 'Tests/Benchmarks/run is missing or not executable' >&2; exit 1; }
	@.ci/setup bench
	@Tests/Benchmarks/run

docs: ## the documentation as sites in .build/docs/, without a warning (seconds after a build)
	@.ci/docs

deb: ## Debian packages in .build/deb/, linked statically (about 5 minutes the first time)
	@.ci/setup package
	@.ci/deb

test-packages: ## deb, then install, run, upgrade and remove them in a clean root (about 7 minutes)
	@.ci/setup package
	@.ci/deb
	@.ci/test-packages

lint: ## formatting and shell syntax, changes nothing (about 1 minute)
	$(SWIFT) format lint --strict -p -r $(SWIFT_PATHS)
	@for script in $(BASH_SCRIPTS); do \
	  if head -n 1 "$$script" | grep -q bash; then bash -n "$$script"; fi; \
	done

format: ## format the Swift files in place (about 1 minute)
	$(SWIFT) format format -i -p -r $(SWIFT_PATHS)

clean: ## remove .build/ (seconds)
	rm -rf .build
