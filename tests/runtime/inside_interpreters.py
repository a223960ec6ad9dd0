"""Run by test_interpreters.py in the Python under test: interpreters, calls, exceptions, ends."""
import functools
import math
import os
import signal
import subprocess
import sys
import sysconfig
import threading
import time
import traceback
import unittest
from fractions import Fraction

from ringfence import interpreters
from ringfence.channels import Buffer, Channel, Closed, Interrupted, move, pickled

OWN = sys.version_info >= (3, 12)
MAIN_VALUE = "of the main file"


class Refused(Exception):
    def __init__(self, reason, code=0):
        super().__init__(reason, code)
        self.reason = reason


class Counter:
    def __init__(self, start):
        self.start = start

    def __shared__(self):
        return self.start

    @classmethod
    def __from_shared__(cls, value):
        return cls(value)

    def plus(self, x):
        return self.start + x

    @classmethod
    def named(cls):
        return cls.__name__


class Strange(Exception):
    def __init__(self, a, b):
        super().__init__(a)


class Coded(Exception):
    __slots__ = ("place",)

    def __init__(self, code):
        super().__init__(f"code {code}")
        self.code, self.place = code, ("f", 1)


def fail_as_a_group():
    raise ExceptionGroup("outer", [ValueError(1), ExceptionGroup("inner", [KeyError("k")])])  # noqa: F821


def echo(*args, **kwargs):
    return args + tuple(sorted(kwargs.items()))


def main_value():
    return MAIN_VALUE, __name__


def fail(kind, *args):
    error = {"refused": Refused, "strange": Strange, "coded": Coded, "value": ValueError, "exit": SystemExit}[kind](*args)
    if hasattr(error, "add_note"):
        error.add_note("a note")
    try:
        raise KeyError("inner")
    except KeyError as inner:
        raise error from inner


def fail_with_attributes(kind):
    if kind == "os":
        raise FileNotFoundError(2, "No such file", "f.txt")
    if kind == "json":
        import json
        json.loads("{")
    if kind == "import":
        import no_such_module
        return no_such_module
    error = ValueError("x")
    error.hint, error.left_out = ("h", 1), [2]
    raise error


def start_daemon_thread():
    thread = threading.Thread(target=len, args=("",), daemon=True)
    thread.start()
    thread.join()


def double(x):
    return 2 * x


def run_in_another(x):
    with interpreters.create() as another:
        return another.run(double, x).result(60)


def leave_another_running():
    from ringfence.pools import InterpreterPool
    global kept
    kept = InterpreterPool(1)
    assert kept.submit(double, 4).result(60) == 8


def where():
    return interpreters.current().id, threading.get_ident()


def spin():
    while True:
        pass


def wait_on(channel):
    return channel.receive()


def relay(source, target):
    for value in source:
        target.send(value)
    target.close()


class Interpreters(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.other = interpreters.create("other")

    @classmethod
    def tearDownClass(cls):
        cls.other.close(20)

    def test_what_it_is(self):
        self.assertEqual((self.other.name, self.other.own_gil), ("other", OWN))
        self.assertIn(self.other, interpreters.list_all())
        self.assertIsNone(interpreters.current())
        here, thread = self.other.call(where)
        self.assertEqual(here, self.other.id)
        self.assertNotEqual(thread, threading.get_ident())

    def test_exec_keeps_its_names(self):
        self.other.exec("import math\nkept = math.sqrt(16)")
        self.other.exec("assert kept == 4.0")
        self.other.prepare_main(a=1, b=("x", b"y"))
        self.other.exec("assert (a, b) == (1, ('x', b'y'))")
        with self.assertRaises(SyntaxError):
            self.other.exec("not = python")
        with self.assertRaises(AssertionError):
            self.other.exec("assert kept == 5")

    def test_call(self):
        self.assertEqual(self.other.call(echo, 1, "a", None, x=2.5, y=(b"",)), (1, "a", None, ("x", 2.5), ("y", (b"",))))
        self.assertEqual(self.other.call(math.factorial, 50), math.factorial(50))
        self.assertEqual(self.other.call(functools.partial(echo, 1), 2), (1, 2))
        self.assertEqual(self.other.call(int, "12"), 12)
        self.assertEqual(self.other.call(main_value), (MAIN_VALUE, "__mp_main__"))

    def test_functions_without_a_name(self):
        base = 10

        def add(x, y=2, *, z=3):
            return base + x + y + z + math.floor(0.5) + (Fraction(1, 2) * 2 - 1).numerator

        self.assertEqual(self.other.call(add, 1), 16)
        self.assertEqual(self.other.call(lambda x: x * 2, 4), 8)
        unpassable = [1]
        with self.assertRaisesRegex(TypeError, "list"):
            self.other.call(lambda: unpassable)
        with self.assertRaisesRegex(TypeError, "cannot be called in another"):
            self.other.call([].append, 1)

    def test_methods(self):
        self.assertEqual(self.other.call(Counter(5).plus, 3), 8)
        self.assertEqual(self.other.call(Counter.named), "Counter")
        self.assertEqual(self.other.call("a-b".split("-").__class__.__name__.upper), "LIST")
        self.assertEqual(self.other.call(bytes.fromhex, "00ff"), b"\0\xff")

    def test_what_cannot_be_passed(self):
        with self.assertRaisesRegex(TypeError, "list"):
            self.other.call(echo, [1])
        with self.assertRaisesRegex(TypeError, "dict"):
            self.other.call(dict)
        self.assertEqual(self.other.call(len, pickled([1, 2])), 2)

    def test_buffers(self):
        buffer = Buffer(b"abc")
        back, = self.other.call(echo, move(buffer))
        self.assertTrue(buffer.gone)
        self.assertEqual(bytes(back), b"abc")

    def test_exceptions_come_back(self):
        with self.assertRaises(Refused) as caught:
            self.other.call(fail, "refused", "no room", 7)
        error = caught.exception
        self.assertEqual((error.args, error.reason, type(error.__cause__), error.__cause__.args),
                         (("no room", 7), "no room", KeyError, ("inner",)))
        self.assertIn("in fail", error.remote_traceback)
        if sys.version_info >= (3, 11):
            self.assertEqual(error.__notes__, ["a note"])
        with self.assertRaises(ValueError) as caught:
            self.other.call(fail, "value", "x", (1, 2))
        self.assertEqual(caught.exception.args, ("x", (1, 2)))
        with self.assertRaises(SystemExit):
            self.other.call(fail, "exit", 3)

    def test_exceptions_keep_what_their_arguments_do_not_say(self):
        def caught(kind):
            with self.assertRaises(Exception) as caught:
                self.other.call(fail_with_attributes, kind)
            return caught.exception
        self.assertEqual((type(caught("os")), caught("os").errno, caught("os").filename), (FileNotFoundError, 2, "f.txt"))
        self.assertEqual((type(caught("json")).__name__, caught("json").pos), ("JSONDecodeError", 1))
        self.assertEqual((type(caught("import")), caught("import").name), (ModuleNotFoundError, "no_such_module"))
        self.assertEqual((caught("").hint, hasattr(caught(""), "left_out")), (("h", 1), False))

    def test_the_traceback_there_is_printed_also_below_a_cause(self):
        for kind in ("refused", "value"):
            with self.assertRaises(Exception) as caught:
                self.other.call(fail, kind, "x")
            error = caught.exception
            shown = "".join(traceback.format_exception(type(error), error, error.__traceback__))
            self.assertIn("in fail", shown)
            self.assertEqual(shown.count("RemoteTraceback"), 1)

    def test_exceptions_whose_constructor_takes_something_else(self):
        def caught(kind, *args):
            with self.assertRaises(Exception) as caught:
                self.other.call(fail, kind, *args)
            return caught.exception
        self.assertEqual((type(caught("strange", 1, 2)).__name__, caught("strange", 1, 2).args), ("Strange", (1,)))
        error = caught("coded", 7)
        self.assertEqual((type(error), str(error), error.args, error.code, error.place),
                         (Coded, "code 7", ("code 7",), 7, ("f", 1)))

    @unittest.skipIf(sys.version_info < (3, 11), "groups came with 3.11")
    def test_groups_of_exceptions(self):
        with self.assertRaises(ExceptionGroup) as caught:  # noqa: F821
            self.other.call(fail_as_a_group)
        group = caught.exception
        inner = group.exceptions[1]
        self.assertEqual((group.message, type(group.exceptions[0]), group.exceptions[0].args), ("outer", ValueError, (1,)))
        self.assertEqual((inner.message, type(inner.exceptions[0]), inner.exceptions[0].args), ("inner", KeyError, ("k",)))
        self.assertIn("in fail_as_a_group", group.remote_traceback)

    def test_exceptions_that_cannot(self):
        with self.assertRaises(interpreters.RemoteError) as caught:
            self.other.exec("class Local(Exception): pass\nraise Local('here', [1])")
        self.assertEqual((caught.exception.type_name, caught.exception.remote_args), ("__main__:Local", ("'here'", "[1]")))
        with self.assertRaises(interpreters.RemoteError):
            self.other.exec("class Bad(Exception):\n def __str__(self): raise TypeError\nraise Bad()")
        self.other.exec("pass")

    def test_run_meanwhile(self):
        channel = Channel()
        future = self.other.run(wait_on, channel)
        self.assertFalse(future.done())
        channel.send("now")
        self.assertEqual(future.result(20), "now")
        with self.assertRaises(ZeroDivisionError):
            self.other.run(divmod, 1, 0).result(20)

    def test_from_many_threads(self):
        got = []
        threads = [threading.Thread(target=lambda i=i: got.append(self.other.call(echo, i))) for i in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(got), [(i,) for i in range(20)])

    def test_not_from_itself(self):
        with self.assertRaisesRegex(interpreters.InterpreterError, "itself"):
            self.other.call(lambda other: other.call(len, ""), self.other)
        with self.assertRaisesRegex(interpreters.InterpreterError, "its own end"):
            self.other.call(lambda other: other.close(), self.other)

    def test_one_makes_others_and_waits_for_them_in_threads(self):
        self.assertEqual(self.other.call(run_in_another, 3), 6)
        with interpreters.create() as third:
            third.call(leave_another_running)

    def test_handles_can_be_passed(self):
        with interpreters.create("third") as third:
            self.assertEqual(self.other.call(lambda third: (third.name, third.call(len, "abc")), third), ("third", 3))

    def test_a_pipeline_of_interpreters(self):
        first, second, third = Channel(4), Channel(), Channel(4)
        with interpreters.create() as a, interpreters.create() as b:
            futures = [a.run(relay, first, second), b.run(relay, second, third)]
            threading.Thread(target=lambda: [first.send(i) for i in range(500)] and first.close()).start()
            self.assertEqual(list(third), list(range(500)))
            self.assertEqual([future.result(20) for future in futures], [None, None])


class Ends(unittest.TestCase):
    def test_close(self):
        one = interpreters.create()
        one.close()
        one.close(1)
        self.assertEqual(one.state, "closed")
        self.assertNotIn(one, interpreters.list_all())
        for use in (lambda: one.exec("1"), lambda: one.call(len, ""), lambda: one.run(len, "")):
            with self.assertRaisesRegex(interpreters.InterpreterError, "has ended"):
                use()

    def test_close_waits_for_what_was_asked_for(self):
        one, channel = interpreters.create(), Channel(1)
        future = one.run(wait_on, channel)
        with self.assertRaises(TimeoutError):
            one.close(0.05)
        channel.send(5)
        one.close(20)
        self.assertEqual(future.result(20), 5)

    def test_close_at_once(self):
        for busy in (spin, None):
            one, channel = interpreters.create(), Channel()
            running = one.run(spin) if busy else one.run(wait_on, channel)
            dropped = one.run(len, "")
            time.sleep(0.1)
            one.close(20, interrupt=True)
            with self.assertRaises(SystemExit):
                running.result(20)
            with self.assertRaises(interpreters.InterpreterError):
                dropped.result(20)

    def test_interrupt(self):
        with interpreters.create() as one:
            self.assertFalse(one.interrupt())
            for function, args in ((spin, ()), (wait_on, (Channel(),))):
                future = one.run(function, *args)
                time.sleep(0.1)
                self.assertTrue(one.interrupt())
                with self.assertRaises(KeyboardInterrupt):
                    future.result(20)
                self.assertEqual(one.call(len, "ab"), 2)

    def test_ctrl_c_during_a_call_ends_it_there_too(self):
        with interpreters.create() as one:
            timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
            with self.assertRaises(KeyboardInterrupt):
                timer.start()
                one.call(spin)
            timer.join()
            self.assertEqual(one.call(len, "ab"), 2)

    def test_threads_in_it_are_waited_for_and_woken(self):
        one, channel = interpreters.create(), Channel()
        one.call(start_waiting_thread, channel)
        one.close(20)
        self.assertEqual(one.state, "closed")

    def test_serial(self):
        with interpreters.create(serial=True) as one:
            for attempt in (start_thread, fork):
                with self.assertRaises(RuntimeError):
                    one.call(attempt)

    def test_what_this_python_cannot_do_is_refused(self):
        if OWN:
            with interpreters.create(gil="own") as one:
                self.assertTrue(one.own_gil)
            with interpreters.create(gil="shared") as one:
                self.assertFalse(one.own_gil)
            with self.assertRaisesRegex(interpreters.InterpreterError, "allocator"):
                interpreters.create(gil="own", own_allocator=False)
            with self.assertRaisesRegex(interpreters.InterpreterError, "check of extensions"):
                interpreters.create(check_extensions=False)  # 3.12 aborts where it is asked for that
        else:
            with self.assertRaisesRegex(interpreters.InterpreterError, "needs Python 3.12"):
                interpreters.create(gil="own")
        with self.assertRaises(ValueError):
            interpreters.create(gil="none")

    def test_daemon_threads_where_they_are_allowed(self):
        with interpreters.create() as one:
            with self.assertRaises(RuntimeError):
                one.call(start_daemon_thread)
        with interpreters.create(daemon_threads=True) as one:
            one.call(start_daemon_thread)

    def test_imports_are_done(self):
        with interpreters.create(imports=("json.decoder", "string")) as one:
            one.exec("import sys\nassert 'json.decoder' in sys.modules and 'string' in sys.modules")
        with self.assertRaises(ImportError):
            interpreters.create(imports=("no_such_module",))

    def test_a_reserve_has_some_ready(self):
        with interpreters.Reserve(2, imports=("string",)) as reserve:
            taken = [reserve.take(30) for _ in range(3)]
            for each in taken:
                each.exec("import sys\nassert 'string' in sys.modules")
                each.close(20)
        with self.assertRaisesRegex(interpreters.InterpreterError, "was closed"):
            reserve.take()
        with interpreters.Reserve(1, imports=("no_such_module",)) as broken:
            with self.assertRaisesRegex(interpreters.InterpreterError, "no_such_module"):
                broken.take(30)
        with self.assertRaises(ValueError):
            interpreters.Reserve(0)

    def test_many_come_and_go(self):
        for _ in range(3):
            several = [interpreters.create() for _ in range(6)]
            futures = [each.run(math.factorial, 500) for each in several]
            self.assertEqual({future.result(30) for future in futures}, {math.factorial(500)})
            for each in several:
                each.close(20)
        self.assertEqual(interpreters.list_all(), [])


def start_waiting_thread(channel):
    def wait():
        try:
            channel.receive()
        except Interrupted:
            pass
    threading.Thread(target=wait).start()


def start_thread():
    import _thread
    _thread.start_new_thread(len, ("",))


def fork():
    if os.fork() == 0:
        os._exit(0)


class Programs(unittest.TestCase):
    """Whole programs: how they end."""

    def run_program(self, code, status=0, limit=60):
        run = subprocess.run([sys.executable, "-X", "faulthandler", "-c", code], capture_output=True, text=True, timeout=limit)
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        return run.stdout, run.stderr

    def test_live_interpreters_at_exit(self):
        _, err = self.run_program("from ringfence import interpreters\nfrom ringfence.channels import Channel\n"
                                  "a, b, c = [interpreters.create() for _ in range(3)]\nchannel = Channel()\n"
                                  "b.run(lambda c: c.receive(), channel)\nimport ringfence.interpreters as r\nr.END_LIMIT = 1")
        self.assertEqual(err, "")

    def test_threads_that_go_on_making_some_at_exit(self):
        """What Python makes of one that is left: "Fatal Python error: PyInterpreterState_Delete: remaining subinterpreters"."""
        _, err = self.run_program("from ringfence import interpreters\nimport threading, time\ndef make():\n try:\n  while True:\n"
                                  "   interpreters.create().close()\n except interpreters.InterpreterError: pass\n"
                                  "for _ in range(3): threading.Thread(target=make, daemon=True).start()\ntime.sleep(0.3)")
        self.assertEqual(err, "")

    @unittest.skipIf(sysconfig.get_config_var("Py_GIL_DISABLED"), "no interpreter there loads ctypes")
    def test_a_thread_that_dies(self):
        out, _ = self.run_program(
            "from ringfence import interpreters\nimport os, time\ndef die():\n import ctypes\n ctypes.CDLL(None).pthread_exit(None)\n"
            "victim = interpreters.create('victim', gil='shared')\n"
            "for function in (die, len):\n try: victim.call(function)\n except interpreters.InterpreterError as e: print(e)\n"
            "time.sleep(0.1)  # before 3.12, who took turns for it goes, too\nprint(victim.state, flush=True)\nos._exit(0)")
        self.assertEqual(out, "victim gave no answer: it died\nthe interpreter has ended, or was told to\ndead\n")

    def test_one_that_runs_for_ever_at_exit(self):
        begin = time.monotonic()
        self.run_program("from ringfence import interpreters\ndef spin():\n while True: pass\n"
                         "a = interpreters.create()\na.run(spin)\ninterpreters.END_LIMIT = 1")
        self.assertLess(time.monotonic() - begin, 30)

    def test_ctrl_c_while_the_program_ends(self):
        begin = time.monotonic()
        self.run_program("from ringfence import interpreters\nimport signal\ndef spin():\n while True: pass\n"
                         "a = interpreters.create()\na.run(spin)\ninterpreters.END_LIMIT = 50\n"
                         "signal.signal(signal.SIGALRM, signal.default_int_handler)\nsignal.setitimer(signal.ITIMER_REAL, 1)")
        self.assertLess(time.monotonic() - begin, 40)

    def test_one_that_cannot_end(self):
        _, err = self.run_program("from ringfence import interpreters\nimport time\n"
                                  "a = interpreters.create('sleeper')\na.run(time.sleep, 100)\ntime.sleep(0.3)\n"
                                  "interpreters.END_LIMIT = 0.5", status=1)
        self.assertIn("sleeper (closing) cannot be ended", err)

    def test_a_main_file_without_a_guard(self):
        import tempfile
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "program.py")
            with open(path, "w") as file:
                file.write("from ringfence import interpreters\ndef f(): return 1\ni = interpreters.create()\nprint(i.call(f))\n")
            run = subprocess.run([sys.executable, path], capture_output=True, text=True, timeout=60)
        self.assertEqual(run.returncode, 1)
        self.assertIn('put that under if __name__ == "__main__":'.replace('"', "'"), run.stderr)


if __name__ == "__main__":
    unittest.main()
