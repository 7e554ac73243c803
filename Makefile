# Two commands do everything on a machine that has Python >= 3.11, a C++20 compiler and make:
#   make demo    build, install and write a report on a bundled table
#   make test    build with the test tools and run every check
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
NATIVE := $(wildcard native/*) CMakeLists.txt
PACKAGES := $(shell find src/levelset -name __init__.py)

.PHONY: demo test test-slow test-native test-arm64 lint format benchmark clean

demo: $(VENV)/installed
	$(BIN)/levelset report wine

test: $(VENV)/tested lint test-native
	$(BIN)/python -m pytest

test-slow: $(VENV)/tested
	$(BIN)/python -m pytest -m "slow or not slow"

# What the build needs is read from pyproject.toml, so that it is written down once; building outside
# isolation lets CMake rebuild only what changed.
$(VENV)/build-tools: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade pip
	$(PIP) install cmake ninja $$($(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"])')
	touch $@

$(VENV)/installed: $(VENV)/build-tools $(NATIVE) $(PACKAGES)
	$(PIP) install --no-build-isolation --editable .
	touch $@

$(VENV)/tested: $(VENV)/installed
	$(PIP) install --no-build-isolation --editable ".[test]"
	touch $@

lint: $(VENV)/tested
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/clang-format --dry-run --Werror $$(git ls-files 'native/*.hpp' 'native/*.cpp' 'tests/native/*pp' 'benchmarks/*.cpp')
	$(BIN)/pyright
	$(BIN)/lint-imports

# The core's own test program: as it ships, then under the address, undefined-behaviour and thread sanitizers.
test-native: $(VENV)/tested
	$(call native_tests,build/native,)
	$(call native_tests,build/native-address,-DLEVELSET_SANITIZE="address$(comma)undefined")
	$(call native_tests,build/native-thread,-DLEVELSET_SANITIZE=thread)

# The same program for arm64, run by an emulator. Not part of `make test`: it needs a cross compiler and the
# emulator (Debian: g++-aarch64-linux-gnu and qemu-user).
test-arm64: $(VENV)/tested
	$(call native_tests,build/native-arm64,-DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
	  -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++,qemu-aarch64 -L /usr/aarch64-linux-gnu)

# native_tests: folder, options of the build, what runs the program
comma := ,
define native_tests
	$(BIN)/cmake -S . -B $(1) -G Ninja -DCMAKE_BUILD_TYPE=Release -DLEVELSET_NATIVE_TESTS=ON \
	  -DCMAKE_MAKE_PROGRAM=$(abspath $(BIN)/ninja) --log-level=WARNING $(2)
	$(BIN)/cmake --build $(1)
	$(3) $(1)/test_native
endef

format: $(VENV)/tested
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/clang-format -i $$(git ls-files 'native/*.hpp' 'native/*.cpp' 'tests/native/*pp' 'benchmarks/*.cpp')

benchmark: $(VENV)/installed
	$(PIP) install --no-build-isolation --editable ".[benchmark]"
	$(BIN)/python -m benchmarks.fleet

clean:
	rm -rf build $(VENV) .pytest_cache .ruff_cache .hypothesis
