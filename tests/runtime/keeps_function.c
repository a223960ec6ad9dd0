// A library that all copies of an extension share: it calls the function that it was given last, then keeps another.
static void (*last)(void);
void call_last_and_keep(void (*function)(void)) {
  if (last)
    last();
  last = function;
}
