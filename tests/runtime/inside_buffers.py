"""Run by test_channels.py in the Python under test: buffers moved, shared and copied, with shape, strides and format."""
import array
import ctypes
import unittest

from ringfence.channels import Buffer, Channel, Closed, copy, move, select, share

try:
    import numpy
except ImportError:
    numpy = None


def passed(value, **how):
    channel = Channel(1)
    channel.send(value, **how)
    return channel.receive()


class Buffers(unittest.TestCase):
    def test_made(self):
        self.assertEqual(bytes(Buffer(5)), b"\0" * 5)
        self.assertEqual(bytes(Buffer(b"abc")), b"abc")
        self.assertEqual((Buffer(7).nbytes, len(Buffer(7)), bytes(Buffer(0))), (7, 7, b""))
        for wrong in (-1, 1.5, "a", None):
            with self.assertRaises((TypeError, ValueError)):
                Buffer(wrong)
        with self.assertRaises((MemoryError, OverflowError)):
            Buffer(2**62)

    def test_move_takes_the_memory_along(self):
        for size in (10, 1 << 20):
            buffer = Buffer(size)
            memoryview(buffer)[3] = 7
            address = ctypes.addressof(ctypes.c_char.from_buffer(buffer))
            got = passed(("frame", move(buffer)))[1]
            self.assertEqual((buffer.gone, memoryview(got)[3], got.gone), (True, 7, False))
            self.assertEqual(ctypes.addressof(ctypes.c_char.from_buffer(got)), address)
            for use in (lambda: memoryview(buffer), lambda: passed(move(buffer)), lambda: passed(buffer), lambda: passed(share(buffer))):
                with self.assertRaises(ValueError):
                    use()

    def test_what_is_exported_is_not_moved(self):
        buffer = Buffer(4)
        view = memoryview(buffer)
        for how in (move, share):
            with self.assertRaises(BufferError):
                passed(how(buffer))
        view.release()
        self.assertEqual(bytes(passed(move(buffer))), b"\0\0\0\0")

    def test_a_send_that_fails_leaves_it_where_it_was(self):
        full, buffer, array_ = Channel(), Buffer(b"ab"), bytearray(b"cd")
        with self.assertRaises(TimeoutError):
            full.send((move(buffer), move(array_)), 0.01)
        with self.assertRaises(TypeError):
            full.send((move(buffer), move(array_), []))
        with self.assertRaises(TimeoutError):
            select((full, move(buffer)), timeout=0.01)
        self.assertEqual((bytes(buffer), array_), (b"ab", b"cd"))
        full.close()
        with self.assertRaises(Closed):
            full.send(move(buffer))
        self.assertEqual(bytes(buffer), b"ab")
        one = Channel(1)
        self.assertEqual(select((one, move(buffer))), (0, None))
        self.assertTrue(buffer.gone)

    def test_a_moved_bytearray_is_empty(self):
        data = bytearray(b"hello")
        self.assertEqual((bytes(passed(move(data))), data), (b"hello", b""))
        data = bytearray(b"hello")
        view = memoryview(data)
        with self.assertRaises(BufferError):
            passed(move(data))
        view.release()
        with self.assertRaisesRegex(TypeError, "only a Buffer or a bytearray"):
            passed(move(array.array("i", [1])))
        with self.assertRaisesRegex(TypeError, "no buffer"):
            passed(move(3))

    def test_share_is_read_only_for_all(self):
        buffer = Buffer(b"abcdef")
        first, second = passed((share(buffer), share(buffer)))
        for each in (buffer, first, second):
            self.assertTrue(each.read_only)
            with self.assertRaises(TypeError):
                memoryview(each)[0] = 1
        addresses = {id_of(each) for each in (buffer, first, second, passed(move(first)), passed(buffer))}
        self.assertEqual(len(addresses), 1)
        self.assertEqual(bytes(first), b"abcdef")
        memoryview(passed(copy(first)))[0] = 1  # is its receiver's
        self.assertEqual(bytes(first), b"abcdef")

    def test_a_view_of_what_is_shared_is_no_copy(self):
        buffer = Buffer(bytes(range(100))).freeze()
        part = passed(share(memoryview(buffer)[10:90:4]))
        self.assertEqual(bytes(part), bytes(range(10, 90, 4)))
        self.assertEqual((memoryview(part).strides, id_of(part)), ((4,), id_of(buffer) + 10))

    def test_copies(self):
        data = bytearray(b"abc")
        for how in (lambda x: x, copy):
            got = passed(how(data))
            data[0:1] = b"x"
            self.assertEqual(bytes(got)[1:], b"bc")
            memoryview(got)[0] = 1
        self.assertEqual(bytes(passed(memoryview(b"abcdef")[::2])), b"ace")
        self.assertEqual(memoryview(passed(array.array("d", [1, 2]))).tolist(), [1.0, 2.0])
        self.assertEqual(passed(array.array("d", [1, 2]), buffers="share").read_only, True)
        with self.assertRaises(ValueError):
            passed(1, buffers="steal")

    def test_shape_and_format(self):
        view = memoryview(bytes(range(24))).cast("B", (2, 3, 4))
        got = memoryview(passed(view))
        self.assertEqual((got.shape, got.strides, got.format, got.tolist()), ((2, 3, 4), (12, 4, 1), "B", view.tolist()))
        scalar = passed(ctypes.c_double(2.5))
        self.assertEqual((memoryview(scalar).shape, len(bytes(scalar))), ((), 8))

    def test_no_pointers_to_objects(self):
        class Pair(ctypes.Structure):
            _fields_ = [("number", ctypes.c_int), ("object", ctypes.py_object)]
        for array_ in ((ctypes.py_object * 2)(1, "a"), (Pair * 1)()):
            with self.assertRaisesRegex(TypeError, r"value\[1\] of type \w+ cannot be passed: its items are objects"):
                passed((1, array_))
        class Named(ctypes.Structure):
            _fields_ = [("OO", ctypes.c_int)]
        self.assertEqual(memoryview(passed(Named(5))).nbytes, 4)

    @unittest.skipIf(numpy is None, "no NumPy")
    def test_numpy(self):
        grid = numpy.arange(12, dtype="f4").reshape(3, 4)
        for array_ in (grid, grid.T, grid[:, ::2], grid[::-1], numpy.asfortranarray(grid)):
            got = numpy.asarray(passed(array_))
            self.assertTrue((got == array_).all())
            self.assertEqual((got.shape, got.dtype, got.flags.f_contiguous), (array_.shape, array_.dtype, array_.flags.f_contiguous))
        for array_ in (numpy.array(3.5), numpy.zeros((0, 3)), numpy.arange(5, dtype=">i4"), numpy.array(["ab", "c"]),
                       numpy.array([(1, 2.5)], dtype=[("a", "i4"), ("b", "f8")]), numpy.array([1 + 2j]), numpy.arange(3, dtype="f2")):
            got = numpy.asarray(passed(array_))
            self.assertTrue((got == array_).all())
            self.assertEqual((got.shape, got.dtype), (array_.shape, array_.dtype))
        with self.assertRaisesRegex(TypeError, "objects of this interpreter"):
            passed(numpy.array([object()]))
        buffer = Buffer(4 * 12)
        numpy.frombuffer(buffer, "f4")[:] = 3
        self.assertEqual(numpy.frombuffer(passed(move(buffer)), "f4").sum(), 36)


def id_of(buffer):
    """The address of its first byte, also where it is read-only."""
    class View(ctypes.Structure):
        _fields_ = [("buf", ctypes.c_void_p), ("rest", ctypes.c_char * 200)]
    view = View()
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(buffer), ctypes.byref(view), 0x11c)  # PyBUF_FULL_RO
    address = view.buf
    ctypes.pythonapi.PyBuffer_Release(ctypes.byref(view))
    return address


if __name__ == "__main__":
    unittest.main()
