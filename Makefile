# Everything there is to do here. `make run` and `make test` are all that a newcomer needs.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=
# How many processes run the tests beside each other; 0 runs them in this one.
PROCESSES ?= 3

.PHONY: run test lint ordeal bench gallery translations clean

run: $(VENV)/installed ## start it: web server, worker, embedded database
	@sh deploy/packages optional fonts-noto-core fonts-noto-cjk
	@exec $(BIN)/petition serve $(ARGS)

test: $(VENV)/installed-for-tests $(VENV)/quality/installed ## the whole suite, on SQLite and on PostgreSQL
	@sh deploy/packages needed postgresql redis-server chromium firefox-esr poppler-utils soffice:libreoffice-calc-nogui fonts-noto-core fonts-noto-cjk
	@$(BIN)/python -m pytest -n $(PROCESSES) --dist worksteal $(ARGS)

lint: $(VENV)/installed-for-tests ## style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

ordeal: $(VENV)/installed-for-tests $(VENV)/quality/installed ## the fault and fuzz loops at full length
	@sh deploy/packages needed postgresql redis-server chromium
	@PETITION_ORDEAL=full $(BIN)/python -m pytest -m ordeal $(ARGS)

bench: $(VENV)/installed-for-tests ## measure; prints a table, writes benchmarks/last.json and docs/performance.md
	@sh deploy/packages needed postgresql redis-server fonts-noto-core fonts-noto-cjk
	@$(BIN)/python -m benchmarks $(ARGS)

gallery: $(VENV)/installed-for-tests ## pictures of the pages, into docs/gallery
	@sh deploy/packages needed chromium fonts-noto-core fonts-noto-cjk
	@$(BIN)/python -m tests.quality.gallery $(ARGS)

translations: $(VENV)/installed-for-tests ## gather messages from code and templates, then compile the catalogues
	@$(BIN)/pybabel -q extract --omit-header --no-wrap --sort-by-file --no-location -c Translators: \
		-F petition/translations/babel.cfg -k lazy_gettext -k lazy_pgettext:1c,2 -k _ -o petition/translations/messages.pot .
	@$(BIN)/pybabel -q update --no-wrap --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
		-i petition/translations/messages.pot -d petition/translations
	@$(BIN)/pybabel -q compile -d petition/translations

clean: ## remove the virtual environment; the instance folder stays
	rm -rf $(VENV)

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| sh deploy/packages needed python3-venv
	@$(PYTHON) -m venv $(VENV)

$(VENV)/installed: setup.cfg constraints.txt $(VENV)/bin/pip
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/installed-for-tests: setup.cfg constraints.txt $(VENV)/bin/pip
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@ $(VENV)/installed

# What checks the pages. No lock file: it would name the host that this machine has its packages from.
$(VENV)/quality/installed: tests/quality/package.json $(VENV)/bin/pip
	@sh deploy/packages needed node:nodejs npm:npm java:default-jre-headless
	@mkdir -p $(VENV)/quality
	@cp tests/quality/package.json $(VENV)/quality
	@npm install --prefix $(VENV)/quality --ignore-scripts --no-package-lock --no-audit --no-fund --silent
	@touch $@
