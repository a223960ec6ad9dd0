// How a value lies in a message: a tag, then what the comment says. Numbers are uint64_t in the machine's order; a count is
// followed by so many bytes, characters or values. channel_message.c of the library knows TAG_BYTES.
#pragma once

enum {
  TAG_NONE = 'N',
  TAG_TRUE = 'T',
  TAG_FALSE = 'F',
  TAG_SMALL_INT = 'i', // int64_t
  TAG_INT = 'I',       // count, hexadecimal digits
  TAG_FLOAT = 'd',     // double
  TAG_COMPLEX = 'c',   // two doubles
  TAG_STR = 's',       // bytes a character (1, 2, 4), count, characters
  TAG_BYTES = 'b',     // count, bytes
  TAG_TUPLE = '(',     // count, values
  TAG_FROZENSET = '{', // count, values
  TAG_BUFFER = 'B',    // reference, offset, item size, bytes, dimensions, shapes, strides, count, format
  TAG_CHANNEL = 'C',   // reference, sides
  TAG_NETWORK = 'W',   // reference
  TAG_CONVERTED = 'X', // count, name of the function that rebuilds; the value that it gets
  TAG_PICKLE = 'P',    // count, bytes
};
