# SPDX-License-Identifier: MIT
"""The test support itself: a unit that is wrong must fail, and say where."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from build import BuildError, build, read_unit, names_of_tests

HEAD = '#include "check.h"\n#include "fakes/fake.h"\n#include <stdlib.h>\n'
LOCK = '#include "lock/spinlock.h"\n'
HEAP = '#include "mm/heap.h"\n'

# What is in the test's body, what it needs, and what must be said.
WRONG = {
    "check": ("", "CHECK(1 + 1 == 3);", "1 + 1 == 3"),
    "equal": ("", "CHECK_EQ(6 * 7, -1);", "got      42"),
    "string": ("", 'CHECK_STRING("a", "b");', 'expected "b"'),
    "panic": ('#include "lib/panic.h"\n', 'panic("oh %d", 7);', "oh 7"),
    "assert": ('#include "lib/panic.h"\n', "assert(!\"this\");", "assertion failed"),
    "no_panic": ("", 'CHECK_PANIC("x", (void)0);', "no panic"),
    "other_panic": (
        '#include "lib/panic.h"\n',
        'CHECK_PANIC("x", panic("y"));',
        '"y", not with "x"',
    ),
    "overrun": ("", "volatile int n = 8; volatile char *p = malloc(n); p[n] = 1; free((char *)p);", "heap-buffer-overflow"),
    "undefined": ("", "volatile int i = 0x7fffffff; i++;", "signed integer overflow"),
    "leak": (HEAP + "// fakes: heap.c\n", "CHECK(heap_alloc(8) != NULL);", "LeakSanitizer"),
    "lock_twice": (
        LOCK + "// fakes: lock.c\n",
        'static struct lock_class c = LOCK_CLASS("mine", RANK_PROC);'
        "struct spinlock l = SPINLOCK_INIT(&c); spin_lock(&l); spin_lock(&l);",
        "mine is taken twice",
    ),
    "lock_order": (
        LOCK + "// fakes: lock.c\n",
        'static struct lock_class a = LOCK_CLASS("first", RANK_PROC);'
        'static struct lock_class b = LOCK_CLASS("second", RANK_PROC_TREE);'
        "struct spinlock x = SPINLOCK_INIT(&a), y = SPINLOCK_INIT(&b);"
        "spin_lock(&x); spin_lock(&y);",
        "second is taken while first is held",
    ),
    "unlock": (
        LOCK + "// fakes: lock.c\n",
        'static struct lock_class c = LOCK_CLASS("mine", RANK_PROC);'
        "struct spinlock l = SPINLOCK_INIT(&c); spin_unlock(&l);",
        "not held",
    ),
    "mutex_under_spinlock": (
        LOCK + '#include "sync/mutex.h"\n// fakes: lock.c sync.c\n',
        'static struct lock_class a = LOCK_CLASS("spin", RANK_PROC);'
        'static struct lock_class b = LOCK_CLASS("sleep", RANK_VNODE);'
        "struct spinlock s = SPINLOCK_INIT(&a); struct mutex m; mutex_init(&m, &b);"
        "spin_lock(&s); mutex_lock(&m);",
        "with spin held",
    ),
    "freed_page": (
        '#include "mm/page.h"\n// fakes: page.c\n',
        "struct page *p = page_alloc(0); char *b = page_to_virt(p); page_put(p); b[0] = 1;",
        "use-after-poison",
    ),
    "page_twice": (
        '#include "mm/page.h"\n// fakes: page.c\n',
        "struct page *p = page_alloc(0); page_put(p); page_put(p);",
        "p->refs > 0",
    ),
    "spin": ('#include "arch/hart.h"\n', "for (;;) cpu_relax();", "nobody will do"),
}


def run(tmp_path: Path, text: str) -> subprocess.CompletedProcess[str]:
    test = tmp_path / "unit_test.c"
    test.write_text(text)
    program = build(read_unit(test))
    (name,) = names_of_tests(test)
    return subprocess.run([program, name], capture_output=True, text=True, timeout=60)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAWN_BUILD", str(tmp_path / "build"))


@pytest.mark.parametrize("name", WRONG)
def test_wrong_unit_fails(name: str, tmp_path: Path) -> None:
    head, body, said = WRONG[name]
    done = run(tmp_path, f"{HEAD}{head}TEST({name})\n{{\n{body}\n}}\n")
    assert done.returncode != 0
    assert said in done.stderr


def test_right_unit_passes(tmp_path: Path) -> None:
    done = run(tmp_path, HEAD + "TEST(fine)\n{\nCHECK_EQ(1, 1);\n}\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_failing_allocations(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        HEAD
        + '#include "mm/page.h"\n#include "mm/heap.h"\n// fakes: page.c heap.c\n'
        + """TEST(nth)
{
	fake_pages_fail(2);
	struct page *a = page_alloc(0), *b = page_alloc(0), *c = page_alloc(PAGE_ZERO);
	CHECK(a != NULL && b == NULL && c != NULL);
	CHECK_EQ(fake_pages_used(), 2);
	CHECK_EQ(fake_pages_asked(), 3);
	CHECK_EQ(((char *)page_to_virt(c))[4095], 0);
	CHECK_EQ(phys_to_page(page_to_phys(a) + 5), a);
	page_put(a);
	page_put(c);
	fake_heap_fail_all(1);
	CHECK(heap_alloc(1) == NULL && heap_zalloc(1) == NULL);
	fake_heap_fail(0);
	void *p = heap_zalloc(5);
	CHECK(p != NULL);
	CHECK_EQ(fake_heap_blocks(), 1);
	heap_free(p);
	CHECK_EQ(fake_heap_blocks() + fake_pages_used(), 0);
}
""",
    )
    assert done.returncode == 0, done.stderr


def test_compiler_error_is_shown(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="undeclared"):
        run(tmp_path, HEAD + "TEST(broken)\n{\nCHECK(no_such_name);\n}\n")


def test_changed_source_is_built_again(tmp_path: Path) -> None:
    assert run(tmp_path, HEAD + "TEST(a)\n{\nCHECK(1);\n}\n").returncode == 0
    assert run(tmp_path, HEAD + "TEST(a)\n{\nCHECK(0);\n}\n").returncode == 1
