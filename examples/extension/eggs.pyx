# Cython: state per interpreter for a module that Cython writes; setup_cython.py builds it.
cdef extern from *:
    """
    #include <ringfence.h>
    struct eggs_state { long total; };
    RF_STATE(eggs, struct eggs_state, NULL, NULL)
    static struct eggs_state *eggs_get(void) { return RF_GET(eggs); }
    """
    struct eggs_state:
        long total
    eggs_state *eggs_get() except NULL

def add(long amount):
    """The sum of what this interpreter has added."""
    cdef eggs_state *state = eggs_get()
    state.total += amount
    return state.total
