"""The whole memory on the embedded engine, against a dict."""

from polymem.testing.machine import MemoryMachine

TestMemory = MemoryMachine.TestCase
