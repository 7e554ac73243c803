"""Every contestant, by the name that the command line takes."""

from collections.abc import Mapping
from types import MappingProxyType

from benchmarks.contestants.contestant import Specification, Variant

# XLA's pool of threads cannot be sized, only switched off; with one process per core it must be.
_XLA_ONE_THREAD = {
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}

_LEVELSET = Specification(
    "levelset",
    "benchmarks.contestants.levelset_fleet:build",
    (Variant("one fleet, all threads", one_process=True, stack=None),),
)

_SCIKIT_LEARN = Specification(
    "scikit-learn",
    "benchmarks.contestants.sklearn_processes:build",
    (Variant("one process per core", one_process=False, stack=1),),
)

_TORCH_SINGLE = Specification(
    "torch-single",
    "benchmarks.contestants.torch_single:build",
    tuple(
        Variant(f"one process per core, {adam} Adam", False, 1, {"adam": adam})
        for adam in ("fused", "foreach")
    ),
)

_TORCH_STACKED = Specification(
    "torch-stacked",
    "benchmarks.contestants.torch_stacked:build",
    tuple(
        Variant(f"{layout}, {adam} Adam", layout == "all threads", None, {"adam": adam})
        for layout in ("all threads", "one process per core")
        for adam in ("fused", "foreach")
    ),
)

_JAX_SINGLE = Specification(
    "jax-single",
    "benchmarks.contestants.jax_scan:build",
    tuple(
        Variant(
            f"one process per core, unroll {unroll}",
            one_process=False,
            stack=1,
            settings={"vmap": False, "unroll": unroll},
            environment=_XLA_ONE_THREAD,
        )
        for unroll in (1, 4)
    ),
)

_JAX_STACKED = Specification(
    "jax-stacked",
    "benchmarks.contestants.jax_scan:build",
    (
        Variant("all threads", True, None, {"vmap": True, "unroll": 1}, {"JAX_PLATFORMS": "cpu"}),
        *(
            Variant(
                f"one process per core, stacks of {stack or 'all its members'}",
                one_process=False,
                stack=stack,
                settings={"vmap": True, "unroll": 1},
                environment=_XLA_ONE_THREAD,
            )
            for stack in (4, None)
        ),
    ),
)

_NUMPY_STACKED = Specification(
    "numpy-stacked",
    "benchmarks.contestants.numpy_stacked:build",
    tuple(
        Variant(f"one process per core, stacks of {stack or 'all its members'}", False, stack)
        for stack in (4, 16, None)
    ),
)

SPECIFICATIONS: Mapping[str, Specification] = MappingProxyType(
    {
        specification.name: specification
        for specification in (
            _LEVELSET,
            _SCIKIT_LEARN,
            _TORCH_SINGLE,
            _TORCH_STACKED,
            _JAX_SINGLE,
            _JAX_STACKED,
            _NUMPY_STACKED,
        )
    }
)
