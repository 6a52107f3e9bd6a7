# Two commands matter to a newcomer: `make demo` and `make test`. Each sets up what it needs.
# Python 3.11 or 3.12 is looked for; PYTHON=... names another one.

PYTHON ?= $(shell for name in python3.11 python3.12 python3; do \
	if $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null; \
	then echo $$name; break; fi; done)
# As in an installation: without bytecode every process of a run or a test compiles all it imports.
unexport PYTHONDONTWRITEBYTECODE
VENV ?= .venv
BENCH ?= tests/bench
# Empty: the tests of neural engines are skipped, and no torch (CPU, 1 GB on disk) is installed.
NEURAL ?= yes
BIN := $(VENV)/bin
PHOTO ?= assets/demo/astronaut.png
# What Qt and OpenGL need on Debian 12, and a virtual screen for machines without a real one.
SYSTEM := xvfb xauth libgl1-mesa-dri libgl1 libegl1 libgles2 libglib2.0-0 libfontconfig1 libdbus-1-3 \
	libxkbcommon0 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 \
	libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-shm0 libxcb-sync1 libxcb-xfixes0 \
	libxcb-xkb1 libxcb-render0 libxcb-util1 fonts-dejavu-core

.PHONY: help demo test test-lowest bench check format shaders schema settings states system install dev clean

help:  ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: install  ## render the demo portrait (PHOTO=path for yours) and play it
	@BIN=$(BIN) .ci/demo "$(PHOTO)"

test: dev  ## format check, lint, types, import rules, QML lint, all tests
	@BIN=$(BIN) .ci/check

bench: dev  ## measure the figures of the design; prints target and result
	$(BIN)/python -m pytest $(BENCH) -m bench -q -p no:cacheprovider -o faulthandler_timeout=5400

format: dev  ## let ruff format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

shaders: dev  ## bake frame_app/ui/shaders/*.frag and *.vert
	$(BIN)/python -m frame_app.ui.shader_build

schema: dev  ## write config/*.schema.json anew
	$(BIN)/python -c "from frame_app.cliplib.schema import json_schema; print(json_schema(), end='')" \
		> config/library.schema.json
	$(BIN)/python -c "from prerender.core.document import json_schema; print(json_schema(), end='')" \
		> config/report.schema.json

translations: dev  ## collect texts and compile translations
	$(BIN)/python -m frame_app.ui.translate_build

settings: dev  ## write config/frame.toml anew
	$(BIN)/python -m frame_app.config.reference > config/frame.toml.new
	mv config/frame.toml.new config/frame.toml

states: dev  ## write docs/states.md anew
	$(BIN)/python -m frame_app.states.diagram > docs/states.md.new
	mv docs/states.md.new docs/states.md

system:  ## system libraries (installed when root, else named)
	@.ci/system $(SYSTEM)

install: system $(VENV)/.installed  ## the product, in a virtual environment

dev: install $(VENV)/.dev

$(VENV)/.installed: pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.12 is needed; none was found. On Debian 12: apt-get install python3 python3-venv"; exit 2; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || .ci/system python3-venv
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@ && rm -f $(VENV)/.dev

$(VENV)/.dev: $(VENV)/.installed .ci/neural.txt .ci/apart.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]' \
		$(if $(NEURAL),-r .ci/neural.txt)
	$(if $(NEURAL),$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		-r .ci/apart.txt)
	@touch $@

test-lowest: ## the tests with the oldest releases that pyproject.toml allows
	test -x .venv-lowest/bin/uv || { $(PYTHON) -m venv .venv-lowest && .venv-lowest/bin/python -m pip install -q uv; }
	UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=.venv-lowest .venv-lowest/bin/uv pip install -q --resolution lowest-direct --editable '.[dev]'
	.venv-lowest/bin/python -m pytest -q

clean:  ## remove what was built here
	rm -rf $(VENV) .venv-lowest .demo build dist demo.mp4 demo.png
