"""Worker processes that are started and warmed before a measurement, one per core or one in all.

A worker is a fresh interpreter (spawned, not forked), so that the number of threads of its BLAS is
set in its environment before anything that reads it is imported.
"""

import importlib
import multiprocessing
import os
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

Task = Callable[[Any, Any], Any]

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class PackageAbsentError(Exception):
    """A worker could not import what it needs."""


class WorkerError(Exception):
    """A worker failed; the message is its traceback."""


@dataclass(frozen=True)
class Blueprint:
    """How to make a worker's task, in a form that travels to another process.

    Args:
        factory: `"module:function"`; called with `arguments`, it returns the task, a function of
            an item and an argument.
        arguments: Arguments of the factory.
    """

    factory: str
    arguments: tuple[Any, ...]

    def build(self) -> Task:
        """Import the factory and make the task."""
        module, function = self.factory.split(":")
        return getattr(importlib.import_module(module), function)(*self.arguments)


@dataclass(frozen=True)
class _Each:
    item: Any
    argument: Any


@dataclass(frozen=True)
class _Share:
    items: Sequence[Any]
    argument: Any


@dataclass(frozen=True)
class _Failure:
    absent: bool
    message: str


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables for the processes that are started inside."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class WorkerPool:
    """Processes that each hold one task, and share items among them.

    Args:
        blueprint: What every worker runs.
        processes: Number of workers.
        threads: Threads that the numerical libraries of one worker may use.
        environment: Further environment variables of the workers.

    Raises:
        PackageAbsentError: A worker could not import something.
        WorkerError: The task could not be made.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        processes: int,
        threads: int,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        context = multiprocessing.get_context("spawn")
        self._counter = context.Value("q", 0)
        # Kept here because its shared memory is reused as soon as this process forgets it.
        self._barrier = context.Barrier(processes)
        variables = dict.fromkeys(_THREAD_VARIABLES, str(threads)) | dict(environment or {})
        self._connections: list[Connection] = []
        self._processes = []
        with _environment(variables):
            for _ in range(processes):
                here, there = context.Pipe()
                process = context.Process(
                    target=_work,
                    args=(there, self._counter, self._barrier, blueprint, processes * threads),
                    daemon=True,
                )
                process.start()
                there.close()
                self._connections.append(here)
                self._processes.append(process)
        try:
            self._collect()
        except Exception:
            self.close()
            raise

    def __len__(self) -> int:
        return len(self._processes)

    def each(self, item: Any, argument: Any) -> list[Any]:
        """Run the task on one item in every worker, all started together.

        Args:
            item: The item.
            argument: The argument of the task.

        Returns:
            One result for every worker.
        """
        return self._ask(_Each(item, argument))

    def share(self, items: Sequence[Any], argument: Any) -> list[Any]:
        """Run the task once for every item; a worker that is free takes the next one.

        Args:
            items: The items.
            argument: The argument of the task.

        Returns:
            One result for every item, in no particular order.
        """
        self._counter.value = 0
        return [result for results in self._ask(_Share(items, argument)) for result in results]

    def close(self) -> None:
        """End the workers."""
        for connection in self._connections:
            connection.close()
        for process in self._processes:
            process.join(timeout=5)
            if process.is_alive():
                process.kill()
                process.join()

    def _ask(self, message: _Each | _Share) -> list[Any]:
        for connection in self._connections:
            connection.send(message)
        return self._collect()

    def _collect(self) -> list[Any]:
        answers = []
        for connection in self._connections:
            try:
                answers.append(connection.recv())
            except EOFError as error:
                raise WorkerError("A worker ended without an answer (killed?).") from error
        for answer in answers:
            if isinstance(answer, _Failure):
                raise (PackageAbsentError if answer.absent else WorkerError)(answer.message)
        return answers


def _work(
    connection: Connection,
    counter: Any,
    barrier: Barrier,
    blueprint: Blueprint,
    total_threads: int,
) -> None:
    """Serve requests until the other end of the connection closes."""
    if hasattr(os, "sched_setaffinity"):
        # Some libraries count cores by themselves; this holds them to the threads that were asked.
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, cores[:total_threads])
    try:
        task = blueprint.build()
        connection.send(None)
        while True:
            request = connection.recv()
            if isinstance(request, _Each):
                barrier.wait()
                connection.send(task(request.item, request.argument))
            else:
                connection.send([task(item, request.argument) for item in _next(counter, request)])
    except EOFError:
        return
    except Exception as error:
        absent = isinstance(error, ImportError)
        connection.send(_Failure(absent, str(error) if absent else traceback.format_exc()))


def _next(counter: Any, request: _Share) -> Iterator[Any]:
    """Take items from the queue that all workers share."""
    while True:
        with counter.get_lock():
            index = counter.value
            counter.value += 1
        if index >= len(request.items):
            return
        yield request.items[index]
